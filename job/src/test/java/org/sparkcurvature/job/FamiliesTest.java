package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
    assertAgrees(reference, output, Map.of());
  }

  /**
   * Statsmodels' GLM, whose estimates are exact and whose log-likelihood is at Pearson's
   * dispersion.
   */
  @Test
  void tweedie() throws Exception {
    JsonNode reference = MAPPER.readTree(folder().resolve("randhie-tweedie.json").toFile());
    Path output = temporary.resolve("out");
    Path file =
        Files.writeString(
            temporary.resolve("case.conf"),
            """
            curvature {
              input { path = "%s", options { header = true } }
              model { formula = "%s", family = tweedie }
              output { path = "%s", mode = overwrite }
            }
            """
                .formatted(
                    folder().resolve("randhie-tweedie.csv"),
                    reference.get("formula").asText(),
                    output));
    Console console = Console.run("estimate", file, List.of());
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertAgrees(reference, output, Map.of());
  }

  /** All of them, where all are asked for. */
  static Stream<String> oneOfEachFamily() throws IOException, URISyntaxException {
    Set<String> families = new HashSet<>();
    List<String> chosen = new ArrayList<>();
    for (String name : cases().toList()) {
      JsonNode family = reads(folder().resolve(name + ".json")).get("family");
      if (families.add(family.path("name").asText()) || Boolean.getBoolean("families.all")) {
        chosen.add(name);
      }
    }
    return chosen.stream();
  }

  /**
   * Numbers in units a million times as large or small: estimates change by that and nothing else.
   */
  @ParameterizedTest
  @MethodSource("oneOfEachFamily")
  void agreesInOtherUnits(String name) throws Exception {
    JsonNode reference = MAPPER.readTree(folder().resolve(name + ".json").toFile());
    Path table = folder().resolve(reference.get("data").asText());
    Map<String, Double> factors = factors(reference, table);
    Path data = temporary.resolve("scaled.csv");
    Files.writeString(data, scaled(table, factors));
    Path output = temporary.resolve("out");
    Path file = Files.writeString(temporary.resolve("case.conf"), configuration(reference, output));
    Console console = Console.run("estimate", file, List.of("input.path=\"" + data + "\""));
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertAgrees(reference, output, factors);
  }

  /** All rows as one group, from a start that knows nothing of the table. */
  @ParameterizedTest
  @MethodSource("oneOfEachFamily")
  void agreesAsAGroup(String name) throws Exception {
    JsonNode reference = MAPPER.readTree(folder().resolve(name + ".json").toFile());
    Path output = temporary.resolve("out");
    Path file = Files.writeString(temporary.resolve("case.conf"), configuration(reference, output));
    Console console = Console.run("estimate", file, List.of("fit.by=[\"1 AS all\"]"));
    assertThat(console.exitCode()).as(console.out() + console.err()).isZero();
    Row group = LocalSpark.session().read().parquet(output.resolve("estimates").toString()).first();
    List<String> names = new ArrayList<>();
    MAPPER
        .readTree(output.resolve("layout.json").toFile())
        .forEach(entry -> entry.get("names").forEach(own -> names.add(own.asText())));
    List<Double> estimates = group.getList(group.fieldIndex("estimate"));
    List<Double> errors = group.getList(group.fieldIndex("std_error"));
    assertThat(names).hasSameSizeAs(reference.get("names"));
    for (int k = 0; k < names.size(); k++) {
      String its = reference.get("names").get(k).asText();
      int at = names.indexOf(its);
      double error = reference.get("bse_observed").get(k).asDouble();
      assertThat(estimates.get(at))
          .as(its)
          .isCloseTo(reference.get("params").get(k).asDouble(), within(1e-6 * error));
      assertThat(errors.get(at)).as("error of " + its).isCloseTo(error, within(1e-6 * error));
    }
  }

  private static String[] cells(String line) {
    return line.replace("\"", "").split(",", -1);
  }

  /** Factors of the numeric columns that are terms by themselves, and nowhere else in the model. */
  private static Map<String, Double> factors(JsonNode reference, Path table) throws IOException {
    String model = reference.get("formula").asText() + " " + reference.path("predictors");
    Map<String, Double> factors = new LinkedHashMap<>();
    List<String> lines = Files.readAllLines(table);
    String[] columns = cells(lines.get(0));
    for (int c = 0; c < columns.length; c++) {
      String column = columns[c];
      boolean term = false;
      for (JsonNode name : reference.get("names")) {
        term |= List.of(inner(name.asText()).split(":")).contains(column);
      }
      boolean within =
          Pattern.compile("\\([^()]*\\b" + Pattern.quote(column) + "\\b").matcher(model).find()
              || model.matches(".*\\b" + Pattern.quote(column) + "\\b[^~]*~.*")
              || reference.path("weight").asText().equals(column);
      int at = c;
      boolean numbers =
          lines.stream()
              .skip(1)
              .map(line -> cells(line)[at])
              .allMatch(cell -> cell.isEmpty() || cell.equals("NA") || cell.matches("[-+0-9.eE]+"));
      if (term && !within && numbers) {
        factors.put(column, factors.size() % 2 == 0 ? 1e6 : 1e-6);
      }
    }
    return factors;
  }

  /** A coefficient's name without that of its predictor or level. */
  private static String inner(String name) {
    Matcher matcher = Pattern.compile("\\w+\\[([^\\[\\]]+)\\]").matcher(name);
    return matcher.matches() ? matcher.group(1) : name;
  }

  private static String scaled(Path table, Map<String, Double> factors) throws IOException {
    List<String> lines = Files.readAllLines(table);
    String[] columns = cells(lines.get(0));
    StringBuilder text = new StringBuilder(String.join(",", columns)).append('\n');
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = cells(line);
      for (int c = 0; c < cells.length; c++) {
        if (factors.containsKey(columns[c]) && !cells[c].isEmpty() && !cells[c].equals("NA")) {
          cells[c] =
              new BigDecimal(cells[c])
                  .multiply(BigDecimal.valueOf(factors.get(columns[c])))
                  .toString();
        }
      }
      text.append(String.join(",", cells)).append('\n');
    }
    return text.toString();
  }

  private static void assertAgrees(JsonNode reference, Path output, Map<String, Double> factors)
      throws IOException {
    Map<String, JsonNode> found = new LinkedHashMap<>();
    JsonNode estimates = MAPPER.readTree(output.resolve("estimates.json").toFile());
    estimates.get("estimates").forEach(e -> found.put(e.get("name").asText(), e));
    List<String> names = new ArrayList<>();
    reference.get("names").forEach(n -> names.add(n.asText()));
    assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(names);
    for (int k = 0; k < names.size(); k++) {
      double factor =
          Stream.of(inner(names.get(k)).split(":"))
              .mapToDouble(column -> factors.getOrDefault(column, 1.0))
              .reduce(1, (a, b) -> a * b);
      double error = reference.get("bse_observed").get(k).asDouble() / factor;
      JsonNode e = found.get(names.get(k));
      assertThat(e.get("estimate").asDouble())
          .as(names.get(k))
          .isCloseTo(reference.get("params").get(k).asDouble() / factor, within(1e-6 * error));
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
