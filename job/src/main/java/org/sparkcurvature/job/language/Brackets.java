package org.sparkcurvature.job.language;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Looks for a bracket without its other half. Spark's parser, which would say so in terms of what
 * it expected, takes time that grows steeply with the length of such a text: 18 s for 4,000
 * characters.
 */
final class Brackets {
  private static final String QUOTES = "'\"`";

  private Brackets() {}

  /** A bracket that was opened and where. */
  private record Open(char bracket, int at) {}

  /** The first fault; empty where every bracket has its other half. */
  static Optional<Fault> fault(Formula formula) {
    String text = formula.text();
    Deque<Open> open = new ArrayDeque<>();
    for (int k = 0; k < text.length(); k++) {
      char c = text.charAt(k);
      if (QUOTES.indexOf(c) >= 0) {
        int end = text.indexOf(c, k + 1);
        if (end < 0) {
          return Optional.empty(); // the parser's fault to name
        }
        k = end;
      } else if (c == '(' || c == '[') {
        open.push(new Open(c, k));
      } else if (c == ')' || c == ']') {
        if (open.isEmpty()) {
          return fault(formula, k, "'" + c + "' closes nothing", "leave it out, or open before it");
        }
        Open last = open.pop();
        if (other(last.bracket()) != c) {
          return fault(
              formula,
              k,
              "'%s' stands where '%s' would close the '%s' of column %d"
                  .formatted(c, other(last.bracket()), last.bracket(), 1 + last.at()),
              "close one bracket before the other");
        }
      }
    }
    if (open.isEmpty()) {
      return Optional.empty();
    }
    Open last = open.peek();
    return fault(
        formula,
        last.at(),
        "'" + last.bracket() + "' is not closed",
        "write '" + other(last.bracket()) + "' where it ends");
  }

  private static char other(char open) {
    return open == '(' ? ')' : ']';
  }

  private static Optional<Fault> fault(Formula formula, int at, String what, String remedy) {
    return Optional.of(new Fault(formula, new Span(at, at + 1), what, remedy));
  }
}
