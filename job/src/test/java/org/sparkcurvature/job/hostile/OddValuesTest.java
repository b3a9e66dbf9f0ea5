package org.sparkcurvature.job.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.config.ConfigurationException;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.LoadedConfiguration;
import org.sparkcurvature.job.config.Problem;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.formula.FormulaExpansion;
import org.sparkcurvature.job.language.LanguageException;
import org.sparkcurvature.job.language.LossModel;

/** Values that nobody means, in every key: what a user types never ends with 1. */
class OddValuesTest {
  @TempDir Path temporary;

  private static final String BASE =
      """
      curvature {
        input { path = "%1$s/rows.csv", options { header = true }, tensors { x = [x], y = y }, id = id }
        model { parameters { beta { labels = x, fill = 0.1 } }, loss = "square(y - dot(x, beta))" }
        output { path = "%1$s/out", mode = overwrite }
      }
      """;

  private static Map<String, String> odd() {
    Map<String, String> odd = new LinkedHashMap<>();
    for (String value :
        List.of(
            "null",
            "{}",
            "[]",
            "[1]",
            "[1,1]",
            "[[1],{}]",
            "{ a = 1 }",
            "{ a { b = [null] } }",
            "true",
            "-1",
            "0",
            "1e400",
            "-1e400",
            "1e-400",
            "9223372036854775808",
            "0.5",
            "NaN")) {
      odd.put(value, value);
    }
    for (String text :
        List.of(
            "",
            " ",
            "a:b",
            "\u0000",
            "\ud800",
            "a[b",
            "a{b",
            "a\\",
            "https://127.0.0.1:1/x",
            "nosuch://x/y",
            "/",
            "..",
            "file:",
            "x".repeat(20_000),
            "1b",
            "99999999999g")) {
      String shown = text.length() > 40 ? text.length() + " characters" : text;
      odd.put("text " + shown, Planted.quoted(text));
    }
    return odd;
  }

  private static LoadedConfiguration load(String text, Purpose purpose) {
    return new ConfigurationLoader(
            location -> {
              if (!location.equals("base.conf")) {
                throw new NoSuchFileException(location);
              }
              return text.getBytes(StandardCharsets.UTF_8);
            },
            Map.of(),
            LossModel::problems)
        .load(List.of("base.conf"), List.of(), purpose);
  }

  /** Of each refusal: what, where, how to mend it, on a screen. */
  @Test
  void everyKeyTakesOrRefusesEveryValue() throws IOException {
    List<String> wrong = new ArrayList<>();
    int refused = 0;
    for (String key : Keys.all().keySet()) {
      for (Map.Entry<String, String> value : odd().entrySet()) {
        String more = "curvature." + key + " = null\ncurvature." + key + " = " + value.getValue();
        for (Purpose purpose : List.of(Purpose.DERIVATIVES, Purpose.ESTIMATION)) {
          try {
            LoadedConfiguration loaded =
                load(BASE.formatted("/tmp") + Keys.beside(key) + "\n" + more, purpose);
            if (loaded.configuration().model().formula().isPresent()) {
              FormulaExpansion.parse(loaded.configuration().model().formula().get());
            } else {
              LossModel.parse(loaded.configuration().input(), loaded.configuration().model());
            }
          } catch (LanguageException | JobException e) {
            // A formula's text is parsed behind the configuration, and told as a problem of it.
            refused++;
            if (!more.contains("model.") || e.getMessage().isBlank()) {
              wrong.add(key + " = " + value.getKey() + ": " + e);
            }
          } catch (ConfigurationException e) {
            refused++;
            for (Problem problem : e.problems()) {
              if (problem.path().isBlank()
                  || problem.what().isBlank()
                  || problem.remedy().isBlank()) {
                wrong.add(key + " = " + value.getKey() + ": " + problem);
              }
            }
            if (e.getMessage().length() > 6000) {
              wrong.add(key + " = " + value.getKey() + ": " + e.getMessage().length());
            }
          } catch (RuntimeException | Error e) {
            wrong.add(key + " = " + value.getKey() + ": " + e);
          }
        }
      }
    }
    assertThat(wrong.stream().limit(20)).as("%d", wrong.size()).isEmpty();
    assertThat(refused).isGreaterThan(2000);
  }

