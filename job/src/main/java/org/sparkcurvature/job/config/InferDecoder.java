package org.sparkcurvature.job.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Decodes the block {@code infer}. */
final class InferDecoder {
  private InferDecoder() {}

  /**
   * @param named whether {@code influence.linear-predictor} is
   */
  static InferConfig decode(Block infer, ModelConfig model, Purpose purpose, boolean named) {
    Covariance covariance = covariance(infer, model);
    WeightKind weights = infer.choice("weights", WeightKind.values());
    List<String> groups = InputDecoder.distinct(infer, "groups");
    NullGroups nullGroups = infer.choice("null-groups", NullGroups.values());
    ReferenceDistribution reference = infer.choice("reference", ReferenceDistribution.values());
    SmallSampleFactor factor = factor(infer);
    InferConfig.TableTransform transform =
        infer.choice("transform", InferConfig.TableTransform.values());
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
    Map<String, HypothesisConfig> tests = new LinkedHashMap<>();
    infer
        .block("tests")
        .entries()
        .forEach(
            (name, setting) ->
                HypothesisConfig.decode(setting).ifPresent(test -> tests.put(name, test)));
    List<String> profile = infer.texts("profile");
    List<InferConfig.TableForm> tables = tables(infer);
    InferConfig.Adjustment adjust =
        titled(infer, "adjust", InferConfig.Adjustment.values(), List.of())
            .orElse(InferConfig.Adjustment.NONE);
    infer.end();
    if (purpose == Purpose.ESTIMATION) {
      refuse(infer, covariance, groups, model);
      boolean hasPredictor =
          named || model.formula().isPresent() || model.statistics().linearPredictor().isPresent();
      if (covariance.isLeveraged() && !hasPredictor) {
        infer
            .find("covariance")
            .ifPresent(
                setting ->
                    setting.problem(
                        "is "
                            + covariance
                            + ", which takes leverages, and the model has no single linear"
                            + " predictor",
                        "name the definition that is one, as influence.linear-predictor = eta, or"
                            + " take HC1"));
      }
    }
    return new InferConfig(
        covariance,
        weights,
        groups,
        nullGroups,
        reference,
        factor,
        transform,
        level,
        singular,
        functions,
        tests,
        profile,
        adjust,
        tables);
  }

  private static List<InferConfig.TableForm> tables(Block infer) {
    List<InferConfig.TableForm> tables = new ArrayList<>();
    infer
        .find("tables")
        .ifPresent(
            setting -> {
              List<Setting> each = setting.isList() ? setting.elements() : List.of(setting);
              each.forEach(
                  one ->
                      one.choice(InferConfig.TableForm.values())
                          .filter(form -> !tables.contains(form))
                          .ifPresent(tables::add));
            });
    return tables;
  }

  private static Covariance covariance(Block infer, ModelConfig model) {
    boolean isFamily = model.formula().isPresent() || model.statistics().family().isPresent();
    return titled(infer, "covariance", Covariance.values(), List.of("default"))
        .orElse(isFamily ? Covariance.NONROBUST : Covariance.HC0);
  }

  private static SmallSampleFactor factor(Block infer) {
    return titled(infer, "factor", SmallSampleFactor.values(), List.of())
        .orElse(SmallSampleFactor.DEFAULT);
  }

  /**
   * A choice among values as they are spelt by {@code toString}.
   *
   * @param further what may be written, too, and gives nothing
   */
  private static <E> Optional<E> titled(Block infer, String key, E[] values, List<String> further) {
    Optional<Setting> setting = infer.require(key, "leave the key out to have the default");
    Optional<String> text = setting.flatMap(Setting::text);
    Optional<E> found =
        text.flatMap(
            written ->
                Arrays.stream(values).filter(kind -> kind.toString().equals(written)).findFirst());
    if (text.isPresent() && found.isEmpty() && !further.contains(text.get())) {
      List<String> names =
          Stream.concat(further.stream(), Arrays.stream(values).map(Object::toString)).toList();
      setting
          .get()
          .problem(
              "must be one of "
                  + names.stream().collect(Collectors.joining(" | "))
                  + ", but is "
                  + setting.get().describe(),
              Nearest.suggestion(text.get(), names, "take one of these"));
    }
    return found;
  }

  private static void refuse(
      Block infer, Covariance covariance, List<String> groups, ModelConfig model) {
    boolean upToDispersion = covariance == Covariance.NONROBUST && model.statistics().dispersion();
    if (covariance.needsLikelihood()
        && !model.likelihood()
        && !upToDispersion
        && model.formula().isEmpty()) {
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
    if (covariance == Covariance.CR2 && groups.size() > 1) {
      infer
          .find("groups")
          .ifPresent(
              setting ->
                  setting.problem(
                      "are " + groups.size() + ", and CR2 takes one way of clustering",
                      "name one, or take cluster"));
    }
    if (covariance.isClustered() && groups.isEmpty()) {
      infer
          .decoding()
          .problem(
              infer.path("groups"),
              "is missing, and the covariance is clustered",
              "name a column or expression: groups = village");
    }
  }
}
