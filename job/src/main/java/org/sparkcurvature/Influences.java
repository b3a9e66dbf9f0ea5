package org.sparkcurvature;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.job.command.Programs;

/** What leaving each row out would add, to first order. */
public final class Influences extends Written {
  private final Programs.Influenced influenced;

  Influences(Programs.Influenced influenced) {
    super(influenced.writing());
    this.influenced = influenced;
  }

  /**
   * The rows with their influences, computed when the data frame is: the columns of the table's
   * own, then those of {@code influence/*.parquet}.
   */
  public Dataset<Row> table() {
    return influenced.table();
  }

  /** What a user should know, in sentences. */
  public List<String> warnings() {
    return influenced.warnings();
  }
}
