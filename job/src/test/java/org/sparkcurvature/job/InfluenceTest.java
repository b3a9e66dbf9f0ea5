package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;

/** {@code influence} against refits without each row. */
class InfluenceTest {
  private static final int P = 11;

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  /** The data of the logit, with a column of ones, and y. */
  private static double[][] data() throws IOException {
    Path file = Path.of(System.getenv("SPARK_CURVATURE_HOME"), "conf/data/diabetes.csv");
    List<String> lines = Files.readAllLines(file);
    double[][] rows = new double[lines.size() - 1][P + 1];
    for (int i = 0; i < rows.length; i++) {
      String[] cells = lines.get(i + 1).split(",");
      rows[i][0] = 1;
      for (int k = 0; k < 10; k++) {
        rows[i][k + 1] = Double.parseDouble(cells[k]);
      }
      rows[i][P] = Double.parseDouble(cells[10]) > 140 ? 1 : 0;
    }
    return rows;
  }

  /** A logit without one row, by Newton's method from the estimates with it. */
  private static double[] refit(double[][] data, int without, double[] start) {
    double[] beta = start.clone();
    for (int step = 0; step < 8; step++) {
      double[][] hessian = new double[P][P];
      double[] gradient = new double[P];
      for (int i = 0; i < data.length; i++) {
        if (i != without) {
          double eta = 0;
          for (int k = 0; k < P; k++) {
            eta += data[i][k] * beta[k];
          }
          double p = 1 / (1 + Math.exp(-eta));
          for (int k = 0; k < P; k++) {
            gradient[k] += (p - data[i][P]) * data[i][k];
            for (int l = 0; l < P; l++) {
              hessian[k][l] += p * (1 - p) * data[i][k] * data[i][l];
            }
          }
        }
      }
      double[] change =
          new LUDecomposition(new Array2DRowRealMatrix(hessian, false))
              .getSolver()
              .solve(new ArrayRealVector(gradient, false))
              .toArray();
      for (int k = 0; k < P; k++) {
        beta[k] -= change[k];
      }
    }
    return beta;
  }

  @Test
  void influencesAreThoseOfRefitsWithoutEachRow() throws IOException {
    fitted();
    Console console = influence(FitTest.LOGIT, "influence.linear-predictor = eta");
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> rows = table();
    double[][] data = data();
    assertThat(rows).hasSize(data.length);
    double[] whole = refit(data, -1, estimates());
    double[][] exact = new double[P][data.length];
    double[][] first = new double[P][data.length];
    double[][] corrected = new double[P][data.length];
    double leverages = 0;
    for (int i = 0; i < data.length; i++) {
      double[] without = refit(data, i, whole);
      Row row = rows.get(i);
      leverages += row.<Double>getAs("leverage");
      for (int k = 0; k < P; k++) {
        exact[k][i] = without[k] - whole[k];
        first[k][i] = row.<Double>getList(row.fieldIndex("influence")).get(k);
        corrected[k][i] = row.<Double>getList(row.fieldIndex("influence_corrected")).get(k);
      }
    }
    PearsonsCorrelation correlation = new PearsonsCorrelation();
    for (int k = 0; k < P; k++) {
      assertThat(correlation.correlation(exact[k], first[k])).isGreaterThanOrEqualTo(0.984);
      assertThat(correlation.correlation(exact[k], corrected[k])).isGreaterThanOrEqualTo(0.997);
    }
    // Leverages add up to the number of estimates.
    assertThat(leverages).isCloseTo(P, within(1e-6));
    assertThat(console.out()).contains("rows of the largest self-influence");
  }

  @Test
  void anExpressionHasTheInfluenceOfItsParametersAndValidationThatOfItsLoss() throws IOException {
    fitted();
    assertThat(influence(FitTest.LOGIT).exitCode()).isZero();
    List<Row> parameters = table();
    Console console =
        influence(FitTest.LOGIT, "influence.on = \"2 * beta[1] - b0\"", "output.mode = overwrite");
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> expression = table();
    for (int i = 0; i < expression.size(); i++) {
      List<Double> influence = parameters.get(i).getList(parameters.get(i).fieldIndex("influence"));
      assertThat(expression.get(i).<Double>getAs("influence"))
          .isCloseTo(2 * influence.get(2) - influence.get(0), within(1e-12));
    }
    // The mean loss of the rows themselves is minimal: to first order nothing changes it.
    Console same =
        influence(
            FitTest.LOGIT,
            "influence.validation { path = \"%s/conf/data/diabetes.csv\", where = \"age > 50\" }"
                .formatted(System.getenv("SPARK_CURVATURE_HOME")),
            "output.mode = overwrite");
    assertThat(same.exitCode()).as(same.err()).isZero();
    double[][] data = data();
    double[] whole = estimates();
    double[] gradient = new double[P];
    int n = 0;
    for (double[] row : data) {
      if (row[1] > 50) {
        n++;
        double eta = 0;
        for (int k = 0; k < P; k++) {
          eta += row[k] * whole[k];
        }
        for (int k = 0; k < P; k++) {
          gradient[k] += (1 / (1 + Math.exp(-eta)) - row[P]) * row[k];
        }
      }
    }
    List<Row> validation = table();
    for (int i = 0; i < 20; i++) {
      List<Double> influence = parameters.get(i).getList(parameters.get(i).fieldIndex("influence"));
      double expected = 0;
      for (int k = 0; k < P; k++) {
        expected += gradient[k] / n * influence.get(k);
      }
      assertThat(validation.get(i).<Double>getAs("influence"))
          .isCloseTo(expected, within(1e-9 * Math.abs(expected) + 1e-13));
    }
  }

