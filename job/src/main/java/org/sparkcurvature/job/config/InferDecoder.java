package org.sparkcurvature.job.config;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Decodes the block {@code infer}. */
final class InferDecoder {
  private InferDecoder() {}

  static InferConfig decode(Block infer, ModelConfig model, Purpose purpose) {
    Covariance covariance = covariance(infer);
    WeightKind weights = infer.choice("weights", WeightKind.values());
    List<String> groups = InputDecoder.distinct(infer, "groups");
    NullGroups nullGroups = infer.choice("null-groups", NullGroups.values());
    double level = infer.positive("level");
    if (level >= 1) {
      infer.find("level").ifPresent(setting -> setting.wrong("a number between 0 and 1"));
    }
    Refusal singular = infer.choice("singular", Refusal.values());
    Map<String, String> functions = new LinkedHashMap<>();
    infer
        .block("functions")
        .entries()
        .forEach((name, setting) -> setting.text().ifPresent(text -> functions.put(name, text)));
    Map<String, List<String>> tests = new LinkedHashMap<>();
    infer.block("tests").entries().forEach((name, setting) -> tests.put(name, setting.texts()));
    infer.end();
    if (purpose == Purpose.ESTIMATION) {
      refuse(infer, covariance, groups, model);
    }
    return new InferConfig(
        covariance, weights, groups, nullGroups, level, singular, functions, tests);
  }

  private static Covariance covariance(Block infer) {
    Optional<Setting> setting =
        infer.require("covariance", "leave the key out to have the default");
    Optional<String> text = setting.flatMap(Setting::text);
    Optional<Covariance> found =
        text.flatMap(
            written ->
                Arrays.stream(Covariance.values())
                    .filter(kind -> kind.toString().equals(written))
                    .findFirst());
    if (text.isPresent() && found.isEmpty()) {
      List<String> names = Arrays.stream(Covariance.values()).map(Covariance::toString).toList();
      setting
          .get()
          .problem(
              "must be one of "
                  + names.stream().collect(Collectors.joining(" | "))
                  + ", but is "
                  + setting.get().describe(),
              Nearest.suggestion(text.get(), names, "take one of these"));
    }
    return found.orElse(Covariance.HC0);
  }

  private static void refuse(
      Block infer, Covariance covariance, List<String> groups, ModelConfig model) {
    if (covariance.needsLikelihood() && !model.likelihood()) {
      infer
          .find("covariance")
          .ifPresent(
              setting ->
                  setting.problem(
                      "is "
                          + covariance
                          + ", which holds only where the loss is a negative log-likelihood",
                      "set model.likelihood = true if it is one (with its variance: a squared error"
                          + " alone is none), or take HC0"));
    }
    if (covariance == Covariance.CLUSTER && groups.isEmpty()) {
      infer
          .decoding()
          .problem(
              infer.path("groups"),
              "is missing, and the covariance is clustered",
              "name a column or expression: groups = village");
    }
  }
}
