package org.sparkcurvature.job.sink;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.TreeMap;

/**
 * What tells a run from others, for its manifest.
 *
 * @param command its name
 * @param configuration SHA-256 of the resolved configuration, without what does not change a result
 * @param versions of the program, under {@code spark-curvature}, and of what it stands on
 */
public record RunIdentity(String command, String configuration, Map<String, String> versions) {
  public RunIdentity {
    requireNonNull(command);
    requireNonNull(configuration);
    versions = new TreeMap<>(versions);
  }

  /** The version of the program. */
  String program() {
    return versions.getOrDefault("spark-curvature", "");
  }
}
