package org.sparkcurvature.job.language;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What is wrong with the text of an expression before it is parsed: comments that hide a part of
 * it, and brackets without their other half. Spark's parser names a bracket in terms of what it
 * expected, and takes time that grows steeply with the length of such a text: 18 s for 4,000
 * characters.
 */
final class Surface {
  private static final String QUOTES = "'\"`";

  private final Formula formula;
  private final Deque<Integer> open = new ArrayDeque<>();

  private Surface(Formula formula) {
    this.formula = formula;
  }

  /** The first fault; empty where there is none that can be told without parsing. */
  static Optional<Fault> fault(Formula formula) {
    return new Surface(formula).scan();
  }

  private Optional<Fault> scan() {
    String text = formula.text();
    for (int k = 0; k < text.length(); k++) {
      char c = text.charAt(k);
      if (QUOTES.indexOf(c) >= 0) {
        k = text.indexOf(c, k + 1);
        if (k < 0) {
          return Optional.empty(); // the parser's fault to name
        }
      } else if (text.startsWith("/*", k)) {
        int close = text.indexOf("*/", k + 2);
        if (close < 0) {
          return fault(k, 2, "/* begins a comment that has no end", "add */");
        }
        k = close + 1;
      } else if (text.startsWith("--", k)) {
        // To SQL a comment, to whoever wrote two minus signs probably not.
        return fault(
            k,
            2,
            "-- begins a comment in SQL: the rest of the line would be ignored",
            "write - (-a) for two minus signs, /* ... */ for a comment");
      } else if (c == '(' || c == '[') {
        open.push(k);
      } else if (c == ')' || c == ']') {
        Optional<Fault> fault = close(k);
        if (fault.isPresent()) {
          return fault;
        }
      }
    }
    if (open.isEmpty()) {
      return Optional.empty();
    }
    char last = text.charAt(open.peek());
    return fault(
        open.peek(),
        1,
        "'" + last + "' is not closed",
        "write '" + other(last) + "' where it ends");
  }

  private Optional<Fault> close(int at) {
    char bracket = formula.text().charAt(at);
    if (open.isEmpty()) {
      return fault(at, 1, "'" + bracket + "' closes nothing", "leave it out, or open before it");
    }
    int opened = open.pop();
    char last = formula.text().charAt(opened);
    return other(last) == bracket
        ? Optional.empty()
        : fault(
            at,
            1,
            "'%s' stands where '%s' would close the '%s' of column %d"
                .formatted(bracket, other(last), last, 1 + opened),
            "close one bracket before the other");
  }

  private static char other(char open) {
    return open == '(' ? ')' : ']';
  }

  private Optional<Fault> fault(int at, int length, String what, String remedy) {
    return Optional.of(new Fault(formula, new Span(at, at + length), what, remedy));
  }
}
