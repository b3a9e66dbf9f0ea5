package org.sparkcurvature.job.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Configurations in memory: a good one, to which a test adds what it is about. */
final class Given {
  static final String BASE =
      """
      curvature {
        input { path = "d.csv", tensors { x = [a, "ln(b)"], y = c } }
        model {
          parameters { b0 = 0.5, beta { labels = x, fill = 0.25 } }
          define { eta = "b0 + dot(x, beta)" }
          loss = "square(y - eta)"
        }
        derive.wrt = [b0, beta]
        output.path = "out/t"
      }
      """;

  private final Map<String, String> files = new LinkedHashMap<>();
  private final List<String> locations = new ArrayList<>();
  private final List<String> settings = new ArrayList<>();
  private final Map<String, String> environment = new LinkedHashMap<>();

  private Given() {}

  static Given nothing() {
    return new Given();
  }

  /** The good configuration, base.conf. */
  static Given base() {
    return nothing().config("base.conf", BASE);
  }

  /** The good configuration, and a later one, plus.conf, of these lines under the root. */
  static Given base(String plus) {
    return base().config("plus.conf", "curvature {\n" + plus + "\n}");
  }

  Given config(String location, String text) {
    locations.add(location);
    return file(location, text);
  }

  Given file(String location, String text) {
    files.put(location, text);
    return this;
  }

  Given missing(String location) {
    locations.add(location);
    return this;
  }

  Given set(String setting) {
    settings.add(setting);
    return this;
  }

  Given env(String name, String value) {
    environment.put(name, value);
    return this;
  }

  LoadedConfiguration load() {
    UriReader reader =
        location -> {
          if (!files.containsKey(location)) {
            throw new NoSuchFileException(location);
          }
          return files.get(location).getBytes(StandardCharsets.UTF_8);
        };
    return new ConfigurationLoader(reader, environment).load(locations, settings);
  }

  RunConfiguration decode() {
    return load().configuration();
  }

  List<Problem> problems() {
    return catchThrowableOfType(ConfigurationException.class, this::load).problems();
  }

  /** Asserts that this is refused for one reason, and that the line about it is this one. */
  void isRefused(String line) {
    assertThat(problems()).extracting(Problem::toString).containsExactly(line);
  }
}
