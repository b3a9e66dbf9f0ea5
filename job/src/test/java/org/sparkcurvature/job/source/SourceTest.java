package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;

class SourceTest {

  @TempDir Path folder;

  private Path csv(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  private static Source open(InputConfig input) {
    return Source.open(LocalSpark.session(), input);
  }

  private static List<double[]> tensor(Source source, String name) {
    return source.first(1000).stream().map(sample -> sample.tensors().get(name)).toList();
  }

  private static double[] column(Source source, String name) {
    return tensor(source, name).stream().mapToDouble(values -> values[0]).toArray();
  }

  /** The reasons for which rows of a source are invalid, in their order. */
  private static List<String> reasons(InputConfig input) {
    return open(Inputs.invalid(input, InvalidRows.QUARANTINE))
        .rejected()
        .select("reason")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private static JobException refused(InputConfig input) {
    JobException error = catchThrowableOfType(JobException.class, () -> open(input).first(10));
    assertThat(error.exitCode()).isEqualTo(ExitCode.DATA);
    return error;
  }

  // ---------------------------------------------------------------- kinds of source

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

  // ---------------------------------------------------------------- rows

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

  // ---------------------------------------------------------------- invalid rows

  @Test
  void everyInvalidValueHasItsReason() throws IOException {
    Path path =
        csv(
            "a.csv",
            "a,w",
            "1,1",
            "n/a,1",
            ",1",
            "NaN,1",
            "-Infinity,1",
            "1e999,1",
            "12d,1",
            "0x1p3,1",
            "1,-2",
            "1,",
            "1,x",
            "2,1");
    InputConfig input = Inputs.weight(Inputs.list(Inputs.csv(path), "x", "a"), "w");
    assertThat(reasons(input))
        .containsExactly(
            "x[0] (a) is 'n/a', not a number",
            "x[0] (a) is null",
            "x[0] (a) is 'NaN', not a finite number",
            "x[0] (a) is '-Infinity', not a finite number",
            "x[0] (a) is '1e999', which no double holds",
            "x[0] (a) is '12d', not a number",
            "x[0] (a) is '0x1p3', not a number",
            "the weight (w) is -2.0, and a weight must not be negative",
            "the weight (w) is null",
            "the weight (w) is 'x', not a number");
    assertThat(column(open(input), "x")).containsExactly(1, 2);
  }

  @Test
  void numbersThatAreNotFiniteAreInvalid() {
    query("SELECT explode(array(1D, double('NaN'), double('Infinity'), NULL)) AS a");
    assertThat(reasons(Inputs.tensor(table(), "x", "a")))
        .containsExactly("x (a) is NaN", "x (a) is Infinity", "x (a) is null");
  }

  @Test
  void raggedArraysAreInvalid() {
    query(
        "SELECT explode(array(array(1, 2), array(3), array(4, NULL), NULL, array(), array(5, 6, 7))) AS f");
    assertThat(reasons(Inputs.tensor(table(), "x", "f")))
        .containsExactly(
            "x (f) has 1 element, not 2",
            "x (f) at element 1 is null",
            "x (f) is null",
            "x (f) has 0 elements, not 2",
            "x (f) has 3 elements, not 2");
    query(
        "SELECT explode(array(array(array(1, 2), array(3, 4)), array(array(1, 2), array(3)))) AS f");
    assertThat(reasons(Inputs.tensor(table(), "x", "f")))
        .containsExactly("x (f) is ragged: 1 elements along axis 1, not 2");
  }

  @Test
  void theFirstValidRowDecidesTheShape() {
    query("SELECT explode(array(NULL, array(), array(1, NULL), array(1, 2, 3), array(1, 2))) AS f");
    assertThat(open(Inputs.tensor(table(), "x", "f")).shapes()).containsEntry("x", Shape.of(3));
  }

  @Test
  void anIndexIsAnIntegerInRange() throws IOException {
    Path path = csv("a.csv", "y", "0", "9", "10", "-1", "2.5");
    Source source =
        open(Inputs.invalid(Inputs.tensor(Inputs.csv(path), "y", "y"), InvalidRows.DROP))
            .withIndexBounds(Map.of("y", 10));
    assertThat(column(source, "y")).containsExactly(0, 9);
    assertThat(
            source
                .rejected()
                .select("reason")
                .as(org.apache.spark.sql.Encoders.STRING())
                .collectAsList())
        .containsExactly(
            "y is 10, and an index here is an integer from 0 to 9",
            "y is -1, and an index here is an integer from 0 to 9",
            "y is 2.5, and an index here is an integer from 0 to 9");
  }

  @Test
  void aCsvLineThatDoesNotFitTheHeaderIsInvalid() throws IOException {
    Path path = csv("a.csv", "a,b", "1,2", "1,5,2", "3", "4,5");
    InputConfig input = Inputs.tensor(Inputs.csv(path), "x", "a");
    assertThat(reasons(input))
        .containsExactly(
            "the line does not fit its file: '1,5,2'", "the line does not fit its file: '3'");
    assertThat(column(open(input), "x")).containsExactly(1, 4);
  }

  @Test
  void aJsonLineThatCannotBeReadIsInvalid() throws IOException {
    Path path =
        csv(
            "a.json",
            "{\"a\": 1, \"f\": [1, 2]}",
            "{\"a\": 2, \"f\"",
            "{\"f\": [3]}",
            "{\"a\": 4, \"f\": [5, 6]}");
    InputConfig input =
        Inputs.tensor(Inputs.tensor(Inputs.files("json", Map.of(), path), "x", "a"), "f", "f");
    assertThat(reasons(input))
        .containsExactly("the line does not fit its file: '{\"a\": 2, \"f\"'", "x (a) is null");
    assertThat(column(open(input), "x")).containsExactly(1, 4);
  }

  @Test
  void rejectedRowsAreWhole() throws IOException {
    Path path = csv("a.csv", "a,other,reason", "1,p,r", "x,q,s");
    Dataset<Row> rejected = open(Inputs.tensor(Inputs.csv(path), "x", "a")).rejected();
    assertThat(rejected.columns()).containsExactly("a", "other", "reason", "rejection_reason");
    assertThat(rejected.collectAsList())
        .containsExactly(RowFactory.create("x", "q", "s", "x (a) is 'x', not a number"));
  }

  // ---------------------------------------------------------------- refused at once

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "java_method('java.lang.System', 'exit', 0) | calls a method of Java by java_method",
        "a + length(reflect('java.lang.System', 'getenv', 'PATH')) | a method of Java by reflect",
        "length(try_reflect('java.lang.System', 'getenv', 'PATH')) | a method of Java by try_reflect",
        "a + rand() | is different in every pass over the rows, by rand",
        "length(uuid()) | in every pass over the rows, by uuid",
        "monotonically_increasing_id() | by monotonically_increasing_id",
        "unix_seconds(current_timestamp()) | reads the clock by current_timestamp",
        "datediff(current_date, DATE'2026-01-01') | reads the clock by current_date",
        "unix_timestamp() | reads the clock by",
        "length(current_user()) | depends on who runs it, by current_user",
        "length(input_file_name()) | depends on how files are read, by input_file_name",
        "element_at(shuffle(array(a, 2)), 1) | in every pass over the rows, by shuffle",
      })
  void whatAnotherPassWouldNotGiveAgainIsRefused(String expression, String what)
      throws IOException {
    Path path = csv("a.csv", "a", "1", "2");
    InputConfig plain = Inputs.tensor(Inputs.csv(path), "x", "a");
    List<JobException> errors =
        List.of(
            catchThrowableOfType(
                JobException.class, () -> open(Inputs.tensor(plain, "y", expression))),
            catchThrowableOfType(
                JobException.class, () -> open(Inputs.where(plain, expression + " > 0"))));
    for (JobException error : errors) {
      assertThat(error.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(error.what()).contains(expression).contains(what);
      assertThat(error.remedy()).isNotEmpty();
    }
    assertThat(errors.get(0).where()).isEqualTo("curvature.input.tensors.y");
    assertThat(errors.get(1).where()).isEqualTo("curvature.input.where");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT rand() AS a | in every pass over the rows, by rand",
        "SELECT a FROM (SELECT id AS a FROM range(9) WHERE id > rand()) | by rand",
        "SELECT 1 AS a WHERE EXISTS (SELECT uuid() AS u) | by uuid",
        "SELECT (SELECT java_method('java.lang.Math', 'random')) AS a | Java by java_method",
        "SELECT TRANSFORM(id) USING 'cat' AS (a) FROM range(3) | runs a program by TRANSFORM",
        "SELECT id + length(current_user()) AS a FROM range(3) | depends on who runs it",
      })
  void queriesAreLookedThrough(String sql, String what) {
    InputConfig input = Inputs.tensor(Inputs.of(new InputSource.Query(sql)), "x", "a");
    JobException error = catchThrowableOfType(JobException.class, () -> open(input));
    assertThat(error.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(error).hasMessageContaining(what);
    assertThat(error.where()).isEqualTo("curvature.input.sql");
  }

  @Test
  void functionsAreAllowedByKeyUnlessTheyCallIntoJava() throws IOException {
    InputConfig input =
        Inputs.nondeterministic(
            Inputs.tensor(Inputs.csv(csv("a.csv", "a", "1", "2")), "x", "a + 0 * rand()"));
    assertThat(column(open(input), "x")).containsExactly(1, 2);
    InputConfig calling = Inputs.where(input, "java_method('java.lang.Math', 'random') > '0'");
    JobException error = catchThrowableOfType(JobException.class, () -> open(calling));
    assertThat(error.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(error.what()).contains("calls a method of Java");
  }

  @Test
  void variablesOfTheEnvironmentAreNotPutIn() throws IOException {
    InputConfig input =
        Inputs.tensor(Inputs.csv(csv("a.csv", "a", "1")), "x", "a + length('${env:PATH}')");
    assertThat(column(open(input), "x")).containsExactly(12);
  }

  @Test
  void theFileOfARowIsAColumn() throws IOException {
    InputConfig input =
        Inputs.tensor(Inputs.csv(csv("a.csv", "a", "1")), "x", "a + length(_metadata.file_name)");
    assertThat(column(open(input), "x")).containsExactly(6);
  }

  @Test
  void functionsThatDependOnTheRowAloneAreNotRefused() throws IOException {
    Path path = csv("a.csv", "a", "1", "2", "3");
    InputConfig input =
        Inputs.where(
            Inputs.tensor(
                Inputs.csv(path), "x", "datediff(DATE'2026-01-02', DATE'2026-01-01') * a"),
            "xxhash64(a) % 2 IN (-1, 0, 1)");
    assertThat(column(open(input), "x")).containsExactly(1, 2, 3);
  }

  @Test
  void aMissingColumnIsNamedWithTheNearest() throws IOException {
    Path path = csv("a.csv", "lncoins,mdvis", "1,2");
    assertThat(refused(Inputs.list(Inputs.csv(path), "x", "lnconis")))
        .hasMessage(
            """
            there is no column 'lnconis'
              at: curvature.input.tensors.x
              to mend it: perhaps lncoins was meant. The columns are lncoins, mdvis""");
    assertThat(refused(Inputs.list(Inputs.csv(path), "x", "ln(1 + lnconis)")).where())
        .isEqualTo("curvature.input.tensors.x, in 'ln(1 + lnconis)'");
    assertThat(refused(Inputs.id(Inputs.list(Inputs.csv(path), "x", "lncoins"), "ID")).where())
        .isEqualTo("curvature.input.id");
    assertThat(
            refused(Inputs.id(Inputs.list(Inputs.csv(path), "x", "lncoins"), "mdvis", "lnncoins"))
                .where())
        .isEqualTo("curvature.input.carry");
    assertThat(refused(Inputs.weight(Inputs.list(Inputs.csv(path), "x", "lncoins"), "w")).where())
        .isEqualTo("curvature.input.weight");
    assertThat(
            refused(Inputs.where(Inputs.list(Inputs.csv(path), "x", "lncoins"), "w > 1")).where())
        .isEqualTo("curvature.input.where, in 'w > 1'");
  }

  /** To Spark such a name is a mistake of quoting, whether there is a column or not. */
  @Test
  void aMissingColumnOfOtherLettersIsNamedWithTheNearest() throws IOException {
    Path path = csv("a.csv", "gr\u00f6\u00dfe,y", "1,2");
    assertThat(refused(Inputs.list(Inputs.csv(path), "x", "gr\u00f6\u00dfse")))
        .hasMessage(
            """
            there is no column 'gr\u00f6\u00dfse'
              at: curvature.input.tensors.x
              to mend it: perhaps gr\u00f6\u00dfe was meant. The columns are gr\u00f6\u00dfe, y""");
    assertThat(refused(Inputs.list(Inputs.csv(path), "x", "y + gr\u00f6\u00dfse")))
        .hasMessageStartingWith("there is no column 'gr\u00f6\u00dfse'");
    assertThat(refused(Inputs.list(Inputs.csv(path), "x", "y + gr\u00f6\u00dfe")))
        .hasMessageContaining("must be back quoted as: `gr\u00f6\u00dfe`");
  }

  @Test
  void aColumnMissingInOneOfTheFilesIsRefused() throws IOException {
    Path one = csv("one.csv", "a,b", "1,2");
    Path two = csv("two.csv", "a", "3");
    assertThat(
            refused(
                    Inputs.list(
                        Inputs.files("csv", Map.of("header", "true"), one, two), "x", "a", "b"))
                .what())
        .isEqualTo("there is no column 'b'");
  }

  @Test
  void expressionsThatSparkRefusesGiveOneShortMessage() throws IOException {
    Path path = csv("a.csv", "a,b", "1,2");
    assertThat(refused(Inputs.tensor(Inputs.csv(path), "x", "a +")).getMessage())
        .contains("'a +' cannot be computed: ")
        .hasLineCount(3);
    assertThat(refused(Inputs.tensor(Inputs.csv(path), "x", "lnn(a)")).what())
        .isEqualTo("'lnn(a)' cannot be computed: Spark SQL has no function lnn");
    assertThat(refused(Inputs.tensor(Inputs.csv(path), "x", "sum(a)")).what())
        .contains("does not give one value for each row");
    assertThat(refused(Inputs.tensor(Inputs.csv(path), "x", "explode(array(a, b))")).what())
        .contains("does not give one value for each row");
  }

  @Test
  void typesThatAreNoNumbersAreRefusedWithAWayOut() {
    query(
        "SELECT 1.5 AS price, DATE'2024-01-01' AS d, TIMESTAMP'2024-01-01 00:00:00' AS ts, named_struct('u', 1) AS s, map('k', 1) AS m, X'00' AS bin, array(1.5) AS da, array(1) AS arr");
    for (String refused : List.of("d", "ts", "s", "m", "bin")) {
      JobException error = refused(Inputs.tensor(table(), "x", refused));
      assertThat(error.what()).contains("'" + refused + "' is of type");
      assertThat(error.remedy()).contains(", such as ").contains(refused);
    }
    assertThat(refused(Inputs.list(table(), "x", "arr")).what())
        .isEqualTo("tensor x has 'arr' in its list, which is an array");
    assertThat(refused(Inputs.weight(Inputs.tensor(table(), "x", "arr"), "arr")).remedy())
        .contains("arr[0]");
    assertThat(refused(Inputs.tensor(table(), "x", "s.u", Shape.of(4))).what())
        .contains("shape [4]");
    assertThat(column(open(Inputs.tensor(table(), "x", "price")), "x")).containsExactly(1.5);
    assertThat(tensor(open(Inputs.tensor(table(), "x", "da")), "x"))
        .containsExactly(new double[] {1.5});
  }

  @Test
  void whatIsNotThereIsSaid() throws IOException {
    assertThat(refused(Inputs.tensor(Inputs.csv(folder.resolve("none.csv")), "x", "a")).what())
        .startsWith("there is nothing at ");
    assertThat(refused(Inputs.tensor(Inputs.csv(folder.resolve("*.none")), "x", "a")).what())
        .startsWith("there is nothing at ");
    assertThat(
            refused(Inputs.tensor(Inputs.of(new InputSource.Table("no.table")), "x", "a")).what())
        .isEqualTo("there is no table or view no.table");
    assertThat(
            refused(Inputs.tensor(Inputs.of(new InputSource.Query("DROP TABLE x")), "x", "a"))
                .what())
        .contains("is not a query");
    assertThat(
            refused(
                    Inputs.tensor(
                        Inputs.of(new InputSource.Query("SELECT * FROM nowhere")), "x", "a"))
                .where())
        .isEqualTo("curvature.input.sql");
    assertThat(
            refused(Inputs.tensor(Inputs.files("nosuchformat", Map.of(), csv("a", "b")), "x", "a"))
                .what())
        .contains("no reader for the format 'nosuchformat'");
    assertThat(
            refused(
                    Inputs.tensor(
                        Inputs.files("parquet", Map.of(), csv("a.parquet", "no parquet at all")),
                        "x",
                        "a"))
                .what())
        .contains("a.parquet cannot be read");
    Files.createDirectory(folder.resolve("empty"));
    assertThat(
            refused(
                    Inputs.tensor(
                        Inputs.files("parquet", Map.of(), folder.resolve("empty")), "x", "a"))
                .what())
        .contains("has no rows");
    assertThat(refused(Inputs.tensor(Inputs.csv(csv("empty.csv")), "x", "a")).exitCode())
        .isEqualTo(ExitCode.DATA);
  }

  @Test
  void whatMayNotBeReadIsSaid() throws IOException {
    Path path = csv("a.csv", "a", "1");
    Files.setPosixFilePermissions(path, Set.of());
    assumeFalse(Files.isReadable(path), "this user may read everything");
    assertThat(refused(Inputs.tensor(Inputs.csv(path), "x", "a")).what())
        .contains("a.csv cannot be read");
  }

  @Test
  void aShapeNeedsAValidRow() {
    query("SELECT array(1) AS f WHERE false");
    assertThat(refused(Inputs.tensor(table(), "x", "f")).what()).isEqualTo("table t has no rows");
    query("SELECT CAST(NULL AS array<double>) AS f");
    assertThat(refused(Inputs.tensor(table(), "x", "f")).what())
        .isEqualTo("the only row is invalid, as:\n    row 0: x (f) is null");
  }

  private static void query(String sql) {
    SparkSession spark = LocalSpark.session();
    spark.sql(sql).createOrReplaceTempView("t");
  }

  private static InputConfig table() {
    return Inputs.of(new InputSource.Table("t"));
  }
}
