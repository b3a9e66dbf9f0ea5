package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.sink.NpyFile;

/**
 * The reference cases, from the command line to the files, against derivatives computed by JAX in
 * float64. The errors of all of them are left in {@code target/reference-errors.txt}.
 */
class EndToEndReferenceTest {
  private static final double TOLERANCE = 1e-10;

  /** Below this share of the largest element, an element's own relative error means nothing. */
  private static final double SMALL = 1e-4;

  private static final Path HOME = Path.of(System.getenv("SPARK_CURVATURE_HOME"));
  private static final Path CASES = HOME.resolve("job/src/test/resources/reference");
  private static final List<String> ERRORS = new ArrayList<>();
  private static double worst;

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  @AfterAll
  static void report() throws IOException {
    String worstLine = String.format(Locale.ROOT, "worst relative error: %.2e", worst);
    Files.write(
        Path.of("target/reference-errors.txt"),
        Stream.concat(ERRORS.stream(), Stream.of(worstLine)).toList());
    System.out.println("reference cases, " + worstLine);
  }

  static List<String> cases() {
    File[] folders = CASES.toFile().listFiles(File::isDirectory);
    return Arrays.stream(folders).map(File::getName).sorted().toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theFilesHoldTheReferencesNumbers(String name) throws IOException {
    Path expected = CASES.resolve(name);
    Path out = temporary.resolve("out");
    Console console =
        Console.run(
            Map.of(
                "DATA", HOME.resolve("conf/data").toString(),
                "CASE", expected.toString(),
                "OUT", out.toString()),
            "derive",
            "--config",
            expected.resolve("case.conf").toString());
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(out.resolve("_SUCCESS")).exists();

    JsonNode numbers = new ObjectMapper().readTree(expected.resolve("expected.json").toFile());
    JsonNode summary = new ObjectMapper().readTree(out.resolve("summary.json").toFile());
    assertThat(summary.get("rows_read").asInt()).isEqualTo(numbers.get("rows").asInt());
    assertThat(summary.get("rows_used").asInt()).isEqualTo(numbers.get("rows").asInt());
    assertThat(summary.get("P").asInt()).isEqualTo(numbers.get("P").asInt());
    if (numbers.has("value")) {
      compare(
          name + " value",
          new double[] {summary.get("value").asDouble()},
          new double[] {numbers.get("value").asDouble()});
    }
    for (String global : List.of("gradient", "hessian")) {
      if (Files.exists(expected.resolve(global + ".npy"))) {
        NpyFile reference = NpyFile.read(expected.resolve(global + ".npy"));
        NpyFile written = NpyFile.read(out.resolve(global + ".npy"));
        assertThat(written.shape()).containsExactly(reference.shape());
        compare(name + " " + global, written.values(), reference.values());
      }
    }
    comparePerSample(name, expected, out);
  }

  private static void comparePerSample(String name, Path expected, Path out) throws IOException {
    List<Row> rows =
        LocalSpark.session()
            .read()
            .parquet(out.resolve("per_sample").toString())
            .orderBy("row")
            .limit(50)
            .collectAsList();
    try (Stream<Path> files = Files.list(expected)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("per_sample_")).toList()) {
        String column =
            file.getFileName().toString().replace("per_sample_", "").replace(".npy", "");
        NpyFile reference = NpyFile.read(file);
        int size = reference.values().length / reference.shape()[0];
        assertThat(rows).hasSize(reference.shape()[0]);
        double[] written =
            rows.stream().flatMapToDouble(row -> Arrays.stream(full(row, column, size))).toArray();
        compare(name + " per-sample " + column, written, reference.values());
      }
    }
  }

  /** A row's elements; a packed Hessian is unpacked. */
  private static double[] full(Row row, String column, int size) {
    Object cell = row.getAs(column);
    if (cell instanceof Double value) {
      return new double[] {value};
    }
    double[] elements =
        row.<Double>getList(row.fieldIndex(column)).stream().mapToDouble(d -> d).toArray();
    if (elements.length == size) {
      return elements;
    }
    int p = (int) Math.round(Math.sqrt(size));
    assertThat(elements).hasSize(p * (p + 1) / 2);
    double[] full = new double[size];
    int k = 0;
    for (int i = 0; i < p; i++) {
      for (int j = i; j < p; j++) {
        full[i * p + j] = elements[k];
        full[j * p + i] = elements[k++];
      }
    }
    return full;
  }

  private static void compare(String what, double[] actual, double[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    double ofScale = 0;
    double ofElement = 0;
    for (int k = 0; k < expected.length; k++) {
      double error = Math.abs(actual[k] - expected[k]);
      assertThat(error).as("%s, element %d", what, k).isFinite();
      if (error > 0) {
        ofScale = Math.max(ofScale, error / scale);
        ofElement = Math.max(ofElement, error / Math.max(Math.abs(expected[k]), SMALL * scale));
      }
    }
    ERRORS.add(
        String.format(
            Locale.ROOT, "%-55s of the largest %.1e, of each %.1e", what, ofScale, ofElement));
    worst = Math.max(worst, ofScale);
    assertThat(ofScale).as(what + ", relative to the largest element").isLessThan(TOLERANCE);
    assertThat(ofElement).as(what + ", relative to each element").isLessThan(TOLERANCE);
  }
}
