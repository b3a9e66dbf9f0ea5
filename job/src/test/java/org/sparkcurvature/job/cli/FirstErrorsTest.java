package org.sparkcurvature.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is wrong and needs neither data nor Spark to be found is told before any of it is loaded.
 */
class FirstErrorsTest {
  @TempDir Path folder;

  /** What takes long to load, and is of no use without data. */
  private static final Pattern HEAVY = Pattern.compile(" org\\.apache\\.(spark\\.sql|logging)\\.");

  private static final String CONFIGURATION =
      """
      curvature {
        input { path = "none.csv", format = csv, tensors { x = [a, b], y = c } }
        model { parameters { beta { labels = x, fill = 0.0 } }, loss = "square(y - dot(x, beta))" }
        output { path = "out" }
      }
      """;

  private static final String FORMULA =
      """
      curvature {
        input { path = "none.csv", format = csv }
        model { formula = "y ~ a", family = gausian }
        output { path = "out" }
      }
      """;

  @Test
  void aMisspeltKey() throws Exception {
    assertThat(told(CONFIGURATION, "--set", "derive.reduktion=sum"))
        .contains("error: derive.reduktion is an unknown key", "did you mean reduction?");
  }

  @Test
  void aMisspeltBlockOfNames() throws Exception {
    assertThat(told(CONFIGURATION.replace("tensors", "tensorz")))
        .contains("error: input.tensorz is an unknown key", "did you mean tensors?");
  }

  @Test
  void aValueThatThereIsNot() throws Exception {
    assertThat(told(CONFIGURATION, "--set", "derive.reduction=summ"))
        .contains("error: derive.reduction must be one of mean | sum");
  }

  @Test
  void aMisspeltNameInTheLoss() throws Exception {
    assertThat(told(CONFIGURATION.replace("y - dot", "yy - dot")))
        .contains("no input tensor, parameter or definition named yy");
  }

  @Test
  void aBracketThatIsNotClosed() throws Exception {
    assertThat(told(CONFIGURATION.replace("beta))", "beta)"))).contains("'(' is not closed");
  }

  @Test
  void aMisspeltFamily() throws Exception {
    assertThat(told(FORMULA)).contains("there is no family gausian");
  }

  /** Standard error, after a look at the classes that were loaded for it. */
  private String told(String configuration, String... arguments) throws Exception {
    Path file = Files.writeString(folder.resolve("c.conf"), configuration);
    Path classes = folder.resolve("classes");
    List<String> given =
        Stream.concat(Stream.of("derive", "--config", file.toString()), Stream.of(arguments))
            .toList();
    Console console =
        Program.within(
            List.of("env", "JDK_JAVA_OPTIONS=-Xlog:class+load:file=" + classes),
            256,
            List.of(),
            folder.resolve("log"),
            given.toArray(String[]::new));
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(Files.readString(classes)).contains("org.sparkcurvature.job.config.RunDecoder");
    assertThat(Files.readAllLines(classes).stream().filter(line -> HEAVY.matcher(line).find()))
        .isEmpty();
    return console.err();
  }
}
