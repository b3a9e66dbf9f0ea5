package org.sparkcurvature.job.derive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.spark.SparkStatusTracker;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.solve.Tiling;
import org.sparkcurvature.job.source.CachedSamples;
import org.sparkcurvature.job.source.Source;
import scala.Option;

/**
 * Sums, tiles, results of samples and fits have the same bits on one core, on two, and in executors
 * of their own, whatever Spark and BLAS are told.
 */
class SameBitsTest {

  /** What clusters are often configured with; it must not matter. */
  private static final Map<String, String> KRYO =
      Map.of(
          "spark.serializer", "org.apache.spark.serializer.KryoSerializer",
          "spark.default.parallelism", "5");

  private static final Map<String, String> SPECULATION =
      Map.of(
          "spark.speculation", "true",
          "spark.speculation.interval", "10ms",
          "spark.speculation.multiplier", "1.01",
          "spark.speculation.quantile", "0.1");

  /** Columns whose products BLAS would share out among threads. */
  private static final int WIDE = 48;

  /** Rows that no file orders and that a shuffle brings together. */
  private static final InputConfig QUERY =
      Inputs.of(
          new InputSource.Query("SELECT id % 700 AS a, count(*) AS n FROM range(5000) GROUP BY 1"));

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void sumsHaveTheSameBitsWhereverTheyAreMade(@TempDir Path folder) throws IOException {
    List<Problems.Observation> observations = Problems.observations(2000);
    // More partitions than one node of the tree merges, so that executors merge too.
    InputConfig input = Inputs.partitionSize(Problems.input(folder, observations, 1), 6000);
    List<Double> one = numbers("local[1]", Map.of(), input);
    assertThat(numbers("local[2]", Map.of(), input)).isEqualTo(one);
    assertThat(numbers("local-cluster[1,1,1024]", KRYO, input)).isEqualTo(one);
  }

  /**
   * Two files would fit into a partition: whether they are packed must not depend on Spark's keys.
   */
  @Test
  void keysOfSparkDoNotMatter(@TempDir Path folder) throws IOException {
    InputConfig files = Problems.input(folder, Problems.observations(900), 24);
    InputConfig input = Inputs.partitionSize(files, 2 * files.partitionSizeBytes() + 1);
    LocalSpark.stop();
    SparkSession spark = LocalSpark.on("local[2]", Map.of());
    List<Double> usual = numbers(spark, input);
    for (Map.Entry<String, String> key :
        Map.of(
                "spark.sql.files.openCostInBytes", "0",
                "spark.sql.files.maxPartitionNum", "3",
                "spark.sql.files.maxPartitionBytes", "1000",
                "spark.sql.files.minPartitionNum", "100",
                "spark.sql.shuffle.partitions", "7",
                "spark.sql.adaptive.enabled", "false")
            .entrySet()) {
      String before = spark.conf().get(key.getKey(), null);
      spark.conf().set(key.getKey(), key.getValue());
      assertThat(numbers(spark, input).equals(usual)).as(key.getKey()).isTrue();
      if (before == null) {
        spark.conf().unset(key.getKey());
      } else {
        spark.conf().set(key.getKey(), before);
      }
    }
  }

  /** Products so large that BLAS would share them out among threads. */
  @Test
  void threadsOfBlasDoNotMatter(@TempDir Path folder) throws IOException {
    InputConfig input = Problems.input(folder, Problems.observations(3000), 1);
    String[] columns =
        IntStream.range(0, WIDE)
            .mapToObj(k -> "sin(%d * a + b * c)".formatted(k))
            .toArray(String[]::new);
    InputConfig wide = Inputs.list(input, "x", columns);
    List<List<Double>> sums = new ArrayList<>();
    for (String threads : List.of("1", "4")) {
      LocalSpark.stop();
      SparkSession spark =
          LocalSpark.on(
              "local-cluster[1,1,1024]",
              Map.of(
                  "spark.executorEnv.OMP_NUM_THREADS", threads,
                  "spark.executorEnv.OPENBLAS_NUM_THREADS", threads));
      sums.add(
          sums(
              GlobalPass.run(
                      Source.open(spark, wide),
                      Problems.spec(Problems.poisson(WIDE), Problems.EVERYTHING, 16 << 20),
                      Map.of("b0", new double[] {0.1}, "beta", new double[WIDE]),
                      Device.AUTO)
                  .sums()));
    }
    assertThat(sums).allMatch(one -> one.equals(sums.get(0)));
  }

  @Test
  void sumsHaveTheSameBitsThoughAnExecutorDies(@TempDir Path folder) throws Exception {
    InputConfig input =
        Inputs.partitionSize(Problems.input(folder, Problems.observations(2000), 1), 6000);
    List<Double> one = numbers("local[1]", Map.of(), input);
    AtomicBoolean killed = new AtomicBoolean();
    Thread killer = new Thread(() -> killed.set(killOneExecutor()));
    killer.start();
    assertThat(numbers("local-cluster[2,1,1024]", SPECULATION, input)).isEqualTo(one);
    killer.join();
    assertThat(killed).isTrue();
  }

  /** Waits until an executor has done a task of a pass, and kills it or the other one. */
  private static boolean killOneExecutor() {
    for (int tries = 0; tries < 6000; tries++) {
      List<ProcessHandle> executors =
          ProcessHandle.current()
              .descendants()
              .filter(process -> process.info().command().orElse("").endsWith("java"))
              .toList();
      if (executors.size() == 2 && isInAPass()) {
        return executors.get(0).destroyForcibly();
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        return false;
      }
    }
    return false;
  }

