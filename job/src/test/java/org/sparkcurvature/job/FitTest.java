package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.sink.NpyFile;

/** {@code fit} from the command line to its files, against statsmodels and closed forms. */
class FitTest {
  static final String LOGIT =
      """
      input {
        path = "%s/conf/data/diabetes.csv", options { header = true }
        tensors { x = [age, sex, bmi, bp, s1, s2, s3, s4, s5, s6], y = "y > 140" }
      }
      model {
        parameters { b0 = 0, beta { labels = x, fill = 0 } }
        define { eta = "b0 + dot(x, beta)" }
        loss = "binary_cross_entropy(eta, y)", likelihood = true
      }
      """
          .formatted(System.getenv("SPARK_CURVATURE_HOME"));

  static final String POISSON =
      """
      input {
        path = "%s/conf/data/randhie.csv", options { header = true }
        tensors { x = [lncoins, idp, lpi, fmde, physlm, disea, hlthg, hlthf, hlthp], y = mdvis }
      }
      model {
        parameters { b0 = 0, beta { labels = x, fill = 0 } }
        define { eta = "b0 + dot(x, beta)" }
        loss = "exp(eta) - y * eta + lgamma(y + 1)", likelihood = true
      }
      """
          .formatted(System.getenv("SPARK_CURVATURE_HOME"));

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  @ParameterizedTest
  @CsvSource({
    "trust-region-newton, logit-diabetes, 1e-8",
    "trust-region-newton, poisson-randhie, 1e-8",
    "lbfgs, poisson-randhie, 1e-6",
    "lbfgs, logit-diabetes, 1e-5",
    "newton-cg, poisson-randhie, 1e-7",
    "owlqn, poisson-randhie, 1e-6",
  })
  void theEstimatesAreThoseOfStatsmodels(String method, String name, double tolerance)
      throws IOException {
    Console console =
        run(
            "fit",
            name.startsWith("logit") ? LOGIT : POISSON,
            "fit { max-iterations = 400, method = " + method + " }");
    assertThat(console.exitCode()).as(console.err() + console.out()).isZero();
    JsonNode expected = reference(name);
    JsonNode parameters = json("parameters.json");
    assertThat(parameters.get("b0").get("values").get(0).asDouble())
        .isCloseTo(expected.get("params").get(0).asDouble(), within(14 * tolerance));
    for (int k = 1; k < expected.get("params").size(); k++) {
      assertThat(parameters.get("beta").get("values").get(k - 1).asDouble())
          .isCloseTo(expected.get("params").get(k).asDouble(), within(tolerance));
    }
    JsonNode summary = json("summary.json");
    assertThat(summary.get("converged").asBoolean()).isTrue();
    assertThat(summary.get("value").asDouble())
        .isCloseTo(-expected.get("llf").asDouble(), within(1e-6));
    assertThat(summary.get("hessian").get("verdict").asText()).isEqualTo("minimum");
    JsonNode history = json("history.json");
    assertThat(history.size()).isEqualTo(summary.get("iterations").asInt() + 1);
    assertThat(history.get(history.size() - 1).get("value").asDouble())
        .isLessThan(history.get(0).get("value").asDouble());
    assertThat(temporary.resolve("out/_SUCCESS")).exists();
  }

