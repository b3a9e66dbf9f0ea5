package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

/**
 * The block {@code spectrum}.
 *
 * @param k how many extreme eigenvalues are shown, or computed where not all are; at least 1
 * @param method how they are computed
 */
public record SpectrumConfig(int k, Method method) {

  /** How eigenvalues are computed. */
  public enum Method {
    /** Dense where the Hessian is small enough, Lanczos otherwise. */
    AUTO,
    /** All of them, from the Hessian itself. */
    DENSE,
    /** The k extreme ones, from products of the Hessian with vectors. */
    LANCZOS
  }

  public SpectrumConfig {
    requireNonNull(method);
  }

  static SpectrumConfig decode(Block spectrum) {
    SpectrumConfig config =
        new SpectrumConfig(
            spectrum
                .require("k", "leave the key out to have the default")
                .flatMap(setting -> setting.whole(1, 10_000))
                .map(Long::intValue)
                .orElse(1),
            spectrum.choice("method", Method.values()));
    spectrum.end();
    return config;
  }
}
