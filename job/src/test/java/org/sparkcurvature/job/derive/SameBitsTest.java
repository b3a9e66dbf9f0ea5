package org.sparkcurvature.job.derive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.SparkStatusTracker;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.solve.Tiling;
import org.sparkcurvature.job.source.KeptSamples;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Request;
import org.sparkcurvature.objective.Sums;
import scala.Option;

/** The sums of one pass have the same bits on one core, on two, and in executors of their own. */
class SameBitsTest {

  /** What clusters are often configured with; it must not matter. */
  private static final Map<String, String> KRYO =
      Map.of("spark.serializer", "org.apache.spark.serializer.KryoSerializer");

  private static final Map<String, String> SPECULATION =
      Map.of(
          "spark.speculation", "true",
          "spark.speculation.interval", "10ms",
          "spark.speculation.multiplier", "1.01",
          "spark.speculation.quantile", "0.1");

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
    assertThat(numbers("local-cluster[1,1,1024]", Map.of(), input)).isEqualTo(one);
    assertThat(numbers("local-cluster[2,1,1024]", KRYO, input)).isEqualTo(one);
    assertThat(numbers("local-cluster[2,1,1024]", SPECULATION, input)).isEqualTo(one);
  }

  @Test
  void sumsHaveTheSameBitsThoughAnExecutorDies(@TempDir Path folder) throws Exception {
    InputConfig input =
        Inputs.partitionSize(Problems.input(folder, Problems.observations(2000), 1), 6000);
    List<Double> one = numbers("local[1]", Map.of(), input);
    AtomicBoolean killed = new AtomicBoolean();
    Thread killer = new Thread(() -> killed.set(killOneExecutor()));
    killer.start();
    assertThat(numbers("local-cluster[2,1,1024]", Map.of(), input)).isEqualTo(one);
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
      String master, Map<String, String> configuration, InputConfig input) {
    LocalSpark.stop();
    SparkSession spark = LocalSpark.on(master, configuration);
    assertThat(spark.sparkContext().master()).isEqualTo(master);
    Source source = Source.open(spark, input);
    assertThat(source.partitions()).isGreaterThan(20);
    assertThat(source.first(3)).hasSize(3);
    Sums sums =
        GlobalPass.run(
                source,
                Problems.derivation(Problems.poisson(), Problems.EVERYTHING, 1 << 14),
                Problems.PARAMETERS,
                Device.AUTO)
            .sums();
    List<Double> numbers = new ArrayList<>();
    numbers.add((double) source.partitions());
    numbers.add((double) Source.open(spark, Inputs.tensor(QUERY, "x", "a")).partitions());
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
    numbers.addAll(tile(source, sums));
    return numbers;
  }

  /** The Hessian as a tile, summed over three runs of partitions. */
  private static List<Double> tile(Source source, Sums whole) {
    Derivation derivation = Problems.derivation(Problems.poisson(), Problems.EVERYTHING, 1 << 14);
    TiledPass.Matrix matrix =
        new TiledPass.Matrix(
            derivation,
            Request.Curvature.HESSIAN,
            Optional.of(derivation),
            Tiling.of(4, 1 << 10),
            0.5);
    try (KeptSamples samples = source.keep()) {
      List<Double> values =
          TiledPass.dataset(samples, 3 << 16, matrix, Problems.PARAMETERS, Device.AUTO)
              .first()
              .getList(4);
      double[] packed = whole.curvature(Request.Curvature.HESSIAN);
      assertThat(values).hasSize(16);
      assertThat(values.get(7) - penalty(derivation)[6])
          .isCloseTo(0.5 * packed[6], within(1e-12 * packed[6]));
      return values;
    }
  }

  /** Its sums over one sample, of zeros. */
  private static double[] penalty(Derivation derivation) {
    return PenaltySums.of(derivation, Problems.PARAMETERS, new double[0])
        .curvature(Request.Curvature.HESSIAN);
  }
}
