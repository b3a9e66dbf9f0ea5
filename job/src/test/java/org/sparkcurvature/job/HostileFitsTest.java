package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import org.sparkcurvature.job.cli.Console;

/**
 * Starts, columns, weights and numbers of rows that no fit can come of, and some that only look
 * like it, by the command: the verdict names what is wrong.
 */
class HostileFitsTest {
  private static final String LINE = "square(y - eta) / 2";
  private static final String LOGIT = "softplus(eta) - y * eta";
  private static final String NUMBERS = "1,2,3 2,1,5 3,7,4 4,4,8 5,3,9 6,1,12";
  private static final String CLASSES = "1,2,0 2,1,1 3,7,0 4,4,1 5,3,0 6,1,1";

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private Console run(String command, String rows, String loss, String... settings)
      throws IOException {
    String header = rows.split(" ")[0].split(",").length == 4 ? "a,b,y,w" : "a,b,y";
    Path file =
        Files.writeString(
            temporary.resolve("rows.csv"), header + "\n" + rows.replace(" ", "\n") + "\n");
    return FitTest.run(
        temporary,
        command,
        """
        input { path = "%s", options { header = true }, tensors { x = [a, b], y = y } }
        model {
          parameters { b0 = 0, beta { labels = x, fill = 0 } }
          define { eta = "b0 + dot(x, beta)" }
          loss = "%s"
        }
        """
            .formatted(file, loss),
        String.join("\n", settings));
  }

  private double estimate(String name, int k) throws IOException {
    return new ObjectMapper()
        .readTree(temporary.resolve("out/parameters.json").toFile())
        .at("/" + name + "/values/" + k)
        .asDouble();
  }

  @ParameterizedTest
  @CsvSource({"1e999", "-1e400", "Infinity", "NaN"})
  void aStartIsAFiniteNumber(String start) throws IOException {
    Console console = run("fit", NUMBERS, LINE, "model.parameters.b0 = " + start);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err()).contains("model.parameters.b0").contains("must be a finite number");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1e300 | square(y - eta) / 2 | NaN or infinity in square | begin at smaller parameters",
        "1e20 | exp(eta) - y * eta | NaN or infinity in exp(eta) | begin at smaller parameters",
        "1e20 | softplus(eta) - y * eta | far narrower than the way from the start | begin nearer",
        "-1e300 | softplus(eta) - y * eta | far narrower than the way from the start | begin nearer",
        "-1e300 | exp(eta) - y * eta | no step lowers the value | begin at other values",
      })
  void anAbsurdStartIsNamed(String start, String loss, String fault, String remedy)
      throws IOException {
    Console console =
        run("fit", loss.equals(LOGIT) ? CLASSES : NUMBERS, loss, "model.parameters.b0 = " + start);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(4);
    assertThat(console.err()).contains(fault).contains(remedy).doesNotContain("kink there");
    assertThat(temporary.resolve("out/_SUCCESS")).doesNotExist();
  }

  @Test
  void fromAFarStartLeastSquaresAreReached() throws IOException {
    Console console = run("fit", NUMBERS, LINE, "model.parameters.b0 = 1e150");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(estimate("beta", 0)).isCloseTo(1.7180616740088106, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "derive.wrt = [] | derive.wrt | is empty",
        "model.parameters.beta.shape = [0] | model.parameters.beta | 0",
        "input.tensors.x = [] | input.tensors.x | is an empty list",
      })
  void emptyListsAreRefused(String setting, String where, String fault) throws IOException {
    Console console = run("fit", NUMBERS, LINE, setting);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err()).contains(where).contains(fault);
  }

  /** Constant columns beside an intercept, a column twice, fewer rows than parameters. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2,5,3 2,5,5 2,5,4 2,5,8 | b0 - 0.5 beta[a]",
        "1,1,3 2,2,5 3,3,4 4,4,8 | beta[b] - beta[a]",
        "1,2,3 2,1,5 | b0 - 0.333 beta[b] - 0.333 beta[a]",
      })
  void whatTheDataDoesNotTellIsNamed(String rows, String direction) throws IOException {
    for (String method : new String[] {"trust-region-newton", "lbfgs"}) {
      Console console = run("fit", rows, LINE, "fit.method = " + method, "output.mode = overwrite");
      assertThat(console.exitCode()).as(console.err()).isZero();
      assertThat(console.err())
          .contains("The Hessian is singular: the data does not say where along")
          .contains(direction)
          .contains("columns are constant, repeat one another, or are more than the rows");
    }
    Console infer =
        run(
            "infer",
            rows,
            LINE,
            "model.parameters-from = \"%s/out/parameters.json\"".formatted(temporary),
            "output.path = \"%s/errors\"".formatted(temporary));
    assertThat(infer.exitCode()).as(infer.err()).isEqualTo(4);
    assertThat(infer.err())
        .contains("the Hessian is singular: the data says nothing about")
        .contains(direction);
  }

  @Test
  void classesOfOneKindAreSeparated() throws IOException {
    Console console = run("fit", "1,5,0 2,3,0 7,5,0 1,2,0", LOGIT);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(4);
    assertThat(console.err()).contains("there is no minimum").contains("b0 to -infinity");
  }

  /** Weighted least squares by mpmath with 60 digits. */
  @ParameterizedTest
  @CsvSource({"trust-region-newton", "newton-cg", "lbfgs"})
  void weightsOfAnyOrder(String method) throws IOException {
    Console console =
        run(
            "fit",
            "1,2,3,1e15 2,1,5,1e15 3,7,4,1 4,4,8,1 5,3,9,1 6,1,12,1e-3",
            LINE,
            "input.weight = w",
            "fit.method = " + method);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(estimate("b0", 0)).isCloseTo(2.09085400339, within(1e-7));
    assertThat(estimate("beta", 0)).isCloseTo(1.63638199887, within(1e-7));
    assertThat(estimate("beta", 1)).isCloseTo(-0.363618001131, within(1e-7));
  }

  /** Rows of a line, its gradient no more than rounding, which is not told from the errors. */
  @ParameterizedTest
  @CsvSource({"4, 1, 0", "4, 1e6, 0", "5, 1, 0", "6, 1e-6, 0", "4, 1, 1e-11"})
  void aPerfectFitIsSaidToBeOne(long seed, double unit, double noise) throws IOException {
    Random random = new Random(seed);
    StringBuilder rows = new StringBuilder("x,z,y\n");
    for (int i = 0; i < 30; i++) {
      double x = random.nextGaussian();
      rows.append(
          "%s,%s,%s%n"
              .formatted(
                  x * unit, random.nextGaussian(), 1 + 2 * x + noise * random.nextGaussian()));
    }
    Path file = Files.writeString(temporary.resolve("line.csv"), rows);
    String model =
        """
        input { path = "%s", options { header = true } }
        model { formula = "y ~ x + z", family = gaussian }
        """
            .formatted(file);
    Console console = FitTest.run(temporary, "estimate", model, "");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err().contains("The fit is perfect but for rounding")).isEqualTo(noise == 0);
    assertThat(estimate("Intercept", 0)).isCloseTo(1, within(1e-10));
    assertThat(estimate("beta", 0) * unit).isCloseTo(2, within(1e-10));
    Console derived =
        FitTest.run(
            temporary,
            "derive",
            model,
            "model.parameters-from = \"%s/out/parameters.json\"".formatted(temporary),
            "derive.wrt = [Intercept, beta]\noutput.path = \"%s/derived\"".formatted(temporary));
    assertThat(derived.exitCode()).as(derived.err()).isZero();
    assertThat(derived.out()).contains("a stationary point");
  }
}
