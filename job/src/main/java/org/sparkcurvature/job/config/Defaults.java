package org.sparkcurvature.job.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The defaults of every key: {@code conf/reference.conf}, as shipped in the jar. */
final class Defaults {
  /**
   * Under our own package, because Typesafe Config merges every {@code /reference.conf} on the
   * classpath, and Spark's has some.
   */
  static final String RESOURCE = "/org/sparkcurvature/reference.conf";

  /** What origins of default values begin with. */
  static final String NAME = "reference.conf (defaults)";

  /** Parsed when it is first asked for. */
  private static final class Parsed {
    private static final Config DEFAULTS =
        ConfigFactory.parseString(text(), ConfigParseOptions.defaults().setOriginDescription(NAME));
  }

  private Defaults() {}

  static Config load() {
    return Parsed.DEFAULTS;
  }

  static String text() {
    try (InputStream stream = Defaults.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new IllegalStateException("the jar lacks " + RESOURCE);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
