package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InvalidRows;

/** Batches of columns give the same samples, and the same faults, as rows one by one. */
class ColumnarReadingTest {

  /** More than a batch of Spark's readers, and no multiple of a run. */
  private static final int ROWS = 9001;

  private static final List<String> READERS =
      List.of("spark.sql.parquet.enableVectorizedReader", "spark.sql.orc.enableVectorizedReader");

  @TempDir Path folder;

  /** A session that reads as rows, or as columns. */
  private static SparkSession session(boolean columnar) {
    SparkSession session = LocalSpark.session().newSession();
    READERS.forEach(reader -> session.conf().set(reader, columnar));
    return session;
  }

  /** Every type that is read as a number, with a fault here and there. */
  private Dataset<Row> table() {
    return LocalSpark.session()
        .range(0, ROWS, 1, 3)
        .selectExpr(
            "id AS n",
            "CASE WHEN id % 1000 = 7 THEN double('NaN') WHEN id % 1000 = 8 THEN NULL ELSE sin(id) END AS d",
            "float(CASE WHEN id % 3000 = 9 THEN double('Infinity') ELSE cos(id) END) AS f",
            "id - 4500 AS l",
            "int(id % 100) AS i",
            "smallint(id % 50) AS s",
            "tinyint(id % 20) AS b",
            "id % 3 = 0 AS o",
            "concat('r', id) AS name",
            "IF(id % 1000 = 6, 'n/a', string(id * 0.5)) AS t",
            "cos(id) AS d1",
            "IF(id % 1000 = 20, NULL, sin(id + 1)) AS d2",
            "CASE WHEN id % 1000 = 21 THEN double('-Infinity') ELSE sin(id + 2) END AS d3",
            "CASE WHEN id % 1000 = 22 THEN double('NaN') ELSE sin(id + 3) END AS d4",
            "CASE WHEN id % 1000 = 23 THEN 1.7e308D ELSE sin(id + 4) END AS d5",
            "CASE WHEN id % 1000 = 23 THEN 1.7e308D ELSE sin(id + 5) END AS d6",
            "transform(sequence(1, IF(id % 4000 = 11, 2, 4)), k -> IF(id % 4001 = 12, NULL, sin(id + k))) AS a",
            "CASE WHEN id % 900 = 13 THEN 0D WHEN id % 3500 = 14 THEN -1D ELSE 1D + id % 7 END AS w");
  }

  private InputConfig input(String format) {
    Path path = folder.resolve(format);
    table().write().mode("overwrite").format(format).save(path.toString());
    InputConfig input = Inputs.files(format, Map.of(), path);
    input = Inputs.list(input, "x", "d", "f", "l", "s", "b", "o");
    // Doubles are read four columns at a time: d1 to d4 here, d5 and d6 one by one.
    input = Inputs.list(input, "v", "l", "d1", "d2", "d3", "d4", "d5", "d6");
    input = Inputs.list(input, "u", "d3", "d4", "d5", "d6", "d1");
    input = Inputs.tensor(input, "a", "a", Shape.of(4));
    input = Inputs.tensor(input, "i", "i");
    return Inputs.invalid(Inputs.weight(Inputs.id(input, "name", "n"), "w"), InvalidRows.DROP);
  }

  /** What a pass over the samples sees, partition by partition. */
  private static List<String> seen(Source source, int capacity) {
    return source
        .read(
            (partition, part) -> {
              Map<String, double[]> arrays =
                  new HashMap<>(
                      Map.of(
                          "x", new double[6 * capacity],
                          "v", new double[7 * capacity],
                          "u", new double[5 * capacity],
                          "a", new double[4 * capacity],
                          "i", new double[capacity],
                          "t", new double[capacity]));
              SampleBlock block = new SampleBlock(arrays::get, new double[capacity]);
              List<String> lines = new ArrayList<>();
              SampleReader reader = partition % 2 == 0 ? part.all(block) : part.weighted(block);
              for (int rows = reader.fill(0, capacity); rows > 0; rows = reader.fill(0, capacity)) {
                for (int k = 0; k < rows; k++) {
                  lines.add(
                      block.number(k)
                          + " "
                          + block.weights()[k]
                          + Arrays.toString(Arrays.copyOfRange(arrays.get("x"), 6 * k, 6 * k + 6))
                          + Arrays.toString(Arrays.copyOfRange(arrays.get("v"), 7 * k, 7 * k + 7))
                          + Arrays.toString(Arrays.copyOfRange(arrays.get("u"), 5 * k, 5 * k + 5))
                          + Arrays.toString(Arrays.copyOfRange(arrays.get("a"), 4 * k, 4 * k + 4))
                          + arrays.get("i")[k]
                          + (partition % 2 == 0 ? Arrays.toString(block.kept(k)) : ""));
                }
              }
              lines.add(reader.tally().toString());
              return lines.iterator();
            })
        .collect();
  }

