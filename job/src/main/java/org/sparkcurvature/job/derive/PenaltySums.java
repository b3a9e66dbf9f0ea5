package org.sparkcurvature.job.derive;

import java.util.List;
import java.util.Map;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.kernels.Backend;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Engine;
import org.sparkcurvature.objective.NonFiniteException;
import org.sparkcurvature.objective.Sums;

/** A penalty is a loss of parameters alone: its sum over one sample of weight 1 is itself. */
public final class PenaltySums {
  private PenaltySums() {}

  /**
   * Computes what is asked of a penalty.
   *
   * @param penalty the penalty and its derivatives
   * @param parameters every parameter's elements, row-major
   * @param vectors what the Hessian is multiplied with, as many as are asked for; may be empty
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if it is not finite
   */
  public static Sums of(Derivation penalty, Map<String, double[]> parameters, double[] vectors) {
    Backend.useOneThread();
    try (Engine engine = penalty.open(parameters)) {
      if (vectors.length > 0) {
        engine.setVectors(vectors);
      }
      Sums sums = Sums.zero(penalty);
      engine.weights()[0] = 1;
      engine.evaluate(1);
      engine.addTo(sums);
      return sums;
    } catch (NonFiniteException e) {
      throw Errors.notFinite(e.where() + " (curvature.model.penalty)", List.of());
    }
  }
}
