package org.sparkcurvature.job.derive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.objective.Request;
import org.sparkcurvature.objective.Sums;

/** The sums of one pass have the same bits on one core, on two, and in executors of their own. */
class SameBitsTest {

  /** What clusters are often configured with; it must not matter. */
  private static final Map<String, String> KRYO =
      Map.of("spark.serializer", "org.apache.spark.serializer.KryoSerializer");

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
    assertThat(numbers("local-cluster[2,1,1024]", KRYO, input)).isEqualTo(one);
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
    return numbers;
  }
}
