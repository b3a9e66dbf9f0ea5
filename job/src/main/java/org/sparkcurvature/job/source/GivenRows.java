package org.sparkcurvature.job.source;

import static java.util.Objects.requireNonNull;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.sparkcurvature.job.config.InputSource;

/**
 * The rows of a data frame that a program has. They are read anew in each pass, unless the program
 * has cached them.
 *
 * @param rows those of the program, or made of them row by row
 * @param isCached whether the program's are (a projection of them would hide that), or are read
 *     once
 */
public record GivenRows(Dataset<Row> rows, boolean isCached) implements InputSource.Given {
  public GivenRows {
    requireNonNull(rows);
  }

  /** The rows as the program has them. */
  public static GivenRows of(Dataset<Row> rows) {
    return new GivenRows(rows, !rows.storageLevel().equals(StorageLevel.NONE()));
  }
}
