package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;

/**
 * Fits that people reported as failing, here or in other programs, replayed by the command with the
 * data that they had; {@link FitVerdictsTest} has those that are about what is said.
 */
class ReportedFitsTest {
  private static final Path CASES =
      Path.of(System.getenv("SPARK_CURVATURE_HOME")).resolve("job/src/test/resources/found");

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private Console run(String command, String file, String... settings) throws IOException {
    Path from = CASES.resolve(file);
    // Data lie beside the configuration.
    Matcher path = Pattern.compile("path = (\\S+),").matcher(Files.readString(from));
    assertThat(path.find()).isTrue();
    List<String> arguments =
        new ArrayList<>(
            List.of(
                command,
                "--config",
                from.toString(),
                "--set",
                "input.path=\"" + from.resolveSibling(path.group(1)).normalize() + "\"",
                "--set",
                "output.path=\"" + temporary.resolve(command) + "\""));
    for (String setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    return Console.run(arguments.toArray(String[]::new));
  }

  private void fitted(String file, double tolerance, String estimates, String... settings)
      throws IOException {
    Console console = run("fit", file, settings);
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode parameters =
        new ObjectMapper().readTree(temporary.resolve("fit/parameters.json").toFile());
    for (String estimate : estimates.strip().split(" +")) {
      String[] parts = estimate.split("=");
      String[] name = parts[0].split("\\.");
      double right = Double.parseDouble(parts[1]);
      double found =
          parameters
              .get(name[0])
              .get("values")
              .get(name.length > 1 ? Integer.parseInt(name[1]) : 0)
              .asDouble();
      assertThat(found).as(parts[0]).isCloseTo(right, within(tolerance * Math.abs(right)));
    }
  }

  /** A column of dates by number, not centred: 0.003 times 31,000 is the intercept's 95. */
  @ParameterizedTest
  @CsvSource({"trust-region-newton", "newton-cg", "lbfgs"})
  void acceleratedFailureTimes(String method) throws IOException {
    fitted(
        "01-weibull-aft-uncentred/case.conf",
        1e-6,
        "b0=-95.3849786 beta.0=-0.598416480 beta.1=0.00309000293 sigma=0.801673320",
        "fit.method=" + method);
  }

  @ParameterizedTest
  @CsvSource({"trust-region-newton", "newton-cg", "lbfgs"})
  void huberWithScale(String method) throws IOException {
    fitted(
        "13-huber-with-scale/case.conf",
        1e-6,
        "b0=-2.96395762 b1=2.23117669e-05 sigma=15.7386805",
        "fit.method=" + method);
  }

  /** Amplitudes of 1e-12. */
  @ParameterizedTest
  @CsvSource({"trust-region-newton", "newton-cg", "lbfgs"})
  void amplitudesOfAnyUnit(String method) throws IOException {
    fitted(
        "50-small-values/case.conf",
        1e-6,
        "amp=2.40459681e-12 mean=1.45010437 sd=0.169684802",
        "fit.method=" + method);
  }

  /** A line through values of 1e-14, in smaller and in larger units. */
  @ParameterizedTest
  @CsvSource({
    "trust-region-newton, 1e-3",
    "newton-cg, 1e-6",
    "lbfgs, 1",
    "trust-region-newton, 1e24",
    "lbfgs, 1e28",
  })
  void linesOfAnyUnit(String method, double unit) throws IOException {
    fitted(
        "50-small-values/line.conf",
        1e-6,
        "b0=" + 5.01352988e-15 * unit + " b1=" + 2.99459548e-12 * unit,
        "fit.method=" + method,
        "input.tensors.y=\"y * " + unit + "\"");
    Console console =
        run(
            "infer",
            "50-small-values/line.conf",
            "input.tensors.y=\"y * " + unit + "\"",
            "model.parameters-from=\"" + temporary.resolve("fit/parameters.json") + "\"");
    assertThat(console.exitCode()).as(console.err()).isZero();
  }

  @Test
  void valuesInUnitsOfCurrency() throws IOException {
    fitted(
        "55-market-values/case.conf",
        1e-8,
        "b0=4.24385121e9 beta.0=4.48657749e9 beta.1=-1.04166163e9");
    fitted(
        "55-market-values/scaled.conf", 1e-8, "b0=4.24385121 beta.0=4.48657749 beta.1=-1.04166163");
  }

  @ParameterizedTest
  @CsvSource({"0.1", "1", "10"})
  void lassoOnSeparableClasses(String penalty) throws IOException {
    Console console =
        run("fit", "54-lasso-on-separable-classes/case.conf", "fit.l1.beta=" + penalty);
    assertThat(console.exitCode()).as(console.err()).isZero();
  }

  /**
   * The linear programme's solution by the ready loss; a loss with branches is told of that way.
   */
  @Test
  void medianRegression() throws IOException {
    fitted(
        "14-quantile-regression-engel/case.conf",
        1e-6,
        "b0=81.48224742 b1=0.56018055",
        "model.loss=\"pinball(r, 0.5)\"");
    Console console = run("fit", "14-quantile-regression-engel/case.conf");
    assertThat(console.exitCode()).as(console.out()).isEqualTo(4);
    assertThat(console.err()).contains("pinball");
  }
}
