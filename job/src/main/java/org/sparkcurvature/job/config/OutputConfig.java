package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

/**
 * The block {@code output}.
 *
 * @param path the folder to write: a path relative to the working directory, an absolute one, or
 *     any Hadoop URI; never empty
 * @param mode what happens when {@code path} exists
 * @param format the format of the tables under {@code path}
 */
public record OutputConfig(String path, OutputMode mode, OutputFormat format) {
  public OutputConfig {
    requireNonNull(path);
    requireNonNull(mode);
    requireNonNull(format);
  }
}
