package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;

/** Predictions by groups have the intervals that each group's own fit has. */
class GroupIntervalsTest {
  private static final String MODEL = "formula = \"y ~ x + C(k)\", family = binomial";
  private static final List<String> COLUMNS =
      List.of("mean", "mean_std_error", "mean_ci_low", "mean_ci_high");

  @TempDir static Path folder;

  @BeforeAll
  static void rows() throws IOException {
    LocalSpark.session();
    Random random = new Random(1);
    List<String> rows = new ArrayList<>(List.of("who,g,k,y,x"));
    int who = 0;
    for (String g : List.of("a", "b", "c", "d")) {
      for (int i = 0; i < 120; i++) {
        double x = random.nextGaussian();
        // Of c all outcomes are alike; d has one of the levels.
        String k = g.equals("d") ? "u" : List.of("u", "v").get(i % 2);
        int y = g.equals("c") || random.nextDouble() < 1 / (1 + Math.exp(-x)) ? 1 : 0;
        rows.add(who++ + "," + g + "," + k + "," + y + "," + x);
      }
    }
    Files.write(folder.resolve("rows.csv"), rows);
  }

  private static Map<Integer, Row> predictions(String result) {
    Map<Integer, Row> rows = new HashMap<>();
    LocalSpark.session()
        .read()
        .parquet(folder.resolve(result).resolve("predictions").toString())
        .collectAsList()
        .forEach(row -> rows.put(Integer.valueOf(row.getString(0)), row));
    return rows;
  }

  private static void run(String command, String output, String... settings) throws IOException {
    Console run = Console.run(folder, command, output, MODEL, settings);
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  private static Console predict(String from, String output, String... settings) {
    return Console.from(
        folder.resolve(from),
        "predict",
        folder.resolve(output),
        GroupedRows.with(settings, "predict.interval=confidence"));
  }

  @Test
  void theyAreThoseOfEachGroupsOwnFit() throws IOException {
    run(
        "estimate",
        "groups",
        "input.id=who",
        "fit.by=[g]",
        "fit.by-covariance=true",
        "infer.covariance=HC1",
        "model.collinear=drop");
    Console all = predict("groups", "predicted");
    assertThat(all.exitCode()).as(all.err()).isZero();
    Map<Integer, Row> together = predictions("predicted");
    assertThat(together).hasSize(480);
    for (String g : List.of("a", "b")) {
      run(
          "estimate",
          "of_" + g,
          "input.id=who",
          "input.where=\"g = '" + g + "'\"",
          "infer.covariance=HC1");
      Console own = predict("of_" + g, "predicted_" + g);
      assertThat(own.exitCode()).as(own.err()).isZero();
      Map<Integer, Row> alone = predictions("predicted_" + g);
      assertThat(alone).hasSize(120);
      alone.forEach(
          (who, row) -> {
            for (String column : COLUMNS) {
              double wanted = row.getAs(column);
              assertThat(together.get(who).<Double>getAs(column))
                  .as(g + " " + who + " " + column)
                  .isCloseTo(wanted, within(1e-9 * Math.abs(wanted)));
            }
          });
    }
    together
        .values()
        .forEach(
            row -> {
              boolean has = row.getAs("group_status").equals("converged");
              for (String column : COLUMNS) {
                assertThat(row.isNullAt(row.fieldIndex(column))).isEqualTo(!has);
              }
              int who = Integer.parseInt(row.getString(0));
              assertThat(has).isEqualTo(who < 240 || who >= 360);
            });
  }

  @Test
  void whatTheyNeedIsSaid() throws IOException {
    run("estimate", "without", "input.id=who", "fit.by=[g]", "model.collinear=drop");
    Console none = predict("without", "refused");
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).contains("kept no covariances").contains("fit.by-covariance = true");
    run(
        "estimate",
        "with",
        "input.id=who",
        "fit.by=[g]",
        "fit.by-covariance=true",
        "model.collinear=drop");
    Console t = predict("with", "refused", "infer.reference=t");
    assertThat(t.exitCode()).isEqualTo(2);
    assertThat(t.err()).contains("infer.reference").contains("set it to normal");
    Console effects =
        Console.from(
            folder.resolve("with"), "effects", folder.resolve("refused"), "infer.reference=t");
    assertThat(effects.exitCode()).isEqualTo(2);
    assertThat(effects.err()).contains("effects by groups are compared with a normal");
  }
}
