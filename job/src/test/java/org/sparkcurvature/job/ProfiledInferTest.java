package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.sink.NpyFile;

/** Errors of some parameters, the others estimated, too: those that the whole gives. */
class ProfiledInferTest {
  private static final int GROUPS = 505;

  private static final String EFFECTS =
      """
      input { path = "%s", options { header = true }, tensors { x = [u, v], y = y, g = g, h = h } }
      model {
        parameters { beta { labels = x, fill = 0.1 }, a { shape = [505], fill = 0.5 }
                     s { value = 1.5, transform = log } }
        define { r = "(y - a[g] - dot(x, beta)) / s" }
        loss = "ln(s) + 0.5 * square(r)", likelihood = true
      }
      infer {
        groups = [k]
        functions { ratio = "beta[0] / beta[1]" }
        tests { both = ["beta[0] = 0.4", "beta[1] = -0.2"] }
      }
      """;

  @TempDir static Path temporary;
  private static String effects;

  @BeforeAll
  static void fit() throws IOException {
    LocalSpark.session();
    Random random = new Random(7);
    StringBuilder rows = new StringBuilder("g,h,k,u,v,w,y\n");
    for (int i = 0; i < 5 * GROUPS; i++) {
      int g = i % GROUPS;
      double u = random.nextGaussian() + 0.01 * (g % 50);
      double v = random.nextDouble();
      rows.append(
          "%d,%d,%d,%s,%s,%s,%s\n"
              .formatted(
                  g,
                  random.nextInt(9),
                  random.nextInt(20),
                  u,
                  v,
                  1 + random.nextInt(3),
                  0.02 * (g % 50) + 0.5 * u - 0.2 * v + random.nextGaussian()));
    }
    Path file = temporary.resolve("rows.csv");
    Files.writeString(file, rows);
    effects = EFFECTS.formatted(file);
    Console console = FitTest.run(temporary, "fit", effects);
    assertThat(console.exitCode()).as(console.err()).isZero();
    Files.move(temporary.resolve("out"), temporary.resolve("fit"));
  }

  /** With everything named all errors are computed from the whole Hessian. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "covariance = nonrobust",
        "covariance = HC0",
        "covariance = HC1",
        "covariance = cluster",
      })
  void errorsOfAPartAreThoseOfTheWhole(String covariance) throws IOException {
    JsonNode whole = infer("infer { " + covariance + " }");
    JsonNode part = infer("infer { " + covariance + " }", "derive.wrt = [beta]");
    assertThat(part.get("profiled_out")).hasToString("[\"a\",\"s\"]");
    assertThat(part.get("estimates")).hasSize(3);
    for (int k = 0; k < 3; k++) {
      JsonNode own = part.get("estimates").get(k);
      JsonNode of = whole.get("estimates").get(k < 2 ? k : GROUPS + 3);
      assertThat(own.get("name")).isEqualTo(of.get("name"));
      double error = of.get("std_error").asDouble();
      assertThat(own.get("std_error").asDouble()).isCloseTo(error, within(1e-10 * error));
    }
    assertThat(NpyFile.read(temporary.resolve("out/covariance.npy")).values()).hasSize(4);
    double wald = whole.get("tests").get(0).get("wald").asDouble();
    assertThat(part.get("tests").get(0).get("wald").asDouble())
        .isCloseTo(wald, within(1e-9 * wald));
    assertThat(part.get("aic")).isEqualTo(whole.get("aic"));
  }

  /** Each way, less that of both together, each with its own factor. */
  @Test
  void severalWaysOfClusteringAddAndSubtract() throws IOException {
    double[] ways = new double[4];
    String[] groups = {"k", "h", "\"10 * k + h\"", "[k, h]"};
    for (int way = 0; way < 4; way++) {
      infer("infer { covariance = cluster, groups = " + groups[way] + " }", "derive.wrt = [beta]");
      ways[way] = NpyFile.read(temporary.resolve("out/covariance.npy")).values()[0];
    }
    assertThat(ways[3]).isCloseTo(ways[0] + ways[1] - ways[2], within(1e-10 * ways[0]));
  }

