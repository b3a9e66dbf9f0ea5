package org.sparkcurvature.job.language;

import static java.util.Objects.requireNonNull;

/**
 * The text of an expression and where it stands in the configuration.
 *
 * @param path the key, without the root: {@code model.loss}, {@code model.define.eta}
 * @param text the expression as it was written
 */
public record Formula(String path, String text) {
  public Formula {
    requireNonNull(path);
    requireNonNull(text);
  }

  /** The text of a part. */
  public String at(Span span) {
    return text.substring(span.start(), span.end());
  }

  Span whole() {
    return new Span(0, text.length());
  }

  /** The line of a part's first character, from 1. */
  int line(Span span) {
    return 1 + (int) text.substring(0, span.start()).chars().filter(c -> c == '\n').count();
  }

  /** The column of a part's first character in its line, from 1, in Unicode characters. */
  int column(Span span) {
    return 1 + text.codePointCount(lineStart(span), span.start());
  }

  /** The line of a part, and the part underlined as far as it lies in that line. */
  String excerpt(Span span) {
    int from = lineStart(span);
    int newline = text.indexOf('\n', from);
    int to = newline < 0 ? text.length() : newline;
    String before = text.substring(from, span.start());
    int width =
        Math.max(
            1, text.codePointCount(span.start(), Math.max(span.start(), Math.min(span.end(), to))));
    String indent =
        before
            .codePoints()
            .collect(
                StringBuilder::new,
                (b, c) -> b.append(c == '\t' ? '\t' : ' '),
                StringBuilder::append)
            .toString();
    return text.substring(from, to).stripTrailing() + "\n" + indent + "^".repeat(width);
  }

  /** Offset of the first character of the line in which a part begins. */
  private int lineStart(Span span) {
    return span.start() == 0 ? 0 : text.lastIndexOf('\n', span.start() - 1) + 1;
  }
}
