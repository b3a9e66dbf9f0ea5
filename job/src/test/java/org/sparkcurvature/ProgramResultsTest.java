package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.cli.Console;

/** What follows a result of a program: folders, predictions, effects, rows. */
class ProgramResultsTest {
  @TempDir static Path temporary;

  private static SparkSession spark;
  private static Dataset<Row> table;

  @BeforeAll
  static void readTable() {
    spark = LocalSpark.session();
    table = ProgramTables.visits(spark);
  }

  private static List<Row> predictions(Dataset<Row> table, String... columns) {
    return table.selectExpr(columns).orderBy("mdvis", "lncoins", "mean").collectAsList();
  }

  /** A result that is written is what the command would have written, and goes on as that. */
  @Test
  void whatIsWrittenIsTheCommands() throws Exception {
    Path out = temporary.resolve("written");
    Estimates estimates = ProgramTables.poisson(table).estimate("HC1");
    estimates.write(out.toString());
    assertThat(out.resolve("_SUCCESS")).exists();
    assertThat(ProgramTables.failure(() -> written(estimates, out)).code()).isEqualTo(2);
    estimates.write(out.toString(), "overwrite");
    JsonNode written = new ObjectMapper().readTree(out.resolve("estimates.json").toFile());
    assertThat(written.at("/estimates/0/std_error").asDouble())
        .isEqualTo(estimates.standardErrors()[0]);
    Path rows = ProgramTables.HOME.resolve("conf/data/randhie.csv");
    for (String command : List.of("predict", "effects")) {
      Path follows = temporary.resolve(command);
      Console console =
          Console.run(
              command,
              "--from",
              out.toString(),
              "--set",
              "input.path=\"" + rows + "\"",
              "--set",
              "input.options={ header = true }",
              "--set",
              "predict.interval=confidence",
              "--set",
              "input.carry=[mdvis, lncoins]",
              "--set",
              "effects.slopes=[lncoins]",
              "--set",
              "output.path=\"" + follows + "\"");
      assertThat(console.exitCode()).as(console.err()).isZero();
    }
    String[] columns = {"double(mdvis)", "lncoins", "mean", "mean_std_error", "mean_ci_low"};
    List<Row> own =
        predictions(
            estimates
                .predict(table, Map.of("interval", "confidence"))
                .withColumn("mdvis", functions.expr("double(mdvis)")),
            "mdvis",
            "lncoins",
            "mean",
            "mean_std_error",
            "mean_ci_low");
    List<Row> command =
        predictions(
            spark
                .read()
                .parquet(temporary.resolve("predict/predictions").toString())
                .withColumn("mdvis", functions.expr("double(mdvis)"))
                .withColumn("lncoins", functions.expr("double(lncoins)")),
            "mdvis",
            "lncoins",
            "mean",
            "mean_std_error",
            "mean_ci_low");
    assertThat(own).hasSize(20190);
    for (int k = 0; k < own.size(); k += 97) {
      for (int c = 0; c < columns.length; c++) {
        assertThat(own.get(k).getDouble(c))
            .isCloseTo(command.get(k).getDouble(c), within(1e-12 * 10));
      }
    }
    Effects effects = estimates.effects(table, Map.of("slopes", List.of("lncoins")));
    JsonNode averages =
        new ObjectMapper().readTree(temporary.resolve("effects/effects.json").toFile());
    for (int k = 0; k < 2; k++) {
      JsonNode average = averages.get("effects").get(k);
      assertThat(effects.estimates()[k])
          .isCloseTo(average.get("estimate").asDouble(), within(1e-12));
      assertThat(effects.standardErrors()[k])
          .isCloseTo(average.get("std_error").asDouble(), within(1e-12));
    }
    assertThat(effects.table().count()).isEqualTo(2);
    assertThat(effects.toString()).contains("lncoins");
  }

  private static Path written(Estimates estimates, Path path) {
    estimates.write(path.toString());
    return path;
  }

  /** Columns that are called as results are keep their names, and rows keep all of them. */
  @Test
  void resultsByRowCarryTheTablesOwnColumns() throws Exception {
    String[] names = {"row", "id", "value", "mean", "gradient"};
    double[][] rows = new double[30][5];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < 5; j++) {
        rows[i][j] = Math.sin(Math.pow(1 + 7 * i + 3 * j, 2));
      }
    }
    Dataset<Row> table = ProgramTables.frame(spark, names, rows);
    Curvature model = Curvature.on(table).formula("value ~ row + mean").family("gaussian");
    Estimates estimates = model.estimate();
    Dataset<Row> predicted =
        estimates.predict(table.drop("value"), Map.of("of", List.of("eta", "exp(eta) AS id")));
    assertThat(predicted.columns())
        .containsExactly("row", "id", "mean", "gradient", "row_1", "eta", "id_1");
    for (Row row : predicted.collectAsList()) {
      double eta =
          estimates.estimate("Intercept")
              + estimates.estimate("row") * row.<Double>getAs("row")
              + estimates.estimate("mean") * row.<Double>getAs("mean");
      assertThat(row.<Double>getAs("eta")).isCloseTo(eta, within(1e-12));
      assertThat(row.<Double>getAs("id_1")).isCloseTo(Math.exp(eta), within(1e-12));
    }
    CurvatureException twice =
        ProgramTables.failure(
            () -> estimates.predict(table, Map.of("of", List.of("exp(eta) AS row"))));
    assertThat(twice.what()).contains("two columns of the predictions are called row");
    Dataset<Row> influences = model.at(estimates.parameters()).influence().table();
    assertThat(influences.columns()).startsWith(names).contains("influence", "row_1");
    double[] sums = new double[3];
    influences
        .select("influence")
        .collectAsList()
        .forEach(
            row -> {
              for (int k = 0; k < 3; k++) {
                sums[k] += row.<Double>getList(0).get(k);
              }
            });
    // The gradient of all rows is 0 at the minimum.
    assertThat(sums).usingComparatorWithPrecision(1e-10).containsExactly(0, 0, 0);
    Path out = temporary.resolve("influences");
    model.at(estimates.parameters()).influence().write(out.toString());
    assertThat(out.resolve("_SUCCESS")).exists();
    assertThat(spark.read().parquet(out.resolve("influence").toString()).count()).isEqualTo(30);
  }
}
