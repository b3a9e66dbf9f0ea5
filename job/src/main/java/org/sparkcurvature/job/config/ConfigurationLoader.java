package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;

/** Reads, merges, resolves and decodes configurations. */
public final class ConfigurationLoader {
  private final UriReader reader;
  private final Map<String, String> environment;

  /**
   * @param reader reads configurations, what they include, and {@code parameters-from}
   * @param environment variables for substitutions such as <code>${DATA}</code>
   */
  public ConfigurationLoader(UriReader reader, Map<String, String> environment) {
    this.reader = requireNonNull(reader);
    this.environment = Map.copyOf(environment);
  }

  /**
   * Loads one configuration.
   *
   * @param locations paths or URIs, later ones win over earlier ones; at least one
   * @param settings {@code path=value}, the path without the root {@code curvature}, the value in
   *     HOCON; they win over all files, later ones over earlier ones, before substitution
   * @throws ConfigurationException with everything that is wrong
   */
  public LoadedConfiguration load(List<String> locations, List<String> settings) {
    throw new UnsupportedOperationException("not written yet");
  }
}
