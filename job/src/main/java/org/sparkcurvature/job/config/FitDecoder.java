package org.sparkcurvature.job.config;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
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
    Factors l1 = factors(fit, "l1", names, model);
    Factors l2 = factors(fit, "l2", names, model);
    if (l1.any() && method != FitMethod.OWLQN && method != FitMethod.TRUST_REGION_NEWTON) {
      fit.find("l1")
          .orElseThrow()
          .problem(
              "is above 0, and the method is "
                  + Setting.spelling(method)
                  + ", which cannot step to where |x| has its kink",
              "leave method out, or set it to owlqn where P is too large for a Hessian");
    }
    if (l2.steps() > 1) {
      fit.find("l2").orElseThrow().problem("is a list", "give one factor: a path is over l1 alone");
    }
    Optional<String> checkpoint = fit.text("checkpoint");
    if (checkpoint.isPresent() && l1.steps() > 1) {
      fit.find("checkpoint")
          .orElseThrow()
          .problem("is set, and l1 is a path of several fits", "leave one of the two out");
    }
    GroupsConfig groups = GroupsConfig.decode(fit, method, l1, checkpoint, model);
    fit.end();
    return new FitConfig(method, tolerance, maxIterations, l1, l2, checkpoint, groups);
  }

  private static Factors factors(Block fit, String key, ModelNames names, ModelConfig model) {
    Optional<Setting> setting = fit.find(key);
    if (setting.isEmpty()) {
      return Factors.NONE;
    }
    if (!setting.get().isBlock()) {
      return new Factors(Map.of(), path(setting.get()));
    }
    Factors factors = new Factors(byName(setting.get().block(), names, model), List.of(0.0));
    int steps = factors.steps();
    if (factors.byName().values().stream().anyMatch(p -> p.size() > 1 && p.size() != steps)) {
      setting
          .get()
          .problem("has lists of different lengths", "give each parameter as many factors, or one");
      return Factors.NONE;
    }
    return factors;
  }

  private static Map<String, List<Double>> byName(
      Block block, ModelNames names, ModelConfig model) {
    Map<String, List<Double>> factors = new LinkedHashMap<>();
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
              List<Double> path = path(setting);
              if (path.stream().anyMatch(factor -> factor > 0)) {
                factors.put(name, path);
              }
            });
    return factors;
  }

  /** A factor, or several. */
  private static List<Double> path(Setting setting) {
    List<Double> path =
        setting.isList()
            ? setting.elements().stream().map(FitDecoder::factor).toList()
            : List.of(factor(setting));
    if (path.isEmpty()) {
      setting.problem("is empty", "give a factor, or leave the key out");
      return List.of(0.0);
    }
    return path;
  }

  private static double factor(Setting setting) {
    double factor = setting.number().orElse(0.0);
    if (factor < 0) {
      setting.wrong("a number of at least 0");
    }
    return factor;
  }
}
