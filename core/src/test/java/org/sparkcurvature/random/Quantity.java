package org.sparkcurvature.random;

import java.util.Random;
import org.hipparchus.analysis.differentiation.DSFactory;
import org.hipparchus.analysis.differentiation.DerivativeStructure;

/**
 * One element of an intermediate of one sample, with its derivatives up to the second order.
 *
 * @param exact the number
 * @param perturbed the same number, computed from operations whose arguments each had a relative
 *     error of {@link #PERTURBATION}: how far it lies from the exact one says how well the number
 *     is conditioned, and hence what rounding may do to it
 * @param usable false where the number is not finite, very large, outside of the domain of the
 *     function that made it, or decided by a near tie: only a branch that is not taken may hold it
 * @param rounded whether rounding had a part in the value
 */
record Quantity(
    DerivativeStructure exact, DerivativeStructure perturbed, boolean usable, boolean rounded) {

  static final double PERTURBATION = 1e-9;

  /** Numbers and derivatives above this make a quantity unusable. */
  private static final double LARGE = 1e4;

  static Quantity constant(DSFactory factory, double value) {
    DerivativeStructure number = factory.constant(value);
    return new Quantity(number, number, isModerate(number), false);
  }

  static Quantity variable(DSFactory factory, int index, double value) {
    DerivativeStructure number = factory.variable(index, value);
    return new Quantity(number, number, isModerate(number), false);
  }

  static Quantity unusable(DSFactory factory) {
    DerivativeStructure number = factory.constant(Double.NaN);
    return new Quantity(number, number, false, true);
  }

  static Quantity result(DerivativeStructure exact, DerivativeStructure perturbed) {
    return new Quantity(exact, perturbed, isModerate(exact), true);
  }

  /** Whether all of its derivatives are zero. */
  boolean isConstant() {
    double[] parts = exact.getAllDerivatives();
    for (int k = 1; k < parts.length; k++) {
      if (parts[k] != 0) {
        return false;
      }
    }
    return true;
  }

  double value() {
    return exact.getValue();
  }

  Quantity usable(boolean also) {
    return also ? this : new Quantity(exact, perturbed, false, rounded);
  }

  private static boolean isModerate(DerivativeStructure number) {
    for (double part : number.getAllDerivatives()) {
      if (!(Math.abs(part) <= LARGE)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The perturbed number as an operation sees it: every part moves by a share of itself and of the
   * largest part. Each use is perturbed on its own, so that what cancels exactly, as in u / u,
   * shows the size of its terms.
   */
  DerivativeStructure perturbed(Random random) {
    DerivativeStructure number = perturbed;
    double[] parts = number.getAllDerivatives();
    double largest = 0;
    for (double part : parts) {
      largest = Math.max(largest, Math.abs(part));
    }
    // A value that rounding had no part in is seen as it is: an integer stays one.
    for (int k = rounded ? 0 : 1; k < parts.length; k++) {
      if (parts[k] != 0) {
        double size = Math.abs(parts[k]) + 0.1 * largest;
        parts[k] += (random.nextBoolean() ? 1 : -1) * PERTURBATION * size;
      }
    }
    return number.getFactory().build(parts);
  }
}
