package org.sparkcurvature.job.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.graph.Shape;

class InputRulesTest {

  @Test
  void defaultsOfTheBlock() {
    InputConfig input = Given.base().decode().input();

    assertThat(input.source()).isEqualTo(new InputSource.Files(List.of("d.csv"), "auto", Map.of()));
    assertThat(input.weight()).isEmpty();
    assertThat(input.id()).isEmpty();
    assertThat(input.carry()).isEmpty();
    assertThat(input.where()).isEmpty();
    assertThat(input.limit()).isEmpty();
    assertThat(input.invalidRows()).isEqualTo(InvalidRows.FAIL);
    assertThat(input.partitionSizeBytes()).isEqualTo(64L << 20);
  }

  @Test
  void everyKeyOfTheBlock() {
    InputConfig input =
        Given.base(
                """
                input {
                  weight = "w / 2", id = key, carry = [region, day], where = "age > 17", limit = 10
                  invalid-rows = quarantine, partition-size = 4k
                }
                """)
            .decode()
            .input();

    assertThat(input.weight()).contains("w / 2");
    assertThat(input.id()).contains("key");
    assertThat(input.carry()).containsExactly("region", "day");
    assertThat(input.where()).contains("age > 17");
    assertThat(input.limit()).isEqualTo(OptionalLong.of(10));
    assertThat(input.invalidRows()).isEqualTo(InvalidRows.QUARANTINE);
    assertThat(input.partitionSizeBytes()).isEqualTo(4096);
  }

  @Test
  void rowsComeFromSeveralPathsATableOrAQuery() {
    assertThat(Given.base("input.path = [a.csv, \"b/*.csv\"]").decode().input().source())
        .isEqualTo(new InputSource.Files(List.of("a.csv", "b/*.csv"), "auto", Map.of()));
    assertThat(Given.base("input { path = null, table = db.t }").decode().input().source())
        .isEqualTo(new InputSource.Table("db.t"));
    assertThat(Given.base("input { path = null, sql = \"SELECT 1\" }").decode().input().source())
        .isEqualTo(new InputSource.Query("SELECT 1"));
  }

  @Test
  void optionsAreTextAndKeepDottedNames() {
    InputSource source =
        Given.base("input { format = jdbc, options { header = true, a.b = 1, sep = \";\" } }")
            .decode()
            .input()
            .source();

    assertThat(source)
        .isEqualTo(
            new InputSource.Files(
                List.of("d.csv"), "jdbc", Map.of("header", "true", "a.b", "1", "sep", ";")));
  }

  @Test
  void whatAnotherFileSaysOfPathsThatAreReplacedCountsNoMore() {
    Given given =
        Given.base("input { format = orc, options { a = 1 } }")
            .set("input.path=null")
            .set("input.sql=SELECT a, b, c FROM t WHERE a = 1");
    assertThat(given.decode().input().source())
        .isEqualTo(new InputSource.Query("SELECT a, b, c FROM t WHERE a = 1"));
    assertThat(
            Given.base("input { format = orc, options { a = 1 } }")
                .config("later.conf", "curvature.input { path = null, table = t }")
                .decode()
                .input()
                .source())
        .isEqualTo(new InputSource.Table("t"));
  }

  @Test
  void tensorsOfEveryForm() {
    Map<String, TensorConfig> tensors =
        Given.base(
                """
                input.tensors {
                  one = [p]
                  f = { column = features, shape = [784] }
                  g = { column = other }
                  m = { column = [p, q, r, s], shape = [2, 2] }
                  c = 1
                }
                """)
            .decode()
            .input()
            .tensors();

    assertThat(tensors)
        .containsEntry("x", new TensorConfig.Elements(List.of("a", "ln(b)"), Shape.of(2)))
        .containsEntry("y", new TensorConfig.Single("c", Optional.empty()))
        .containsEntry("one", new TensorConfig.Elements(List.of("p"), Shape.of(1)))
        .containsEntry("f", new TensorConfig.Single("features", Optional.of(Shape.of(784))))
        .containsEntry("g", new TensorConfig.Single("other", Optional.empty()))
        .containsEntry("m", new TensorConfig.Elements(List.of("p", "q", "r", "s"), Shape.of(2, 2)))
        .containsEntry("c", new TensorConfig.Single("1", Optional.empty()));
  }

