package org.sparkcurvature.job.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.language.CompiledModel;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.report.Part;
import org.sparkcurvature.job.report.View;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.source.RowName;
import org.sparkcurvature.job.source.Sample;

class CheckTest {

  /** A check of a loss of x [2] (age, income), y, and parameters b and beta [2]. */
  private static Check check(String loss, String penalty) {
    String text =
        """
        curvature {
          input { path = "d.csv", tensors { x = [age, income], y = c } }
          model {
            parameters { b = 0.25, beta { labels = x, value = [0.5, -1] } }
            define { eta = "b + dot(x, beta)", unused = "exp(y)" }
            loss = "%s"
            penalty = %s
          }
          derive {
            wrt = [b, beta]
            per-sample { value = true, hessian = packed, jacobian-of = [eta] }
          }
          output.path = "out/t"
        }
        """
            .formatted(loss, penalty);
    RunConfiguration configuration =
        new ConfigurationLoader(
                location -> text.getBytes(StandardCharsets.UTF_8), Map.of(), LossModel::problems)
            .load(List.of("base.conf"), List.of())
            .configuration();
    Map<String, Shape> tensors = new LinkedHashMap<>();
    tensors.put("x", Shape.of(2));
    tensors.put("y", Shape.SCALAR);
    Map<String, Shape> parameters = new LinkedHashMap<>();
    parameters.put("b", Shape.SCALAR);
    parameters.put("beta", Shape.of(2));
    CompiledModel model =
        LossModel.parse(configuration.input(), configuration.model()).compile(tensors, parameters);
    Request request = configuration.derive().request();
    return Check.of(
        new Check.Subject(
            new DerivativeSpec(model.loss(), request, Precision.DOUBLE, 1 << 20),
            model
                .penalty()
                .map(
                    p ->
                        new DerivativeSpec(
                            p,
                            Request.by(request.wrt()).withSums(request.global()),
                            Precision.DOUBLE,
                            1 << 20)),
            Map.of("b", new double[] {0.25}, "beta", new double[] {0.5, -1}),
            List.of(sample(0, "a7", 1, 2, 3), sample(1, "a9", -0.25, 0.125, 0)),
            new Check.OnDisk(3 << 20, "hessian.npy 3.0 MiB"),
            ElementNames.of(configuration),
            "a loss by hand",
            "d.csv",
            Optional.empty()));
  }

  private static Sample sample(long row, String id, double x0, double x1, double y) {
    return new Sample(
        new RowName(row, id), 1, Map.of("x", new double[] {x0, x1}, "y", new double[] {y}));
  }

  @Test
  void everyNodeIsListedWithItsShape() {
    assertThat(text(check("exp(eta) - y * eta", "null"), Part.GRAPH).lines())
        .contains("graph of the loss")
        .anyMatch(line -> line.matches(" +#\\d+ +\\[2] +per sample +x, an input tensor"))
        .anyMatch(line -> line.matches(" +#\\d+ +\\[2] +shared +beta, a parameter"))
        .anyMatch(line -> line.matches(" +#\\d+ +scalar +per sample +eta = b \\+ #\\d+"))
        .anyMatch(line -> line.matches(" +#\\d+ +scalar +per sample +loss = #\\d+ - #\\d+"))
        .anyMatch(line -> line.matches(".*unused = exp\\(y\\) \\(not part of the loss\\)"));
  }

  private static String text(Check check, Part... parts) {
    return check.text(View.PLAIN.wide(100).showing(Set.of(parts)));
  }

  @Test
  void memoryIsToldAndStepsWhereTheyAreAskedFor() {
    Check check = check("exp(eta) - y * eta", "null");
    assertThat(text(check))
        .contains("derivatives by b, beta [2]: P = 3")
        .containsPattern("\n  a task +[^;]* for a block of [\\d,]+ rows of [^;]*1.0\\s+MiB")
        .containsPattern("sums:\\s+gradient 48 bytes, hessian 96 bytes")
        .contains("each row   80 bytes: value, hessian [6], jacobian_eta [3]\n")
        .contains("disk       up to 3.0 MiB: hessian.npy 3.0 MiB\n")
        .doesNotContain("steps for a block");
    assertThat(text(check, Part.STEPS)).contains("steps for a block of samples, derivatives by b");
    assertThat(text(check, Part.FORMULAS)).contains("formulas (m: sample");
    assertThat(text(check, Part.ALL)).contains("formulas (m: sample").contains("graph of the loss");
  }

  @Test
  void goodDerivativesAgree() {
    Check check = check("exp(eta) - y * eta", "\"0.5 * dot(beta, beta)\"");
    assertThat(check.failure()).isEmpty();
    String text = text(check, Part.GRAPH, Part.DIFFERENCES);
    assertThat(text)
        .startsWith("check  PASSED: ")
        .contains("with differences: row 0 (id a7), row 1 (id a9)")
        .contains("graph of the penalty")
        .contains("penalty: ")
        .doesNotContain("DIFFER");
    assertThat(text.lines())
        .anyMatch(line -> line.matches(" +hessian +beta +beta +8 .*agrees"))
        .anyMatch(line -> line.matches(" +jacobian eta +b +2 .*agrees"))
        .anyMatch(line -> line.matches(" +sum of gradients +beta +2 .*agrees"));
  }

  @Test
  void aKinkIsNamedAndEndsWithFour() {
    // At row 1 x[0] + b is 0.
    Check check = check("relu(x[0] + b) * (1 + y)", "null");
    JobException failure = check.failure().orElseThrow();
    assertThat(failure.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
    assertThat(failure)
        .hasMessageContaining("gradient by b is 0.00000000 at row 1 (id a9)")
        .hasMessageContaining("central differences give 0.500000000")
        .hasMessageContaining("kink");
    assertThat(text(check)).startsWith("check  FAILED: ").contains("DIFFERS");
  }

  @Test
  void elementsHaveTheirLabels() {
    // At row 1 the sum is 0 whatever beta[income] is varied to: a kink along that element too.
    Check check = check("abs(beta[1] * x[1] + 0.125)", "null");
    assertThat(check.failure().map(Throwable::getMessage)).isEmpty();
    Check kink = check("relu(beta[1] * x[1] + 0.125)", "null");
    assertThat(kink.failure().orElseThrow())
        .hasMessageContaining("gradient by beta[income] is 0.00000000 at row 1 (id a9)");
  }

  @Test
  void aLossThatIsNotFiniteAtTheseRowsNamesThem() {
    JobException failure =
        catchThrowableOfType(JobException.class, () -> check("ln(x[0] + b)", "null"));
    assertThat(failure.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
    assertThat(failure).hasMessageContaining("row 1 (id a9)");
  }
}
