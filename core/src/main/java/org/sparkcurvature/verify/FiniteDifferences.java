package org.sparkcurvature.verify;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.NonFiniteException;

/**
 * Compares derivatives with central differences, sample by sample: the gradient with differences of
 * the value, the Hessian with differences of the gradient, Jacobians with differences of the
 * intermediate. Sums over samples are compared with the sums of what was compared.
 *
 * <p>A difference is extrapolated from ten steps, each a quarter of the one before (Ridders 1982,
 * Advances in Engineering Software 4(2)), which gives an estimate of its own error: no single step
 * serves parameters near 1 and features near 1000 alike. The first one is a share of the element or
 * of 1, or less where the curvature says that the loss bends on a smaller scale. Steps that leave
 * the domain of a function are left out.
 *
 * <p>All perturbed points are samples of one block: the parameters in wrt become input tensors of a
 * second model with the same operations, whose values and gradients are differenced. The
 * derivatives under test are those of the model itself.
 */
public final class FiniteDifferences {
  static final int STEPS = 10;
  static final double FACTOR = 4;
  static final double FIRST_STEP = 1.0 / 16;
  static final int ORDER = 4;
  static final double EPSILON = Math.ulp(1.0);

  /** What the estimate of a difference's error is multiplied by before it excuses a deviation. */
  static final double SAFETY = 20;

  /** Sums and samples go different ways through the same operations. */
  static final double SUM_TOLERANCE = 1e-9;

  private FiniteDifferences() {}

  /**
   * How much is compared, and how closely.
   *
   * @param elements the most elements of each tensor of wrt that are perturbed; of larger ones, so
   *     many, evenly spread
   * @param hessianLength the largest P for which a Hessian, P x P for each row, is compared
   * @param tolerance the relative deviation that is allowed beyond a difference's own error
   */
  public record Settings(int elements, int hessianLength, double tolerance) {
    public static final Settings DEFAULT = new Settings(50, 2000, 1e-6);
  }

  /** What a comparison found. */
  public enum Verdict {
    AGREES,
    /** Differences are too inaccurate somewhere to tell. */
    UNDECIDED,
    DIFFERS
  }

  /**
   * Where a deviation is largest, measured by what is allowed there.
   *
   * @param row the row, from 0; -1 for sums over rows
   * @param element the element, row-major, of the tensor perturbed
   * @param of the element, row-major, of what is derived: of the intermediate, or of the second
   *     tensor of a Hessian; 0 for a scalar
   * @param exact the derivative
   * @param difference the difference, or the sum over rows, that it was compared with
   * @param uncertainty the error that {@code difference} may have
   */
  public record Place(
      int row, int element, int of, double exact, double difference, double uncertainty) {}

  /**
   * One block of a derivative, over all rows.
   *
   * @param quantity {@code gradient}, {@code hessian}, {@code jacobian_z}; {@code sum of gradients}
   *     and the like for sums
   * @param wrt the tensor perturbed
   * @param of the other tensor of a Hessian's block; empty otherwise
   * @param compared number of elements compared
   * @param largest the largest absolute value of the derivative in this block
   * @param absolute the largest deviation
   * @param relative the largest deviation, divided by {@code largest}; 0 where both are 0
   * @param worst where the deviation is largest for what is allowed there
   */
  public record Comparison(
      String quantity,
      String wrt,
      Optional<String> of,
      int compared,
      double largest,
      double absolute,
      double relative,
      Place worst,
      Verdict verdict) {}

  /**
   * What was found.
   *
   * @param comparisons one entry for each block, in the order of wrt
   * @param omitted what was not compared and why, each a whole sentence
   */
  public record Report(List<Comparison> comparisons, List<String> omitted) {
    public Report {
      comparisons = List.copyOf(comparisons);
      omitted = List.copyOf(omitted);
    }

    /** Whether no derivative differs. */
    public boolean agrees() {
      return comparisons.stream().noneMatch(c -> c.verdict() == Verdict.DIFFERS);
    }
  }

  /**
   * Compares the derivatives of {@code spec} at some rows. Gradient and Hessian are compared
   * whatever the request says, and the Jacobians and sums that it asks for; arithmetic is double.
   *
   * @param parameters every parameter's elements, row-major
   * @param inputs every input tensor's elements, row after row: length rows x size
   * @param rows number of rows, at least 1
   * @throws NonFiniteException if the value or a derivative is not finite at a row itself
   */
  public static Report compare(
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      Map<String, double[]> inputs,
      int rows,
      Settings settings) {
    return new DifferenceRun(spec, parameters, inputs, rows, settings).report();
  }

  /** A difference and the error that it may have; NaN where there were not two steps. */
  record Estimate(double value, double error) {}

  /**
   * Extrapolates central differences of ever smaller steps, each {@link #FACTOR} times smaller.
   *
   * @param above values at x + h, largest step first; NaN where there is none
   * @param below values at x - h
   * @param steps h
   */
  static Estimate extrapolate(double[] above, double[] below, double[] steps) {
    double[] before = new double[ORDER + 1];
    Estimate best = new Estimate(Double.NaN, Double.NaN);
    int usable = 0;
    for (int k = 0; k < steps.length; k++) {
      double central = (above[k] - below[k]) / (2 * steps[k]);
      if (!Double.isFinite(central)) {
        usable = 0;
        continue;
      }
      double[] row = new double[ORDER + 1];
      row[0] = central;
      double noise = 4 * EPSILON * Math.max(Math.abs(above[k]), Math.abs(below[k])) / steps[k];
      double power = 1;
      for (int j = 1; j <= Math.min(usable, ORDER); j++) {
        power *= FACTOR * FACTOR;
        row[j] = (row[j - 1] * power - before[j - 1]) / (power - 1);
        double error =
            noise + Math.max(Math.abs(row[j] - row[j - 1]), Math.abs(row[j] - before[j - 1]));
        if (!(error >= best.error)) {
          best = new Estimate(row[j], error);
        }
      }
      before = row;
      usable++;
    }
    return best;
  }
}
