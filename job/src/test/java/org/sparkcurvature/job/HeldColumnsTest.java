package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;

/** Effects where columns are held at values: of the rows' own groups, at what is said. */
class HeldColumnsTest {
  private static final int ROWS = 80;
  private static final double[] X = new double[ROWS];
  private static final Map<String, Double> ESTIMATES = new LinkedHashMap<>();

  @TempDir static Path temporary;

  @BeforeAll
  static void fit() throws IOException {
    Random random = new Random(4);
    StringBuilder text = new StringBuilder("y,t,k,p,x,z\n");
    for (int i = 0; i < ROWS; i++) {
      X[i] = random.nextGaussian() + 0.5 * (i % 2);
      text.append(
          "%d,%d,%d,%d.25,%s,%d%n".formatted(random.nextInt(6), i % 2, i % 5, i % 3, X[i], i % 7));
    }
    Path csv = Files.writeString(temporary.resolve("rows.csv"), text);
    LocalSpark.session()
        .read()
        .option("header", true)
        .schema("y INT, t INT, k INT, p DECIMAL(6, 2), x DOUBLE, z INT")
        .csv(csv.toString())
        .withColumn("f", functions.expr("array(x, double(z))"))
        .write()
        .parquet(temporary.resolve("rows").toString());
    Path file =
        Files.writeString(
            temporary.resolve("case.conf"),
            """
            curvature {
              input.path = "%s/rows"
              model { formula = "y ~ t * x + k + p", family = poisson }
              output.path = "%s/out"
            }
            """
                .formatted(temporary, temporary));
    Console console = Console.run("estimate", file, List.of());
    assertThat(console.exitCode()).as(console.err()).isZero();
    json("out/estimates.json")
        .get("estimates")
        .forEach(e -> ESTIMATES.put(e.get("name").asText(), e.get("estimate").asDouble()));
  }

  private static JsonNode json(String file) throws IOException {
    return new ObjectMapper().readTree(temporary.resolve(file).toFile());
  }

  private static JsonNode effects(String... settings) throws IOException {
    Console console =
        Console.from(temporary.resolve("out"), "effects", temporary.resolve("effects"), settings);
    assertThat(console.exitCode()).as(console.err()).isZero();
    return json("effects/effects.json").get("effects");
  }

  private static double mu(int row, double t, double k, double p) {
    return Math.exp(
        ESTIMATES.get("Intercept")
            + ESTIMATES.get("t") * t
            + ESTIMATES.get("x") * X[row]
            + ESTIMATES.get("t:x") * t * X[row]
            + ESTIMATES.get("k") * k
            + ESTIMATES.get("p") * p);
  }

  private static double mean(IntPredicate rows, IntToDoubleFunction value) {
    return IntStream.range(0, ROWS).filter(rows).mapToDouble(value).average().orElseThrow();
  }

  /** The effect of treatment on those who have it, and on those who have not. */
  @Test
  void groupsAreThoseOfTheRowsWhateverIsHeld() throws IOException {
    JsonNode effects =
        effects("output.mode=overwrite", "effects.by=[t]", "effects.contrasts={ t = [0, 1] }");
    for (int t = 0; t < 2; t++) {
      int own = t;
      double effect =
          mean(
              i -> i % 2 == own,
              i -> mu(i, 1, i % 5, i % 3 + 0.25) - mu(i, 0, i % 5, i % 3 + 0.25));
      // Two means, and then two contrasts.
      assertThat(effects).hasSize(4);
      assertThat(effects.get(2 + t).get("group").get(0).asText()).isEqualTo("" + t);
      assertThat(effects.get(2 + t).get("estimate").asDouble()).isCloseTo(effect, within(1e-12));
      assertThat(effects.get(2 + t).get("std_error").asDouble()).isPositive();
    }
  }

  /** Columns of integers and decimals are held at what their types would round. */
  @Test
  void numbersAreNotRounded() throws IOException {
    JsonNode effects = effects("output.mode=overwrite", "effects.at={ k = 2.5, p = 0.125 }");
    assertThat(effects.get(0).get("estimate").asDouble())
        .isCloseTo(mean(i -> true, i -> mu(i, i % 2, 2.5, 0.125)), within(1e-12));
  }

  /** A contrast of 0, with an error of 0, looks like a finding. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "effects.contrasts={ z = [0, 1] } | the column z does not enter the model",
        "effects.at={ f = 1 } | f is of the type array<double>, and is held at no single value",
        "effects.slopes=[f] | f is of the type array<double>, and a slope is by one number",
        "effects.elasticities=[F] | f is of the type array<double>, and a slope is by one number",
      })
  void whatHasNoEffectIsRefused(String setting, String message) {
    Console console =
        Console.from(temporary.resolve("out"), "effects", temporary.resolve("refused"), setting);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err()).contains(message);
  }
}
