package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;

/** Effects of more levels than a Hessian is formed for. */
class ManyEffectsTest {
  private static final int LEVELS = 4200;

  @TempDir static Path temporary;

  @BeforeAll
  static void writeRows() throws Exception {
    LocalSpark.session();
    Random random = new Random(11);
    StringBuilder text = new StringBuilder("y,x,t,u,g\n");
    for (int i = 0; i < 3 * LEVELS; i++) {
      int g = i % LEVELS;
      double x = random.nextGaussian();
      double t = random.nextGaussian() + 0.3 * x;
      long y = 1 + Math.round(Math.exp(0.4 + 0.3 * x - 0.2 * t) * random.nextDouble());
      text.append("%d,%s,%s,%s,%d%n".formatted(y, x, t, 1e6 * Math.sin(g), g));
    }
    Files.writeString(temporary.resolve("rows.csv"), text);
  }

  private static Console estimate(String output, String formula, String... settings)
      throws Exception {
    return Console.run(
        temporary,
        "estimate",
        output,
        "formula = \"%s\", family = poisson".formatted(formula),
        Stream.concat(Stream.of("infer.covariance=HC1"), Stream.of(settings))
            .toArray(String[]::new));
  }

  private static JsonNode estimates(String output) throws Exception {
    return new ObjectMapper()
        .readTree(temporary.resolve(output).resolve("estimates.json").toFile());
  }

  /** One that is a combination of two others, and one that the levels determine. */
  @Test
  void collinearTermsBesideManyLevelsAreLeftOutOnRequest() throws Exception {
    String formula = "y ~ x + t + double(2 * x - 1000 * t) + u + C(g)";
    Console refused = estimate("refused", formula);
    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(4);
    assertThat(refused.err()).contains("2 * x - 1000 * t").contains("to mend it");
    Console console = estimate("dropped", formula, "model.collinear=drop");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err()).contains("Left out").contains("2 * x - 1000 * t").contains("u");
    assertThat(estimate("without", "y ~ x + t + C(g)").exitCode()).isZero();
    JsonNode dropped = estimates("dropped").get("estimates");
    JsonNode without = estimates("without").get("estimates");
    assertThat(estimates("dropped").get("aic").asDouble())
        .isCloseTo(estimates("without").get("aic").asDouble(), within(1e-6));
    for (int k = 1; k < 3; k++) {
      for (String key : List.of("estimate", "std_error")) {
        double expected = without.get(k).get(key).asDouble();
        assertThat(dropped.get(k).get(key).asDouble())
            .as(without.get(k).get("name").asText() + " " + key)
            .isCloseTo(expected, within(1e-7 * Math.abs(expected)));
      }
    }
    for (int k = 3; k < 5; k++) {
      assertThat(dropped.get(k).get("estimate").asDouble()).isZero();
      assertThat(dropped.get(k).get("std_error").isNull()).isTrue();
    }
    // What follows the fit knows of it.
    Console inferred =
        Console.inferFrom(temporary.resolve("dropped"), temporary.resolve("inferred"));
    assertThat(inferred.exitCode()).as(inferred.err()).isZero();
    assertThat(estimates("inferred").get("estimates")).isEqualTo(dropped);
  }
}
