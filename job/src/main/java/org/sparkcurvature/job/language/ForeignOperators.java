package org.sparkcurvature.job.language;

import java.util.Map;
import java.util.Optional;

/** Operators that SQL has, and losses have not: written by who means another one. */
final class ForeignOperators {
  private ForeignOperators() {}

  private static final Map<String, Refusals.Reason> REASONS =
      Map.of(
          "^",
              new Refusals.Reason(
                  "^ is bitwise exclusive or in SQL, not a power", "write pow(a, b), or square(a)"),
          "&", new Refusals.Reason("& is bitwise in SQL", "write AND between conditions"),
          "|", new Refusals.Reason("| is bitwise in SQL", "write OR between conditions"),
          "~", new Refusals.Reason("~ is bitwise in SQL", "write NOT before a condition"),
          "%",
              new Refusals.Reason(
                  "% (remainder) is no part of the loss language",
                  "compute it in the tensor's own expression, in input.tensors"));

  /** Why one is refused; empty where it is no such operator. */
  static Optional<Refusals.Reason> reason(String symbol) {
    return Optional.ofNullable(REASONS.get(symbol));
  }
}