  @Test
  void tensorsAreInTheOrderOfTheirLines() {
    Map<String, TensorConfig> tensors =
        Given.base("input.tensors {\n z = p\n k = q\n d = r }").decode().input().tensors();

    assertThat(tensors.keySet()).containsExactly("x", "y", "z", "k", "d");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      textBlock =
          """
          input.path = null                   ¦ input.path (plus.conf:2): is null, but needs a value; say where the rows are: path = "data.csv", or table, or sql
          input.table = t                     ¦ input.table (plus.conf:2): input.path and input.table are both there, but rows come from one of them; keep one (null in a later --config or --set removes the other)
          input { path = null, table = t, format = orc } ¦ input.format (plus.conf:2): says how files are read, but the rows come from input.table; leave it out, or give path instead of input.table
          input { path = null, sql = q, options.a = 1 }  ¦ input.options (plus.conf:2): says how files are read, but the rows come from input.sql; leave it out, or give path instead of input.sql
          input.path = []                     ¦ input.path (plus.conf:2): is an empty list; name at least one file, folder or glob
          input.path = " "                    ¦ input.path (plus.conf:2): is empty; write a value or leave the key out
          input.path = { a = 1 }              ¦ input.path (plus.conf:2): must be text, but is a block; change the value
          input.format = [csv]                ¦ input.format (plus.conf:2): must be text, but is a list; change the value
          input.options { a = [1] }           ¦ input.options.a (plus.conf:2): must be text, a number, true or false, but is a list; change the value
          input.options = 3                   ¦ input.options (plus.conf:2): must be a block { ... }, but is 3; write options { name = value }
          input.tensors.z = []                ¦ input.tensors.z (plus.conf:2): is an empty list; name at least one column or expression
          input.tensors.z = [[a]]             ¦ input.tensors.z[0] (plus.conf:2): must be text, but is a list; change the value
          input.tensors.z = { shape = [2] }   ¦ input.tensors.z.column: is missing; name a column or expression, or a list
          input.tensors.z = { column = c, shpae = [2] } ¦ input.tensors.z.shpae (plus.conf:2): is an unknown key; did you mean shape?
          input.tensors.z = { column = c, shape = 2 }   ¦ input.tensors.z.shape (plus.conf:2): must be a list of sizes, such as [8, 3], but is 2; change the value
          input.tensors.z = { column = c, shape = [0] } ¦ input.tensors.z.shape[0] (plus.conf:2): must be a whole number from 1 to 2147483647, but is 0; change the value
          input.tensors.z = { column = c, shape = [1.5] } ¦ input.tensors.z.shape[0] (plus.conf:2): must be a whole number from 1 to 2147483647, but is 1.5; change the value
          input.tensors.z = { column = c, shape = [65536, 65536] } ¦ input.tensors.z.shape (plus.conf:2): has more than 2147483647 elements; make the tensor smaller
          input.tensors.z = { column = [a, b], shape = [3] }       ¦ input.tensors.z.column (plus.conf:2): lists 2 columns for the shape [3] of 3 elements; make their numbers equal
          input.tensors.2z = c                ¦ input.tensors.2z (plus.conf:2): the name "2z" is no identifier; use letters, digits and _, and no digit first
          input.tensors.loss = c              ¦ input.tensors.loss (plus.conf:2): the name loss is taken by model.loss; rename it
          input.tensors.Case = c              ¦ input.tensors.Case (plus.conf:2): the name Case is a word of SQL; rename it
          input.tensors.beta = c              ¦ model.parameters.beta (base.conf:4): the name beta is used twice: as tensor at input.tensors.beta (plus.conf:2), and as parameter here; rename one of them
          input.limit = 0                     ¦ input.limit (plus.conf:2): must be a whole number of at least 1, but is 0; change the value
          input.limit = ten                   ¦ input.limit (plus.conf:2): must be a whole number of at least 1, but is the text "ten"; change the value
          input.invalid-rows = dorp           ¦ input.invalid-rows (plus.conf:2): must be one of fail | drop | quarantine | keep, but is the text "dorp"; did you mean drop?
          input.invalid-rows = null           ¦ input.invalid-rows (plus.conf:2): is null, but needs a value; leave the key out to have the default
          input.partition-size = 0            ¦ input.partition-size (plus.conf:2): must be a size of at least 1 byte, such as 64m, but is 0; change the value
          input.partition-size = 3 apples     ¦ input.partition-size (plus.conf:2): must be a size of at least 1 byte, such as 64m, but is the text "3 apples"; change the value
          input.carry = [a, a]                ¦ input.carry (plus.conf:2): names a twice; name it once
          input.carry = [Hessian]             ¦ input.carry (plus.conf:2): carries the column Hessian, whose name per-sample outputs have taken; rename the column in input.sql, or leave it out
          input = 3                           ¦ input (plus.conf:2): must be a block { ... }, but is 3; write input { name = value }
          """)
  void refusals(String plus, String line) {
    Given.base(plus).isRefused(line);
  }

  @Test
  void withoutATensor() {
    Given.base("input.tensors = null\n model.parameters.beta = 1")
        .isRefused(
            "input.tensors (plus.conf:2): is null, but needs a value; write it as tensors { ... }");
    Given.base("input.tensors { x = null, y = null }, model.parameters.beta = 1")
        .isRefused(
            "input.tensors: names no tensor; name what the loss uses, as in tensors { x = [age, income], y = visits }");
  }

  @Test
  void aSizeThatLooksLikeASlipIsAWarning() {
    assertThat(Given.base("block-memory = 64").load().warnings())
        .containsExactly("block-memory = 64 is 64 bytes; write 64m for as many MiB");
  }

  @Test
  void thousandsOfColumnsAreAWarning() {
    String columns =
        IntStream.rangeClosed(0, 20_000).mapToObj(k -> "c" + k).collect(Collectors.joining(", "));
    assertThat(Given.base("input.tensors.x = [" + columns + "]").load().warnings())
        .singleElement()
        .asString()
        .startsWith("input.tensors.x lists 20,001 columns, each of which Spark plans by itself");
  }
}
