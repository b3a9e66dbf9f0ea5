package org.sparkcurvature.job.derive;

import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.source.Samples;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Request;
import org.sparkcurvature.objective.Request.HessianForm;

/**
 * A Hessian that no process can hold, some columns at a time: each pass multiplies it by the unit
 * vectors of those columns, without forming it. Where all of it fits, one pass that forms it takes
 * less.
 */
public final class HessianColumns {
  private HessianColumns() {}

  /** The derivation whose products are {@code count} columns of the Hessian of {@code whole}. */
  public static Derivation derivation(Derivation whole, int count) {
    Request.Global products =
        new Request.Global(false, false, HessianForm.NONE, Optional.empty(), false, count);
    return new Derivation(
        whole.model(),
        new Request(whole.request().wrt(), products, Request.PerSample.NONE),
        whole.precision(),
        whole.blockBytes());
  }

  /** Unit vectors of length {@code p}, one after the other, from the one of {@code first} on. */
  public static double[] unitVectors(int first, int count, int p) {
    double[] vectors = new double[Math.multiplyExact(count, p)];
    for (int k = 0; k < count; k++) {
      vectors[k * p + first + k] = 1;
    }
    return vectors;
  }

  /**
   * Sums columns over samples: one of length P after the other.
   *
   * @param samples best those that executors keep, for there is a pass for each call
   * @param whole the loss and wrt
   * @throws org.sparkcurvature.job.errors.JobException as {@link GlobalPass#run}
   */
  public static double[] sum(
      Samples samples,
      Derivation whole,
      Map<String, double[]> parameters,
      Device device,
      int first,
      int count) {
    double[] vectors = unitVectors(first, count, whole.layout().length());
    return GlobalPass.run(samples, derivation(whole, count), parameters, vectors, device)
        .sums()
        .products();
  }
}
