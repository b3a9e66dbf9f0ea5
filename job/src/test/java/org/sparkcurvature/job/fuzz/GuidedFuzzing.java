package org.sparkcurvature.job.fuzz;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where Jazzer enters: one target, named by the environment variable {@code FUZZ_TARGET}, whose
 * seeds are in the folder {@code FUZZ_SEEDS}.
 */
public final class GuidedFuzzing {
  private static final Targets.Target TARGET = Targets.all().get(System.getenv("FUZZ_TARGET"));

  private GuidedFuzzing() {}

  /**
   * Called by Jazzer once: what the first input makes Java load, and Jazzer instrument, takes
   * minutes on a busy machine, and is not that input's time.
   */
  public static void fuzzerInitialize() throws IOException {
    Path seeds = Path.of(System.getenv("FUZZ_SEEDS"));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(seeds)) {
      for (Path seed : files) {
        TARGET.read(Files.readAllBytes(seed));
      }
    }
  }

  /** Called by Jazzer for every input. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    TARGET.read(bytes);
  }
}
