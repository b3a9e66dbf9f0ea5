package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What {@link ConfigurationLoader} gives back.
 *
 * @param configuration the configuration, decoded
 * @param resolved the same as HOCON text, defaults and substitutions filled in and secrets masked:
 *     the content of {@code <output>/config.conf}
 * @param warnings what is allowed and yet worth a line on standard error, each a whole sentence
 */
public record LoadedConfiguration(
    RunConfiguration configuration, String resolved, List<String> warnings) {
  public LoadedConfiguration {
    requireNonNull(configuration);
    requireNonNull(resolved);
    warnings = List.copyOf(warnings);
  }
}
