package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.List;

/**
 * What became of rows.
 *
 * @param read rows that passed the filter and the limit
 * @param rejected those of them that are invalid
 * @param zeroWeight valid rows of weight 0 that were left out
 * @param rejections the first invalid rows, at most {@link SampleReader#SHOWN}
 */
public record RowTally(long read, long rejected, long zeroWeight, List<Rejection> rejections)
    implements Serializable {
  public RowTally {
    rejections = List.copyOf(rejections);
  }
}
