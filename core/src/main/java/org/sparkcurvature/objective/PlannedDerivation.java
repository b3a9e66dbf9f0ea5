package org.sparkcurvature.objective;

import java.util.Map;

/**
 * A derivation that has been planned, for programs that open many engines of it: planning takes
 * some milliseconds, and hundreds of them in a process that does so for the first time. Safe for
 * use by many threads.
 */
public final class PlannedDerivation {
  private final Derivative derivative;

  PlannedDerivation(Derivation derivation) {
    this.derivative = Derivative.of(derivation);
  }

  /** What was planned. */
  public Derivation derivation() {
    return derivative.derivation();
  }

  /** What computing it takes. */
  public Derivation.Cost cost() {
    return derivative.cost();
  }

  /** Allocates; as {@link Derivation#open(Map)}. */
  public Engine open(Map<String, double[]> parameters) {
    return derivative.open(parameters);
  }
}