  /** A scale on which s is estimated beside a penalty that couples neighbouring effects. */
  @Test
  void effectsThatAreCoupledAreProfiledOutByConjugateGradients() throws IOException {
    String coupled =
        effects
            + "model.penalty ="
            + " \"sum(square(slice(a, 1, 504) - slice(a, 0, 504))) + 0.5 * sum(square(a))\"";
    Console console = FitTest.run(temporary, "fit", coupled, "output.mode = overwrite");
    assertThat(console.exitCode()).as(console.err()).isZero();
    String from = from("coupled");
    JsonNode whole = infer(coupled, from, "infer.covariance = HC0");
    JsonNode part = infer(coupled, from, "infer.covariance = HC0", "derive.wrt = [beta, s]");
    for (int k = 0; k < 2; k++) {
      double error = whole.get("estimates").get(k).get("std_error").asDouble();
      assertThat(part.get("estimates").get(k).get("std_error").asDouble())
          .isCloseTo(error, within(1e-9 * error));
    }
    double error = whole.get("estimates").get(GROUPS + 2).get("std_error").asDouble();
    assertThat(part.get("estimates").get(2).get("std_error").asDouble())
        .isCloseTo(error, within(1e-9 * error));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "input.where = \"g < 500\" | the data says nothing about a[500]",
        "model.parameters.b0 = 0, model.define.r = \"(y - b0 - a[g] - dot(x, beta)) / s\""
            + " | the data says nothing about b0 (the others estimated too)",
        "model.parameters.s.value = 1.1, model.parameters-from = null | not at the minimum: a Newton step",
      })
  void whatCannotBeProfiledOutIsRefused(String setting, String message) {
    Console console = run(setting, "derive.wrt = [beta]");
    assertThat(console.exitCode()).as(console.err()).isEqualTo(4);
    assertThat(console.err()).contains(message);
  }

  /** What a fit held is known, and what it found is estimated. */
  @Test
  void whatAFitHeldIsTakenAsKnown() throws IOException {
    Console console =
        FitTest.run(
            temporary, "fit", FitTest.LOGIT, "derive.wrt = [beta]", "output.mode = overwrite");
    assertThat(console.exitCode()).as(console.err()).isZero();
    String from = from("held");
    String fixed = "model.parameters.b0 = { value = 0, fixed = true }";
    JsonNode held = infer(FitTest.LOGIT, from, "infer.covariance = nonrobust");
    JsonNode known = infer(FitTest.LOGIT, from, fixed, "infer.covariance = nonrobust");
    assertThat(held.get("estimates")).hasSize(10).isEqualTo(known.get("estimates"));
    // A fit of all estimates it again.
    console = FitTest.run(temporary, "fit", FitTest.LOGIT, from, "output.mode = overwrite");
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode parameters =
        new ObjectMapper().readTree(temporary.resolve("out/parameters.json").toFile());
    assertThat(parameters.get("b0").get("values").get(0).asDouble())
        .isCloseTo(
            FitTest.reference("logit-diabetes").get("params").get(0).asDouble(), within(1e-6));
    assertThat(parameters.get("b0").has("estimated")).isFalse();
  }

  /** In a model of few parameters likewise, against statsmodels. */
  @ParameterizedTest
  @ValueSource(strings = {"nonrobust", "HC0", "HC1"})
  void errorsOfAFewAreThoseOfStatsmodelsForAll(String covariance) throws IOException {
    assertThat(FitTest.run(temporary, "fit", FitTest.POISSON, "output.mode = overwrite").exitCode())
        .isZero();
    JsonNode part =
        infer(
            FitTest.POISSON,
            from("poisson"),
            "infer.covariance = " + covariance,
            "derive.wrt = [b0]");
    double error =
        FitTest.reference("poisson-randhie").get(covariance).get("bse").get(0).asDouble();
    assertThat(part.get("estimates")).hasSize(1);
    assertThat(part.get("estimates").get(0).get("std_error").asDouble())
        .isCloseTo(error, within(1e-6 * error));
  }

  /** Keeps a fit under a name of its own. */
  private String from(String name) throws IOException {
    Path kept = temporary.resolve(name + "-" + System.nanoTime());
    Files.move(temporary.resolve("out"), kept);
    return "model.parameters-from = \"" + kept + "/parameters.json\"";
  }

  private Console run(String... settings) {
    String[] all = new String[settings.length + 3];
    all[0] = settings[0].startsWith("input {") ? "" : effects;
    all[1] = "output.mode = overwrite";
    all[2] = "model.parameters-from = \"" + temporary + "/fit/parameters.json\"";
    System.arraycopy(settings, 0, all, 3, settings.length);
    return FitTest.run(temporary, "infer", all);
  }

  private JsonNode infer(String... settings) throws IOException {
    Console console = run(settings);
    assertThat(console.exitCode()).as(console.err()).isZero();
    return new ObjectMapper().readTree(temporary.resolve("out/estimates.json").toFile());
  }
}
