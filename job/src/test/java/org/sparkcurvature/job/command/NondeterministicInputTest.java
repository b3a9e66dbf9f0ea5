package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.errors.ExitCode;

/** Rows that another pass would not give again are refused wherever there are several passes. */
class NondeterministicInputTest {
  private static final Path CONF = Path.of("../conf");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fit       | fit.conf        |                                      | fit passes over the rows several times",
        "infer     | infer.conf      |                                      | infer passes over the rows several times",
        "influence | influence.conf  |                                      | influence passes over the rows several times",
        "spectrum  | spectrum.conf   |                                      | spectrum passes over the rows several times",
        "derive    | quickstart.conf |                                      | sums and per-sample results are made in two passes",
        "derive    | quickstart.conf | derive.per-sample=null;input.invalid-rows=quarantine | rejected rows are written in a pass of their own",
      })
  void areRefusedBeforeSparkStarts(String command, String file, String more, String reason) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "input.allow-nondeterministic=true", "output.path=" + folder.resolve("result")));
    if (more != null) {
      settings.addAll(List.of(more.split(";")));
    }
    Console console = Console.run(command, CONF.resolve(file), settings);
    assertThat(console.exitCode()).isEqualTo(ExitCode.CONFIGURATION.code());
    assertThat(console.err())
        .contains("functions that are not deterministic are allowed, and " + reason)
        .contains("at: curvature.input.allow-nondeterministic")
        .doesNotContain("starting Spark");
    assertThat(folder.resolve("result")).doesNotExist();
  }
}
