package org.sparkcurvature.plan.steps;

/** Whether a step replaces what its result held before. */
public enum Accumulate {
  REPLACE,
  ADD;

  /** How plans write it. */
  String suffix() {
    return this == ADD ? ", added" : "";
  }
}