  /** Texts that are no configuration's fault by themselves: paths, expressions, names. */
  @Test
  void textsThatOnlyShowLaterEndByTheirCodes() throws IOException {
    LocalSpark.session();
    Files.writeString(temporary.resolve("rows.csv"), "id,x,y\n1,1,2\n2,2,3\n3,3,7\n");
    List<String> wrong = new ArrayList<>();
    String odd = Planted.quoted("a:b[c{d\\\u0000");
    int runs = 0;
    for (String key : Keys.all().keySet()) {
      String text =
          BASE.formatted(temporary) + Keys.beside(key) + "\ncurvature." + key + " = " + odd;
      if (isTaken(text)) {
        runs++;
        Path file = Files.writeString(temporary.resolve("run.conf"), text);
        Console console = Console.run(Keys.command(key), "--config", file.toString());
        String said = console.err();
        if (console.exitCode() == 1
            || console.exitCode() > 1
                && (said.length() > 8000
                    || !said.matches(
                        "(?s).*(\n  to mend it: | problems? in the configuration\n).*"))) {
          wrong.add("%s: %d %s".formatted(key, console.exitCode(), said));
        }
      }
    }
    assertThat(runs).isGreaterThan(8);
    assertThat(wrong.stream().limit(20)).as("%d", wrong.size()).isEmpty();
  }

  private static boolean isTaken(String text) {
    try {
      load(text, Purpose.DERIVATIVES);
      return true;
    } catch (ConfigurationException e) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "input.path = \"data/a[b.csv\" | 2 | no pattern of paths | curvature.input.path",
        "input.path = \"data/{a.csv\" | 2 | no pattern of paths | curvature.input.path",
        "run.status = \"a:b\" | 2 | the status cannot be written to a:b | curvature.run.status",
        "output.path = \"a:b\" | 2 | a:b cannot be written | curvature.output.path",
        "output.path = \"https://127.0.0.1:1/a\" | 2 | takes no files | curvature.output.path",
        "block-memory = {} | 2 | must be a size | block-memory",
        "block-memory = [1] | 2 | must be a size | block-memory",
        "input.partition-size = [1,1] | 2 | must be a size | input.partition-size",
        "fit.checkpoint = \"/proc/none\" | 2 | checkpoint /proc/none is not taken | fit.checkpoint",
        "fit.checkpoint = \"a:b\" | 2 | checkpoint a:b is not taken | curvature.fit.checkpoint",
      })
  void mistakesAreNamedBeforeSparkStarts(String setting, int code, String what, String where)
      throws IOException {
    Path file = Files.writeString(temporary.resolve("run.conf"), BASE.formatted(temporary));
    Console console = Console.run("fit", "--config", file.toString(), "--set", setting.strip());
    assertThat(console.exitCode()).as(console.err()).isEqualTo(code);
    assertThat(console.err())
        .contains(what.strip(), where.strip())
        .doesNotContain("starting Spark")
        .doesNotContain("should not have happened");
    assertThat(temporary.resolve("out")).doesNotExist();
  }

  @Test
  void filesThatIncludeOneAnotherAreNamed() throws IOException {
    Files.writeString(temporary.resolve("a.conf"), "include \"b.conf\"\n");
    Files.writeString(temporary.resolve("b.conf"), "include \"sub/../a.conf\"\n");
    Files.createDirectories(temporary.resolve("sub"));
    Console console = Console.run("derive", "--config", temporary.resolve("a.conf").toString());
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err()).contains("include each other").contains("b.conf");
  }
}