  /** By the definition of a minimum: subgradients vanish, and zeros are exact. */
  @Test
  void anL1PenaltyLeavesExactZeros() throws IOException {
    Console console =
        run("fit", POISSON, "fit { method = owlqn, max-iterations = 400, l1 { beta = 400.0 } }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode beta = json("parameters.json").get("beta").get("values");
    double norm = 0;
    int zeros = 0;
    for (JsonNode element : beta) {
      norm += Math.abs(element.asDouble());
      zeros += element.asDouble() == 0 ? 1 : 0;
    }
    assertThat(zeros).isBetween(1, 8);
    double penalised = json("summary.json").get("value").asDouble();
    Console derived =
        run(
            "derive",
            POISSON,
            "model.parameters-from = \"" + copied("parameters.json") + "\"",
            "output.mode = overwrite",
            "derive { wrt = [b0, beta], reduction = sum }");
    assertThat(derived.exitCode()).as(derived.err()).isZero();
    JsonNode summary = json("summary.json");
    assertThat(penalised).isCloseTo(summary.get("value").asDouble() + 400 * norm, within(1e-7));
    double[] gradient = NpyFile.read(temporary.resolve("out/gradient.npy")).values();
    assertThat(gradient[0]).isCloseTo(0, within(1e-3));
    for (int k = 0; k < 9; k++) {
      double element = beta.get(k).asDouble();
      if (element == 0) {
        assertThat(Math.abs(gradient[k + 1])).isLessThanOrEqualTo(400);
      } else {
        assertThat(gradient[k + 1]).isCloseTo(-400 * Math.signum(element), within(1e-3));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"trust-region-newton", "newton-cg", "lbfgs"})
  void aRunThatIsResumedEndsWhereTheFirstWouldHave(String method) throws IOException {
    String fit = "fit { method = " + method + ", checkpoint = \"" + temporary + "/kept\" }";
    Console whole = run("fit", POISSON, fit);
    assertThat(whole.exitCode()).as(whole.err()).isZero();
    assertThat(temporary.resolve("kept")).doesNotExist();
    JsonNode expected = json("parameters.json");
    JsonNode history = json("history.json");
    Console stopped = run("fit", POISSON, fit, "fit.max-iterations = 4", "output.mode = overwrite");
    assertThat(stopped.exitCode()).isEqualTo(4);
    assertThat(stopped.err()).contains("not converged").contains("_NOT_CONVERGED");
    assertThat(temporary.resolve("out/_NOT_CONVERGED")).exists();
    assertThat(temporary.resolve("out/_SUCCESS")).doesNotExist();
    assertThat(json("summary.json").get("converged").asBoolean()).isFalse();
    Console resumed = run("fit", POISSON, fit, "output.mode = overwrite");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("going on from the checkpoint of iteration 4");
    assertThat(json("parameters.json")).isEqualTo(expected);
    assertThat(json("history.json").size()).isEqualTo(history.size());
  }

  @Test
  void aCheckpointOfAnotherFitIsNotTaken() {
    String fit = "fit { max-iterations = 2, checkpoint = \"" + temporary + "/kept\" }";
    assertThat(run("fit", POISSON, fit).exitCode()).isEqualTo(4);
    Console other = run("fit", LOGIT, fit, "output.mode = overwrite");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("it holds the state of another fit");
  }

  @Test
  void fixedParametersKeepTheirValues() throws IOException {
    Console console = run("fit", POISSON, "model.parameters { b0 { value = 0.5, fixed = true } }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(json("parameters.json").get("b0").get("values").get(0).asDouble()).isEqualTo(0.5);
    assertThat(json("layout.json").size()).isEqualTo(1);
  }

  /** A normal likelihood has a closed form: the mean, and the mean square about it. */
  @Test
  void aTransformedParameterIsReportedOnItsOwnScale() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "y,w\n1,1\n2,2\n4,1\n7,0\n");
    Console console =
        run(
            "fit",
            """
            input { path = "%s/rows.csv", options { header = true }, tensors { y = y }, weight = w }
            model { parameters { mu = 0, s { value = 1, transform = log } }
                    loss = "ln(s) + 0.5 * square((y - mu) / s)" }
            """
                .formatted(temporary));
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode parameters = json("parameters.json");
    double mean = (1 + 2 * 2 + 4) / 4.0;
    double square = (Math.pow(1 - mean, 2) + 2 * Math.pow(2 - mean, 2) + Math.pow(4 - mean, 2)) / 4;
    assertThat(parameters.get("mu").get("values").get(0).asDouble()).isCloseTo(mean, within(1e-9));
    assertThat(parameters.get("s").get("values").get(0).asDouble())
        .isCloseTo(Math.sqrt(square), within(1e-9));
  }

  /** Frequencies are the maximum likelihood of a categorical distribution. */
  @Test
  void aSimplexAddsUpToOne() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "k\n0\n0\n0\n1\n1\n2\n2\n2\n2\n2\n");
    Console console =
        run(
            "fit",
            """
            input { path = "%s/rows.csv", options { header = true }, tensors { k = k } }
            model { parameters { p { value = [0.5, 0.25, 0.25], transform = simplex } }
                    loss = "-ln(p[k])" }
            """
                .formatted(temporary));
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode p = json("parameters.json").get("p").get("values");
    double[] expected = {0.3, 0.2, 0.5};
    for (int k = 0; k < 3; k++) {
      assertThat(p.get(k).asDouble()).isCloseTo(expected[k], within(1e-9));
    }
  }

  /** Thresholds of an ordered logit without predictors are the logits of cumulated shares. */
  @Test
  void orderedThresholdsIncrease() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "k\n0\n0\n0\n1\n1\n2\n2\n2\n2\n2\n");
    Console console =
        run(
            "fit",
            """
            input { path = "%s/rows.csv", options { header = true }, tensors { k = k } }
            model { parameters { c { value = [-1, 1], transform = ordered } }
                    define { below = "concat(0.0, sigmoid(c), 1.0)" }
                    loss = "-ln(below[k + 1] - below[k])" }
            """
                .formatted(temporary));
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode c = json("parameters.json").get("c").get("values");
    assertThat(c.get(0).asDouble()).isCloseTo(Math.log(0.3 / 0.7), within(1e-9));
    assertThat(c.get(1).asDouble()).isCloseTo(Math.log(0.5 / 0.5), within(1e-9));
  }

  /** f(a, b) = (a^2 - 1)^2 + b^2 has a saddle at 0 and minima at a = -1 and 1. */
  @Test
  void aSaddleIsLeft() throws IOException {
    Console console =
        run(
            "fit",
            rows("u\n1\n"),
            "model { parameters { a = 0, b = 0 }, loss = \"u * square(square(a) - 1) + square(b)\" }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(Math.abs(json("parameters.json").get("a").get("values").get(0).asDouble()))
        .isCloseTo(1, within(1e-9));
    assertThat(json("summary.json").get("hessian").get("verdict").asText()).isEqualTo("minimum");
  }

  @Test
  void collinearColumnsAreNamed() throws IOException {
    Console console =
        run(
            "fit",
            rows("u,v,y\n1,2,1\n2,4,3\n3,6,2\n"),
            "model { parameters { a = 0, b = 0 }, loss = \"square(y - u * a - v * b)\" }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err()).contains("The Hessian is singular").contains("a - 0.5 b");
    JsonNode summary = json("summary.json");
    assertThat(summary.get("hessian").get("verdict").asText()).isEqualTo("flat");
    assertThat(summary.get("value").asDouble()).isCloseTo(14 - 13 * 13 / 14.0, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // separable classes
        "4 | binary_cross_entropy(u * a + b, y) | there is no minimum",
        // a kink, under Newton
        "4 | abs(y - a * u) + square(b - 1) | no step lowers the value",
        // not finite where it begins
        "4 | ln(a - 1) * u + y * b | NaN or infinity in",
        // without bound
        "4 | u * a + square(b) | there is no minimum",
      })
  void whatHasNoMinimumIsToldApart(int exitCode, String loss, String message) throws IOException {
    Console console =
        run(
            "fit",
            rows("u,y\n-2,0\n-1,0\n1,1\n3,1\n4,1\n"),
            "model { parameters { a = 0.1, b = 0 }, loss = \"" + loss + "\" }");
    assertThat(console.exitCode()).as(console.err()).isEqualTo(exitCode);
    assertThat(console.err()).contains(message).contains("to mend it").doesNotContain("\tat ");
    assertThat(temporary.resolve("out/_SUCCESS")).doesNotExist();
  }

  @Test
  void aConstantLossIsAFlatPoint() throws IOException {
    Console console =
        run("fit", rows("u\n1\n"), "model { parameters { a = 2 }, loss = \"u + 0 * a\" }");
    assertThat(console.exitCode()).isZero();
    assertThat(console.err()).contains("The Hessian is singular").contains("along a");
    assertThat(json("parameters.json").get("a").get("values").get(0).asDouble()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fit { l1 = 1, method = lbfgs } | fit.l1",
        "fit.method = newton | trust-region-newton | newton-cg",
        "fit.tolerance = 0 | a number above 0",
        "fit.max-iterations = 0 | a whole number from 1",
        "derive.wrt = [x] | only parameters are estimated",
        "model.parameters.b0 { value = 1, fixed = true }, model.parameters.beta.fixed = true | every parameter is fixed",
        "model.parameters.b0 { value = -1, transform = log } | its values are above 0",
        "model.parameters.b0 { value = 1, transform = simplex } | takes a vector",
        "fit { method = owlqn, l1 { gamma = 1 } } | names no parameter",
      })
  void wrongSettingsAreRefused(String setting, String message) {
    Console console = run("fit", LOGIT, setting);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err()).contains(message);
    assertThat(temporary.resolve("out")).doesNotExist();
  }

  /** P = 50,000: a Hessian of it takes 10 GB, and the tests' heap has 3. */
  @Test
  void newtonCgHoldsNoHessian() throws IOException {
    String[] model = {
      rows("u\n1\n2\n3\n")
          .replace(
              "u = u",
              "x = { column = \"transform(sequence(1, 200), i -> sin(i * u))\", shape = [200] }"),
      "model { parameters { W { shape = [250, 200], fill = 0.1 } }, penalty = \"sum(square(W))\"",
      "loss = \"0.5 * sum(square(matmul(W, x) - 1)) + 0.1 * sum(cosh(matmul(W, x)))\" }"
    };
    Console refused = run("fit", String.join("\n", model));
    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
    assertThat(refused.err()).contains("fit.method = newton-cg or lbfgs");
    Console console = run("fit", String.join("\n", model), "fit.method = newton-cg");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(json("summary.json").get("P").asInt()).isEqualTo(50_000);
    assertThat(json("summary.json").get("relative_gradient_norm").asDouble())
        .isLessThanOrEqualTo(1e-10);
  }

  private String rows(String csv) throws IOException {
    Path file = Files.writeString(temporary.resolve("rows.csv"), csv);
    String tensors =
        Arrays.stream(csv.substring(0, csv.indexOf('\n')).split(","))
            .map(name -> name + " = " + name)
            .collect(Collectors.joining(", "));
    return "input { path = \"%s\", options { header = true }, tensors { %s } }"
        .formatted(file, tensors);
  }

  private Path copied(String name) throws IOException {
    return Files.copy(temporary.resolve("out").resolve(name), temporary.resolve(name));
  }

  private Console run(String command, String... settings) {
    return run(temporary, command, settings);
  }

  static Console run(Path temporary, String command, String... settings) {
    Path file = temporary.resolve("run.conf");
    try {
      Files.writeString(
          file,
          "curvature {\noutput.path = \"%s/out\"\n%s\n}\n"
              .formatted(temporary, String.join("\n", settings)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Console.run(command, "--config", file.toString());
  }

  static JsonNode reference(String name) throws IOException {
    return statistics("infer-" + name);
  }

  /** Numbers that another program found. */
  static JsonNode statistics(String name) throws IOException {
    try (InputStream in = FitTest.class.getResourceAsStream("/statistics/" + name + ".json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  private JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(temporary.resolve("out").resolve(name).toFile());
  }
}
