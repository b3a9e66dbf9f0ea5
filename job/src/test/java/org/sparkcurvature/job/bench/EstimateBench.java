package org.sparkcurvature.job.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.cli.Console;

/**
 * What {@code estimate} takes on two cores, from a formula to the table of coefficients: beside
 * scans of the columns by Spark, one for each pass, and beside statsmodels on the same file. Times
 * are those of a process that has started; statsmodels' include reading the file and the formula's
 * columns. Answers are compared, too.
 */
public final class EstimateBench {
  private static final int COLUMNS = 20;
  private static final int LEVELS = 1000;

  /** With 1,000 columns of zeros and ones statsmodels takes more than 22 GB for 500,000 rows. */
  private static final int FEWER_LEVELS = 100;

  private static final double AGREEMENT = 1e-6;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path data;

  private EstimateBench(Path data) {
    this.data = data;
  }

  /** Runs the cases: {@code --data DIRECTORY [--json] [--case NAME]}. */
  public static void main(String[] arguments) {
    Cases.run(arguments, data -> new EstimateBench(data).cases());
  }

  private Map<String, Supplier<List<Figure>>> cases() {
    LocalSpark.session().sparkContext().setLogLevel("ERROR");
    Map<String, Supplier<List<Figure>>> cases = new LinkedHashMap<>();
    cases.put("estimate-scans", () -> List.of(besideScans("estimate-scans", 5_000_000, 3)));
    cases.put("estimate-statsmodels", () -> besideStatsmodels("estimate-statsmodels", 500_000, 5));
    return cases;
  }

  private static String predictors() {
    return IntStream.range(0, COLUMNS).mapToObj(k -> "x" + k).collect(Collectors.joining(" + "));
  }

  /** Rows of normal regressors, a category, and counts that a Poisson model draws. */
  private String table(long rows, int levels) {
    SparkSession spark = LocalSpark.session();
    Path path = data.resolve("counts-%dx%d-%d.parquet".formatted(rows, COLUMNS, levels));
    if (!Files.exists(path.resolve("_SUCCESS"))) {
      Column[] drawn = new Column[COLUMNS + 2];
      Column eta = functions.expr("0.2 + 0.3 * sin(g)");
      for (int k = 0; k < COLUMNS; k++) {
        drawn[k] = functions.randn(k).as("x" + k);
        eta = eta.plus(functions.col("x" + k).multiply(0.1 * Math.sin(k + 1.0)));
      }
      drawn[COLUMNS] = functions.expr("floor(rand(77) * " + levels + ")").as("g");
      drawn[COLUMNS + 1] = functions.rand(COLUMNS).as("u");
      // The smallest count whose distribution function is not below u.
      Column y =
          functions.expr(
              "aggregate(sequence(0, 60), named_struct('y', 0, 'f', 0.0D, 'p', exp(-mu)),"
                  + " (s, k) -> named_struct('y', s.y + IF(u > s.f + s.p, 1, 0),"
                  + " 'f', s.f + s.p, 'p', s.p * mu / (k + 1)), s -> s.y)");
      spark
          .range(0, rows, 1, (int) Math.max(1, rows * COLUMNS / 5_000_000))
          .select(drawn)
          .withColumn("mu", functions.exp(eta))
          .withColumn("y", y)
          .withColumn("site", functions.expr("concat('s', lpad(string(g), 4, '0'))"))
          .drop("u", "mu", "g")
          .write()
          .mode(SaveMode.Overwrite)
          .parquet(path.toString());
    }
    return path.toString();
  }

  /** Stages of as many tasks as there are parts of the table: each is a pass over its rows. */
  private static final class Passes extends SparkListener {
    private final int tasks;
    private final AtomicInteger stages = new AtomicInteger();

    Passes(int tasks) {
      this.tasks = tasks;
    }

    @Override
    public void onStageCompleted(SparkListenerStageCompleted completed) {
      if (completed.stageInfo().numTasks() >= tasks) {
        stages.incrementAndGet();
      }
    }
  }

