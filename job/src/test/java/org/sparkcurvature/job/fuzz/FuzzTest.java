package org.sparkcurvature.job.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every seed, and bytes made of the seeds, through every target. {@code deploy/fuzz} runs the same
 * targets with Jazzer, guided by what is reached; what it finds becomes a seed here.
 */
class FuzzTest {
  private static final Path SEEDS =
      Path.of("src/test/resources/org/sparkcurvature/job/fuzz").toAbsolutePath();

  @ParameterizedTest
  @CsvSource({
    "configuration, 1000",
    "loss, 800",
    "parameters, 2000",
    "checkpoint, 1000",
    "manifest, 5000",
    "numbers, 50000"
  })
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void onlyRefusals(String target, int count) throws IOException {
    Targets.Target reader = Targets.all().get(target);
    List<byte[]> seeds = seeds(target);
    assertThat(seeds).isNotEmpty();
    seeds.forEach(seed -> read(reader, target, seed));
    Fuzzer fuzzer = new Fuzzer(seeds, 1);
    for (int k = 0; k < count; k++) {
      read(reader, target, fuzzer.next());
    }
  }

  private static List<byte[]> seeds(String target) throws IOException {
    try (Stream<Path> files = Files.list(SEEDS.resolve(target))) {
      return files
          .sorted()
          .map(
              file -> {
                try {
                  return Files.readAllBytes(file);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              })
          .toList();
    }
  }

  private static void read(Targets.Target reader, String target, byte[] bytes) {
    try {
      reader.read(bytes);
    } catch (RuntimeException | Error e) {
      throw new AssertionError(
          "%s fails on %d bytes:%n%s"
              .formatted(target, bytes.length, new String(bytes, StandardCharsets.UTF_8)),
          e);
    }
  }
}
