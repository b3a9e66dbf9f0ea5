package org.sparkcurvature.job.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.GeneralizedLinearRegression;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.cli.Console;

/**
 * What estimates take on two cores, from files to results as they are typed, beside MLlib where it
 * does the same and beside a pass over the data where nobody does. Answers are compared, too.
 */
public final class FitBench {
  private static final int COLUMNS = 50;
  private static final int WARM_UPS = 1;
  private static final int ROUNDS = 1;
  private static final double AGREEMENT = 1e-8;

  /** The stages of an influence that are timed: the last pass, or all that pass over the data. */
  private static final List<String> PASS = List.of("influence_pass");

  private static final List<String> WHOLE = List.of("derivatives", "influence_pass");

  private final Path data;

  private FitBench(Path data) {
    this.data = data;
  }

  /** Runs the cases: {@code --data DIRECTORY [--json] [--case NAME]}. */
  public static void main(String[] arguments) {
    Cases.run(arguments, data -> new FitBench(data).cases());
  }

  /**
   * By name; targets are those that the project has set itself. Of the passes of an influence taken
   * together it is what it takes to read the input twice.
   */
  private Map<String, Supplier<List<Figure>>> cases() {
    LocalSpark.session().sparkContext().setLogLevel("ERROR");
    Map<String, Supplier<List<Figure>>> cases = new LinkedHashMap<>();
    cases.put("fit-logistic", () -> List.of(logistic("fit-logistic", 1_000_000, 5)));
    cases.put("influences", () -> List.of(influences("influences", "parquet", PASS, 2)));
    cases.put(
        "influences-whole", () -> List.of(influences("influences-whole", "parquet", WHOLE, 2)));
    cases.put("influences-csv", () -> List.of(influences("influences-csv", "csv", WHOLE, 2)));
    return cases;
  }

  private static String[] names() {
    return IntStream.range(0, COLUMNS).mapToObj(k -> "x" + k).toArray(String[]::new);
  }

  /** Rows of normal regressors, and classes that a logistic model draws. */
  private String table(long rows) {
    SparkSession spark = LocalSpark.session();
    Path path = data.resolve("logit-" + rows + "x" + COLUMNS + ".parquet");
    if (!Files.exists(path.resolve("_SUCCESS"))) {
      Column[] drawn = new Column[COLUMNS + 1];
      Column eta = functions.lit(-0.5);
      for (int k = 0; k < COLUMNS; k++) {
        drawn[k] = functions.randn(k).as("x" + k);
        eta = eta.plus(functions.col("x" + k).multiply(0.3 * Math.sin(k + 1.0)));
      }
      drawn[COLUMNS] = functions.rand(COLUMNS).as("u");
      Column y =
          functions
              .expr("u")
              .lt(functions.lit(1).divide(functions.exp(eta.unary_$minus()).plus(1)));
      spark
          .range(0, rows, 1, (int) Math.max(1, rows * COLUMNS / 5_000_000))
          .select(drawn)
          .withColumn("y", y.cast("double"))
          .drop("u")
          .write()
          .mode(SaveMode.Overwrite)
          .parquet(path.toString());
    }
    return path.toString();
  }

  /** A fit with standard errors, from files to coefficients, beside MLlib's. */
  private Figure logistic(String name, long rows, double target) {
    String path = table(rows);
    GeneralizedLinearRegressionModel[] model = new GeneralizedLinearRegressionModel[1];
    double[][] theirs = new double[2][];
    Runnable mllib =
        () -> {
          SparkSession spark = LocalSpark.session();
          model[0] =
              new GeneralizedLinearRegression()
                  .setFamily("binomial")
                  .setLabelCol("y")
                  .setTol(1e-10)
                  .fit(
                      new VectorAssembler()
                          .setInputCols(names())
                          .setOutputCol("features")
                          .transform(spark.read().parquet(path)));
          theirs[0] = model[0].coefficients().toArray();
          theirs[1] = model[0].summary().coefficientStandardErrors();
        };
    Runnable ours =
        () -> {
          run("fit", configuration(path, "fit", ""));
          run(
              "infer",
              configuration(path, "infer", "fit") + "\ncurvature.infer.covariance = nonrobust");
        };
    double[] ms = Stopwatch.medians(WARM_UPS, ROUNDS, ours, mllib);
    compare(theirs);
    return new Figure(name, ms[0], Figure.Against.PEER, ms[1], target);
  }

