package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;

/** Likelihoods are compared of the same rows, and tested where one model is within another. */
class ComparedModelsTest {
  private static final String NONE = "none is within another";

  @TempDir static Path temporary;

  @BeforeAll
  static void writeRows() throws IOException {
    LocalSpark.session();
    Random random = new Random(8);
    StringBuilder text = new StringBuilder("i,y,k,x,z,w\n");
    for (int i = 0; i < 60; i++) {
      double x = random.nextGaussian();
      double z = random.nextGaussian();
      double y = 1 + 0.5 * x + random.nextGaussian();
      int k = random.nextInt(5);
      text.append("%d,%s,%d,%s,%s,%s%n".formatted(i, y, k, x, z, 0.5 + random.nextDouble()));
    }
    Files.writeString(temporary.resolve("rows.csv"), text);
  }

  private static Console compared(String smaller, String larger) throws IOException {
    String[] models = {smaller, larger};
    for (int m = 0; m < 2; m++) {
      String[] parts = models[m].split(" ; ");
      String[] settings = Stream.of(parts).skip(1).toArray(String[]::new);
      Console console = Console.run(temporary, "estimate", "m" + m, parts[0], settings);
      assertThat(console.exitCode()).as(console.err()).isZero();
    }
    return Console.run(
        "compare", temporary.resolve("m0").toString(), temporary.resolve("m1").toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "formula = \"k ~ x\", family = poisson | formula = \"k ~ x + z\", family = poisson | chi2(1)",
        "formula = \"k ~ x + offset(w)\", family = poisson | formula = \"k ~ x + z\", family = poisson | none",
        "formula = \"k ~ x\", family = poisson | formula = \"k ~ x + z + offset(w)\", family = poisson | none",
        "formula = \"k ~ x + offset(w)\", family = poisson | formula = \"k ~ x + z + offset(w)\", family = poisson | chi2(1)",
        // An offset is a coefficient of 1.
        "formula = \"k ~ x + offset(w)\", family = poisson | formula = \"k ~ x + w\", family = poisson | chi2(1)",
        "formula = \"y ~ x\", family = { name = student-t, df = 3 } | formula = \"y ~ x + z\", family = { name = student-t, df = 30 } | none",
        "formula = \"y ~ x\", family = { name = student-t, df = 3 } | formula = \"y ~ x\", family = student-t | chi2(1)",
        "formula = \"k ~ x\", family = { name = tweedie, power = 1.3 } | formula = \"k ~ x + z\", family = { name = tweedie, power = 1.7 } | none",
        "formula = \"k ~ x\", family = { name = tweedie, power = 1.3 } | formula = \"k ~ x + z\", family = { name = tweedie, power = 1.3 } | chi2(1)",
      })
  void testsAreOfModelsWithinOthers(String smaller, String larger, String test) throws IOException {
    Console console = compared(smaller, larger);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err()).doesNotContain("different rows");
    assertThat(console.out()).contains(test.equals("none") ? NONE : test);
  }

  /** As many rows are not yet the same rows. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "input.where=\"i % 2 = 0\" | input.where=\"i % 2 = 1\"",
        "input.where=\"i >= 0\" | input.weight=w",
      })
  void otherRowsAreRefused(String one, String other) throws IOException {
    Console console =
        compared(
            "formula = \"y ~ x\", family = gaussian ; " + one,
            "formula = \"y ~ x + z\", family = gaussian ; " + other);
    assertThat(console.exitCode()).as(console.out()).isEqualTo(2);
    assertThat(console.err()).contains("are of different rows, or of different weights");
  }

  /**
   * A filter that leaves the same rows is no other filter; families with other means do not tell.
   */
  @ParameterizedTest
  @CsvSource({"gaussian, false", "student-t, true"})
  void rowsThatMayBeOthersAreWarnedOf(String family, boolean warned) throws IOException {
    Console console =
        compared(
            "formula = \"y ~ x\", family = gaussian",
            "formula = \"y ~ x + z\", family = %s ; input.where=\"z is not null\""
                .formatted(family));
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err().contains("not of the same input.where")).isEqualTo(warned);
  }

  @Test
  void whatDidNotConvergeIsRefused() throws IOException {
    compared("formula = \"k ~ x\", family = poisson", "formula = \"k ~ z\", family = poisson");
    Console fit =
        Console.run(
            temporary,
            "estimate",
            "stopped",
            "formula = \"k ~ x\", family = poisson",
            "fit.max-iterations=1");
    assertThat(fit.exitCode()).as(fit.err()).isEqualTo(4);
    Console console =
        Console.run(
            "compare", temporary.resolve("m0").toString(), temporary.resolve("stopped").toString());
    assertThat(console.exitCode()).as(console.out()).isEqualTo(2);
    assertThat(console.err()).containsAnyOf("did not converge", "has no log-likelihood");
  }
}
