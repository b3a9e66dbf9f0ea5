package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;

/** An array of numbers as a term of a formula: the same model as one of columns. */
class ArrayTermsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  @BeforeAll
  static void write() {
    LocalSpark.session()
        .sql(
            """
            SELECT id, y, a, b, c, g, array(a, b, c) AS v, array(a, b) AS w,
              IF(id % 9 = 0, array(a), array(a, b)) AS ragged, array(string(a)) AS texts,
              array_repeat(a, 0) AS none, array_repeat(a, 1001) AS many
            FROM (
              SELECT *, IF(0.5 * a - b + IF(g = 'q', 0.3, 0) > u, 1, 0) AS y FROM (
                SELECT id, sin(7 * id) AS a, cos(3 * id * id) AS b, sin(id * id) AS c,
                  IF(id % 3 = 0, 'p', 'q') AS g, sin(11 * id) AS u
                FROM range(200)))
            """)
        .coalesce(1)
        .write()
        .parquet(folder.resolve("rows").toString());
  }

  private static Console estimate(String output, String formula, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add(
        """
        input.path = "%s"
        model { formula = "%s", family = binomial }
        """
            .formatted(folder.resolve("rows"), formula));
    all.add("output.path = \"%s\"".formatted(folder.resolve(output)));
    return FitTest.run(folder, "estimate", all.toArray(String[]::new));
  }

  private static JsonNode estimates(String output) throws IOException {
    return JSON.readTree(folder.resolve(output).resolve("estimates.json").toFile());
  }

  private static List<String> column(String output, String key) throws IOException {
    List<String> column = new ArrayList<>();
    estimates(output).get("estimates").forEach(e -> column.add(e.get(key).asText()));
    return column;
  }

  /** The names of one model, and of the other: the coefficients are in the same order. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "y ~ v | y ~ a + b + c | v[0] v[1] v[2]",
        "y ~ g + c + w | y ~ g + c + a + b | c w[0] w[1]",
        "y ~ g:w + c | y ~ c + g:a + g:b | g[p]:w[0] g[q]:w[1]",
        "y ~ c * w | y ~ c + a + b + c:a + c:b | c:w[0] c:w[1]",
      })
  void elementsAreTerms(String formula, String columns, String names) throws IOException {
    Console ofArray = estimate("array", formula, "output.mode = overwrite");
    assertThat(ofArray.exitCode()).as(ofArray.err()).isZero();
    Console ofColumns = estimate("columns", columns, "output.mode = overwrite");
    assertThat(ofColumns.exitCode()).as(ofColumns.err()).isZero();
    assertThat(column("array", "name")).contains(names.split(" "));
    for (String number : List.of("estimate", "std_error")) {
      assertThat(column("array", number)).isEqualTo(column("columns", number));
    }
  }

  @Test
  void testsAndPredictionsKnowThem() throws IOException {
    Console console =
        estimate(
            "fit",
            "y ~ v",
            "infer.tests { all { without = [v] }, equal = [\"v[0] = -v[1]\", \"`v[2]` = 0\"] }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode tests = estimates("fit").get("tests");
    assertThat(tests.get(0).get("df").asInt()).isEqualTo(3);
    assertThat(tests.get(1).get("df").asInt()).isEqualTo(2);
    Console predict = Console.from(folder.resolve("fit"), "predict", folder.resolve("predictions"));
    assertThat(predict.exitCode()).as(predict.err()).isZero();
    // An array of another length is none of this model's.
    LocalSpark.session()
        .read()
        .parquet(folder.resolve("rows").toString())
        .selectExpr("id", "y", "IF(id % 2 = 0, v, w) AS v")
        .write()
        .parquet(folder.resolve("other").toString());
    Console shorter =
        Console.from(
            folder.resolve("fit"),
            "predict",
            folder.resolve("shorter"),
            "input.path=\"%s\"".formatted(folder.resolve("other")),
            "input.invalid-rows=keep");
    assertThat(shorter.exitCode()).as(shorter.err()).isZero();
    for (Row row :
        LocalSpark.session()
            .read()
            .parquet(folder.resolve("shorter/predictions").toString())
            .collectAsList()) {
      assertThat(row.isNullAt(row.fieldIndex("mean"))).isEqualTo(row.<Long>getAs("row") % 2 != 0);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "y ~ ragged | 'ragged' has arrays of 1 to 2 numbers | size(ragged) = 2",
        "y ~ texts | is of type array<string>, which is not read as a number | gives a number",
        "y ~ none | 'none' has arrays of no numbers | leave it out",
        "y ~ many | 'many' has arrays of 1,001 numbers, and as a term 1,000 at most | a loss by hand",
        "v ~ a | 'v' is of type array<double>, which is not read as a number | gives a number",
        "y ~ a + offset(v) | 'v' is of type array<double>, which is not read as a number | gives a number",
        "y ~ a + offset(date('2024-01-01')) | is of type date, which is not read as a number | gives a number",
      })
  void otherArraysAreRefused(String formula, String what, String remedy) {
    Console console = estimate("refused", formula);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(3);
    assertThat(console.err()).contains(what).contains(remedy);
  }
}
