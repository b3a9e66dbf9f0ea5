package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;

/** Which samples a source has, by its kind. */
class SourceTest extends SourceFixture {
  @Test
  void textIsCastTolerantly() throws IOException {
    Path path = csv("a.csv", "a,b,y", "1, 2.5 ,0", "-1e3,.5,1", "+7,3.,0");
    Source source = open(Inputs.tensor(Inputs.list(Inputs.csv(path), "x", "a", "b"), "y", "y"));
    assertThat(source.shapes())
        .containsExactly(Map.entry("x", Shape.of(2)), Map.entry("y", Shape.SCALAR));
    assertThat(source.labels()).containsEntry("x", List.of("a", "b")).containsEntry("y", List.of());
    assertThat(tensor(source, "x"))
        .containsExactly(new double[] {1, 2.5}, new double[] {-1000, 0.5}, new double[] {7, 3});
    assertThat(column(source, "y")).containsExactly(0, 1, 0);
    assertThat(source.first(2)).extracting(sample -> sample.row().number()).containsExactly(0L, 1L);
  }

  @Test
  void aListOfOneColumnIsAVector() throws IOException {
    Path path = csv("a.csv", "a", "1", "2");
    assertThat(open(Inputs.list(Inputs.csv(path), "x", "a")).shapes())
        .containsEntry("x", Shape.of(1));
  }

  @Test
  void expressionsOverTextAreComputedOnNumbers() throws IOException {
    Path path = csv("a.csv", "income,group", "0,a", "1.5,b", "n/a,a");
    InputConfig input = Inputs.list(Inputs.csv(path), "x", "ln(1 + income)", "group = 'a'");
    assertThat(tensor(open(input), "x"))
        .containsExactly(new double[] {0, 1}, new double[] {Math.log(2.5), 0});
    assertThat(reasons(input))
        .containsExactly(
            "x[0] (ln(1 + income)) is null, which SQL gives for the logarithm of 0 or less, a"
                + " division by 0, text that is no number, and any null among its columns");
  }

  @Test
  void textIsComparedWithIntegersAsNumbers() throws IOException {
    Path path = csv("a.csv", "age", "30.5", "30", " 31 ", "4", "x");
    InputConfig input = Inputs.tensor(Inputs.csv(path), "x", "30 < age");
    assertThat(column(open(input), "x")).containsExactly(1, 0, 1, 0);
    assertThat(
            column(
                open(Inputs.where(Inputs.tensor(input, "y", "age"), "age > 30 AND age <> 31")),
                "y"))
        .containsExactly(30.5);
    assertThat(column(open(Inputs.tensor(Inputs.csv(path), "x", "CAST(age AS INT) = 30")), "x"))
        .containsExactly(1, 1, 0, 0);
  }

  @Test
  void textComparedLetterByLetterIsWarnedOf() throws IOException {
    Path path = csv("a.csv", "a,b", "9,10");
    InputConfig input =
        Inputs.list(
            Inputs.csv(path),
            "x",
            "a",
            "greatest(a, b)",
            "a > 3",
            "double(a) < double(b)",
            "a < 'x'");
    assertThat(open(Inputs.where(input, "b <= a OR a > 1")).warnings())
        .hasSize(2)
        .anySatisfy(
            warning ->
                assertThat(warning)
                    .startsWith(
                        "curvature.input.tensors.x: 'greatest(a, b)' compares text letter by letter"))
        .anySatisfy(
            warning -> assertThat(warning).startsWith("curvature.input.where: 'b <= a OR a > 1'"));
    assertThat(open(Inputs.tensor(Inputs.csv(path), "x", "a + b")).warnings()).isEmpty();
  }

