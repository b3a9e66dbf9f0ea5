package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InvalidRows;

/** Rows that executors keep are those of the input, whichever of them a pass asks for. */
class CachedRowsTest {
  private static final int ROWS = 50_001;

  @TempDir Path folder;

  @AfterEach
  void stop() {
    LocalSpark.stop();
  }

  private Source source(SparkSession spark) {
    Path path = folder.resolve("rows");
    spark
        .range(0, ROWS, 1, 3)
        .selectExpr(
            "IF(id % 1000 = 7, NULL, sin(id)) AS d",
            "cos(id) AS e",
            // Whole runs of weight 0, single ones, and a partition that begins with them.
            "CASE WHEN id % 5000 < 700 OR id % 13 = 0 THEN 0D WHEN id % 3500 = 14 THEN -1D ELSE 1D + id % 7 END AS w",
            "IF(id % 11 = 0, NULL, concat('r', id)) AS name",
            "array(id, id + 1) AS pair",
            "CAST(id / 7 AS DECIMAL(12, 3)) AS amount")
        .write()
        .mode("overwrite")
        .parquet(path.toString());
    InputConfig input =
        Inputs.list(Inputs.files("parquet", Map.of(), path.toString()), "x", "d", "e");
    input = Inputs.id(Inputs.weight(input, "w"), "name", "pair", "amount");
    return Source.open(spark, Inputs.invalid(input, InvalidRows.DROP));
  }

  private static String sample(SampleBlock block, double[] x, int first, int k) {
    return block.number(k)
        + " "
        + block.weights()[k]
        + Arrays.toString(Arrays.copyOfRange(x, 2 * (first + k), 2 * (first + k) + 2));
  }

  private static List<String> all(RowSamples samples, int capacity) {
    return samples
        .<String>read(
            (partition, part) -> {
              double[] x = new double[2 * capacity];
              SampleBlock block = new SampleBlock(name -> x, new double[capacity]);
              List<String> lines = new ArrayList<>();
              SampleReader reader = part.all(block);
              for (int rows = reader.fill(0, capacity); rows > 0; rows = reader.fill(0, capacity)) {
                for (int k = 0; k < rows; k++) {
                  RowName name = part.name(block.number(k), block.kept(k));
                  lines.add(
                      sample(block, x, 0, k) + name + Arrays.deepToString(block.kept(k)).strip());
                }
              }
              lines.add(reader.tally().toString());
              return lines.iterator();
            })
        .collect();
  }

  private static List<String> weighted(Samples samples, int capacity, boolean inPlace) {
    return samples
        .<String>run(
            (partition, part) -> {
              double[] own = new double[2 * capacity];
              Map<String, double[]> arrays = new HashMap<>(Map.of("x", own));
              int[] first = new int[1];
              SampleBlock.Supply supply =
                  (tensor, array, from) -> {
                    arrays.put(tensor, array);
                    first[0] = from;
                  };
              double[] weights = new double[capacity];
              SampleBlock block =
                  inPlace
                      ? new SampleBlock(name -> own, weights, supply)
                      : new SampleBlock(name -> own, weights);
              List<String> lines = new ArrayList<>();
              SampleReader reader = part.weighted(block);
              for (int rows = reader.fill(0, capacity); rows > 0; rows = reader.fill(0, capacity)) {
                for (int k = 0; k < rows; k++) {
                  lines.add(sample(block, arrays.get("x"), first[0], k));
                }
              }
              lines.add(reader.tally().toString());
              return lines.iterator();
            })
        .collect();
  }

  @ParameterizedTest
  @CsvSource({"1000", "1", "60", "100000"})
  void aPassSeesWhatTheInputHas(int capacity) {
    Source source = source(LocalSpark.session());
    try (CachedRows kept = source.keepRows()) {
      for (int pass = 0; pass < 2; pass++) {
        List<String> weighted = weighted(kept, capacity, false);
        assertThat(weighted).isEqualTo(weighted(source, capacity, false));
        assertThat(weighted).hasSizeGreaterThan(30_000).noneMatch(line -> line.contains(" 0.0["));
        assertThat(weighted(kept, capacity, true)).isEqualTo(weighted);
        List<String> all = all(kept, capacity);
        assertThat(all).isEqualTo(all(source, capacity));
        assertThat(all).hasSizeGreaterThan(49_000).anyMatch(line -> line.contains(" 0.0["));
      }
    }
    assertThat(source.spark().sparkContext().getPersistentRDDs().isEmpty()).isTrue();
  }

  @Test
  void theInputIsReadOnceAlsoWhereMemoryDoesNotHoldIt() throws Exception {
    LocalSpark.stop();
    SparkSession spark =
        LocalSpark.on(
            "local[2]",
            Map.of(
                "spark.serializer", "org.apache.spark.serializer.KryoSerializer",
                "spark.testing.memory", "480000000",
                "spark.memory.fraction", "0.02"));
    Source source = source(spark);
    List<String> expected = all(source, 500);
    try (CachedRows kept = source.keepRows()) {
      weighted(kept, 500, true);
      assertThat(spark.sparkContext().getRDDStorageInfo()[0].diskSize()).isPositive();
      try (var files = Files.list(folder.resolve("rows"))) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      assertThat(all(kept, 500)).isEqualTo(expected);
    }
  }

  @Test
  void squaredWeightsAreThoseThatAnExpressionGives() {
    Source source = source(LocalSpark.session());
    InputConfig input = Inputs.weight(source.input(), "w * w");
    Source squared = Source.open(LocalSpark.session(), Inputs.where(input, "w >= 0 OR w IS NULL"));
    Source plain =
        Source.open(LocalSpark.session(), Inputs.where(source.input(), "w >= 0 OR w IS NULL"));
    assertThat(weighted(ReweightedSamples.squared(plain, 1), 100, false))
        .isEqualTo(weighted(squared, 100, false));
    try (CachedRows kept = plain.keepRows()) {
      assertThat(weighted(ReweightedSamples.squared(kept, 1), 100, true))
          .isEqualTo(weighted(squared, 100, false));
      assertThat(weighted(kept, 100, true)).isEqualTo(weighted(plain, 100, false));
    }
  }
}
