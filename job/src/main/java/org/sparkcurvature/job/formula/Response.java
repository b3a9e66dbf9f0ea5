package org.sparkcurvature.job.formula;

import java.util.List;

/** What stands left of {@code ~}. Every string is a Spark SQL expression of columns. */
public sealed interface Response {

  /** A column or expression. */
  record Single(String expression) implements Response {}

  /** {@code cbind(successes, failures)}: binomial counts. */
  record Counts(String successes, String failures) implements Response {}

  /** {@code surv(time, event)}: event 1 observed, 0 censored on the right. */
  record RightCensored(String time, String event) implements Response {}

  /**
   * {@code surv(lower, upper, 'interval')}: null or infinity for an open side, equal bounds where
   * the time was observed.
   */
  record IntervalCensored(String lower, String upper) implements Response {}

  /** The expressions in it. */
  default List<String> expressions() {
    if (this instanceof Counts counts) {
      return List.of(counts.successes(), counts.failures());
    } else if (this instanceof RightCensored censored) {
      return List.of(censored.time(), censored.event());
    } else if (this instanceof IntervalCensored interval) {
      return List.of(interval.lower(), interval.upper());
    }
    return List.of(((Single) this).expression());
  }
}
