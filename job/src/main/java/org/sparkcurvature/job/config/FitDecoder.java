package org.sparkcurvature.job.config;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Decodes the block {@code fit}. */
final class FitDecoder {
  private FitDecoder() {}

  static FitConfig decode(Block fit, ModelNames names, ModelConfig model) {
    FitMethod method = fit.choice("method", FitMethod.values());
    double tolerance = fit.positive("tolerance");
    int maxIterations =
        fit.require("max-iterations", "leave the key out to have the default")
            .flatMap(setting -> setting.whole(1, Integer.MAX_VALUE))
            .map(Long::intValue)
            .orElse(1);
    Map<String, Double> byName = new LinkedHashMap<>();
    double everywhere = 0;
    Optional<Setting> l1 = fit.find("l1");
    if (l1.isPresent() && l1.get().isBlock()) {
      byName = byName(l1.get().block(), names, model);
    } else if (l1.isPresent()) {
      everywhere = factor(l1.get());
    }
    if ((everywhere > 0 || !byName.isEmpty()) && method != FitMethod.OWLQN) {
      l1.get()
          .problem(
              "is above 0, and the method is "
                  + Setting.spelling(method)
                  + ", which cannot step to where |x| has its kink",
              "set method = owlqn, or leave l1 out");
    }
    Optional<String> checkpoint = fit.text("checkpoint");
    fit.end();
    return new FitConfig(method, tolerance, maxIterations, byName, everywhere, checkpoint);
  }

  private static Map<String, Double> byName(Block block, ModelNames names, ModelConfig model) {
    Map<String, Double> factors = new LinkedHashMap<>();
    block
        .entries()
        .forEach(
            (name, setting) -> {
              if (names.lacks(name)
                  || names
                      .kind(name)
                      .filter(kind -> kind != ModelNames.Kind.PARAMETER)
                      .isPresent()) {
                setting.problem(
                    "names no parameter",
                    names.remedy(name, EnumSet.of(ModelNames.Kind.PARAMETER), Set.of()));
              } else if (Optional.ofNullable(model.parameters().get(name))
                  .filter(parameter -> parameter.transform() != Transform.NONE)
                  .isPresent()) {
                setting.problem(
                    "is the factor of a parameter that is estimated on another scale",
                    "leave its transform out, or write the penalty as model.penalty");
              }
              double factor = factor(setting);
              if (factor > 0) {
                factors.put(name, factor);
              }
            });
    return factors;
  }

  private static double factor(Setting setting) {
    double factor = setting.number().orElse(0.0);
    if (factor < 0) {
      setting.wrong("a number of at least 0");
    }
    return factor;
  }
}
