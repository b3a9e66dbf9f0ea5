package org.sparkcurvature.job.source;

import java.io.Serializable;

/**
 * What became of rows.
 *
 * @param read rows that passed the filter and the limit
 * @param rejected those of them that are invalid
 * @param zeroWeight valid rows of weight 0 that were left out
 * @param rejections why rows are invalid
 */
public record RowTally(long read, long rejected, long zeroWeight, Rejections rejections)
    implements Serializable {}
