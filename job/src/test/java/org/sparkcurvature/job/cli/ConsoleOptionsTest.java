package org.sparkcurvature.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.LocalSpark;

class ConsoleOptionsTest {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private String configuration(String loss) throws IOException {
    Files.writeString(folder.resolve("data.csv"), "a,b,id\n1,2,x\n3,5,y\n4,4.5,z\n");
    return Files.writeString(
            folder.resolve("run.conf"),
            """
            curvature {
              input { path = "%s", options { header = true }, tensors { x = a, y = b }, id = id }
              model { parameters { beta = 0.5 }, loss = "%s" }
              derive { wrt = [beta], per-sample.gradient = true }
              output { path = "%s", mode = overwrite }
            }
            """
                .formatted(folder.resolve("data.csv"), loss, folder.resolve("out")))
        .toString();
  }

  private static JsonNode object(Console console) throws IOException {
    return MAPPER.readTree(console.out());
  }

  @Test
  void aResultIsOneObject() throws IOException {
    Console console =
        Console.run(
            "derive", "--config", configuration("square(y - beta * x)"), "--json", "--debug");
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode object = object(console);
    assertThat(object.get("command").asText()).isEqualTo("derive");
    assertThat(object.get("gradient").get("beta").asDouble())
        .isEqualTo((-2 * 1.5 - 6 * 3.5 - 8 * 2.5) / 3);
    assertThat(object.get("summary").get("rows_used").asInt()).isEqualTo(3);
    assertThat(object.get("entries").toString()).contains("per_sample");
    assertThat(object.has("error")).isFalse();
    assertThat(console.err()).contains("spark-curvature: opening the input");
  }

  @Test
  void aFailureIsOneObjectToo() throws IOException {
    String file = configuration("square(y - beta * x)");
    Console console = Console.run("fit", "--json", "--config", file, "--set", "input.path=/none");
    assertThat(console.exitCode()).isEqualTo(3);
    assertThat(object(console).get("error").get("code").asInt()).isEqualTo(3);
    assertThat(object(console).get("error").get("what").asText()).contains("/none");
    assertThat(object(console).get("error").get("mend").asText()).isNotEmpty();
    assertThat(console.err()).startsWith("spark-curvature").contains("\nerror: ");
    Console unknown = Console.run("ft", "--json");
    assertThat(object(unknown).get("error").get("what").asText()).contains("no command 'ft'");
    Console wrong =
        Console.run("fit", "--json", "--config", file, "--set", "fit.tol=1", "--set", "inpt=2");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(object(wrong).get("error").get("more")).hasSize(1);
  }

  @Test
  void whatDidNotConvergeHasBoth() throws IOException {
    Console console =
        Console.run(
            "fit",
            "--json",
            "--config",
            configuration("square(y - exp(beta * x))"),
            "--set",
            "fit.max-iterations=1");
    assertThat(console.exitCode()).isEqualTo(4);
    assertThat(object(console).get("error").get("code").asInt()).isEqualTo(4);
    assertThat(object(console).get("summary").get("converged").asBoolean()).isFalse();
  }

  @Test
  void checkIsAnObject() throws IOException {
    Console console =
        Console.run("check", "--json", "--config", configuration("square(y - beta * x)"));
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(object(console).get("passed").asBoolean()).isTrue();
    assertThat(object(console).get("comparisons").asInt()).isPositive();
  }

