package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;

/**
 * {@code predict}, {@code effects} and the robust covariances of {@code estimate}, against R,
 * statsmodels and JAX (src/test/references).
 */
class PredictionsTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private JsonNode reference(String name) throws Exception {
    return MAPPER.readTree(FamiliesTest.folder().resolve(name + ".json").toFile());
  }

  private void estimate(JsonNode reference, String... settings) throws Exception {
    Path file =
        Files.writeString(
            temporary.resolve("case.conf"),
            FamiliesTest.configuration(reference, temporary.resolve("fit")));
    Console console = Console.run("estimate", file, List.of(settings));
    assertThat(console.exitCode()).as(console.err()).isZero();
  }

  private Console run(String folder, String command, String... settings) {
    return Console.from(temporary.resolve("fit"), command, temporary.resolve(folder), settings);
  }

  private Console from(String command, String... settings) {
    Console console = run(command, command, settings);
    assertThat(console.exitCode()).as(console.err()).isZero();
    return console;
  }

  private static void close(String what, double actual, double expected, double relative) {
    assertThat(actual)
        .as(what)
        .isCloseTo(expected, within(relative * Math.max(1e-9, Math.abs(expected))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quine-poisson-rows",
        "menarche-binomial-probit-rows",
        "quine-negative-binomial-rows",
        "star98-quasi-binomial-rows"
      })
  void rowsAreThoseOfTheReference(String name) throws Exception {
    JsonNode reference = reference(name);
    estimate(reference);
    from(
        "predict",
        "predict.interval=confidence",
        "predict.residuals=[response, pearson, deviance, working]");
    List<Row> rows =
        LocalSpark.session()
            .read()
            .parquet(temporary.resolve("predict/predictions").toString())
            .orderBy("row")
            .collectAsList();
    assertThat(rows).hasSize(reference.get("mean").size());
    List.of(
            "mean",
            "mean_std_error",
            "mean_ci_low",
            "mean_ci_high",
            "residual_response",
            "residual_pearson",
            "residual_deviance",
            "residual_working")
        .forEach(
            column -> {
              JsonNode expected =
                  reference.get(column.matches("mean_.*") ? column + "_observed" : column);
              double size = 0;
              for (JsonNode value : expected) {
                size = Math.max(size, Math.abs(value.asDouble()));
              }
              for (int k = 0; k < rows.size(); k++) {
                assertThat(rows.get(k).<Double>getAs(column))
                    .as(column + " of row " + k)
                    .isCloseTo(expected.get(k).asDouble(), within(1e-6 * size));
              }
            });
  }

  /** The logarithms of the levels that were observed add up to the reference's log-likelihood. */
  @ParameterizedTest
  @CsvSource({
    "housing-multinomial, Sat",
    "housing-ordered-probit, Sat",
    "wine-ordered-cloglog, rating",
    "anes96-multinomial, PID"
  })
  void levelsHaveProbabilities(String name, String response) throws Exception {
    JsonNode reference = reference(name);
    estimate(reference);
    boolean weighted = reference.has("weight");
    from("predict", "input.carry=[%s]".formatted(weighted ? response + ", Freq" : response));
    double sum = 0;
    for (Row row :
        LocalSpark.session()
            .read()
            .parquet(temporary.resolve("predict/predictions").toString())
            .collectAsList()) {
      double all = 0;
      for (JsonNode level : reference.get("levels")) {
        all += row.<Double>getAs("probability_" + level.asText());
      }
      close("all levels", all, 1, 1e-14);
      double weight = weighted ? Double.parseDouble(row.getAs("Freq")) : 1;
      sum += weight * Math.log(row.getAs("probability_" + row.getAs(response)));
    }
    close("log-likelihood", sum, reference.get("llf").asDouble(), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"birthwt-logit-effects, HC1, race", "epil-poisson-effects, nonrobust, period"})
  void effectsAreThoseOfTheReference(String name, String covariance, String groups)
      throws Exception {
    JsonNode reference = reference(name);
    estimate(reference, "infer.covariance=" + covariance);
    // One run for each set of held columns, with groups and without.
    Map<String, List<JsonNode>> runs = new LinkedHashMap<>();
    for (JsonNode effect : reference.get("effects")) {
      String kind = effect.get("effect").asText();
      if (!kind.equals("dyex") && !kind.equals("eydx")) {
        String run = effect.path("at") + (effect.has("group") ? " by" : "");
        runs.computeIfAbsent(run, key -> new ArrayList<>()).add(effect);
      }
    }
    for (List<JsonNode> expected : runs.values()) {
      JsonNode first = expected.get(0);
      List<String> settings = new ArrayList<>(List.of("output.mode=overwrite"));
      settings.add("effects.slopes=" + columns(expected, "dydx"));
      settings.add("effects.elasticities=" + columns(expected, "eyex"));
      settings.add("effects.contrasts=" + contrasts(expected));
      if (first.has("at")) {
        settings.add("effects.at=" + first.get("at"));
      }
      if (first.has("group")) {
        settings.add("effects.by=[" + groups + "]");
      }
      from("effects", settings.toArray(String[]::new));
      JsonNode found =
          MAPPER.readTree(temporary.resolve("effects/effects.json").toFile()).get("effects");
      for (JsonNode effect : expected) {
        JsonNode same = same(effect, found);
        close(
            effect + "", same.get("estimate").asDouble(), effect.get("estimate").asDouble(), 1e-6);
        close(
            effect + "",
            same.get("std_error").asDouble(),
            effect.get("std_error_" + covariance).asDouble(),
            1e-6);
      }
    }
  }

  private static List<String> columns(List<JsonNode> effects, String kind) {
    return effects.stream()
        .filter(effect -> effect.get("effect").asText().equals(kind))
        .map(effect -> effect.get("column").asText())
        .distinct()
        .toList();
  }

  private static String contrasts(List<JsonNode> effects) {
    Map<String, Set<String>> values = new LinkedHashMap<>();
    for (JsonNode effect : effects) {
      if (effect.get("effect").asText().equals("contrast")) {
        Set<String> of =
            values.computeIfAbsent(effect.get("column").asText(), key -> new LinkedHashSet<>());
        of.add('"' + effect.get("from").asText() + '"');
        of.add('"' + effect.get("to").asText() + '"');
      }
    }
    return values.entrySet().stream()
        .map(entry -> entry.getKey() + " = " + entry.getValue())
        .collect(Collectors.joining(", ", "{ ", " }"));
  }

  private static JsonNode same(JsonNode effect, JsonNode found) {
    Map<String, String> kinds =
        Map.of("dydx", "slope", "eyex", "elasticity", "contrast", "contrast", "mean", "mean");
    for (JsonNode one : found) {
      if (one.get("effect").asText().equals(kinds.get(effect.get("effect").asText()))
          && text(one, "column").equals(text(effect, "column"))
          && text(one, "to").equals(text(effect, "to"))
          && one.path("group").path(0).asText("").equals(text(effect, "group"))) {
        return one;
      }
    }
    throw new AssertionError("there is no " + effect + " in " + found);
  }

  private static String text(JsonNode node, String key) {
    return node.hasNonNull(key) ? node.get(key).asText() : "";
  }

  @ParameterizedTest
  @CsvSource({
    "grunfeld-gaussian-robust, HC2, default, HC2",
    "grunfeld-gaussian-robust, HC3, default, HC3",
    "grunfeld-gaussian-robust, cluster, default, cluster",
    "grunfeld-gaussian-robust, CR2, default, CR2",
    "epil-poisson-robust, CR2, default, CR2",
    "epil-poisson-robust, HC3, default, HC3",
    "epil-poisson-robust, cluster, none, cluster_none",
    "epil-poisson-robust, cluster, n/(n-1), cluster_G/(G-1)"
  })
  void robustErrorsAreThoseOfTheReference(String name, String covariance, String factor, String key)
      throws Exception {
    JsonNode reference = reference(name);
    List<String> settings =
        new ArrayList<>(
            List.of("infer.covariance=" + covariance, "infer.factor=\"" + factor + "\""));
    if (!covariance.startsWith("HC")) {
      settings.add("infer.groups=[" + reference.get("groups").asText() + "]");
    }
    estimate(reference, settings.toArray(String[]::new));
    JsonNode expected = reference.get("bse_" + key);
    Map<String, JsonNode> found = new HashMap<>();
    MAPPER
        .readTree(temporary.resolve("fit/estimates.json").toFile())
        .get("estimates")
        .forEach(e -> found.put(e.get("name").asText(), e));
    for (int k = 0; k < expected.size(); k++) {
      String element = reference.get("names").get(k).asText();
      close(
          element,
          found.get(element).get("std_error").asDouble(),
          expected.get(k).asDouble(),
          1e-6);
    }
  }

  /** New rows need neither an outcome nor columns that the mean does not read. */
  @Test
  void predictNeedsNoOutcome() throws Exception {
    estimate(reference("quine-poisson"));
    Path rows =
        Files.writeString(temporary.resolve("new.csv"), "Eth,Sex,Age,Lrn\nA,M,F1,SL\nN,F,F3,AL\n");
    from("predict", "input.path=\"" + rows + "\"");
    assertThat(
            LocalSpark.session()
                .read()
                .parquet(temporary.resolve("predict/predictions").toString())
                .count())
        .isEqualTo(2);
  }

  /** Rows that are left out are counted and told of, with their reasons. */
  @ParameterizedTest
  @ValueSource(strings = {"predict", "effects"})
  void rowsThatAreLeftOutAreCounted(String command) throws Exception {
    estimate(reference("quine-poisson"));
    Path rows =
        Files.writeString(
            temporary.resolve("new.csv"),
            "Eth,Sex,Age,Lrn\nA,M,F1,SL\nN,F,F3,AL\nA,M,,SL\nN,F,F3,AL\n");
    String[] settings = {
      "input.path=\"" + rows + "\"", "input.invalid-rows=drop", "input.max-rejected=0.3"
    };
    String told = "1 of 4 rows are invalid and left out, 25.0%: ";
    assertThat(from(command, settings).err()).contains(told);
    JsonNode summary = MAPPER.readTree(temporary.resolve(command).resolve("summary.json").toFile());
    assertThat(summary.get("rows_read").asInt()).isEqualTo(4);
    assertThat(summary.get("rows_used").asInt()).isEqualTo(3);
    assertThat(summary.get("rows_rejected").asInt()).isEqualTo(1);
    assertThat(summary.get("rejected_by_reason")).hasSize(1);
    assertThat(summary.get("warnings").toString()).contains(told);

    settings[2] = "input.max-rejected=0.2";
    Console console = run(command + "-less", command, settings);
    assertThat(console.exitCode()).isEqualTo(3);
    assertThat(console.err()).contains("1 of 4 rows are invalid, more than the share 0.2");
    assertThat(temporary.resolve(command + "-less")).doesNotExist();
  }

  /** A row of a level that the fit has not seen keeps its place, and has no prediction. */
  @Test
  void invalidRowsMayStay() throws Exception {
    estimate(reference("quine-poisson"));
    Path rows =
        Files.writeString(
            temporary.resolve("kept.csv"), "Eth,Sex,Age,Lrn\nA,M,F1,SL\nX,F,F3,AL\nN,F,F3,AL\n");
    assertThat(from("predict", "input.path=\"" + rows + "\"", "input.invalid-rows=keep").err())
        .contains("1 of 3 rows are invalid and have null in place of a prediction, 33.3%: ");
    assertThat(
            LocalSpark.session()
                .read()
                .parquet(temporary.resolve("predict/predictions").toString())
                .orderBy("row")
                .collectAsList())
        .extracting(row -> row.isNullAt(row.fieldIndex("mean")))
        .containsExactly(false, true, false);
    Console fit =
        Console.run(
            "estimate",
            temporary.resolve("case.conf"),
            List.of("input.invalid-rows=keep", "output.mode=overwrite"));
    assertThat(fit.exitCode()).isEqualTo(2);
    assertThat(fit.err()).contains("invalid rows are kept by predictions");
  }

  /** Durations of a fixed scale s: the mean is Gamma(1 + s) times the mean of T^(1/s), to the s. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 0.5, 2})
  void theMeanOfAnExponentialFamilyHasItsScale(double scale) throws Exception {
    Path data =
        Files.writeString(temporary.resolve("durations.csv"), "t\n0.3\n1.1\n2.4\n0.9\n4.7\n");
    Path file =
        Files.writeString(
            temporary.resolve("case.conf"),
            """
            curvature {
              input { path = "%s", options { header = true } }
              model { formula = "t ~ 1", family { name = exponential, scale = %s } }
              output { path = "%s" }
            }
            """
                .formatted(data, scale, temporary.resolve("fit")));
    Console console = Console.run("estimate", file, List.of());
    assertThat(console.exitCode()).as(console.err()).isZero();
    from("predict");
    double power = 0;
    for (double t : new double[] {0.3, 1.1, 2.4, 0.9, 4.7}) {
      power += Math.pow(t, 1 / scale) / 5;
    }
    double gamma = scale == 1 ? 1 : scale == 2 ? 2 : Math.sqrt(Math.PI) / 2;
    for (Row row :
        LocalSpark.session()
            .read()
            .parquet(temporary.resolve("predict/predictions").toString())
            .collectAsList()) {
      close("mean", row.<Double>getAs("mean"), gamma * Math.pow(power, scale), 1e-9);
    }
  }
}
