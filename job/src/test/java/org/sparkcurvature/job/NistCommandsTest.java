package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.fit.CertifiedProblem;

/**
 * Problems of NIST's Statistical Reference Datasets through {@code fit} and {@code infer}, from
 * files to files: {@code NistTest} has all of them without Spark.
 */
class NistCommandsTest {
  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  @Test
  void aLine() throws IOException {
    CertifiedProblem problem = CertifiedProblem.load("Norris");
    isReached(problem, 0, 1e-10, problem.deviations(), 1e-10);
  }

  /** Of degree 10: its Hessian's elements do not tell it from a singular one, products do. */
  @Test
  void aPolynomialOfHighDegree() throws IOException {
    CertifiedProblem problem = CertifiedProblem.load("Filip");
    isReached(problem, 0, 3e-7, problem.deviations(), 1e-6);
  }

  /**
   * NIST certifies errors of J'J. Those of the whole Hessian are of second differences with 40
   * digits (mpmath) at the minimum, times the certified residual variance.
   */
  @Test
  void anExponentialCurveFromTheFarStart() throws IOException {
    isReached(
        CertifiedProblem.load("Misra1a"),
        0,
        1e-9,
        new double[] {2.71086472248, 7.27724873262e-6},
        1e-8);
  }

  @Test
  void aRationalFunctionFromTheFarStart() throws IOException {
    isReached(
        CertifiedProblem.load("Thurber"),
        0,
        1e-9,
        new double[] {
          4.68277179662,
          35.049529151,
          25.7972107664,
          4.97989032462,
          0.0294436711562,
          0.0140381459269,
          0.00521353069537
        },
        1e-8);
  }

  private void isReached(
      CertifiedProblem problem, int start, double ofEstimates, double[] errors, double ofErrors)
      throws IOException {
    Console fit = run("fit", model(problem, problem.start(start)));
    assertThat(fit.exitCode()).as(fit.err()).isZero();
    assertThat(fit.out()).contains("  CONVERGED  ").contains("; minimum");
    JsonNode fitted = json("parameters.json");
    double[] x =
        problem.parameters().stream()
            .mapToDouble(p -> fitted.at("/" + p.name() + "/values/0").asDouble())
            .toArray();
    Console infer = run("infer", model(problem, x), "infer.covariance = nonrobust");
    assertThat(infer.exitCode()).as(infer.err()).isZero();
    JsonNode table = json("estimates.json").get("estimates");
    for (int i = 0; i < x.length; i++) {
      assertThat(table.get(i).get("name").asText()).isEqualTo(problem.parameters().get(i).name());
      assertThat(table.get(i).get("estimate").asDouble() / problem.estimates()[i])
          .as(table.get(i).get("name").asText())
          .isCloseTo(1, within(ofEstimates));
      assertThat(table.get(i).get("std_error").asDouble() / errors[i])
          .as("error of " + table.get(i).get("name").asText())
          .isCloseTo(1, within(ofErrors));
    }
  }

  /** A likelihood with the certified residual variance. */
  private static String model(CertifiedProblem problem, double[] values) {
    String parameters =
        IntStream.range(0, values.length)
            .mapToObj(i -> problem.parameters().get(i).name() + " = " + values[i])
            .collect(Collectors.joining(", "));
    String tensors =
        problem.columns().keySet().stream()
            .map(column -> column + " = " + column)
            .collect(Collectors.joining(", "));
    return """
        input { path = "%s", options { header = true, comment = "#" }, tensors { %s } }
        model {
          parameters { %s }
          define { fitted = "%s" }
          loss = "square(%s - fitted) / (2 * %s)", likelihood = true
        }
        output.mode = overwrite
        """
        .formatted(
            NistCommandsTest.class.getResource("/nist/" + problem.name() + ".csv").getPath(),
            tensors,
            parameters,
            problem.model(),
            problem.response(),
            problem.residualVariance());
  }

  private Console run(String command, String... settings) {
    return FitTest.run(temporary, command, settings);
  }

  private JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(temporary.resolve("out").resolve(name).toFile());
  }
}
