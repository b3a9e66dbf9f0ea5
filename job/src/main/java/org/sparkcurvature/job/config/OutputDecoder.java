package org.sparkcurvature.job.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Decodes the block {@code output}. */
final class OutputDecoder {
  private static final Pattern GLOB = Pattern.compile("[*?\\[{]");

  private OutputDecoder() {}

  static OutputConfig decode(Block output, InputConfig input) {
    Optional<Setting> path =
        output.require("path", "name the folder to write, as in path = \"out/first\"");
    OutputConfig config =
        new OutputConfig(
            path.flatMap(Setting::text).orElse(""),
            output.choice("mode", OutputMode.values()),
            output.choice("format", OutputFormat.values()));
    output.end();
    if (input.source() instanceof InputSource.Files files && !config.path().isEmpty()) {
      for (String source : files.paths()) {
        if (contains(config.path(), source)) {
          path.get()
              .problem(
                  "is %s, which holds the input %s and would be replaced"
                      .formatted(config.path(), source),
                  "write to another folder");
        }
      }
    }
    return config;
  }

  /** Whether one location is the other or above it, as far as their names tell. */
  private static boolean contains(String folder, String file) {
    String above = normal(folder);
    String below = normal(GLOB.split(file, 2)[0]);
    return below.equals(above) || below.startsWith(above.endsWith("/") ? above : above + "/");
  }

  private static String normal(String location) {
    String local = location.replaceFirst("^file:(//)?(?=/)", "");
    if (HadoopUriReader.hasScheme(local)) {
      return local.replaceFirst("/+$", "");
    }
    try {
      return Path.of(local).toAbsolutePath().normalize().toString();
    } catch (InvalidPathException e) {
      return local;
    }
  }
}
