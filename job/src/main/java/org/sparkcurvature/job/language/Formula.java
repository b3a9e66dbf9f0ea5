package org.sparkcurvature.job.language;

import static java.util.Objects.requireNonNull;

import java.util.Objects;
import org.sparkcurvature.job.errors.PublicText;

/** The text of an expression and where it stands in the configuration. Immutable. */
public final class Formula {
  private static final int WIDTH = 90;
  private static final String CUT = "...";

  private final String path;
  private final String text;

  /** The text without its secrets, once asked for: long expressions have thousands of faults. */
  private String starred;

  /**
   * @param path the key, without the root: {@code model.loss}, {@code model.define.eta}
   * @param text the expression as it was written
   */
  public Formula(String path, String text) {
    this.path = requireNonNull(path);
    this.text = requireNonNull(text);
  }

  /** The key in the configuration, without the root. */
  public String path() {
    return path;
  }

  /** The expression as it was written. */
  public String text() {
    return text;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Formula formula
        && path.equals(formula.path)
        && text.equals(formula.text);
  }

  @Override
  public int hashCode() {
    return Objects.hash(path, text);
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

  /**
   * The line of a part, and below it carets under the part as far as it lies in that line. Of a
   * long line, what is around the beginning of the part.
   */
  String excerpt(Span span) {
    int from = lineStart(span);
    int newline = text.indexOf('\n', from);
    if (starred == null) {
      starred = PublicText.starred(text);
    }
    int[] line =
        starred.substring(from, newline < 0 ? text.length() : newline).codePoints().toArray();
    int start = text.codePointCount(from, span.start());
    int end = start + text.codePointCount(span.start(), Math.max(span.start(), span.end()));

    int first =
        line.length <= WIDTH ? 0 : Math.max(0, Math.min(start - WIDTH / 3, line.length - WIDTH));
    int last = Math.min(line.length, first + WIDTH);
    String before = first > 0 ? CUT : "";
    String after = last < line.length ? CUT : "";
    StringBuilder marks = new StringBuilder(" ".repeat(before.length()));
    for (int k = first; k < start; k++) {
      marks.append(line[k] == '\t' ? '\t' : ' ');
    }
    marks.append("^".repeat(Math.max(1, Math.min(end, last) - start)));
    return (before + new String(line, first, last - first) + after).stripTrailing() + "\n" + marks;
  }

  /** Offset of the first character of the line in which a part begins. */
  private int lineStart(Span span) {
    return span.start() == 0 ? 0 : text.lastIndexOf('\n', span.start() - 1) + 1;
  }
}
