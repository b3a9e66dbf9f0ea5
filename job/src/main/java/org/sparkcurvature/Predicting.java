package org.sparkcurvature;

import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.job.command.ProgramModel;
import org.sparkcurvature.job.command.Programs;

/** A result that holds a fitted model, which predicts. */
abstract class Predicting extends Written {
  private final ProgramModel model;

  Predicting(ProgramModel model, Programs.Writing writing) {
    super(writing);
    this.model = model;
  }

  /** What predictions are made of. */
  ProgramModel model() {
    return model;
  }

  /** The same as JSON, for Spark ML. */
  public String modelAsJson() {
    return model.json();
  }

  /**
   * Predicts for rows: the columns of their own, then {@code mean}. Computed when the data frame
   * is.
   *
   * @param rows with the columns that the model reads; no outcome is needed
   */
  public Dataset<Row> predict(Dataset<Row> rows) {
    return predict(rows, Map.of());
  }

  /**
   * As the other one.
   *
   * @param options keys of {@code predict}: {@code of}, {@code residuals}, and of estimates with
   *     their covariance {@code interval} ({@code confidence}); and {@code level}
   */
  public Dataset<Row> predict(Dataset<Row> rows, Map<String, ?> options) {
    return Curvature.predict(rows, model, options);
  }
}
