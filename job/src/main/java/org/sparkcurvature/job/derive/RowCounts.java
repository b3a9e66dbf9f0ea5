package org.sparkcurvature.job.derive;

import java.io.Serializable;

/**
 * What became of the rows of an input.
 *
 * @param read rows that passed the filter and the limit
 * @param rejected those of them that are invalid
 * @param zeroWeight valid rows of weight 0, which no sum contains
 * @param weight the sum of the weights
 */
public record RowCounts(long read, long rejected, long zeroWeight, double weight)
    implements Serializable {

  /** Rows that sums contain. */
  public long used() {
    return read - rejected - zeroWeight;
  }
}
