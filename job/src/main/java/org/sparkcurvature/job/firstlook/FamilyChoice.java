package org.sparkcurvature.job.firstlook;

import java.util.Optional;
import java.util.Set;
import org.apache.commons.math3.distribution.PoissonDistribution;
import org.sparkcurvature.job.firstlook.CompleteRows.Member;

/**
 * The family that a response suggests.
 *
 * @param hocon what stands after {@code family =}
 * @param why in a comment
 * @param isSecond whether the response is the probability of the greater one of two numbers that
 *     are not 0 and 1
 */
record FamilyChoice(String hocon, String why, boolean isSecond) {
  /** Counts above this are no small ones. */
  private static final double LARGEST_COUNT = 1000;

  /** Numbers up to this may be codes. */
  private static final double LARGEST_CODE = 9;

  /** The greatest code of a class: six of them, from 0 on. */
  private static final double LARGEST_CLASS = 5;

  /** Rows beyond the greatest that counts would have, of which there are none. */
  private static final double MISSED = 10;

  /** Of variance over mean: below, counts vary too little for Poisson's; above, too much. */
  private static final double UNDER = 0.5;

  private static final double OVER = 1.2;

  /** From here on positive numbers count as skewed: that of an exponential distribution is 2. */
  private static final double SKEWED = 1;

  private static final String MULTINOMIAL = "multinomial";
  private static final Set<String> OF_TWO = Set.of("binomial", "quasi-binomial");

  static FamilyChoice of(Member response, CompleteRows rows, Optional<String> asked) {
    boolean two = isTwo(response, rows);
    if (asked.isPresent()) {
      return new FamilyChoice(
          asked.get(),
          "as --family says",
          two && OF_TWO.contains(asked.get()) && !isZeroOne(response));
    } else if (response.isCategory()) {
      return ofLevels(rows);
    } else if (two) {
      return new FamilyChoice(
          "binomial", "the response has two values: their log odds", !isZeroOne(response));
    }
    return ofNumbers(response, rows);
  }

  /** Whether it is of the odds of outcomes, not of shares or of codes. */
  boolean isOfOutcomes(CompleteRows rows) {
    return rows.isOfOutcomes() && (OF_TWO.contains(hocon) || hocon.equals(MULTINOMIAL));
  }

  /** How many linear predictors there are. */
  int equations(CompleteRows rows) {
    return hocon.equals(MULTINOMIAL) ? Math.max(1, rows.classes() - 1) : 1;
  }

  private static FamilyChoice ofLevels(CompleteRows rows) {
    int levels = rows.levels(0);
    return levels <= 2
        ? new FamilyChoice(
            "binomial", "the response has two levels: the log odds of the second by letter", false)
        : new FamilyChoice(
            MULTINOMIAL,
            "the response has %d levels: log odds of each against the first; ordered, if they have an order"
                .formatted(levels),
            false);
  }

  /**
   * Whether whole numbers are no counts: as many rows of these would have more than the greatest.
   */
  private static boolean areCodes(Member response, CompleteRows rows) {
    return response.whole()
        && (response.least() == 0 || response.least() == 1)
        && response.greatest() <= LARGEST_CLASS
        && rows.mean() > 0
        && rows.rows()
                * (1
                    - new PoissonDistribution(rows.mean())
                        .cumulativeProbability((int) response.greatest()))
            > MISSED;
  }

  private static FamilyChoice ofNumbers(Member response, CompleteRows rows) {
    if (areCodes(response, rows)) {
      return plain(
          MULTINOMIAL,
          "codes from %s to %s, as counts would go further: log odds against the first; ordered, if they have an order; poisson, for counts"
              .formatted(Numbers.brief(response.least()), Numbers.brief(response.greatest())));
    }
    double ratio = rows.variance() / rows.mean();
    String shown =
        "variance / mean is "
            + Numbers.brief(ratio)
            + (response.greatest() <= LARGEST_CODE
                ? "; multinomial, if they are codes of classes"
                : "");
    boolean counts =
        response.whole()
            && (response.least() == 0 || response.least() == 1)
            && response.greatest() <= LARGEST_COUNT;
    if (counts && ratio > OVER) {
      return plain("negative-binomial", "counts that vary more than Poisson's: " + shown);
    } else if (counts && ratio >= UNDER) {
      return plain("poisson", "counts: " + shown);
    } else if (counts) {
      return plain(
          "gaussian",
          "whole numbers that vary less than counts do: " + shown + "; ordered, for grades");
    }
    double skewness = rows.skewness();
    return response.least() > 0 && skewness > SKEWED
        ? plain(
            "{ name = gamma, link = log }",
            "above 0 and skewed to the right: skewness " + Numbers.brief(skewness))
        : plain(
            "gaussian",
            "numbers: least squares"
                + (response.least() >= 0 && skewness > SKEWED
                    ? "; tweedie, for amounts with zeros"
                    : ""));
  }

  private static FamilyChoice plain(String family, String why) {
    return new FamilyChoice(family, why, false);
  }

  private static boolean isZeroOne(Member response) {
    return response.least() == 0 && response.greatest() == 1;
  }

  private static boolean isTwo(Member response, CompleteRows rows) {
    return !response.isCategory() && rows.takesTwoValues();
  }
}
