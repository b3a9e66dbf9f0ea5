package org.sparkcurvature.engine;

import java.util.Map;

/**
 * A derivation that has been planned, for programs that open many engines of it: planning takes
 * some milliseconds, and hundreds of them in a process that does so for the first time. Safe for
 * use by many threads.
 */
public final class CompiledSpec {
  private final Derivative derivative;

  CompiledSpec(DerivativeSpec derivation) {
    this.derivative = CheapestWay.of(derivation);
  }

  /** What was planned. */
  public DerivativeSpec derivation() {
    return derivative.derivation();
  }

  /** What computing it takes. */
  public DerivativeSpec.Cost cost() {
    return derivative.cost();
  }

  /** Allocates; as {@link DerivativeSpec#open(Map)}. */
  public Engine open(Map<String, double[]> parameters) {
    return derivative.open(parameters);
  }
}
