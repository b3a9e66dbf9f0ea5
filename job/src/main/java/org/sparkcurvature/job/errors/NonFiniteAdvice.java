package org.sparkcurvature.job.errors;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How to mend an expression that gave NaN or infinity: by the function that it ends in. */
final class NonFiniteAdvice {
  private NonFiniteAdvice() {}

  private static final Pattern OUTERMOST = Pattern.compile("^(\\w+)\\(");
  private static final Pattern DERIVATIVE = Pattern.compile("^d2? .* / d ");

  private static final String LOGARITHM =
      "a logarithm needs an argument above 0; for that of a probability there are log_sigmoid,"
          + " log_softmax, normal_log_cdf and log1mexp, and logsumexp for that of a sum of exponentials";
  private static final String GAMMA = "it has poles at 0, -1, -2, ...: keep its argument above 0";
  private static final String ANGLE =
      "its argument has to lie within -1 and 1, and its derivative is infinite at both";
  private static final String OVERFLOW =
      "it overflows above 709: begin at smaller parameters, scale the columns, or write logsumexp,"
          + " softplus or logaddexp, which never form large exponentials";

  private static final String DEFINITE =
      "it needs a symmetric positive definite matrix: write a covariance as matmul(L,"
          + " transpose(L)), or begin at one";
  private static final String REGULAR =
      "the matrix has no inverse: a row of it is all but a sum of multiples of others";

  private static final Map<String, String> BY_FUNCTION =
      Map.ofEntries(
          Map.entry("log", LOGARITHM),
          Map.entry("ln", LOGARITHM),
          Map.entry("log2", LOGARITHM),
          Map.entry("log10", LOGARITHM),
          Map.entry("log1p", "log1p needs an argument above -1"),
          Map.entry("logit", "logit needs an argument between 0 and 1"),
          Map.entry("log1mexp", "log1mexp is minus infinity at 0: keep its argument away from it"),
          Map.entry("log_diff_exp", "log_diff_exp(a, b) needs a above b"),
          Map.entry("exp", OVERFLOW),
          Map.entry("expm1", OVERFLOW),
          Map.entry("sinh", OVERFLOW),
          Map.entry("cosh", OVERFLOW),
          Map.entry("lgamma", GAMMA),
          Map.entry("digamma", GAMMA),
          Map.entry("asin", ANGLE),
          Map.entry("acos", ANGLE),
          Map.entry("atanh", ANGLE),
          Map.entry("acosh", "acosh needs an argument above 1"),
          Map.entry(
              "sqrt",
              "a square root needs an argument above 0, and its derivative is infinite at 0: for a"
                  + " length write norm2, which has one"),
          Map.entry("cbrt", "its derivative is infinite at 0"),
          Map.entry("logdet", DEFINITE),
          Map.entry("cholesky", DEFINITE),
          Map.entry("inverse", REGULAR),
          Map.entry("solve", REGULAR),
          Map.entry(
              "pow",
              "a power that is no integer needs a base above 0, and one below 2 has an infinite"
                  + " derivative at 0"));

  /**
   * A remedy.
   *
   * @param expression as a person would write it, or a derivative such as {@code d loss / d beta}
   */
  static String of(String expression, List<String> rows) {
    String look = rows.isEmpty() ? "check the parameters" : "check these rows and the parameters";
    if (DERIVATIVE.matcher(expression).find()) {
      return look
          + ": a derivative can be infinite where the value is not, as those of sqrt and pow at 0"
          + " and of acos at 1, and where numbers beyond 1e154 are squared; CASE WHEN keeps such"
          + " rows out of a branch";
    }
    Matcher outermost = OUTERMOST.matcher(expression);
    if (outermost.find() && BY_FUNCTION.containsKey(outermost.group(1))) {
      return look + ": " + BY_FUNCTION.get(outermost.group(1));
    }
    return look
        + (expression.contains(" / ")
            ? ": a divisor of 0 does this; CASE WHEN keeps such rows out of a branch"
            : ": numbers too large to multiply or to add do this (beyond 1e308), and operands that"
                + " are infinite themselves; scale the columns, or begin at smaller parameters");
  }
}
