package org.sparkcurvature.job.config;

import org.sparkcurvature.graph.Shape;

/**
 * The scale on which a parameter is estimated. Its value in the loss, on the natural scale, is a
 * function of free elements, of which none is bounded.
 */
public enum Transform {
  /** The free scale is the natural one. */
  NONE,
  /** Every element is positive: exp of a free one. */
  LOG,
  /** Every element lies between 0 and 1: sigmoid of a free one. */
  LOGIT,
  /**
   * A vector that increases: its first element is free, each further one is the exp of a free one
   * above the one before.
   */
  ORDERED,
  /** A vector of K positive elements that add up to 1: softmax of K - 1 free ones and 0. */
  SIMPLEX;

  /** The free elements' shape, for a natural shape that {@link #fits}. */
  public Shape free(Shape natural) {
    return this == SIMPLEX ? Shape.of(natural.size() - 1) : natural;
  }

  /** Whether a parameter of this shape can live on this scale. */
  public boolean fits(Shape natural) {
    return switch (this) {
      case NONE, LOG, LOGIT -> true;
      case ORDERED, SIMPLEX -> natural.rank() == 1 && natural.size() > 1;
    };
  }

  /** What values must be, in words. */
  public String domain() {
    return switch (this) {
      case NONE -> "numbers";
      case LOG -> "above 0";
      case LOGIT -> "between 0 and 1, neither included";
      case ORDERED -> "increasing";
      case SIMPLEX -> "above 0 and add up to 1 (to 1e-9)";
    };
  }
}
