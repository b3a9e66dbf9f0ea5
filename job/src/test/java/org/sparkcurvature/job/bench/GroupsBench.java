package org.sparkcurvature.job.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.groups.FitsAlone;

/**
 * One model for each of many groups, on two cores: the whole job beside Spark's own shuffle and
 * sort of the same columns; its fits a second beside statsmodels in a groupby of pandas; and the
 * fits alone, on one core, beside Newton's method in NumPy for all groups at once.
 */
public final class GroupsBench {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double AGREEMENT = 1e-6;

  private final Path data;

  private GroupsBench(Path data) {
    this.data = data;
  }

  /** Runs the cases: {@code --data DIRECTORY [--json] [--case NAME]}. */
  public static void main(String[] arguments) {
    Cases.run(arguments, data -> new GroupsBench(data).cases());
  }

  private Map<String, Supplier<List<Figure>>> cases() {
    LocalSpark.session().sparkContext().setLogLevel("ERROR");
    Map<String, Supplier<List<Figure>>> cases = new LinkedHashMap<>();
    cases.put("groups-shuffle", () -> besideShuffle("groups-shuffle", 100_000, 100, 2));
    cases.put(
        "groups-statsmodels", () -> besideStatsmodels("groups-statsmodels", 100_000, 100, 30));
    cases.put("groups-fits-100", () -> besideNumpy("groups-fits-100", 100_000, 100));
    cases.put("groups-fits-20", () -> besideNumpy("groups-fits-20", 400_000, 20));
    cases.put("groups-million", () -> million("groups-million"));
    return cases;
  }

  /** Rows of four normal regressors and a binary outcome, groups in no order. */
  private String table(long groups, int rows) {
    SparkSession spark = LocalSpark.session();
    Path path = data.resolve("groups-%dx%d.parquet".formatted(groups, rows));
    if (!Files.exists(path.resolve("_SUCCESS"))) {
      Column[] drawn = new Column[6];
      Column eta = functions.expr("0.4 * sin(g)");
      drawn[0] = functions.expr("id % " + groups).as("g");
      for (int k = 1; k < 5; k++) {
        drawn[k] = functions.randn(k).as("x" + k);
        eta = eta.plus(functions.col("x" + k).multiply(0.4));
      }
      drawn[5] = functions.rand(9).as("u");
      spark
          .range(0, groups * rows, 1, 8)
          .select(drawn)
          .withColumn(
              "y",
              functions
                  .col("u")
                  .lt(functions.expr("1").divide(functions.exp(eta.multiply(-1)).plus(1)))
                  .cast("int"))
          .withColumn("n", functions.floor(functions.expr("-ln(1 - u) * 2")).cast("int"))
          .drop("u")
          .write()
          .mode(SaveMode.Overwrite)
          .parquet(path.toString());
    }
    return path.toString();
  }

  private List<Figure> besideShuffle(String name, long groups, int rows, double target) {
    String path = table(groups, rows);
    Runnable shuffle = () -> shuffle(path, "x1", "x2", "x3", "x4", "y");
    // The first three runs were up to three times as long as those after them.
    double[] ms =
        Stopwatch.medians(
            3, 5, () -> estimate(path, name, groups, "y ~ x1 + x2 + x3 + x4", "binomial"), shuffle);
    return List.of(new Figure(name, ms[0], Figure.Against.LIMIT, ms[1], target));
  }

  private List<Figure> besideStatsmodels(String name, long groups, int rows, double target) {
    String path = table(groups, rows);
    if (python().isEmpty()) {
      System.err.printf("%s is left out: statsmodels cannot be installed%n", name);
      return List.of();
    }
    JsonNode theirs = python("statsmodels", path, "300");
    double[] ms =
        Stopwatch.medians(
            1, 1, () -> estimate(path, name, groups, "y ~ x1 + x2 + x3 + x4", "binomial"));
    compare(name, theirs.get("estimates"));
    double each = 1000 * theirs.get("seconds").asDouble() / theirs.get("groups").asInt();
    return List.of(new Figure(name, ms[0], Figure.Against.PEER, each * groups, target));
  }

