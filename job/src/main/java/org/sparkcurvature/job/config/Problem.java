package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * One thing wrong in a configuration.
 *
 * @param path the key, without the root ({@code input.tensors.x}); for what is no key, such as a
 *     file that cannot be read, the option or file concerned
 * @param location {@code file:line}, or the option, where the value was written; empty where
 *     nothing was written, as for a missing key
 * @param what what is wrong, naming the value and the bound
 * @param remedy how to mend it
 */
public record Problem(String path, Optional<String> location, String what, String remedy) {
  public Problem {
    requireNonNull(path);
    requireNonNull(location);
    requireNonNull(what);
    requireNonNull(remedy);
  }

  @Override
  public String toString() {
    return path + location.map(at -> " (" + at + ")").orElse("") + ": " + what + "; " + remedy;
  }
}
