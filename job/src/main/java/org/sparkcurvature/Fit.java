package org.sparkcurvature;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.job.command.Programs;

/** A minimum that a fit reached. */
public final class Fit {
  private final Programs.Fitted fitted;

  Fit(Programs.Fitted fitted) {
    this.fitted = fitted;
  }

  /** The objective there: the sum of losses, and the penalty. */
  public double value() {
    return fitted.summary().result().value();
  }

  /** Iterations that it took. */
  public int iterations() {
    return fitted.summary().result().state().iteration();
  }

  /** What estimates are called, in the order of {@link #estimates}. */
  public List<String> names() {
    return fitted.names();
  }

  /** What was estimated, on its natural scale. */
  public double[] estimates() {
    return fitted.summary().estimates().clone();
  }

  /** Every parameter's elements, row-major, by name. */
  public Map<String, double[]> parameters() {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    fitted.parameters().forEach((name, values) -> parameters.put(name, values.clone()));
    return parameters;
  }

  /** What predictions are made of, for Spark ML. */
  public String modelAsJson() {
    return fitted.model().json();
  }

  /** The names of all parameters. */
  public List<String> parameterNames() {
    return List.copyOf(fitted.parameters().keySet());
  }

  /**
   * The same as bytes, for other languages: doubles, little-endian, row-major; names as JSON.
   *
   * @param what {@code names}, {@code estimates}, or {@code parameter} and the name of one
   */
  public byte[] bytes(String what) {
    if (what.startsWith("parameter ") && fitted.parameters().containsKey(what.substring(10))) {
      return Packed.doubles(fitted.parameters().get(what.substring(10)));
    }
    return switch (what) {
      case "names" -> Packed.texts(names());
      case "estimates" -> Packed.doubles(estimates());
      default -> throw Packed.unknown(what, "names, estimates, parameter NAME");
    };
  }

  /**
   * What the model says of rows: the columns of their own, then {@code mean}. Computed when the
   * data frame is.
   *
   * @param rows with the columns that the model reads; no outcome is needed
   */
  public Dataset<Row> predict(Dataset<Row> rows) {
    return predict(rows, Map.of());
  }

  /**
   * As the other one.
   *
   * @param options keys of {@code predict}: {@code of}, {@code residuals}
   */
  public Dataset<Row> predict(Dataset<Row> rows, Map<String, ?> options) {
    return Curvature.predict(rows, fitted.model(), options);
  }

  /**
   * Writes what the command writes.
   *
   * @param path a folder that does not exist
   */
  public void write(String path) {
    Curvature.write(fitted.writing(), path, "error");
  }

  /**
   * As the other one.
   *
   * @param mode {@code error}, or {@code overwrite} for an earlier result of this program there
   */
  public void write(String path, String mode) {
    Curvature.write(fitted.writing(), path, mode);
  }

  /** What a user should know, in sentences. */
  public List<String> warnings() {
    return fitted.summary().run().warnings();
  }
}
