package org.sparkcurvature.job.derive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.source.Source;

/** What is said of rows that are invalid: how many, why, and how they can be used all the same. */
class RejectedRowsTest {
  @TempDir Path folder;

  private static RowCounts count(InputConfig input) {
    return GlobalPass.run(
            Source.open(LocalSpark.session(), input),
            Problems.spec(Problems.poisson(), Problems.EVERYTHING, 1 << 20),
            Problems.PARAMETERS,
            Device.AUTO)
        .counts();
  }

  private Path csv(String... cells) throws IOException {
    StringBuilder text = new StringBuilder("a;b\n");
    for (int k = 0; k < 300; k++) {
      text.append("1;").append(cells[k % cells.length]).append('\n');
    }
    return Files.writeString(folder.resolve("a.csv"), text, StandardCharsets.UTF_8);
  }

  private static InputConfig input(Path path, String y) {
    InputConfig file = Inputs.files("csv", Map.of("header", "true", "sep", ";"), path);
    return Inputs.tensor(Inputs.list(file, "x", "a", "a", "a"), "y", y);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "no;yes;yes | 300 of 300 rows: 'no' (100), 'yes' (200) | y = \"b = 'no'\" for a label",
        "it's;a b | 300 of 300 rows: 'it's' (150), 'a b' (150) | [\"b = 'it\\'s'\", \"b = 'a b'\"]",
        "yes | 300 of 300 rows: 'yes' (300) | \"b = 'yes'\"",
        "1,5;-2,25 | '1,5' (150), '-2,25' (150) | \"replace(b, ',', '.')\"",
        "34.6%;$1,234.50 | '34.6%' (150), '$1,234.50' (150) | \"regexp_replace(b, '[^0-9.+-]', '')\"",
        "1;2;3;n/a | 75 of 300 rows: 'n/a' (75); the first is row 3 | invalid-rows = drop",
        "a;b;c;d;e;f;g;h;i;j | 'g' (30), 'h' (30), ...; the first is row 0 | \"b = 'a'\", \"b = 'b'\", ...]",
      })
  void textThatIsNoNumberIsOneLineWithAWayOut(String cells, String line, String advice)
      throws IOException {
    Path path = csv(cells.split(";"));
    JobException error = catchThrowableOfType(JobException.class, () -> count(input(path, "b")));
    assertThat(error.exitCode()).isEqualTo(ExitCode.DATA);
    assertThat(error.what().lines()).hasSize(2);
    assertThat(error.what()).contains("y (b) is text that is no number in ").contains(line);
    assertThat(error.remedy()).contains(advice);
    Matcher written = Pattern.compile("\"([^\"]*)\"").matcher(error.remedy());
    while (written.find()) { // what is advised is computed
      assertThat(count(input(path, written.group(1))).used()).isEqualTo(300);
    }
  }

  @Test
  void longTextIsCutAndOtherReasonsAreToldRowByRow() throws IOException {
    Path path = csv("x".repeat(1000), "1", "", "y");
    JobException error = catchThrowableOfType(JobException.class, () -> count(input(path, "b")));
    assertThat(error.what().lines())
        .hasSize(11)
        .allSatisfy(line -> assertThat(line).hasSizeLessThan(250))
        .contains("    row 2: y (b) is null");
  }

  @Test
  void theShapeIsThatOfMostRowsNotOfTheFirst() {
    LocalSpark.session()
        .sql(
            "SELECT IF(id % 5 = 0, array(1D, 2D, 3D, 4D), array(1D, 2D, 3D)) AS f,"
                + " IF(id % 50 = 1, NULL, 1D) AS b FROM range(0, 1000, 1, 4)")
        .createOrReplaceTempView("ragged");
    InputConfig ragged =
        Inputs.invalid(
            Inputs.tensor(
                Inputs.tensor(Inputs.of(new InputSource.Table("ragged")), "x", "f"), "y", "b"),
            InvalidRows.DROP);
    assertThat(Source.open(LocalSpark.session(), ragged).shapes()).containsEntry("x", Shape.of(3));
    RowCounts counts = count(ragged);
    assertThat(counts.used()).isEqualTo(780);
    assertThat(counts.rejectedBy())
        .containsExactly(
            Map.entry("x (f) has another number of elements than 3", 200L),
            Map.entry("y (b) is null", 20L));
    assertThat(List.copyOf(counts.rejectedBy().keySet()).get(0)).startsWith("x (f)");
  }
}
