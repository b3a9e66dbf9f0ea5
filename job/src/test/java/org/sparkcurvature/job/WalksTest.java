package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.job.cli.Console;

/** What the manual shows is what is printed: each command of its walks, one after the other. */
class WalksTest {
  private static final Path HOME = Path.of(System.getenv("SPARK_CURVATURE_HOME"));
  private static final Pattern BLOCK =
      Pattern.compile("(?m)^```console\\n(.*?)^```$", Pattern.DOTALL);
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
  private static final String PROMPT = "$ deploy/spark-curvature ";

  /** With {@code -Dwalks.write=true} the manual is written anew. */
  private static final boolean WRITES = Boolean.getBoolean("walks.write");

  /** As in the manual: names of folders are in what is printed. */
  private static final String OUTPUT = "out/";

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  /** A command as it is typed, and what the manual says that it prints. */
  private record Step(String command, String output) {}

  private static List<Step> steps() throws IOException {
    List<Step> steps = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(Files.readString(HOME.resolve("conf/README.md")));
    while (blocks.find()) {
      String text = blocks.group(1).replace("\\\n", "");
      for (String part : text.split("(?m)^(?=\\$ )")) {
        if (!part.isBlank()) {
          int end = part.indexOf('\n');
          assertThat(part).startsWith(PROMPT);
          steps.add(new Step(part.substring(PROMPT.length(), end), part.substring(end + 1)));
        }
      }
    }
    return steps;
  }

  private String[] words(String command) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command);
    while (matcher.find()) {
      String word = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
      words.add(word.startsWith("conf/") ? HOME.resolve(word).toString() : word);
    }
    return words.toArray(String[]::new);
  }

  /** With the paths of the manual, and lines that were broken as they were. */
  private static String shown(String output) {
    return output
        .lines()
        .map(line -> line.replace(HOME + "/", ""))
        .collect(Collectors.joining("\n"))
        .replaceAll("\n {13,}", " ")
        .replaceAll("(?<=\\S) +", " ")
        // What is rounding alone differs between families of processors.
        .replaceAll("relative gradient \\d\\.\\de-1[3-9]", "relative gradient of rounding")
        .strip();
  }

  @Test
  void commandsPrintWhatTheManualShows() throws IOException {
    List<Step> steps = steps();
    assertThat(steps).hasSizeGreaterThanOrEqualTo(15);
    Map<String, String> written = new LinkedHashMap<>();
    for (Step step : steps) {
      List<String> words = new ArrayList<>(List.of(words(step.command())));
      boolean writes = !step.command().startsWith("check ");
      if (writes
          && step.command().contains("--config")
          && !step.command().contains("output.path")) {
        // The examples write under out/, from wherever they are typed.
        Matcher config = Pattern.compile("conf/(\\w+)\\.conf").matcher(step.command());
        assertThat(config.find()).isTrue();
        words.add("--set");
        words.add("output.path=" + OUTPUT + config.group(1));
      }
      Console console = Console.run(words.toArray(String[]::new));
      assertThat(console.exitCode()).as(step.command() + "\n" + console.err()).isZero();
      assertThat(console.out().lines()).allMatch(line -> line.length() <= 80 || line.contains("/"));
      if (WRITES) {
        written.put(step.command(), asInTheManual(console.out()));
        continue;
      }
      assertThat(shown(console.out())).as(step.command()).isEqualTo(shown(step.output()));
    }
    if (WRITES) {
      write(written);
    }
  }

  private static String asInTheManual(String output) {
    return output.replace(HOME + "/", "");
  }

  /** Puts what is printed into the manual. */
  private static void write(Map<String, String> outputs) throws IOException {
    Path manual = HOME.resolve("conf/README.md");
    String text = Files.readString(manual);
    StringBuilder all = new StringBuilder();
    Matcher blocks = BLOCK.matcher(text);
    int written = 0;
    while (blocks.find()) {
      all.append(text, written, blocks.start(1));
      for (String part : blocks.group(1).split("(?m)^(?=\\$ )")) {
        String command = part.replace("\\\n", "").split("\n")[0].substring(PROMPT.length());
        Matcher typed = Pattern.compile("(?:.*\\\\\n)*.*\n").matcher(part);
        assertThat(typed.lookingAt()).isTrue();
        all.append(typed.group()).append(outputs.get(command));
      }
      written = blocks.end(1);
    }
    Files.writeString(manual, all.append(text.substring(written)).toString());
  }
}
