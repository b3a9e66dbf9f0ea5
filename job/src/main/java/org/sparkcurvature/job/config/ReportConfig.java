package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

/**
 * The block {@code report}: what {@code report.html} may say.
 *
 * @param rows whether rows may be named in it
 */
public record ReportConfig(Rows rows) {

  /** How rows are named. */
  public enum Rows {
    /** By their ids, or numbers where there are none. */
    IDS,
    /** Not at all. */
    NONE
  }

  public ReportConfig {
    requireNonNull(rows);
  }

  static ReportConfig decode(Block report) {
    ReportConfig config = new ReportConfig(report.choice("rows", Rows.values()));
    report.end();
    return config;
  }

  /** Whether rows may be named. */
  public boolean namesRows() {
    return rows == Rows.IDS;
  }
}