  @ParameterizedTest
  @CsvSource({"parquet, 1000", "orc, 1000", "parquet, 1", "parquet, 100000"})
  void samplesAndFaultsAreThoseOfRows(String format, int capacity) {
    InputConfig input = input(format);
    Source columns = Source.open(session(true), input).withIndexBounds(Map.of("i", 99));
    Source rows = Source.open(session(false), input).withIndexBounds(Map.of("i", 99));
    assertThat(columns.isColumnar()).isTrue();
    assertThat(rows.isColumnar()).isFalse();
    List<String> seen = seen(columns, capacity);
    assertThat(seen).isEqualTo(seen(rows, capacity));
    // Of each fault of the table there is one at least, and an index of 99 every hundredth row.
    assertThat(seen).hasSizeGreaterThan(8750).hasSizeLessThan(8930);
    assertThat(String.join("\n", seen))
        .contains(
            "v[2] (d2) is null",
            "v[3] (d3) is -Infinity",
            "v[4] (d4) is NaN",
            "1.7E308",
            "x[0] (d) is NaN",
            "x[0] (d) is null",
            "i is 99, and an index here");
    assertThat(columns.rejected().count()).isEqualTo(rows.rejected().count());
  }

  @Test
  void theLimitHoldsWithinABatch() {
    InputConfig input = Inputs.limit(input("parquet"), 5000);
    List<String> seen = seen(Source.open(session(true), input), 300);
    assertThat(seen).isEqualTo(seen(Source.open(session(false), input), 300));
    assertThat(seen).hasSizeLessThan(5001);
  }

  @Test
  void textExpressionsAndFiltersGoRowByRow() {
    InputConfig input = input("parquet");
    InputConfig text = Inputs.tensor(input, "t", "t");
    List<String> seen = seen(Source.open(session(true), text), 500);
    assertThat(seen).isEqualTo(seen(Source.open(session(false), text), 500));
    assertThat(String.join("\n", seen)).contains("t is 'n/a', not a number");
    assertThat(Source.open(session(true), Inputs.tensor(input, "t", "l + 1")).isColumnar())
        .isFalse();
    assertThat(Source.open(session(true), Inputs.where(input, "l > 3")).isColumnar()).isFalse();
  }

  @Test
  void aTableOfManyColumnsIsColumnar() {
    String[] names = IntStream.range(0, 250).mapToObj(k -> "c" + k).toArray(String[]::new);
    String path = folder.resolve("wide").toString();
    LocalSpark.session()
        .range(10)
        .selectExpr(
            IntStream.range(0, 250)
                .mapToObj(k -> "id * " + k + "D AS c" + k)
                .toArray(String[]::new))
        .write()
        .parquet(path);
    Source source =
        Source.open(
            session(true), Inputs.list(Inputs.files("parquet", Map.of(), path), "x", names));
    assertThat(source.isColumnar()).isTrue();
    assertThat(source.first(10))
        .hasSize(10)
        .allSatisfy(
            sample ->
                assertThat(sample.tensors().get("x")[249])
                    .isEqualTo(249 * sample.tensors().get("x")[1]));
  }

  @Test
  void partitionColumnsAreColumns() {
    String path = folder.resolve("parts").toString();
    LocalSpark.session()
        .range(100)
        .selectExpr("id * 1D AS a", "id % 4 AS day")
        .write()
        .partitionBy("day")
        .parquet(path);
    Source source =
        Source.open(
            session(true), Inputs.list(Inputs.files("parquet", Map.of(), path), "x", "day", "a"));
    assertThat(source.isColumnar()).isTrue();
    assertThat(source.first(1000))
        .hasSize(100)
        .allSatisfy(
            sample ->
                assertThat(sample.tensors().get("x")[1] % 4)
                    .isEqualTo(sample.tensors().get("x")[0]));
  }
}
