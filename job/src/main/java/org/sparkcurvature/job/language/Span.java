package org.sparkcurvature.job.language;

/**
 * A part of an expression's text.
 *
 * @param start offset of its first character
 * @param end offset behind its last character; above {@code start}, except at the end of the text
 */
public record Span(int start, int end) {

  /** The smallest span around this one and {@code other}. */
  Span union(Span other) {
    return new Span(Math.min(start, other.start), Math.max(end, other.end));
  }
}
