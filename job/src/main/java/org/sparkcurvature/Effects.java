package org.sparkcurvature;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.command.Programs;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.sink.EffectTable;

/** Averages over rows of what a model says: means, slopes, elasticities, contrasts. */
public final class Effects {
  private final SparkSession spark;
  private final Programs.Averaged averaged;

  Effects(SparkSession spark, Programs.Averaged averaged) {
    this.spark = spark;
    this.averaged = averaged;
  }

  private List<Estimate> each() {
    return averaged.effects().stream().map(effect -> effect.estimate()).toList();
  }

  /** What the effects are called, in the order of everything here. */
  public List<String> names() {
    return each().stream().map(Estimate::name).toList();
  }

  /** The averages. */
  public double[] estimates() {
    return each().stream().mapToDouble(Estimate::estimate).toArray();
  }

  /** Their standard errors, by the delta method. */
  public double[] standardErrors() {
    return each().stream().mapToDouble(Estimate::stdError).toArray();
  }

  /** The table as a data frame, as {@code effects/*.parquet} has it. */
  public Dataset<Row> table() {
    return Curvature.translated(() -> EffectTable.of(spark, averaged.effects()));
  }

  /**
   * The same as bytes, for other languages: doubles, little-endian; names as JSON.
   *
   * @param what {@code names}, {@code estimates} or {@code standard-errors}
   */
  public byte[] bytes(String what) {
    return switch (what) {
      case "names" -> Packed.texts(names());
      case "estimates" -> Packed.doubles(estimates());
      case "standard-errors" -> Packed.doubles(standardErrors());
      default -> throw Packed.unknown(what, "names, estimates, standard-errors");
    };
  }

  /** The table that the command prints. */
  @Override
  public String toString() {
    return averaged.shown();
  }
}