  private static boolean isInAPass() {
    Option<SparkSession> session = SparkSession.getDefaultSession();
    if (session.isEmpty()) {
      return false;
    }
    SparkStatusTracker tracker = session.get().sparkContext().statusTracker();
    return Arrays.stream(tracker.getActiveStageIds())
        .mapToObj(tracker::getStageInfo)
        .filter(Option::isDefined)
        .map(Option::get)
        .anyMatch(stage -> stage.numTasks() > 20 && stage.numCompletedTasks() > 0);
  }

  private static List<Double> numbers(
      String master, Map<String, String> configuration, InputConfig input) throws IOException {
    LocalSpark.stop();
    SparkSession spark = LocalSpark.on(master, configuration);
    assertThat(spark.sparkContext().master()).isEqualTo(master);
    List<Double> numbers = new ArrayList<>(numbers(spark, input));
    numbers.add((double) Source.open(spark, Inputs.tensor(QUERY, "x", "a")).partitions());
    return numbers;
  }

  private static List<Double> numbers(SparkSession spark, InputConfig input) throws IOException {
    Source source = Source.open(spark, input);
    assertThat(source.partitions()).isGreaterThan(20);
    assertThat(source.first(3)).hasSize(3);
    Sums sums =
        GlobalPass.run(
                source,
                Problems.spec(Problems.poisson(), Problems.EVERYTHING, 1 << 14),
                Problems.PARAMETERS,
                Device.AUTO)
            .sums();
    List<Double> numbers = new ArrayList<>();
    numbers.add((double) source.partitions());
    numbers.addAll(sums(sums));
    numbers.addAll(tile(source, sums));
    numbers.addAll(samples(source));
    numbers.addAll(fit(input));
    return numbers;
  }

  private static List<Double> sums(Sums sums) {
    List<Double> numbers = new ArrayList<>();
    numbers.add((double) sums.rows());
    numbers.add(sums.weight());
    numbers.add(sums.value());
    for (double g : sums.gradient()) {
      numbers.add(g);
    }
    for (Request.Curvature kind : Request.Curvature.values()) {
      for (double h : sums.curvature(kind)) {
        numbers.add(h);
      }
    }
    return numbers;
  }

  /** Every number of the results of each sample, in order. */
  private static List<Double> samples(Source source) {
    DerivativeSpec spec = Problems.spec(Problems.poisson(), Problems.EVERYTHING, 1 << 14);
    List<Double> numbers = new ArrayList<>();
    for (Row row :
        PerSamplePass.dataset(source, spec, Problems.PARAMETERS, Device.AUTO)
            .select("row", "value", "gradient", "hessian")
            .collectAsList()) {
      numbers.add((double) row.getLong(0));
      numbers.add(row.getDouble(1));
      numbers.addAll(row.getList(2));
      numbers.addAll(row.getList(3));
    }
    return numbers;
  }

  /** The estimates of {@code fit}, by the command, in the session that runs. */
  private static List<Double> fit(InputConfig input) throws IOException {
    Path folder = Files.createTempDirectory("fit");
    List<String> paths = ((InputSource.Files) input.source()).paths();
    Path configuration =
        Files.writeString(
            folder.resolve("fit.conf"),
            """
            curvature {
              input {
                path = ["%s"], format = csv, options { header = true }, partition-size = %d
                tensors { x = [a, b, c], y = y }, weight = w
              }
              model {
                parameters { b0 = 0, beta { shape = [3], fill = 0 } }
                define { eta = "b0 + dot(x, beta)" }
                loss = "exp(eta) - y * eta"
              }
              output { path = "%s/out" }
            }
            """
                .formatted(
                    String.join("\", \"", paths), input.partitionSizeBytes(), folder.toString()));
    Console console = Console.run("fit", "--config", configuration.toString());
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode parameters =
        new ObjectMapper().readTree(folder.resolve("out/parameters.json").toFile());
    List<Double> numbers = new ArrayList<>();
    for (String name : List.of("b0", "beta")) {
      parameters.get(name).get("values").forEach(value -> numbers.add(value.asDouble()));
    }
    assertThat(numbers).hasSize(4);
    return numbers;
  }

  /** The Hessian as a tile, summed over three runs of partitions. */
  private static List<Double> tile(Source source, Sums whole) {
    DerivativeSpec spec = Problems.spec(Problems.poisson(), Problems.EVERYTHING, 1 << 14);
    TiledPass.Matrix matrix =
        new TiledPass.Matrix(
            spec, Request.Curvature.HESSIAN, Optional.of(spec), Tiling.of(4, 1 << 10), 0.5);
    try (CachedSamples samples = source.keep()) {
      List<Double> values =
          TiledPass.dataset(samples, 3 << 16, matrix, Problems.PARAMETERS, Device.AUTO)
              .first()
              .getList(4);
      double[] packed = whole.curvature(Request.Curvature.HESSIAN);
      assertThat(values).hasSize(16);
      assertThat(values.get(7) - penalty(spec)[6])
          .isCloseTo(0.5 * packed[6], within(1e-12 * packed[6]));
      return values;
    }
  }

  /** Its sums over one sample, of zeros. */
  private static double[] penalty(DerivativeSpec spec) {
    return PenaltySums.of(spec, Problems.PARAMETERS, new double[0])
        .curvature(Request.Curvature.HESSIAN);
  }
}
