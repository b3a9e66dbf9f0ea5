package org.sparkcurvature.job.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** The tables that benchmarks read; each is written once. */
record Tables(Path folder) {

  /** Numbers in one file. */
  private static final long FILE = 5_000_000;

  /** Where the table lies as files of {@code format}. */
  String path(SparkSession spark, Logistic data, String format) {
    Path path = folder.resolve(data.rows() + "x" + data.columns() + "." + format);
    if (!Files.exists(path.resolve("_SUCCESS"))) {
      int files = (int) Math.max(1, data.rows() * data.columns() / FILE);
      data.table(spark, files)
          .write()
          .format(format)
          .option("header", "true")
          .mode(SaveMode.Overwrite)
          .save(path.toString());
    }
    return path.toString();
  }
}
