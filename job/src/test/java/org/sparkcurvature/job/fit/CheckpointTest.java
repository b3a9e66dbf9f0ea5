package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  @TempDir Path temporary;

  private final List<String> warnings = new ArrayList<>();

  private Checkpoint open(String fit) {
    return Checkpoint.open(
        temporary.resolve("kept").toString(), fit, new Configuration(), warnings::add);
  }

  private static FitState state(int iteration) {
    return new FitState(
        iteration,
        new double[] {iteration + 0.1, -1e-300},
        Double.POSITIVE_INFINITY,
        new double[] {1, 2},
        List.of(),
        List.of(
            new Iteration(
                iteration, Double.NaN, 1.5, 2.5, 0, 1, Iteration.Outcome.REJECTED, 0.25)));
  }

  private Path file(int iteration) {
    return temporary.resolve("kept/state-%010d.json".formatted(iteration));
  }

  private void overwrite(int iteration, byte[] bytes) throws IOException {
    Files.write(file(iteration), bytes);
    Files.deleteIfExists(temporary.resolve("kept/.state-%010d.json.crc".formatted(iteration)));
  }

  @Test
  void theLastTwoStatesAreKeptAndForgotten() throws IOException {
    Checkpoint checkpoint = open("a");
    assertThat(checkpoint.last()).isEmpty();
    for (int k = 1; k <= 3; k++) {
      checkpoint.keep(state(k));
    }
    assertThat(file(1)).doesNotExist();
    FitState last = checkpoint.last().orElseThrow();
    assertThat(last.iteration()).isEqualTo(3);
    assertThat(last.x()).containsExactly(3.1, -1e-300);
    assertThat(last.radius()).isInfinite();
    assertThat(last.history().get(0).value()).isNaN();
    assertThatThrownBy(() -> open("b").last()).hasMessageContaining("the state of another fit");
    checkpoint.clear();
    assertThat(temporary.resolve("kept")).doesNotExist();
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "0000000000000000",
        "[]",
        "{\"content\":{}}",
        "\0\0\0",
        "\0\0/\0"
      })
  void aFileThatIsNotWholeIsPassedOverForTheOneBefore(String content) throws IOException {
    Checkpoint checkpoint = open("a");
    checkpoint.keep(state(1));
    checkpoint.keep(state(2));
    overwrite(2, content.getBytes(StandardCharsets.UTF_8));
    assertThat(checkpoint.last().map(FitState::iteration)).isEqualTo(Optional.of(1));
    assertThat(warnings).singleElement().asString().contains("state-0000000002.json is not whole");
    checkpoint.keep(state(2));
    assertThat(checkpoint.last().map(FitState::iteration)).isEqualTo(Optional.of(2));
  }

  /** Whatever byte a process that dies comes to, and whichever byte of a disk is wrong. */
  @Test
  void noPrefixAndNoFlippedBitIsTakenForAState() throws IOException {
    Checkpoint checkpoint = open("a");
    checkpoint.keep(state(1));
    checkpoint.keep(state(2));
    byte[] whole = Files.readAllBytes(file(2));
    for (int length = 0; length < whole.length; length++) {
      overwrite(2, Arrays.copyOf(whole, length));
      assertThat(checkpoint.last().map(FitState::iteration))
          .as("the first %d of %d bytes", length, whole.length)
          .isEqualTo(Optional.of(1));
    }
    for (int k = 0; k < whole.length; k++) {
      byte[] flipped = whole.clone();
      flipped[k] ^= 1;
      overwrite(2, flipped);
      assertThat(checkpoint.last().map(FitState::iteration))
          .as("byte %d of %d", k, whole.length)
          .isEqualTo(Optional.of(1));
    }
  }

  @Test
  void aStateThatWasBeingWrittenIsNotThere() throws IOException {
    Checkpoint checkpoint = open("a");
    checkpoint.keep(state(1));
    Files.write(temporary.resolve("kept/state-0000000002.json.unfinished"), new byte[] {'{'});
    assertThat(checkpoint.last().map(FitState::iteration)).isEqualTo(Optional.of(1));
    assertThat(warnings).isEmpty();
    checkpoint.clear();
    assertThat(temporary.resolve("kept")).doesNotExist();
  }

  /** The local file system keeps checksums of its own beside what it writes. */
  @Test
  void aChecksumOfTheFileSystemThatDoesNotFitIsNoError() throws IOException {
    Checkpoint checkpoint = open("a");
    checkpoint.keep(state(1));
    checkpoint.keep(state(2));
    byte[] bytes = Files.readAllBytes(file(2));
    bytes[3] ^= 1;
    Files.write(file(2), bytes);
    assertThat(checkpoint.last().map(FitState::iteration)).isEqualTo(Optional.of(1));
  }
}
