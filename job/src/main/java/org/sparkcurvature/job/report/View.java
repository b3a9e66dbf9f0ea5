package org.sparkcurvature.job.report;

import static java.util.Objects.requireNonNull;

import java.util.Set;

/**
 * How a result is shown.
 *
 * @param width columns of the screen
 * @param style of headings
 * @param ellipsis what stands for the middle of a name that was shortened
 * @param parts what is shown beside the answer
 */
public record View(int width, Style style, String ellipsis, Set<Part> parts) {
  /** The width where nothing is known of the screen. */
  public static final int USUAL = 80;

  /** The least width: on a narrower screen lines are broken by the terminal. */
  public static final int LEAST = 60;

  /** For text that is kept or handed on. */
  public static final View PLAIN = new View(USUAL, Style.PLAIN, "\u2026", Set.of());

  public View {
    width = Math.max(LEAST, width);
    requireNonNull(style);
    requireNonNull(ellipsis);
    parts = Set.copyOf(parts);
  }

  /** Whether a part is shown. */
  public boolean shows(Part part) {
    return parts.contains(part);
  }

  /** The same on a screen of this width. */
  public View wide(int columns) {
    return new View(columns, style, ellipsis, parts);
  }

  /** The same with these parts. */
  public View showing(Set<Part> others) {
    return new View(width, style, ellipsis, others);
  }
}
