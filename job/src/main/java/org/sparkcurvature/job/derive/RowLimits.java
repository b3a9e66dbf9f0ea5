package org.sparkcurvature.job.derive;

import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.source.Rejections;
import org.sparkcurvature.job.source.Source;

/** How many rows may be invalid. */
public final class RowLimits {
  private RowLimits() {}

  /**
   * Ends the run where too many are, or there are none.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3
   */
  public static void refuse(Source source, RowCounts counts, Rejections rejections) {
    if (source.failsOnInvalidRows() && counts.rejected() > 0) {
      throw Errors.invalidRows(rejections.lines(counts.read()), rejections.wayOut(counts.read()));
    } else if (counts.read() == 0) {
      throw source.noRows();
    } else if (counts.rejected() == counts.read()) {
      throw Errors.allRowsRejected(
          counts.rejected(), rejections.lines(counts.read()), rejections.wayOut(counts.read()));
    } else if (counts.rejected() > source.input().acceptance().maxRejected() * counts.read()) {
      throw Errors.tooManyRejected(
          counts.rejected(),
          counts.read(),
          source.input().acceptance().maxRejected(),
          rejections.lines(counts.read()),
          rejections.wayOut(counts.read()));
    }
  }
}
