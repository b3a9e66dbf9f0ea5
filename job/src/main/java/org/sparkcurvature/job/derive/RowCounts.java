package org.sparkcurvature.job.derive;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What became of the rows of an input.
 *
 * @param read rows that passed the filter and the limit
 * @param rejected those of them that are invalid
 * @param zeroWeight valid rows of weight 0, which no sum contains
 * @param weight the sum of the weights
 * @param rejectedBy how many rows are invalid for which reason, the most frequent first
 */
public record RowCounts(
    long read, long rejected, long zeroWeight, double weight, Map<String, Long> rejectedBy)
    implements Serializable {
  public RowCounts {
    rejectedBy = Collections.unmodifiableMap(new LinkedHashMap<>(rejectedBy));
  }

  /** Rows that sums contain. */
  public long used() {
    return read - rejected - zeroWeight;
  }
}
