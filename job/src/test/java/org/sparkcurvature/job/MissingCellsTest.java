package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;

/** {@code input.missing = nan}: a cell that no taken branch reads may be missing. */
class MissingCellsTest {

  /** Whatever stands where the loss does not read: nothing may come of it. */
  private static final String FILLING = "-17.25";

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  /** Rows i, x, s, y of a selection model; y is {@code unobserved} where s is 0. */
  private void rows(String file, String unobserved) throws IOException {
    Random random = new Random(5);
    StringBuilder text = new StringBuilder("i,x,s,y\n");
    for (int i = 0; i < 200; i++) {
      double x = random.nextGaussian();
      double common = random.nextGaussian();
      boolean selected = 0.4 + 0.8 * x + 0.6 * common + 0.8 * random.nextGaussian() > 0;
      double y = 1 + 2 * x + common;
      text.append(i).append(',').append(x).append(',').append(selected ? 1 : 0).append(',');
      text.append(selected ? Double.toString(y) : unobserved).append('\n');
    }
    Files.writeString(folder.resolve(file), text.toString());
  }

  private Path configuration(
      String file, String tensors, String loss, String parameters, String wrt) throws IOException {
    Path path = folder.resolve("model.conf");
    Files.writeString(
        path,
        """
        curvature {
          input {
            path = "%s", options { header = true }, id = i
            tensors { %s }
          }
          model { parameters { %s }, loss = "%s", likelihood = true }
          derive { wrt = [%s] }
        }
        """
            .formatted(folder.resolve(file), tensors, parameters, loss, wrt));
    return path;
  }

  /** Heckman (1979): the outcome and its selection have correlated normal errors. */
  private Path heckman(String file) throws IOException {
    return configuration(
        file,
        "x = x, s = s, y = y",
        "IF(s = 1, ln(sigma) + square((y - b0 - b1 * x) / sigma) / 2"
            + " - normal_log_cdf((g0 + g1 * x + tanh(t) * (y - b0 - b1 * x) / sigma)"
            + " / sqrt(1 - square(tanh(t)))), -normal_log_cdf(-(g0 + g1 * x)))",
        "b0 = 1, b1 = 2, g0 = 0.4, g1 = 0.8, t = 0.5, sigma { value = 1, transform = log }",
        "b0, b1, g0, g1, t, sigma");
  }

  private Console run(String command, Path configuration, String output, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("output.path=" + folder.resolve(output));
    all.add("output.mode=overwrite");
    return Console.run(command, configuration, all);
  }

  /** The bytes of every array and the text of every value file of a result. */
  private Map<String, String> numbers(String output) throws IOException {
    Map<String, String> numbers = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder.resolve(output))) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        String name = file.getFileName().toString();
        if (name.endsWith(".npy") || name.equals("parameters.json") || name.endsWith(".csv")) {
          numbers.put(
              folder.resolve(output).relativize(file).toString(),
              java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
        }
      }
    }
    return numbers;
  }

  @Test
  void everyCommandGivesWhatAnyFillingGives() throws IOException {
    rows("missing.csv", "");
    rows("filled.csv", FILLING);
    String start = "model.parameters-from=" + folder.resolve("fit-filled.csv/parameters.json");
    for (String command : List.of("fit", "derive", "infer", "influence", "spectrum")) {
      for (String file : List.of("filled.csv", "missing.csv")) {
        List<String> settings = new ArrayList<>();
        if (!command.equals("fit")) {
          settings.add(start);
        }
        if (file.equals("missing.csv")) {
          settings.add("input.missing=nan");
        }
        Console console =
            run(command, heckman(file), command + "-" + file, settings.toArray(String[]::new));
        assertThat(console.exitCode()).as(command + ": " + console.err()).isZero();
      }
      assertThat(numbers(command + "-missing.csv"))
          .as(command)
          .isEqualTo(numbers(command + "-filled.csv"))
          .isNotEmpty();
    }
    Console check = run("check", heckman("missing.csv"), "none", "input.missing=nan", start);
    assertThat(check.exitCode()).as(check.err()).isZero();
  }

  @Test
  void aCellThatIsReadMakesItsRowInvalid() throws IOException {
    rows("missing.csv", "");
    Console byDefault = run("derive", heckman("missing.csv"), "out");
    assertThat(byDefault.exitCode()).as(byDefault.err()).isEqualTo(3);
    assertThat(byDefault.err()).contains("y is null");
    // s = 0 reads y as well.
    Path both =
        configuration(
            "missing.csv", "s = s, y = y", "IF(s = 1, square(y - b), b * y)", "b = 1", "b");
    Console read = run("derive", both, "out", "input.missing=nan");
    assertThat(read.exitCode()).isEqualTo(3);
    assertThat(read.err()).contains("y is null");
    // What a parameter decides may be read.
    Path byParameter =
        configuration("missing.csv", "s = s, y = y", "IF(b > 0, square(b), b * y)", "b = 1", "b");
    assertThat(run("derive", byParameter, "out", "input.missing=nan").exitCode()).isEqualTo(3);
    Path asked =
        configuration("missing.csv", "s = s, y = y", "IF(s = 1, square(r), b)", "b = 1", "b");
    Console values =
        run(
            "derive",
            asked,
            "out",
            "input.missing=nan",
            "model.define.r=y - b",
            "derive.per-sample.values-of=[r]");
    assertThat(values.exitCode()).as(values.err()).isEqualTo(3);
    assertThat(values.err()).contains("y is null");
  }

  @Test
  void elementsOfATensorAreMissingOneByOne() throws IOException {
    String header = "i,a,b,u,v\n";
    Files.writeString(folder.resolve("missing.csv"), header + "0,1,2,1,1\n1,,3,0,1\n2,4,nan,1,0\n");
    Files.writeString(folder.resolve("filled.csv"), header + "0,1,2,1,1\n1,9,3,0,1\n2,4,9,1,0\n");
    Files.writeString(folder.resolve("read.csv"), header + "0,1,2,1,1\n1,,3,0,1\n2,,nan,1,0\n");
    for (String file : List.of("missing.csv", "filled.csv", "read.csv")) {
      Path path =
          configuration(
              file,
              "s = [u, v], y = [a, b]",
              "sum(IF(s = 1, exp(c * y), square(c)))",
              "c = 0.5",
              "c");
      Console console = run("derive", path, file + ".out", "input.missing=nan");
      if (file.equals("read.csv")) {
        assertThat(console.exitCode()).isEqualTo(3);
        assertThat(console.err()).contains("row 2 (id 2): y[0] (a) is null").doesNotContain("y[1]");
      } else {
        assertThat(console.exitCode()).as(console.err()).isZero();
      }
    }
    assertThat(numbers("missing.csv.out")).isEqualTo(numbers("filled.csv.out")).isNotEmpty();
  }
}
