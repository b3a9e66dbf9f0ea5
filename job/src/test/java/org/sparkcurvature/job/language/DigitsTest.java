package org.sparkcurvature.job.language;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.graph.Shape;

/**
 * Losses on which others lose digits (the folders of {@code digits}, each with the problem's source
 * in its first line), against numbers computed in 50 digits: each element that is not zero to 1e-10
 * of itself.
 */
class DigitsTest {
  private static final double TOLERANCE = 1e-10;

  /** What differences in 50 digits leave of an exact zero. */
  private static final double ZERO = 1e-38;

  static Stream<Path> cases() throws IOException {
    Path root = Path.of("src/test/resources/org/sparkcurvature/job/digits");
    try (Stream<Path> folders = Files.list(root)) {
      return folders.filter(Files::isDirectory).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithManyDigits(Path folder) throws IOException {
    Config config =
        ConfigFactory.parseString(
                "CASE = \""
                    + folder
                    + "\"\nOUT = \"unused\"\n"
                    + Files.readString(folder.resolve("case.conf")))
            .resolve()
            .getConfig("curvature");
    Config expected =
        ConfigFactory.parseString(
                Files.readString(folder.resolve("expected.json")),
                ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON))
            .getConfig("expected");
    Expression expression = expression(folder, config);
    List<Expression.Results> results = expression.evaluate(config.getStringList("derive.wrt"));
    List<? extends List<? extends Number>> gradients = rows(expected, "ps_gradient");
    List<? extends List<? extends Number>> hessians = rows(expected, "ps_hessian");
    List<Double> values = expected.getDoubleList("ps_value");
    assertThat(results).hasSameSizeAs(values);
    for (int row = 0; row < results.size(); row++) {
      String at = folder.getFileName() + ", row " + row + ", ";
      close(new double[] {results.get(row).value()}, List.of(values.get(row)), at + "value");
      close(results.get(row).gradient(), gradients.get(row), at + "gradient");
      close(results.get(row).hessian(), hessians.get(row), at + "hessian");
    }
  }

  private static void close(double[] actual, List<? extends Number> expected, String what) {
    assertThat(actual).as(what).hasSize(expected.size());
    double largest = expected.stream().mapToDouble(v -> Math.abs(v.doubleValue())).max().orElse(0);
    for (int k = 0; k < actual.length; k++) {
      double e = expected.get(k).doubleValue();
      double error = Math.abs(actual[k] - e);
      boolean zero = Math.abs(e) < ZERO;
      boolean close =
          zero ? error <= 1e-14 * Math.max(largest, 1) : error <= TOLERANCE * Math.abs(e);
      assertThat(close).as("%s [%d]: %s instead of %s", what, k, actual[k], e).isTrue();
    }
  }

  @SuppressWarnings("unchecked")
  private static List<? extends List<? extends Number>> rows(Config expected, String name) {
    return (List<? extends List<? extends Number>>) expected.getAnyRefList(name);
  }

  private static Expression expression(Path folder, Config config) throws IOException {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    Map<String, double[]> parameters = new LinkedHashMap<>();
    config
        .getConfig("model.parameters")
        .root()
        .forEach(
            (name, value) -> {
              List<Double> elements = new ArrayList<>();
              shapes.put(name, shape(value));
              flatten(value.unwrapped(), elements);
              parameters.put(name, array(elements));
            });
    Map<String, String> definitions = new LinkedHashMap<>();
    if (config.hasPath("model.define")) {
      config
          .getConfig("model.define")
          .root()
          .forEach((name, value) -> definitions.put(name, (String) value.unwrapped()));
    }
    List<Map<String, List<Double>>> table = table(folder);
    Map<String, double[]> inputs = new LinkedHashMap<>();
    config
        .getConfig("input.tensors")
        .root()
        .forEach(
            (name, value) -> {
              List<String> columns = new ArrayList<>();
              if (value.valueType() == ConfigValueType.LIST) {
                ((List<?>) value.unwrapped()).forEach(c -> columns.add((String) c));
                shapes.put(name, Shape.of(columns.size()));
              } else if (value.valueType() == ConfigValueType.OBJECT) {
                Map<?, ?> tensor = (Map<?, ?>) value.unwrapped();
                columns.add((String) tensor.get("column"));
                shapes.put(
                    name,
                    new Shape(
                        ((List<?>) tensor.get("shape"))
                            .stream().map(n -> ((Number) n).intValue()).toList()));
              } else {
                columns.add((String) value.unwrapped());
                shapes.put(name, Shape.SCALAR);
              }
              List<Double> all = new ArrayList<>();
              table.forEach(row -> columns.forEach(c -> all.addAll(row.get(c))));
              inputs.put(name, array(all));
            });
    return new Expression(
        config.getString("model.loss"), definitions, inputs, parameters, shapes, table.size());
  }

  private static List<Map<String, List<Double>>> table(Path folder) throws IOException {
    List<Map<String, List<Double>>> rows = new ArrayList<>();
    Path csv = folder.resolve("data.csv");
    if (Files.exists(csv)) {
      List<String> lines = Files.readAllLines(csv, StandardCharsets.UTF_8);
      String[] header = lines.get(0).split(",");
      for (String line : lines.subList(1, lines.size())) {
        String[] cells = line.split(",");
        Map<String, List<Double>> row = new LinkedHashMap<>();
        for (int k = 0; k < header.length; k++) {
          row.put(header[k], List.of(Double.valueOf(cells[k])));
        }
        rows.add(row);
      }
      return rows;
    }
    for (String line : Files.readAllLines(folder.resolve("data.json"), StandardCharsets.UTF_8)) {
      Map<String, List<Double>> row = new LinkedHashMap<>();
      ConfigFactory.parseString(line)
          .root()
          .forEach(
              (name, value) -> {
                List<Double> elements = new ArrayList<>();
                flatten(value.unwrapped(), elements);
                row.put(name, elements);
              });
      rows.add(row);
    }
    return rows;
  }

  private static Shape shape(ConfigValue value) {
    List<Integer> extents = new ArrayList<>();
    Object at = value.unwrapped();
    while (at instanceof List<?> list) {
      extents.add(list.size());
      at = list.get(0);
    }
    return new Shape(extents);
  }

  private static void flatten(Object value, List<Double> elements) {
    if (value instanceof List<?> list) {
      list.forEach(v -> flatten(v, elements));
    } else {
      elements.add(((Number) value).doubleValue());
    }
  }

  private static double[] array(List<Double> elements) {
    return elements.stream().mapToDouble(v -> v).toArray();
  }
}
