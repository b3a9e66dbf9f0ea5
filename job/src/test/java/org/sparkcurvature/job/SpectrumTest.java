package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.sink.NpyFile;

/** {@code spectrum} against what is known: closed forms, and the Hessian that derive writes. */
class SpectrumTest {
  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  /** sum of d_i (a_i)^2 / 2 has the eigenvalues d_i. */
  private static String diagonal(Path folder, String diagonal) throws IOException {
    Path rows = Files.writeString(folder.resolve("rows.csv"), "u\n1\n");
    int p = diagonal.split(",").length;
    return """
        input { path = "%s", options { header = true }, tensors { u = u } }
        model { parameters { a { shape = [%d], fill = 0 } }
                loss = "u * 0.5 * dot(concat(%s), square(a))" }
        derive.reduction = sum
        """
        .formatted(rows, p, diagonal);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1.0, 4.0, 9.0 | minimum | 3 | 0 | 0",
        "1.0, -4.0, 9.0 | saddle | 2 | 0 | 1",
        "0.0, 4.0, 9.0 | flat | 2 | 1 | 0",
        "-1.0, -4.0, -9.0 | maximum | 0 | 0 | 3",
        "1e-20, 4.0, 9e20 | minimum | 3 | 0 | 0",
      })
  void theVerdictIsThatOfTheEigenvalues(
      String diagonal, String verdict, int positive, int zero, int negative) throws IOException {
    Console console = run(diagonal(temporary, diagonal));
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode summary = summary();
    assertThat(summary.get("verdict").asText()).isEqualTo(verdict);
    assertThat(summary.get("zero_eigenvalues").asInt()).isEqualTo(zero);
    assertThat(summary.get("negative_eigenvalues").asInt()).isEqualTo(negative);
    assertThat(console.out())
        .contains(positive + " of " + diagonal.split(",").length + " eigenvalues positive");
  }

  /** At a = 1 the value is 7 and a Newton step has E = 7: 2 E over the dispersion 7 of one row. */
  @ParameterizedTest
  @CsvSource({"dense, sum", "dense, mean", "lanczos, sum", "lanczos, mean"})
  void aPointWithAGradientIsNotStationary(String method, String reduction) throws IOException {
    Console console =
        run(
            diagonal(temporary, "1.0, 4.0, 2.0, 3.0, 4.0"),
            "model.parameters.a.fill = 1",
            "derive.reduction = " + reduction,
            "spectrum { k = 2, method = " + method + " }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out())
        .contains("a Newton step from here is 1.4 standard errors long")
        .startsWith("spectrum  NOT STATIONARY; the Hessian is positive definite");
    assertThat(summary().get("verdict").asText()).isEqualTo("not stationary");
    assertThat(summary().get("stationary").asBoolean()).isFalse();
    assertThat(summary().get("decrement").asDouble()).isCloseTo(Math.sqrt(2), within(1e-9));
  }

  @Test
  void directionsAreNamed() throws IOException {
    Console console = run(diagonal(temporary, "1.0, -4.0, 0.0"));
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode summary = summary();
    assertThat(summary.get("negative_directions").get(0).asText()).isEqualTo("a[1]");
    assertThat(summary.get("flat_directions").get(0).asText()).isEqualTo("a[2]");
    assertThat(NpyFile.read(temporary.resolve("out/eigenvalues.npy")).values())
        .containsExactly(-4, 0, 1);
  }

  @Test
  void oneParameterHasOneEigenvalue() throws IOException {
    for (String method : new String[] {"dense", "lanczos"}) {
      Console console =
          run(diagonal(temporary, "3.0"), "spectrum.method = " + method, "output.mode = overwrite");
      assertThat(console.exitCode()).as(console.err()).isZero();
      assertThat(NpyFile.read(temporary.resolve("out/eigenvalues.npy")).values())
          .containsExactly(3);
    }
  }

  @Test
  void lanczosFindsBothEndsOfWhatDenseFinds() throws IOException {
    String model = FitTest.POISSON + "model.penalty = \"10 * dot(beta, beta)\"";
    Console dense = run(model, "spectrum { method = dense, k = 4 }");
    assertThat(dense.exitCode()).as(dense.err()).isZero();
    JsonNode expected = summary().get("extreme");
    assertThat(expected.size()).isEqualTo(4);
    double[] all = NpyFile.read(temporary.resolve("out/eigenvalues.npy")).values();
    assertThat(all).hasSize(10).isSorted();
    Console lanczos = run(model, "spectrum { method = lanczos, k = 4 }", "output.mode = overwrite");
    assertThat(lanczos.exitCode()).as(lanczos.err()).isZero();
    JsonNode summary = summary();
    assertThat(summary.get("method").asText()).isEqualTo("lanczos");
    assertThat(summary.get("products").asInt()).isPositive();
    double largest = all[9];
    for (int k = 0; k < 4; k++) {
      JsonNode pair = summary.get("extreme").get(k);
      assertThat(pair.get("eigenvalue").asDouble())
          .isCloseTo(expected.get(k).get("eigenvalue").asDouble(), within(1e-10 * largest));
      assertThat(pair.get("residual_norm").asDouble()).isLessThan(1e-8 * largest);
      assertThat(pair.get("direction").asText())
          .startsWith(expected.get(k).get("direction").asText().split(" ")[0]);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | spectrum.k = 0 | a whole number from 1",
        "2 | spectrum.method = qr | auto | dense | lanczos",
        "2 | derive.wrt = [y] | only parameters",
      })
  void wrongSettingsAreRefused(int exitCode, String setting, String message) {
    Console console = run(FitTest.POISSON, setting);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(exitCode);
    assertThat(console.err()).contains(message);
  }

  private Console run(String... settings) {
    return FitTest.run(temporary, "spectrum", settings);
  }

  private JsonNode summary() throws IOException {
    return new ObjectMapper().readTree(temporary.resolve("out/summary.json").toFile());
  }
}
