package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * The block {@code influence}.
 *
 * @param expression of parameters, what leaving a row out does to which is wanted; empty for the
 *     parameters themselves
 * @param validation further rows, what leaving a row out does to whose mean loss is wanted
 * @param linearPredictor the definition that is linear in what is estimated and that the loss
 *     depends on it through; with it there are leverages
 */
public record InfluenceConfig(
    Optional<String> expression,
    Optional<InputConfig> validation,
    Optional<String> linearPredictor) {
  private static final String PARAMETERS = "parameters";

  /** Keys that a validation block does not take over from the input. */
  private static final List<String> OWN_KEYS =
      List.of("path", "table", "sql", "where", "limit", "id", "carry");

  public InfluenceConfig {
    requireNonNull(expression);
    requireNonNull(validation);
    requireNonNull(linearPredictor);
  }

  static InfluenceConfig decode(Block influence, Block input, ModelNames names) {
    Optional<String> on = influence.text("on").filter(text -> !text.equals(PARAMETERS));
    Optional<Setting> validation = influence.find("validation");
    Optional<String> predictor = influence.text("linear-predictor");
    predictor
        .filter(
            name ->
                names.isComplete()
                    && !names.kind(name).equals(Optional.of(ModelNames.Kind.DEFINITION)))
        .ifPresent(
            name ->
                influence
                    .find("linear-predictor")
                    .ifPresent(
                        setting ->
                            setting.problem(
                                "names " + name + ", which is no definition",
                                "name one of model.define")));
    influence.end();
    if (on.isPresent() && validation.isPresent()) {
      validation
          .get()
          .problem(
              "is there beside influence.on = \"" + on.get() + "\"",
              "keep one: the influence is on one thing");
    }
    return new InfluenceConfig(
        on,
        validation
            .map(Setting::block)
            .map(block -> InputDecoder.decode(block.over(input, OWN_KEYS), !names.isComplete())),
        predictor);
  }
}
