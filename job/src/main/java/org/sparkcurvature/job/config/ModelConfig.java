package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The block {@code model}. Names are identifiers, and no name is used twice among tensors,
 * parameters and definitions.
 *
 * @param parameters by name; what {@code parameters-from} says has been taken over already
 * @param definitions the expressions of {@code define} by name, in the order of the configuration
 *     file where that is known and by name otherwise; one may use another whatever the order
 * @param loss the expression of one sample's loss
 * @param penalty an expression of parameters alone, added once to the reduced loss
 * @param likelihood whether the loss is a negative log-likelihood
 * @param statistics what tables, predictions and residuals say of rows
 * @param formula a model by formula that is not yet written out: then there are neither parameters
 *     nor definitions, and no loss unless it is the user's own
 * @param collinear what becomes of elements that the data says nothing about
 * @param encodings the levels of categorical columns, by column or expression: those that {@code
 *     levels} names, and those of the fit which {@code parameters-from} comes from; they rule
 */
public record ModelConfig(
    Map<String, ParameterConfig> parameters,
    Map<String, String> definitions,
    String loss,
    Optional<String> penalty,
    boolean likelihood,
    StatisticsConfig statistics,
    Optional<FormulaConfig> formula,
    Collinear collinear,
    Map<String, List<String>> encodings) {
  /** The name under which the loss itself can be asked for; no tensor or parameter can have it. */
  public static final String LOSS = "loss";

  /** What becomes of elements along which the objective is flat, as of collinear columns. */
  public enum Collinear {
    /** They are named, and have no errors. */
    FAIL,
    /** The later ones are held at 0, until the others are determined. */
    DROP
  }

  /** What people call it: its response and family, or that its loss was written by hand. */
  public String called() {
    return statistics
        .family()
        .map(family -> statistics.response().map(r -> r + ", ").orElse("") + family)
        .orElse(likelihood ? "a likelihood by hand" : "a loss by hand");
  }

  /** The parameters whose values are taken as known by what is said about estimates. */
  public Set<String> notEstimated() {
    return parameters.entrySet().stream()
        .filter(entry -> entry.getValue().standing() != ParameterConfig.Standing.FREE)
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** A model that is written by hand, without statistics. */
  public ModelConfig(
      Map<String, ParameterConfig> parameters,
      Map<String, String> definitions,
      String loss,
      Optional<String> penalty,
      boolean likelihood) {
    this(
        parameters,
        definitions,
        loss,
        penalty,
        likelihood,
        StatisticsConfig.NONE,
        Optional.empty(),
        Collinear.FAIL,
        Map.of());
  }

  public ModelConfig {
    parameters = Ordered.copyOf(parameters);
    definitions = Ordered.copyOf(definitions);
    requireNonNull(loss);
    requireNonNull(penalty);
    requireNonNull(statistics);
    requireNonNull(formula);
    requireNonNull(collinear);
    encodings = Map.copyOf(encodings);
  }
}
