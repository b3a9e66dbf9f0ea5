package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;

/** What is refused before a pass over the rows. */
class RefusedSourcesTest extends SourceFixture {
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
}
