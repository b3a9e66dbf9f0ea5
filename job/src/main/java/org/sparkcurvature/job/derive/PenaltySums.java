package org.sparkcurvature.job.derive;

import java.util.List;
import java.util.Map;
import org.sparkcurvature.backend.Backend;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.NonFiniteException;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.errors.Errors;

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
  public static Sums of(
      DerivativeSpec penalty, Map<String, double[]> parameters, double[] vectors) {
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
