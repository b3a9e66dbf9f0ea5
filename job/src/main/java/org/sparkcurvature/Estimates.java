package org.sparkcurvature;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.command.Programs;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.infer.EstimateSummary;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.result.ModelStatistics;
import org.sparkcurvature.job.sink.EstimateTable;

/**
 * Estimates with their covariance. Numbers are there after the session was stopped, too; {@link
 * #table} is a data frame of the session.
 */
public final class Estimates extends Predicting {
  private final SparkSession spark;
  private final InferSummary infer;
  private final Optional<EstimateSummary> whole;
  private final Map<String, double[]> parameters;
  private final String shown;

  Estimates(SparkSession spark, Programs.Estimated estimated) {
    super(estimated.model(), estimated.writing());
    this.spark = spark;
    this.infer = estimated.summary().infer();
    this.whole = Optional.of(estimated.summary());
    this.parameters = estimated.parameters();
    this.shown = estimated.shown();
  }

  Estimates(SparkSession spark, Programs.Inferred inferred) {
    super(inferred.model(), inferred.writing());
    this.spark = spark;
    this.infer = inferred.summary();
    this.whole = Optional.empty();
    this.parameters = Map.of();
    this.shown = inferred.shown();
  }

  private double[] numbers(ToDoubleFunction<Estimate> number) {
    return infer.estimates().stream().mapToDouble(number).toArray();
  }

  /** What estimates are called, in the order of everything here; functions after parameters. */
  public List<String> names() {
    return infer.estimates().stream().map(Estimate::name).toList();
  }

  /** The estimates. */
  public double[] estimates() {
    return numbers(Estimate::estimate);
  }

  /** Their standard errors; NaN where an element is held. */
  public double[] standardErrors() {
    return numbers(Estimate::stdError);
  }

  /** Estimates over their standard errors. */
  public double[] statistics() {
    return numbers(Estimate::z);
  }

  /** Probabilities of larger statistics where the true values are 0. */
  public double[] pValues() {
    return numbers(Estimate::p);
  }

  /** Confidence intervals: from and to, one row for each estimate. */
  public double[][] intervals() {
    return infer.estimates().stream()
        .map(e -> new double[] {e.ciLow(), e.ciHigh()})
        .toArray(double[][]::new);
  }

  /** One estimate by its name. */
  public double estimate(String name) {
    return infer.estimates().stream()
        .filter(e -> e.name().equals(name))
        .mapToDouble(Estimate::estimate)
        .findFirst()
        .orElseThrow(
            () ->
                new CurvatureException(
                    2,
                    "no estimate is called " + name,
                    "",
                    "name one of " + String.join(", ", names()),
                    null));
  }

  /** The covariance of the estimates of parameters, P x P. */
  public double[][] covariance() {
    return Derivatives.square(infer.covariance());
  }

  /** The table as a data frame, as {@code estimates/*.parquet} has it. */
  public Dataset<Row> table() {
    return Curvature.translated(() -> EstimateTable.of(spark, infer.estimates()));
  }

  /**
   * The same as bytes, for other languages: doubles, little-endian, row-major; names as JSON.
   *
   * @param what {@code names}, {@code estimates}, {@code standard-errors}, {@code statistics},
   *     {@code p-values}, {@code intervals}, {@code covariance}, or {@code parameter} and the name
   *     of one
   */
  public byte[] bytes(String what) {
    if (what.startsWith("parameter ") && parameters.containsKey(what.substring(10))) {
      return Packed.doubles(parameters.get(what.substring(10)));
    }
    return switch (what) {
      case "names" -> Packed.texts(names());
      case "estimates" -> Packed.doubles(estimates());
      case "standard-errors" -> Packed.doubles(standardErrors());
      case "statistics" -> Packed.doubles(statistics());
      case "p-values" -> Packed.doubles(pValues());
      case "intervals" -> Packed.doubles(intervals());
      case "covariance" -> Packed.doubles(infer.covariance().toSquare());
      default ->
          throw Packed.unknown(
              what,
              "names, estimates, standard-errors, statistics, p-values, intervals, covariance");
    };
  }

  /**
   * Some rows of a matrix' upper triangle as bytes, each from the diagonal on: large ones cross to
   * other languages in parts.
   *
   * @param what {@code covariance}
   * @param from the first row
   * @param rows how many; none come behind the last
   */
  public byte[] bytes(String what, int from, int rows) {
    if (!what.equals("covariance")) {
      throw Packed.unknown(what, "covariance");
    }
    return Packed.doubles(infer.covariance(), from, rows);
  }

  /** Every parameter's elements, row-major, by name; none after {@code infer}. */
  public Map<String, double[]> parameters() {
    Map<String, double[]> copy = new LinkedHashMap<>();
    parameters.forEach((name, values) -> copy.put(name, values.clone()));
    return copy;
  }

  /** The names of all parameters; none after {@code infer}. */
  public List<String> parameterNames() {
    return List.copyOf(parameters.keySet());
  }

  /** n. */
  public double observations() {
    return infer.count();
  }

  private Optional<ModelStatistics> statisticsOfModel() {
    return whole.map(EstimateSummary::statistics);
  }

  private static double orNaN(OptionalDouble number) {
    return number.orElse(Double.NaN);
  }

  /** The log-likelihood; NaN where the loss is none. */
  public double logLikelihood() {
    return statisticsOfModel()
        .map(statistics -> orNaN(statistics.logLikelihood()))
        .orElse(infer.likelihood().map(InferSummary.Likelihood::logLikelihood).orElse(Double.NaN));
  }

  /** Akaike's criterion; NaN where the loss is no likelihood. */
  public double aic() {
    return statisticsOfModel()
        .map(statistics -> orNaN(statistics.aic()))
        .orElse(infer.likelihood().map(InferSummary.Likelihood::aic).orElse(Double.NaN));
  }

  /** Schwarz's criterion; NaN where the loss is no likelihood. */
  public double bic() {
    return statisticsOfModel()
        .map(statistics -> orNaN(statistics.bic()))
        .orElse(infer.likelihood().map(InferSummary.Likelihood::bic).orElse(Double.NaN));
  }

  /** The deviance; NaN where the model has none. */
  public double deviance() {
    return statisticsOfModel().map(statistics -> orNaN(statistics.deviance())).orElse(Double.NaN);
  }

  /** Pearson's X2 / (n - k) of a family that has a dispersion; otherwise 1. */
  public double dispersion() {
    return statisticsOfModel().map(ModelStatistics::dispersion).orElse(1.0);
  }

  /** How covariances are estimated, as it is written in a configuration. */
  public String covarianceType() {
    return infer.settings().covariance().toString();
  }

  /** What a user should know, in sentences. */
  public List<String> warnings() {
    return new ArrayList<>(infer.run().warnings());
  }

  /**
   * Averages over rows of what the model says, with standard errors.
   *
   * @param options keys of {@code effects}: {@code of}, {@code slopes}, {@code elasticities},
   *     {@code contrasts}, {@code at}, {@code by}; and {@code level}
   */
  public Effects effects(Dataset<Row> rows, Map<String, ?> options) {
    return Curvature.effects(rows, model(), options);
  }

  /** The table that the command prints. */
  @Override
  public String toString() {
    return shown;
  }
}
