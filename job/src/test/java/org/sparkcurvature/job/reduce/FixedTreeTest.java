package org.sparkcurvature.job.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.LocalSpark;

class FixedTreeTest {

  /** A partial that remembers how it was made. */
  static final class Trace implements Serializable {
    private static final long serialVersionUID = 1L;

    private String text;

    Trace(String text) {
      this.text = text;
    }

    void merge(Trace other) {
      text = "(" + text + " " + other.text + ")";
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "1, 1000000000",
    "2, 1",
    "16, 1",
    "16, 1000000000",
    "17, 1",
    "17, 1000000000",
    "300, 1",
    "300, 1000000000"
  })
  void theTreeDependsOnTheNumberOfPartitionsAlone(int partitions, long bytes) {
    Optional<Trace> result =
        FixedTree.reduce(traces(partitions, partition -> true), bytes, Trace::merge);
    assertThat(result.orElseThrow().text).isEqualTo(expected(partitions, partition -> true));
  }

  @ParameterizedTest
  @CsvSource({"1", "40"})
  void emptyPartitionsContributeNothing(int partitions) {
    assertThat(FixedTree.reduce(traces(partitions, partition -> false), 1, Trace::merge)).isEmpty();
    Test odd = partition -> partition % 2 == 1 && partition > 16;
    Optional<Trace> result = FixedTree.reduce(traces(partitions, odd), 1, Trace::merge);
    assertThat(result.map(trace -> trace.text).orElse("")).isEqualTo(expected(partitions, odd));
  }

  /** A partial of many pieces, and of no whole number of them. */
  static final class Numbers implements Serializable {
    private static final long serialVersionUID = 1L;

    private final double[] values = new double[700_000];
    private final StringBuilder order = new StringBuilder();

    Numbers(int partition) {
      Arrays.setAll(values, k -> k + 1e6 * partition);
      order.append(partition);
    }

    void merge(Numbers other) {
      Arrays.setAll(values, k -> values[k] + other.values[k]);
      order.append(' ').append(other.order);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 5600000", "1, 1000000000", "3, 1000000000", "18, 5600000", "18, 1000000000"})
  void aLargePartialTravelsInPieces(int partitions, long bytes) {
    JavaRDD<Numbers> partials =
        traces(partitions, partition -> true)
            .map(trace -> new Numbers(Integer.parseInt(trace.text)));
    Numbers sum = FixedTree.reduce(partials, bytes, Numbers::merge).orElseThrow();
    int ids = partitions * (partitions - 1) / 2;
    for (int k = 0; k < sum.values.length; k++) {
      assertThat(sum.values[k]).isEqualTo(partitions * (double) k + 1e6 * ids);
    }
    assertThat(sum.order.toString())
        .isEqualTo(
            IntStream.range(0, partitions)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(" ")));
  }

  @org.junit.jupiter.api.Test
  void aLargeResultPassesASmallLimitOfTheDriver() {
    LocalSpark.stop();
    try {
      // Of 5 MiB at once, a quarter; a partial takes 5.3 MiB.
      LocalSpark.on("local[2]", Map.of("spark.driver.maxResultSize", "5m"));
      aLargePartialTravelsInPieces(1, 5_600_000);
      aLargePartialTravelsInPieces(18, 5_600_000);
    } finally {
      LocalSpark.stop();
    }
  }

  private interface Test extends Serializable {
    boolean holds(int partition);
  }

  private static JavaRDD<Trace> traces(int partitions, Test present) {
    return new JavaSparkContext(LocalSpark.session().sparkContext())
        .parallelize(List.of(1, 2, 3), partitions)
        .mapPartitionsWithIndex(
            (partition, ignored) ->
                (present.holds(partition)
                        ? List.of(new Trace(Integer.toString(partition)))
                        : List.<Trace>of())
                    .iterator(),
            true);
  }

  /** The same tree, level by level, on one machine. */
  private static String expected(int partitions, Test present) {
    List<String> level = new ArrayList<>();
    for (int k = 0; k < partitions; k++) {
      level.add(present.holds(k) ? Integer.toString(k) : "");
    }
    while (level.size() > 1) {
      List<String> parents = new ArrayList<>();
      for (int k = 0; k < level.size(); k += FixedTree.FAN_IN) {
        parents.add(
            level.subList(k, Math.min(level.size(), k + FixedTree.FAN_IN)).stream()
                .reduce("", (a, b) -> a.isEmpty() ? b : b.isEmpty() ? a : "(" + a + " " + b + ")"));
      }
      level = parents;
    }
    return level.get(0);
  }
}
