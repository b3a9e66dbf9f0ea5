package org.sparkcurvature.job.source;

import static java.util.Objects.requireNonNull;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.job.config.InputSource;

/**
 * The rows of a data frame that a program has. They are read anew in each pass, unless the program
 * has cached them.
 */
public record GivenRows(Dataset<Row> rows) implements InputSource.Given {
  public GivenRows {
    requireNonNull(rows);
  }
}
