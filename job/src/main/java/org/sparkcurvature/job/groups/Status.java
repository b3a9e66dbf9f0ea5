package org.sparkcurvature.job.groups;

import java.util.Locale;

/** What became of a group, in the order in which it is looked for: the first that applies. */
public enum Status {
  /** It has no valid row of positive weight. */
  INVALID,
  /** It has fewer rows than there are parameters. */
  TOO_FEW_ROWS,
  /** Its rows do not tell some parameters from others. */
  COLLINEAR,
  /** Its loss falls for ever along a direction: there is no finite minimum. */
  SEPARABLE,
  /** Its loss is not finite where the fit begins. */
  NOT_FINITE,
  /** The fit did not end at a minimum. */
  NOT_CONVERGED,
  CONVERGED;

  /** As it is written. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
