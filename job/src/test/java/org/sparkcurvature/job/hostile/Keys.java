package org.sparkcurvature.job.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The keys of a configuration, as reference.conf has them: a new one is among them by itself. */
final class Keys {
  private Keys() {}

  /** Every key of reference.conf with its default. */
  static Map<String, ConfigValue> all() throws IOException {
    Map<String, ConfigValue> keys = new TreeMap<>();
    try (var stream = Keys.class.getResourceAsStream("/org/sparkcurvature/reference.conf")) {
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      collect("", ConfigFactory.parseString(text).getConfig("curvature").root(), keys);
    }
    assertThat(keys).hasSizeGreaterThan(50);
    return keys;
  }

  private static void collect(String path, ConfigObject block, Map<String, ConfigValue> keys) {
    block.forEach(
        (key, value) -> {
          String at = path.isEmpty() ? key : path + "." + key;
          keys.put(at, value);
          if (value instanceof ConfigObject child) {
            collect(at, child, keys);
          }
        });
  }

  /** The command that reads a key. */
  static String command(String key) {
    return Stream.of("fit", "infer", "influence", "spectrum")
        .filter(command -> key.startsWith(command + "."))
        .findFirst()
        .orElse("derive");
  }

  /** What else has to be said for a key to be read. */
  static String beside(String key) {
    return key.equals("input.sql") || key.equals("input.table")
        ? "curvature.input.path = null"
        : "";
  }
}
