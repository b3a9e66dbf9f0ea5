package org.sparkcurvature.job.fit;

/** The objective's second-order model around a point: what a trust region's step minimises. */
interface QuadraticModel {

  /** Makes models; keeps between them only what {@link #scales} tells. */
  interface Source {

    /** Which derivatives it takes. */
    ObjectiveFunction.Order order();

    /**
     * The model at a point.
     *
     * @param scales of the metric so far; empty where there are none yet
     * @param size of the value, {@link Convergence#size}; 0 where nothing is known of it
     */
    QuadraticModel at(double[] x, Evaluation evaluation, double[] scales, double size);
  }

  /**
   * A step.
   *
   * @param direction length P
   * @param length in the model's metric
   * @param predicted by how much the model falls; at least 0
   */
  record Step(double[] direction, double length, double predicted) {}

  /** The minimiser of the model within a radius, in the model's own metric. */
  Step within(double radius);

  /**
   * The minimiser of the model without a bound on its length; {@code predicted} is infinite where
   * it has none, and the direction then one in which it falls.
   */
  Step unbounded();

  /** The radius to begin with; infinite where the model has a minimum of its own. */
  double firstRadius();

  /** Whether the model falls in some direction to both sides: the point is no minimum. */
  boolean hasNegativeCurvature();

  /**
   * The length of a gradient, in units in which those of a minimum's surroundings are comparable.
   *
   * @param gradient at this point or another one, length P
   */
  double dualNorm(double[] gradient);

  /** The metric, length P: lengths are those of {@code scales * direction}. */
  double[] scales();
}