  @Test
  void aColumnNameMayHoldAnything() throws IOException {
    Path path = csv("a.csv", "mean radius,a.b, c,d`e,sum(x)", "1,2,3,4,5");
    assertThat(
            tensor(
                open(
                    Inputs.list(Inputs.csv(path), "x", "mean radius", "a.b", "c", "d`e", "SUM(x)")),
                "x"))
        .containsExactly(new double[] {1, 2, 3, 4, 5});
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "orc", "json"})
  void columnarAndJsonFilesKeepTheirTypes(String format) {
    String path = folder.resolve(format).toString();
    LocalSpark.session()
        .sql(
            "SELECT 1.5D AS d, 2 AS i, 3L AS l, true AS b, array(1.0D, 2.0D, 3.0D) AS f, 'n4' AS id")
        .coalesce(1)
        .write()
        .format(format)
        .save(path);
    InputConfig input =
        Inputs.tensor(
            Inputs.list(Inputs.files(format, Map.of(), path), "x", "d", "i", "l", "b"), "f", "f");
    Source source = open(Inputs.id(input, "id"));
    assertThat(source.shapes()).containsEntry("f", Shape.of(3));
    assertThat(tensor(source, "x")).containsExactly(new double[] {1.5, 2, 3, 1});
    assertThat(tensor(source, "f")).containsExactly(new double[] {1, 2, 3});
    assertThat(source.first(1).get(0).row()).hasToString("row 0 (id n4)");
  }

  @Test
  void smallNumbersAndNestedArrays() {
    query(
        "SELECT CAST(1 AS TINYINT) AS t, CAST(2 AS SMALLINT) AS s, CAST(0.5 AS FLOAT) AS f, array(array(1, 2, 3), array(4, 5, 6)) AS m, array('7', ' 8') AS words");
    InputConfig input = Inputs.list(table(), "x", "t", "s", "f");
    Source source = open(Inputs.tensor(Inputs.tensor(input, "m", "m"), "w", "words"));
    assertThat(source.shapes()).containsEntry("m", Shape.of(2, 3));
    assertThat(tensor(source, "m")).containsExactly(new double[] {1, 2, 3, 4, 5, 6});
    assertThat(tensor(source, "x")).containsExactly(new double[] {1, 2, 0.5});
    assertThat(tensor(source, "w")).containsExactly(new double[] {7, 8});
  }

  @Test
  void vectorsOfMllibAreReadDenseAndSparse() {
    StructType schema = new StructType().add("features", SQLDataTypes.VectorType());
    Dataset<Row> rows =
        LocalSpark.session()
            .createDataFrame(
                List.of(
                    RowFactory.create(Vectors.dense(1, 2, 3)),
                    RowFactory.create(Vectors.sparse(3, new int[] {1}, new double[] {5})),
                    RowFactory.create(Vectors.sparse(3, new int[] {}, new double[] {}))),
                schema);
    rows.coalesce(1).createOrReplaceTempView("t");
    Source source = open(Inputs.tensor(table(), "f", "features"));
    assertThat(source.shapes()).containsEntry("f", Shape.of(3));
    assertThat(tensor(source, "f"))
        .containsExactly(new double[] {1, 2, 3}, new double[] {0, 5, 0}, new double[] {0, 0, 0});
    assertThat(open(Inputs.tensor(table(), "f", "features", Shape.of(3, 1))).shapes())
        .containsEntry("f", Shape.of(3, 1));
  }

  @Test
  void libsvmFilesHaveLabelAndFeatures() throws IOException {
    Path path = csv("a.libsvm", "1 1:0.5 3:2", "0 2:1");
    InputConfig input = Inputs.files("libsvm", Map.of("numFeatures", "3"), path);
    Source source = open(Inputs.tensor(Inputs.tensor(input, "x", "features"), "y", "label"));
    assertThat(tensor(source, "x"))
        .containsExactly(new double[] {0.5, 0, 2}, new double[] {0, 1, 0});
    assertThat(column(source, "y")).containsExactly(1, 0);
  }

  @Test
  void theWidthOfLibsvmFollowsTheFilesUnlessItIsGiven() throws IOException {
    Path path = csv("a.libsvm", "1 1:0.5 3:2", "0 2:1");
    for (String format : List.of("libsvm", "auto")) {
      InputConfig files = Inputs.files(format, Map.of(), path);
      Source open = open(Inputs.tensor(files, "x", "features"));
      assertThat(open.shapes()).containsEntry("x", Shape.of(3));
      assertThat(open.warnings())
          .singleElement()
          .asString()
          .contains("the width of libsvm's features, 3,")
          .contains("shape = [n]");
      Source given = open(Inputs.tensor(files, "x", "features", Shape.of(5)));
      assertThat(tensor(given, "x"))
          .containsExactly(new double[] {0.5, 0, 2, 0, 0}, new double[] {0, 1, 0, 0, 0});
      assertThat(given.warnings()).isEmpty();
    }
  }

  @Test
  void elementsMayHaveNamesOfTheirOwn() throws IOException {
    Path path = csv("a.csv", "x1,x2", "1,2");
    Source source =
        open(
            Inputs.list(
                Inputs.csv(path), "x", "x1 AS slope", "ln(CAST(x2 AS DOUBLE)) as `log x2`", "x2"));
    assertThat(source.labels()).containsEntry("x", List.of("slope", "log x2", "x2"));
    assertThat(tensor(source, "x")).containsExactly(new double[] {1, Math.log(2), 2});
  }

  @Test
  void tablesAndQueriesAreRead() {
    query("SELECT id AS a FROM range(3)");
    assertThat(column(open(Inputs.tensor(table(), "x", "a")), "x"))
        .containsExactlyInAnyOrder(0, 1, 2);
    InputConfig query = Inputs.of(new InputSource.Query("SELECT a * 2 AS b FROM t WHERE a > 0"));
    assertThat(column(open(Inputs.tensor(query, "x", "b")), "x")).containsExactlyInAnyOrder(2, 4);
  }

  @Test
  void filesAreUnitedByColumnName() throws IOException {
    Path one = csv("one.csv", "a,b", "1,2");
    Path two = csv("two.csv", "b,c,a", "4,x,3");
    double[][] expected = {{1, 2}, {3, 4}};
    InputConfig list = Inputs.files("csv", Map.of("header", "true"), one, two);
    assertThat(tensor(open(Inputs.list(list, "x", "a", "b")), "x").toArray(double[][]::new))
        .isDeepEqualTo(expected);
    InputConfig glob = Inputs.csv(folder.resolve("*.csv"));
    assertThat(tensor(open(Inputs.list(glob, "x", "a", "b")), "x").toArray(double[][]::new))
        .isDeepEqualTo(expected);
  }

  @Test
  void pathsMayHoldWhatAGlobWouldTakeForItsOwn() throws IOException {
    csv("a [1].csv", "a", "1");
    csv("a {2}.csv", "a", "2");
    Path zipped = folder.resolve("b.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write("a\n3\n".getBytes(StandardCharsets.UTF_8));
    }
    csv("c.csv", "b,a", "5,4");
    assertThat(column(open(Inputs.tensor(Inputs.csv(folder.resolve("*.csv*")), "x", "a")), "x"))
        .containsExactlyInAnyOrder(1, 2, 3, 4);
  }

  @Test
  void aFolderMayBeNamedLikeAGlob() throws IOException {
    Path named = Files.createDirectories(folder.resolve("run [1] {a}"));
    csv("run [1] {a}/one.csv", "a", "1");
    csv("run [1] {a}/two.csv", "a", "2");
    assertThat(column(open(Inputs.tensor(Inputs.csv(named), "x", "a")), "x")).containsExactly(1, 2);
    assertThat(column(open(Inputs.tensor(Inputs.csv(named.resolve("one.csv")), "x", "a")), "x"))
        .containsExactly(1);
  }

  @Test
  void aFolderOfCsvFilesWithDifferentHeadersIsRefused() throws IOException {
    csv("one.csv", "a,b", "1,2");
    csv("two.csv", "b,a", "4,3");
    assertThat(refused(Inputs.list(Inputs.csv(folder), "x", "a", "b")))
        .hasMessageContaining("different headers");
  }

  @Test
  void aFolderIsReadInTheOrderOfItsFileNames() throws IOException {
    for (int k = 9; k >= 0; k--) {
      csv("part-" + k + ".csv", "a", Integer.toString(k));
    }
    csv("_hidden", "a", "100");
    assertThat(column(open(Inputs.tensor(Inputs.csv(folder), "x", "a")), "x"))
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @Test
  void rowsAreFilteredAndLimitedInOrder() throws IOException {
    StringBuilder text = new StringBuilder("a\n");
    for (int i = 0; i < 1000; i++) {
      text.append(i).append('\n');
    }
    Path path = Files.writeString(folder.resolve("a.csv"), text);
    InputConfig input = Inputs.partitionSize(Inputs.tensor(Inputs.csv(path), "x", "a"), 1000);
    Source source = open(Inputs.limit(Inputs.where(input, "a >= 100"), 500));
    assertThat(source.partitions()).isEqualTo(4);
    double[] expected = java.util.stream.IntStream.range(100, 600).asDoubleStream().toArray();
    assertThat(column(source, "x")).containsExactly(expected);
    List<Long> numbers = source.first(1000).stream().map(sample -> sample.row().number()).toList();
    assertThat(numbers).isSorted().doesNotHaveDuplicates();
    assertThat(numbers.get(499) >>> 33).isPositive();
    assertThat(open(Inputs.limit(input, 5000)).first(5000)).hasSize(1000);
  }

  @Test
  void partitionsDependOnTheInputAlone() throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), "a\n" + "1\n".repeat(50_000));
    InputConfig input = Inputs.tensor(Inputs.csv(path), "x", "a");
    assertThat(open(input).partitions()).isEqualTo(1);
    assertThat(open(Inputs.partitionSize(input, 10_000)).partitions()).isEqualTo(11);
  }

  @Test
  void weightsAndIds() throws IOException {
    Path path = csv("a.csv", "a,w,name", "1,0.5,p", "2,0,q");
    List<Sample> samples =
        open(Inputs.id(Inputs.weight(Inputs.tensor(Inputs.csv(path), "x", "a"), "2 * w"), "name"))
            .first(5);
    assertThat(samples).extracting(Sample::weight).containsExactly(1.0, 0.0);
    assertThat(samples.get(1).row()).hasToString("row 1 (id q)");
  }
}
