package org.sparkcurvature.job.formula;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A row of {@code families.conf}: a distribution of the response, in the loss language.
 *
 * @param response what stands left of {@code ~}
 * @param support what y must be, as an expression of Spark SQL; empty: any number
 * @param supportInWords the same for messages
 * @param informative conditions on y and n of which each holds for some row of a level, unless the
 *     level's effect is infinite; none: no effect is
 * @param predictors the family's linear predictors, the formula's first
 * @param numbers that {@code family { ... }} can give, with their defaults
 * @param definitions further names
 * @param loss of one row; empty for durations and categories, whose loss follows from other keys
 * @param duration log-density, log-survival and so on of the standardised logarithm of a duration
 * @param dispersion whether the variance is known up to a factor
 * @param statistics mean, variance, deviance, observed and log-likelihood, as far as there are any
 * @param phi at which dispersion the log-likelihood is taken, as {@code model.statistics.phi} says
 * @param start aggregates of Spark SQL over y, by predictor
 * @param with the family to take where there is a predictor of this name
 */
record Family(
    String name,
    Kind response,
    Optional<String> support,
    String supportInWords,
    List<String> informative,
    List<PredictorRow> predictors,
    Map<String, NumberRow> numbers,
    Map<String, String> definitions,
    Optional<String> loss,
    Map<String, String> duration,
    boolean dispersion,
    Map<String, String> statistics,
    String phi,
    Map<String, String> start,
    Map<String, String> with) {

  /** What is modelled. */
  enum Kind {
    NUMBER,
    COUNTS,
    DURATION,
    /** Levels in their order: an ordered response. */
    ORDERED,
    /** Levels without order. */
    MULTINOMIAL
  }

  /**
   * A number that can be given.
   *
   * @param value its default
   * @param above what it has to be above
   * @param below what it has to be below
   */
  record NumberRow(double value, double above, double below) {}

  /**
   * One predictor.
   *
   * @param links its links, the default first
   * @param scalar whether it is one number on its own scale unless a predictor is given
   * @param value where that number begins
   */
  record PredictorRow(String name, List<String> links, boolean scalar, double value) {}

  /**
   * A link function, in the loss language.
   *
   * @param inverse of the linear predictor {@code eta}
   * @param derivative of that by eta
   * @param log the logarithm of that, where it has digits that the inverse lacks
   * @param logComplement the logarithm of 1 less it
   * @param logInterval the logarithm of the inverse at {@code e_upper} less that at {@code e_lower}
   * @param link of the mean {@code mean}, in Spark SQL: where a fit begins
   * @param reached conditions of {@link Family#informative} without which a level's effect is not
   *     infinite under this link
   */
  record Link(
      String name,
      String inverse,
      String derivative,
      Optional<String> log,
      Optional<String> logComplement,
      Optional<String> logInterval,
      String link,
      List<String> reached) {}
}
