package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model by formula, as far as a configuration tells it without rows.
 *
 * @param formula {@code response ~ terms}
 * @param response what is modelled, where there is no formula
 * @param levels the levels of a categorical response, in their order; none: those of the data
 * @param predictors the right sides of linear predictors, by name, in the order of the
 *     configuration file
 * @param family the name of a family; empty: the loss is the user's own
 * @param link of the family's first predictor; empty: its default
 * @param numbers that the family takes, such as {@code power}
 * @param families further families, as HOCON; empty text: none
 * @param unseen what becomes of rows with levels that were not seen before
 * @param dropLevels which levels are left out with their rows, because they say nothing of other
 *     coefficients
 */
public record FormulaConfig(
    Optional<String> formula,
    Optional<String> response,
    List<String> levels,
    Map<String, String> predictors,
    Optional<String> family,
    Optional<String> link,
    Map<String, Double> numbers,
    String families,
    TensorConfig.Unseen unseen,
    DropLevels dropLevels) {

  /** Which levels of categories are left out. */
  public enum DropLevels {
    /** Those whose effect would be infinite. */
    SEPARATED,
    /** Those of one row. */
    SINGLETONS,
    BOTH,
    NONE
  }

  public FormulaConfig {
    requireNonNull(formula);
    requireNonNull(response);
    levels = List.copyOf(levels);
    predictors = Ordered.copyOf(predictors);
    requireNonNull(family);
    requireNonNull(link);
    numbers = Map.copyOf(numbers);
    requireNonNull(families);
    requireNonNull(unseen);
    requireNonNull(dropLevels);
  }
}
