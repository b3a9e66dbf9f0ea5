package org.sparkcurvature.job.language;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.sparkcurvature.job.errors.PublicText;

/** The text of an expression and where it stands in the configuration. Immutable. */
public final class Formula {
  private static final int WIDTH = 90;
  private static final String CUT = "...";

  private final String path;
  private final String text;

  /** What places in the text are told by. Found once: long expressions have thousands of faults. */
  private Places places;

  /**
   * @param starred the text with stars for its secrets
   * @param lines offsets at which lines begin
   * @param hasPairs whether some characters of Unicode are two of Java's
   */
  private record Places(String starred, int[] lines, boolean hasPairs) {
    static Places of(String text) {
      int[] ends = IntStream.range(0, text.length()).filter(k -> text.charAt(k) == '\n').toArray();
      int[] lines = new int[ends.length + 1];
      for (int k = 0; k < ends.length; k++) {
        lines[k + 1] = ends[k] + 1;
      }
      boolean hasPairs = text.chars().anyMatch(c -> Character.isSurrogate((char) c));
      return new Places(PublicText.starred(text), lines, hasPairs);
    }

    /** The line of an offset, from 0. */
    int line(int offset) {
      int found = Arrays.binarySearch(lines, offset);
      return found >= 0 ? found : -found - 2;
    }

    /** Characters of Unicode between two offsets. */
    int count(int from, int to) {
      return hasPairs ? starred.codePointCount(from, to) : to - from;
    }

    /** The offset so many characters of Unicode behind another. */
    int offset(int from, int count) {
      return hasPairs ? starred.offsetByCodePoints(from, count) : from + count;
    }
  }

  private Places places() {
    if (places == null) {
      places = Places.of(text);
    }
    return places;
  }

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

  boolean isOneLine() {
    return places().lines().length == 1;
  }

  /** The line of a part's first character, from 1. */
  int line(Span span) {
    return 1 + places().line(span.start());
  }

  /** The column of a part's first character in its line, from 1, in Unicode characters. */
  int column(Span span) {
    Places in = places();
    return 1 + in.count(in.lines()[in.line(span.start())], span.start());
  }

  /**
   * The line of a part, and below it carets under the part as far as it lies in that line. Of a
   * long line, what is around the beginning of the part.
   */
  String excerpt(Span span) {
    Places in = places();
    int line = in.line(span.start());
    int from = in.lines()[line];
    int to = line + 1 < in.lines().length ? in.lines()[line + 1] - 1 : text.length();
    int length = in.count(from, to);
    int start = in.count(from, span.start());
    int end = start + in.count(span.start(), Math.max(span.start(), span.end()));

    int first = length <= WIDTH ? 0 : Math.max(0, Math.min(start - WIDTH / 3, length - WIDTH));
    int last = Math.min(length, first + WIDTH);
    String before = first > 0 ? CUT : "";
    String after = last < length ? CUT : "";
    int shown = in.offset(from, first);
    StringBuilder marks = new StringBuilder(" ".repeat(before.length()));
    in.starred()
        .substring(shown, Math.max(shown, span.start()))
        .codePoints()
        .forEach(c -> marks.append(c == '\t' ? '\t' : ' '));
    marks.append("^".repeat(Math.max(1, Math.min(end, last) - start)));
    return (before + in.starred().substring(shown, in.offset(from, last)) + after).stripTrailing()
        + "\n"
        + marks;
  }
}
