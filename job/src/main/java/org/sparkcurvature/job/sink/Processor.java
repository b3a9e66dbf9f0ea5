package org.sparkcurvature.job.sink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The driver's processor, on whose family the last bits of a result depend. */
final class Processor {
  private static final Path DESCRIPTION = Path.of("/proc/cpuinfo");

  private Processor() {}

  /** Architecture, operating system and, where the system tells it, the model. */
  static String describe() {
    String system = System.getProperty("os.arch") + ", " + System.getProperty("os.name");
    return model(DESCRIPTION).map(model -> system + ", " + model).orElse(system);
  }

  /** The first processor's {@code model name} in a file as Linux has it. */
  static Optional<String> model(Path description) {
    try (Stream<String> lines = Files.lines(description)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException | UncheckedIOException unreadable) {
      return Optional.empty();
    }
  }
}
