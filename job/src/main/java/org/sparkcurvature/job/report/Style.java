package org.sparkcurvature.job.report;

/** How headings are set off: by bold type on a terminal, not at all elsewhere. */
public enum Style {
  PLAIN("", ""),
  TERMINAL("\u001B[1m", "\u001B[0m");

  private final String on;
  private final String off;

  Style(String on, String off) {
    this.on = on;
    this.off = off;
  }

  /** A heading, set off. */
  public String heading(String text) {
    return on + text + off;
  }
}