  /**
   * By statsmodels' OLSInfluence and GLMInfluence. A loss that is a multiple of a negative
   * log-likelihood has its dispersion estimated: s^2, or Pearson's X^2 / (n - k).
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ols | square(y - eta) / 2 | false",
        "ols | square(y - eta) | false",
        "quasi_poisson | exp(eta) - c * eta | false",
        "poisson | exp(eta) - c * eta | true",
      })
  void cooksDistancesAreThoseOfStatsmodels(String kind, String loss, boolean likelihood)
      throws IOException {
    JsonNode reference = FitTest.statistics("cooks-distance");
    StringBuilder rows = new StringBuilder("u,v,y,c\n");
    int n = reference.get("u").size();
    for (int i = 0; i < n; i++) {
      rows.append(
          String.join(
              ",",
              reference.get("u").get(i).asText(),
              reference.get("v").get(i).asText(),
              reference.get("y").get(i).asText(),
              reference.get("count").get(i).asText() + "\n"));
    }
    Files.writeString(temporary.resolve("rows.csv"), rows);
    String model =
        """
        input { path = "%s/rows.csv", options { header = true }
                tensors { x = [u, v], y = y, c = c } }
        model { parameters { b0 = 0, beta { labels = x, fill = 0 } }, likelihood = %s
                define { eta = "b0 + dot(x, beta)" }, loss = "%s" }
        """
            .formatted(temporary, likelihood, loss);
    assertThat(FitTest.run(temporary, "fit", model).exitCode()).isZero();
    Files.move(temporary.resolve("out/parameters.json"), temporary.resolve("parameters.json"));
    Console console =
        influence(model, "influence.linear-predictor = eta", "output.mode = overwrite");
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> table = table();
    assertThat(table).hasSize(n);
    for (int i = 0; i < n; i++) {
      double expected = reference.get(kind).get("cooks_distance").get(i).asDouble();
      assertThat(table.get(i).<Double>getAs("cooks_distance"))
          .isCloseTo(expected, within(1e-9 * expected));
    }
    JsonNode summary = new ObjectMapper().readTree(temporary.resolve("out/summary.json").toFile());
    assertThat(summary.has("dispersion")).isEqualTo(!likelihood);
    if (!likelihood) {
      double scale = reference.get(kind).get("scale").asDouble();
      double factor = loss.equals("square(y - eta)") ? 2 : 1;
      assertThat(summary.get("dispersion").asDouble())
          .isCloseTo(factor * scale, within(1e-9 * scale));
    }
  }

  /** The rows that matter most are told with what was observed, and what the model expects. */
  @Test
  void fittedValuesStandBesideInfluences() throws IOException {
    String model =
        """
        input { path = "%s/rows.csv", options { header = true } }
        model { formula = "y ~ x", family = poisson }
        """
            .formatted(temporary);
    Files.writeString(temporary.resolve("rows.csv"), "y,x\n1,0\n0,0\n2,1\n5,1\n3,2\n9,2\n4,1\n");
    assertThat(FitTest.run(temporary, "estimate", model).exitCode()).isZero();
    Path fit = Files.move(temporary.resolve("out"), temporary.resolve("fit"));
    Console console =
        Console.from(
            fit,
            "influence",
            temporary.resolve("out"),
            "influence.linear-predictor=eta",
            "influence.on=beta[0]");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out())
        .containsPattern(
            "largest +row \\d: .* nonrobust standard errors; 99% of rows under [0-9.]+\n")
        .containsPattern("change +in s.e. +leverage +observed +mean");
    for (Row row : table()) {
      double mean = row.<Double>getAs("mean");
      double observed = row.<Double>getAs("observed");
      assertThat(row.<Double>getAs("residual_pearson"))
          .isCloseTo((observed - mean) / Math.sqrt(mean), within(1e-12));
    }
    // The minimum of a likelihood with its canonical link: residuals add up to 0.
    assertThat(
            table().stream()
                .mapToDouble(row -> row.<Double>getAs("observed") - row.<Double>getAs("mean"))
                .sum())
        .isCloseTo(0, within(1e-8));
  }

  /** The tails of huber are linear: a factor of a likelihood cannot be told from them. */
  @Test
  void aLossWithoutDispersionHasNoCooksDistances() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "y\n1\n2\n3\n40\n");
    Console console =
        influence(
            """
            input { path = "%s/rows.csv", options { header = true }, tensors { y = y } }
            model { parameters { mu = 2.5 }, define { m = "mu" }
                    loss = "huber(y - m, 1)" }
            influence.linear-predictor = m
            """
                .formatted(temporary));
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err()).contains("There are no Cook's distances");
    assertThat(table()).allMatch(row -> row.getAs("cooks_distance") == null);
  }

  /** Leaving out a weighted row from a weighted mean, exactly and to first order. */
  @Test
  void weightsAndIdsAreTakenOver() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "name,y,w\na,1,1\nb,2,3\nc,5,2\nd,9,0\n");
    double mean = 17 / 6.0;
    Console console =
        influence(
            """
            input { path = "%s/rows.csv", options { header = true }, tensors { y = y }
                    weight = w, id = name, carry = [w] }
            model { parameters { mu = %s }, define { m = "mu" }, loss = "0.5 * square(y - m)" }
            influence.linear-predictor = m
            """
                .formatted(temporary, mean));
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> rows = table();
    double[] y = {1, 2, 5, 9};
    double[] w = {1, 3, 2, 0};
    for (int i = 0; i < 4; i++) {
      Row row = rows.get(i);
      assertThat(row.<String>getAs("id")).isEqualTo(List.of("a", "b", "c", "d").get(i));
      assertThat(row.<Double>getList(row.fieldIndex("influence")).get(0))
          .isCloseTo(w[i] * (mean - y[i]) / 6, within(1e-12));
      double without = (17 - w[i] * y[i]) / (6 - w[i]);
      assertThat(row.<Double>getList(row.fieldIndex("influence_corrected")).get(0))
          .isCloseTo(without - mean, within(1e-12));
      assertThat(row.<Double>getAs("leverage")).isCloseTo(w[i] / 6, within(1e-12));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | influence.linear-predictor = b0 | which is no definition",
        "2 | model.define.h = \"square(eta)\", influence.linear-predictor = h | does not depend on what is estimated through h alone",
        "2 | influence.on = \"beta\" | influences are on one number",
        "2 | influence.on = \"x[0]\" | x is an input tensor",
        "2 | influence { on = b0, validation { path = x } } | keep one",
        "3 | influence.validation { path = \"/nowhere.csv\" } | nowhere",
        "4 | model { parameters-from = null, parameters.b0 = 1 } | not at the minimum: a Newton step",
      })
  void whatHasNoInfluenceIsRefused(int exitCode, String setting, String message)
      throws IOException {
    fitted();
    Console console = influence(FitTest.LOGIT, setting);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(exitCode);
    assertThat(console.err()).contains(message).doesNotContain("\tat ");
    assertThat(temporary.resolve("out")).doesNotExist();
  }

  private void fitted() throws IOException {
    Console fit = FitTest.run(temporary, "fit", FitTest.LOGIT);
    assertThat(fit.exitCode()).as(fit.err()).isZero();
    Files.move(temporary.resolve("out/parameters.json"), temporary.resolve("parameters.json"));
    try (var files = Files.walk(temporary.resolve("out"))) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private double[] estimates() throws IOException {
    var json =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree(temporary.resolve("parameters.json").toFile());
    double[] estimates = new double[P];
    estimates[0] = json.get("b0").get("values").get(0).asDouble();
    for (int k = 1; k < P; k++) {
      estimates[k] = json.get("beta").get("values").get(k - 1).asDouble();
    }
    return estimates;
  }

  private Console influence(String... settings) throws IOException {
    String[] all = new String[settings.length + 1];
    all[0] = settings[0];
    all[1] =
        Files.exists(temporary.resolve("parameters.json"))
            ? "model.parameters-from = \"" + temporary + "/parameters.json\""
            : "";
    System.arraycopy(settings, 1, all, 2, settings.length - 1);
    return FitTest.run(temporary, "influence", all);
  }

  private List<Row> table() {
    return LocalSpark.session()
        .read()
        .parquet(temporary + "/out/influence")
        .orderBy("row")
        .collectAsList();
  }
}
