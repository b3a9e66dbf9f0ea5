package org.sparkcurvature;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.job.command.Programs;

/** A minimum that a fit reached. */
public final class Fit {
  private final Programs.Fitted fitted;

  Fit(Programs.Fitted fitted) {
    this.fitted = fitted;
  }

  /** The objective there: the sum of losses, and the penalty. */
  public double value() {
    return fitted.summary().result().value();
  }

  /** Iterations that it took. */
  public int iterations() {
    return fitted.summary().result().state().iteration();
  }

  /** What estimates are called, in the order of {@link #estimates}. */
  public List<String> names() {
    return fitted.names();
  }

  /** What was estimated, on its natural scale. */
  public double[] estimates() {
    return fitted.summary().estimates().clone();
  }

  /** Every parameter's elements, row-major, by name. */
  public Map<String, double[]> parameters() {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    fitted.parameters().forEach((name, values) -> parameters.put(name, values.clone()));
    return parameters;
  }

  /** What a user should know, in sentences. */
  public List<String> warnings() {
    return fitted.summary().run().warnings();
  }
}
