package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * The block {@code run}: what whoever started the run is told of it.
 *
 * @param status the file that receives the run's state, at any Hadoop URI
 */
public record RunConfig(Optional<String> status) {
  public RunConfig {
    requireNonNull(status);
  }

  static RunConfig decode(Block run) {
    RunConfig config = new RunConfig(run.text("status"));
    run.end();
    return config;
  }
}
