package org.sparkcurvature.job.source;

import static java.util.Objects.requireNonNull;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.sparkcurvature.job.config.InputSource;

/**
 * The rows of a data frame that a program has.
 *
 * @param rows those of the program, or made of them row by row
 * @param reading how often they are read, which a projection of cached rows would hide
 */
public record GivenRows(Dataset<Row> rows, Reading reading) implements InputSource.Given {

  /** How rows are read. */
  public enum Reading {
    /** Anew in each pass, which may be several. */
    EACH_PASS,
    /** In several passes, and the program has cached them. */
    CACHED,
    /** In one pass, when the result is read. They may be a stream. */
    ONCE;

    /** Whether every pass sees the same rows. */
    boolean isRepeatable() {
      return this != EACH_PASS;
    }
  }

  public GivenRows {
    requireNonNull(rows);
    requireNonNull(reading);
  }

  /** The rows as the program has them. */
  public static GivenRows of(Dataset<Row> rows) {
    return new GivenRows(
        rows, rows.storageLevel().equals(StorageLevel.NONE()) ? Reading.EACH_PASS : Reading.CACHED);
  }

  /** Other rows, made of these row by row, that are read as these. */
  public GivenRows with(Dataset<Row> other) {
    return new GivenRows(other, reading);
  }
}
