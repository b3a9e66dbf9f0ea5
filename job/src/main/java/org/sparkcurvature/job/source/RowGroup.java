package org.sparkcurvature.job.source;

/**
 * Rows of a Parquet file that are read at once.
 *
 * @param file where they are
 * @param bytes of the columns that are read
 */
public record RowGroup(String file, long bytes) {}
