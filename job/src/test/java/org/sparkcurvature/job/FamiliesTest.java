package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.job.cli.Console;

/**
 * Every family by formula, against fits of R, statsmodels and JAX (src/test/references). Estimates
 * agree to 1e-6 of their standard errors, those to 1e-6, log-likelihoods to 1e-8.
 */
class FamiliesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Cases of a family, link and response that another case has on other data. */
  private static final Set<String> AGAIN =
      Set.of(
          "biochem-hurdle-all",
          "biochem-zip-all",
          "birthwt-binomial-logit",
          "engel-beta",
          "engel-inverse-gaussian-log",
          "fair-binomial-cauchit",
          "fair-binomial-logit",
          "housing-multinomial",
          "housing-ordered-probit",
          "lung-exponential",
          "lung-loglogistic",
          "lung-lognormal-all",
          "menarche-binomial-logit",
          "quine-negative-binomial",
          "stackloss-student-t-4",
          "wine-ordered-probit");

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  static Path folder() throws URISyntaxException {
    return Path.of(FamiliesTest.class.getResource("/families").toURI());
  }

  static Stream<String> cases() throws IOException, URISyntaxException {
    try (Stream<Path> files = Files.list(folder())) {
      List<String> names = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".json")
            && reads(file).has("relative_gradient")
            && reads(file).has("bse_observed")) {
          names.add(name.substring(0, name.length() - 5));
        }
      }
      if (Boolean.getBoolean("families.all")) {
        return names.stream();
      }
      List<String> left = names.stream().filter(AGAIN::contains).toList();
      System.out.println(
          "FamiliesTest leaves out %d cases whose loss another case has (-Dfamilies.all=true): %s"
              .formatted(left.size(), left));
      return names.stream().filter(name -> !AGAIN.contains(name));
    }
  }

  private static JsonNode reads(Path file) {
    try {
      return MAPPER.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The model of a case as a configuration. */
  static String configuration(JsonNode reference, Path output) throws URISyntaxException {
    StringBuilder model = new StringBuilder();
    model.append("formula = ").append(reference.get("formula")).append("\n");
    if (reference.has("family")) {
      model.append("family = ").append(reference.get("family")).append("\n");
    }
    if (reference.has("predictors")) {
      model.append("predictors = ").append(reference.get("predictors")).append("\n");
    }
    if (reference.has("levels")) {
      model.append("response.levels = ").append(reference.get("levels")).append("\n");
    }
    String weight = reference.has("weight") ? "weight = " + reference.get("weight").asText() : "";
    return """
        curvature {
          input { path = "%s", format = csv, options { header = true }, invalid-rows = drop, %s }
          model { %s }
          infer.weights = %s
          output { path = "%s", mode = overwrite }
        }
        """
        .formatted(
            folder().resolve(reference.get("data").asText()),
            weight,
            model,
            weight.isEmpty() ? "importance" : "frequency",
            output);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheReference(String name) throws Exception {
    JsonNode reference = MAPPER.readTree(folder().resolve(name + ".json").toFile());
    Path output = temporary.resolve("out");
    Path file = Files.writeString(temporary.resolve("case.conf"), configuration(reference, output));
    Console console = Console.run("estimate", file, List.of());
    assertThat(console.exitCode()).as(console.err()).isZero();

    Map<String, JsonNode> found = new LinkedHashMap<>();
    JsonNode estimates = MAPPER.readTree(output.resolve("estimates.json").toFile());
    estimates.get("estimates").forEach(e -> found.put(e.get("name").asText(), e));
    List<String> names = new ArrayList<>();
    reference.get("names").forEach(n -> names.add(n.asText()));
    assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(names);
    for (int k = 0; k < names.size(); k++) {
      double error = reference.get("bse_observed").get(k).asDouble();
      JsonNode e = found.get(names.get(k));
      assertThat(e.get("estimate").asDouble())
          .as(names.get(k))
          .isCloseTo(reference.get("params").get(k).asDouble(), within(1e-6 * error));
      assertThat(e.get("std_error").asDouble())
          .as("error of " + names.get(k))
          .isCloseTo(error, within(1e-6 * error));
    }
    JsonNode summary = MAPPER.readTree(output.resolve("summary.json").toFile());
    for (Map.Entry<String, String> pair :
        Map.of(
                "llf", "log_likelihood",
                "llnull", "null_log_likelihood",
                "deviance", "deviance",
                "null_deviance", "null_deviance",
                "pearson", "pearson_chi2",
                "dispersion", "dispersion",
                "aic", "aic",
                "bic", "bic")
            .entrySet()) {
      if (reference.has(pair.getKey()) && summary.has(pair.getValue())) {
        double expected = reference.get(pair.getKey()).asDouble();
        assertThat(summary.get(pair.getValue()).asDouble())
            .as(pair.getValue())
            .isCloseTo(expected, within(1e-8 * Math.max(1, Math.abs(expected))));
      } else {
        assertThat(reference.has(pair.getKey()) && pair.getKey().equals("llf"))
            .as("a log-likelihood is missing")
            .isFalse();
      }
    }
  }
}