  /** Says how far answers are apart, in standard errors, and ends where that is too far. */
  private void compare(String name, JsonNode theirs) {
    double apart = 0;
    int count = 0;
    for (Row row :
        LocalSpark.session()
            .read()
            .parquet(data.resolve(name).resolve("estimates").toString())
            .filter("g < 300 and status = 'converged'")
            .collectAsList()) {
      JsonNode other = theirs.get(String.valueOf(row.<Long>getAs("g")));
      List<Double> estimates = row.getList(row.fieldIndex("estimate"));
      List<Double> errors = row.getList(row.fieldIndex("std_error"));
      for (int i = 0; i < estimates.size(); i++) {
        double error = other.get(1).get(i).asDouble();
        apart =
            Math.max(apart, Math.abs(estimates.get(i) - other.get(0).get(i).asDouble()) / error);
        apart = Math.max(apart, Math.abs(errors.get(i) / error - 1));
      }
      count++;
    }
    System.err.printf(
        "%s: estimates and errors of %d groups differ from statsmodels' by at most %.1e of an error%n",
        name, count, apart);
    if (!(apart <= AGREEMENT && count > 250)) {
      throw new IllegalStateException("answers differ");
    }
  }

  private List<Figure> besideNumpy(String name, int groups, int rows) {
    FitsAlone.seconds(groups / 5, rows);
    double ours = 1000 * FitsAlone.seconds(groups, rows);
    if (python().isEmpty()) {
      System.err.printf("%s is left out: NumPy cannot be installed%n", name);
      return List.of();
    }
    JsonNode theirs = python("numpy", String.valueOf(groups), String.valueOf(rows));
    double other = 1000 * theirs.get("seconds").asDouble() * groups / theirs.get("groups").asInt();
    return List.of(new Figure(name, ours, Figure.Against.PEER, other, 1));
  }

  /** A million groups of ten rows: beside the shuffle of their rows, too. */
  private List<Figure> million(String name) {
    String path = table(1_000_000, 10);
    Runnable shuffle = () -> shuffle(path, "x1", "n");
    double[] ms =
        Stopwatch.medians(
            0, 1, () -> estimate(path, name, 1_000_000, "n ~ x1", "poisson"), shuffle);
    return List.of(new Figure(name, ms[0], Figure.Against.LIMIT, ms[1], 10));
  }

  /** Spark's own repartition and sort of the groups and some columns. */
  private static void shuffle(String path, String... columns) {
    LocalSpark.session()
        .read()
        .parquet(path)
        .select("g", columns)
        .repartition(8, functions.col("g"))
        .sortWithinPartitions("g")
        .write()
        .format("noop")
        .mode("append")
        .save();
  }

  private static List<String> python() {
    String python = System.getProperty("bench.python", "");
    return python.isEmpty() ? List.of() : List.of(python, System.getProperty("bench.groups"));
  }

  private static JsonNode python(String... arguments) {
    List<String> command = new ArrayList<>(python());
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      JsonNode found = JSON.readTree(process.getInputStream());
      if (process.waitFor() != 0) {
        throw new IllegalStateException("the other program ended with " + process.exitValue());
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void estimate(String path, String output, long groups, String formula, String family) {
    String configuration =
        """
        curvature {
          input.path = "%s"
          model { formula = "%s", family = %s }
          fit.by = [g]
          output { path = "%s", mode = overwrite }
        }
        """
            .formatted(path, formula, family, data.resolve(output));
    try {
      Path file = Files.writeString(data.resolve(output + ".conf"), configuration);
      long begin = System.nanoTime();
      Console console = Console.run("estimate", "--config", file.toString());
      if (console.exitCode() != 0) {
        throw new IllegalStateException(console.err());
      }
      JsonNode summary = JSON.readTree(data.resolve(output).resolve("summary.json").toFile());
      System.err.printf(
          "%s: %,d groups in %.1f s; %s; %s%n",
          output,
          groups,
          (System.nanoTime() - begin) / 1e9,
          summary.get("statuses"),
          summary.get("timings_seconds"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