  private Figure besideScans(String name, long rows, double target) {
    String path = table(rows, LEVELS);
    SparkSession spark = LocalSpark.session();
    Passes counted = new Passes(spark.read().parquet(path).rdd().getNumPartitions());
    Runnable scan = () -> spark.read().parquet(path).write().format("noop").mode("append").save();
    Runnable ours = () -> estimate(path, name, "HC1");
    scan.run();
    ours.run();
    spark.sparkContext().addSparkListener(counted);
    long begin = System.nanoTime();
    ours.run();
    double ms = (System.nanoTime() - begin) / 1e6;
    waitForListeners();
    int passes = counted.stages.get();
    spark.sparkContext().removeSparkListener(counted);
    double[] scans = Stopwatch.medians(0, 3, scan);
    System.err.printf(
        "%s: %d passes over %,d rows, %.0f ms each; a scan takes %.0f ms%n",
        name, passes, rows, ms / passes, scans[0]);
    return new Figure(name, ms, Figure.Against.LIMIT, passes * scans[0], target);
  }

  /** Events are handed on by a thread of Spark's, some time after. */
  private static void waitForListeners() {
    try {
      TimeUnit.SECONDS.sleep(2);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Figure> besideStatsmodels(String name, long rows, double target) {
    String python = System.getProperty("bench.python", "");
    if (python.isEmpty()) {
      System.err.printf("%s is left out: statsmodels cannot be installed%n", name);
      return List.of();
    }
    String path = table(rows, FEWER_LEVELS);
    Runnable ours = () -> estimate(path, name, "nonrobust");
    double[] ms = Stopwatch.medians(1, 3, ours);
    JsonNode theirs = statsmodels(python, path);
    compare(name, theirs);
    return List.of(
        new Figure(
            name, ms[0], Figure.Against.PEER, 1000 * theirs.get("seconds").asDouble(), target));
  }

  private JsonNode statsmodels(String python, String path) {
    try {
      Process process =
          new ProcessBuilder(
                  python,
                  System.getProperty("bench.statsmodels"),
                  path,
                  "y ~ " + predictors() + " + C(site)")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      JsonNode found = JSON.readTree(process.getInputStream());
      if (process.waitFor() != 0) {
        throw new IllegalStateException(
            "statsmodels ended with " + process.exitValue() + " (137: killed, for lack of memory)");
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Says how far answers are apart, in standard errors, and ends where that is too far. */
  private void compare(String name, JsonNode theirs) {
    double apart = 0;
    int count = 0;
    for (JsonNode own : read(data.resolve(name).resolve("estimates.json")).get("estimates")) {
      JsonNode other = theirs.get("estimates").get(own.get("name").asText());
      double error = other.get(1).asDouble();
      apart =
          Math.max(
              apart, Math.abs(own.get("estimate").asDouble() - other.get(0).asDouble()) / error);
      apart = Math.max(apart, Math.abs(own.get("std_error").asDouble() / error - 1));
      count++;
    }
    System.err.printf(
        "%s: %d estimates and errors differ from statsmodels' by at most %.1e of an error%n",
        name, count, apart);
    if (!(apart <= AGREEMENT)) {
      throw new IllegalStateException("answers differ");
    }
  }

  private static JsonNode read(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void estimate(String path, String output, String covariance) {
    String configuration =
        """
        curvature {
          input.path = "%s"
          model { formula = "y ~ %s + C(site)", family = poisson }
          infer.covariance = %s
          output { path = "%s", mode = overwrite }
        }
        """
            .formatted(path, predictors(), covariance, data.resolve(output));
    try {
      Path file = Files.writeString(data.resolve(output + ".conf"), configuration);
      Console console = Console.run("estimate", "--config", file.toString());
      if (console.exitCode() != 0) {
        throw new IllegalStateException(console.err());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
