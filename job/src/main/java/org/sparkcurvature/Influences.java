package org.sparkcurvature;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.job.command.Programs;

/** What leaving each row out would add, to first order. */
public final class Influences {
  private final Programs.Influenced influenced;

  Influences(Programs.Influenced influenced) {
    this.influenced = influenced;
  }

  /**
   * The rows with their influences, computed when the data frame is: the columns of the table's
   * own, then those of {@code influence/*.parquet}.
   */
  public Dataset<Row> table() {
    return influenced.table();
  }

  /**
   * Writes what the command writes.
   *
   * @param path a folder that does not exist
   */
  public void write(String path) {
    Curvature.write(influenced.writing(), path, "error");
  }

  /**
   * As the other one.
   *
   * @param mode {@code error}, or {@code overwrite} for an earlier result of this program there
   */
  public void write(String path, String mode) {
    Curvature.write(influenced.writing(), path, mode);
  }

  /** What a user should know, in sentences. */
  public List<String> warnings() {
    return influenced.warnings();
  }
}
