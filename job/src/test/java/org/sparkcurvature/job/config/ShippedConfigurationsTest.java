package org.sparkcurvature.job.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Shape;

/** The files in conf/ and the configurations of the reference cases. */
class ShippedConfigurationsTest {
  private static final Path HOME =
      Path.of(System.getenv().getOrDefault("SPARK_CURVATURE_HOME", "..")).toAbsolutePath();
  private static final Path CONF = HOME.resolve("conf");
  private static final Path CASES = Path.of("src/test/resources/reference").toAbsolutePath();

  private static LoadedConfiguration load(Path file, Map<String, String> environment) {
    UriReader reader = new HadoopUriReader(Configuration::new);
    return new ConfigurationLoader(reader, environment).load(List.of(file.toString()), List.of());
  }

  private static RunConfiguration example(String name) {
    return load(CONF.resolve(name), Map.of("SPARK_CURVATURE_HOME", HOME.toString()))
        .configuration();
  }

  private static RunConfiguration referenceCase(String name) {
    Map<String, String> environment = new HashMap<>();
    environment.put("DATA", CONF.resolve("data").toString());
    environment.put("CASE", CASES.resolve(name).toString());
    environment.put("OUT", "target/" + name);
    return load(CASES.resolve(name).resolve("case.conf"), environment).configuration();
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static Stream<String> examples() {
    return list(CONF).stream()
        .map(file -> file.getFileName().toString())
        .filter(
            name ->
                name.endsWith(".conf")
                    && !name.equals("reference.conf")
                    && !name.equals("families.conf"));
  }

  static Stream<String> cases() {
    return list(CASES).stream().map(folder -> folder.getFileName().toString());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleDecodesAndItsDataIsThere(String name) {
    RunConfiguration configuration = example(name);

    for (String path : ((InputSource.Files) configuration.input().source()).paths()) {
      assertThat(Path.of(path)).isRegularFile();
    }
  }

  @Test
  void thereAreAllExamples() {
    assertThat(examples()).contains("quickstart.conf", "seed1.conf", "seed2.conf", "seed3.conf");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyReferenceCaseDecodes(String name) {
    RunConfiguration configuration = referenceCase(name);

    for (String path : ((InputSource.Files) configuration.input().source()).paths()) {
      assertThat(Path.of(path)).isRegularFile();
    }
    assertThat(configuration.output().path()).isEqualTo("target/" + name);
    assertThat(configuration.model().parameters()).isNotEmpty();
  }

  @Test
  void thereAreAllReferenceCases() {
    assertThat(cases()).hasSize(12);
  }

  @Test
  void theQuickstartIsTheReferenceCase() {
    RunConfiguration quickstart = example("quickstart.conf");
    RunConfiguration reference = referenceCase("poisson-randhie");

    // The format is taken from the name of the file, which the reference case spells out.
    assertThat(quickstart.input())
        .usingRecursiveComparison()
        .ignoringFields("source.format")
        .isEqualTo(reference.input());
    assertThat(quickstart.derive()).isEqualTo(reference.derive());
    assertThat(quickstart.model().loss()).isEqualTo(reference.model().loss());
    assertThat(quickstart.model().definitions()).isEqualTo(reference.model().definitions());
    assertThat(values(quickstart)).isEqualTo(values(reference));
    assertThat(quickstart.output().path()).isEqualTo("out/quickstart");
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.CsvSource({
    "seed1.conf, seed1-per-sample-hessian",
    "seed2.conf, seed2-least-squares",
    "seed3.conf, seed3-split"
  })
  void theSeedsHaveTheParametersOfTheirReferenceCases(String name, String reference) {
    assertThat(values(example(name))).isEqualTo(values(referenceCase(reference)));
  }

  private static Map<String, List<Object>> values(RunConfiguration configuration) {
    Map<String, List<Object>> values = new HashMap<>();
    configuration
        .model()
        .parameters()
        .forEach(
            (name, parameter) -> {
              Shape shape = parameter.shape().orElseThrow();
              List<Object> row = new ArrayList<>(List.of(shape));
              for (double value : parameter.initial().rowMajor(shape.size())) {
                row.add(value);
              }
              values.put(name, row);
            });
    return values;
  }

  @Test
  void parametersOfAReferenceCaseComeFromItsFile() {
    Map<String, ParameterConfig> parameters = referenceCase("poisson-randhie").model().parameters();

    assertThat(parameters.keySet()).containsExactly("b0", "beta");
    assertThat(parameters.get("beta"))
        .isEqualTo(
            new ParameterConfig(
                Optional.of(Shape.of(9)),
                Optional.empty(),
                List.of(),
                new InitialValues.Given(
                    new double[] {-0.05, -0.25, 0.035, -0.035, 0.27, 0.034, -0.01, 0.05, 0.2})));
  }

  @Test
  void theSplitAsksForBothHalves() {
    Request.PerSample perSample = example("seed3.conf").derive().request().perSample();

    assertThat(perSample.adjointOf()).containsExactly("out");
    assertThat(perSample.jacobianOf()).containsExactly("out");
  }

  // ---------------------------------------------------------------- reference.conf

  @Test
  void referenceConfAndDecodersKnowTheSameKeys() {
    Config defaults = Defaults.load();
    Decoding decoding = new Decoding(defaults.getObject("curvature"));
    new ConfigurationLoader(location -> new byte[0], Map.of())
        .decode(defaults, decoding, Purpose.DERIVATIVES);
    Set<String> asked = new TreeSet<>(decoding.asked());

    assertThat(asked).isEqualTo(keys("", defaults.getObject("curvature")));
  }

  private static Set<String> keys(String path, ConfigObject object) {
    Set<String> keys = new TreeSet<>();
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      String key = Decoding.join(path, entry.getKey());
      keys.add(key);
      if (entry.getValue() instanceof ConfigObject child) {
        keys.addAll(keys(key, child));
      }
    }
    return keys;
  }

  @Test
  void referenceConfExplainsEveryKey() {
    List<String> bare =
        Defaults.text()
            .lines()
            .filter(line -> line.matches("\\s*[a-z-]+ = .*") && !line.contains("#"))
            .map(String::strip)
            .toList();

    assertThat(bare)
        .as("keys whose comment stands above them, or that say it all")
        .containsExactly("value = true", "value = false");
    assertThat(Defaults.text())
        .contains("labels = x", "shape = [784]", "column = features", "fill = 0.0")
        .contains("normal { scale = 0.1, seed = 7 }", "value = [1, 2, 3]");
  }

  @Test
  void referenceConfIsTheOneInConf() throws IOException {
    assertThat(Defaults.text()).isEqualTo(Files.readString(CONF.resolve("reference.conf")));
  }

  // ---------------------------------------------------------------- the package

  @Test
  void configurationsAreReadWithoutSpark() throws IOException {
    try (Stream<Path> sources =
        Files.list(Path.of("src/main/java/org/sparkcurvature/job/config"))) {
      for (Path source : sources.toList()) {
        assertThat(source).content().doesNotContain("org.apache.spark");
      }
    }
  }
}