  @Test
  void quietMeansResultAndErrorsAlone() throws IOException {
    String file = configuration("square(y - beta * x)");
    Console console = Console.run("derive", "--quiet", "--config", file);
    assertThat(console.exitCode()).isZero();
    assertThat(console.err()).isEmpty();
    assertThat(console.out()).startsWith("derive  value").doesNotContain("wrote");
    Console failed = Console.run("fit", "--quiet", "--config", file, "--set", "input.path=/none");
    assertThat(failed.exitCode()).isEqualTo(3);
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err()).startsWith("error: ");
  }

  @Test
  void partsAreShownWhereTheyAreAskedFor() throws IOException {
    String file = configuration("square(y - beta * x)");
    Console plain = Console.run("derive", "--config", file);
    assertThat(plain.out())
        .contains("matrix: --show hessian   rows: --show rows\n")
        .doesNotContain("id x")
        .contains("  next       deploy/spark-curvature fit --from ");
    Console console = Console.run("derive", "--config", file, "--show", "hessian,rows");
    assertThat(console.out()).contains("\n  hessian\n").contains("  id x\n").contains("  id z\n");
    Console both =
        Console.run("check", "--config", file, "--show", "graph", "--show", "differences");
    assertThat(both.out())
        .startsWith("check  PASSED: ")
        .contains("graph of the loss")
        .contains("derivatives and central differences")
        .contains("  more       --show formulas | steps\n");
  }

  @ParameterizedTest
  @CsvSource({
    "fit, hessian, fit has no part 'hessian' to show; it has: all, write --show all",
    "derive, row, 'derive has no part ''row'' to show; it has: hessian, rows, all', write --show rows",
    "predict, rows, predict shows all that it has, leave --show out",
  })
  void otherPartsAreRefusedWithThoseThatThereAre(
      String command, String part, String what, String mend) {
    Console console = Console.run(command, "--config", "none.conf", "--show", part);
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err())
        .isEqualTo("error: " + what + "\n  at: the command line\n  to mend it: " + mend + "\n");
  }

  /** Of a command that leaves nothing out, too. */
  @Test
  void allCanBeAskedForAnyway() {
    Console console = Console.run("predict", "--config", "none.conf", "--show", "all");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err()).contains("none.conf").doesNotContain("--show");
  }

  @Test
  void theNextStepRunsAsItStands() throws IOException {
    String file = configuration("square(y - beta * x)");
    Console.run("derive", "--config", file);
    for (String command : new String[] {"fit", "infer", "influence"}) {
      String from =
          folder
              + "/out"
              + (command.equals("fit") ? "" : command.equals("infer") ? "-fit" : "-fit-infer");
      Console next = Console.run(command, "--from", from);
      assertThat(next.exitCode()).as(next.err()).isZero();
      assertThat(folder.resolve(Path.of(from).getFileName() + "-" + command).resolve("_SUCCESS"))
          .exists();
      if (!command.equals("influence")) {
        assertThat(next.out()).contains(" --from " + from + "-" + command + "\n");
      }
    }
    // What was there is as it was.
    assertThat(folder.resolve("out/per_sample")).exists();
  }

  @Test
  void errorsOfAConfigurationHaveTheFormOfOthers() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("bad.conf"), "curvature { input { pth = x }\n model { los = 1 } }");
    Console console = Console.run("derive", "--config", file.toString());
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err().lines().filter(line -> line.startsWith("error: ")).count())
        .isGreaterThan(1);
    assertThat(console.err())
        .containsPattern("error: .*\n  at: input.pth \\(.*bad.conf:1\\)\n  to mend it: .*path")
        .contains("error: output.path is missing\n  at: output.path\n  to mend it: ")
        .containsPattern("error: .*\n  at: model.los \\(.*bad.conf:2\\)\n  to mend it: .*loss");
  }

  /** A person is told a screen of faults, a program all of them. */
  @Test
  void allFaultsOfAConfigurationAreInTheObject() throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of("fit", "--config", configuration("square(y - beta * x)"), "--json"));
    for (int k = 0; k < 20; k++) {
      words.addAll(List.of("--set", "fit.key" + k + "=1"));
    }
    Console console = Console.run(words.toArray(String[]::new));
    assertThat(console.exitCode()).isEqualTo(2);
    JsonNode error = new ObjectMapper().readTree(console.out()).get("error");
    assertThat(error.get("what").asText()).isEqualTo("fit.key0 is an unknown key");
    assertThat(error.get("more")).hasSize(19);
    assertThat(console.err().lines().filter(line -> line.startsWith("error: ")))
        .hasSize(9)
        .endsWith("error: 12 more in the configuration");
  }
}