  /** Says how far answers are apart, and ends where that is too far. */
  private void compare(double[][] theirs) {
    try {
      JsonNode estimates =
          new ObjectMapper()
              .readTree(data.resolve("infer/estimates.json").toFile())
              .get("estimates");
      double apart = 0;
      for (int k = 0; k < COLUMNS; k++) {
        JsonNode estimate = estimates.get(k + 1);
        apart = Math.max(apart, Math.abs(estimate.get("estimate").asDouble() - theirs[0][k]));
        apart = Math.max(apart, Math.abs(estimate.get("std_error").asDouble() - theirs[1][k]));
      }
      JsonNode summary = new ObjectMapper().readTree(data.resolve("fit/summary.json").toFile());
      System.err.printf(
          "coefficients and standard errors differ from MLlib's by at most %.1e; %s iterations, relative gradient norm %.1e, seconds %s%n",
          apart,
          summary.get("iterations"),
          summary.get("relative_gradient_norm").asDouble(),
          summary.get("timings_seconds"));
      if (!(apart <= AGREEMENT)) {
        throw new IllegalStateException("answers differ");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Influences on one expression, written to Parquet, beside a pass that reads the input and adds
   * up gradients.
   *
   * @param stages those of an influence that are timed
   */
  private Figure influences(String name, String format, List<String> stages, double target) {
    String parquet = table(1_000_000);
    run("fit", configuration(parquet, "fit", ""));
    String path = format.equals("csv") ? csv(parquet) : parquet;
    String input = "\ncurvature.input { path = \"%s\", format = %s, options.header = true }";
    String influence =
        configuration(path, "influence", "fit")
            + input.formatted(path, format)
            + "\ncurvature.influence.on = \"beta[0]\"";
    String gradient =
        configuration(path, "gradient", "fit")
            + input.formatted(path, format)
            + "\ncurvature.derive { wrt = [b0, beta], global { hessian = none } }";
    double[] pass = new double[4];
    double[] written = new double[4];
    for (int round = 0; round < pass.length; round++) {
      run("derive", gradient);
      pass[round] = seconds("gradient", "global_pass");
      run("influence", influence);
      written[round] = stages.stream().mapToDouble(stage -> seconds("influence", stage)).sum();
    }
    return new Figure(
        name,
        1000 * Arrays.stream(written).skip(1).min().orElseThrow(),
        Figure.Against.LIMIT,
        1000 * Arrays.stream(pass).skip(1).min().orElseThrow(),
        target);
  }

  /** The same table as CSV. */
  private static String csv(String parquet) {
    String path = parquet.replace(".parquet", ".csv");
    if (!Files.exists(Path.of(path, "_SUCCESS"))) {
      LocalSpark.session()
          .read()
          .parquet(parquet)
          .write()
          .option("header", "true")
          .mode(SaveMode.Overwrite)
          .csv(path);
    }
    return path;
  }

  private double seconds(String result, String stage) {
    try {
      return new ObjectMapper()
          .readTree(data.resolve(result + "/summary.json").toFile())
          .get("timings_seconds")
          .get(stage)
          .asDouble();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String configuration(String path, String output, String from) {
    String names = Arrays.stream(names()).collect(Collectors.joining(", "));
    return """
        curvature {
          input { path = "%s", format = parquet, tensors { x = [%s], y = y } }
          model {
            parameters { b0 = 0, beta { labels = x, fill = 0 } }
            parameters-from = %s
            define { eta = "b0 + dot(x, beta)" }
            loss = "softplus(eta) - y * eta", likelihood = true
          }
          output { path = "%s", mode = overwrite }
        }
        """
        .formatted(
            path,
            names,
            from.isEmpty() ? "null" : "\"" + data.resolve(from).resolve("parameters.json") + "\"",
            data.resolve(output));
  }

  private void run(String command, String configuration) {
    try {
      Path file = Files.writeString(data.resolve(command + ".conf"), configuration);
      Console console = Console.run(command, "--config", file.toString());
      if (console.exitCode() != 0) {
        throw new IllegalStateException(console.err());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
