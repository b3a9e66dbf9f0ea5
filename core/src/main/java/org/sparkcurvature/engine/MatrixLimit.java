package org.sparkcurvature.engine;

import java.util.Locale;
import org.sparkcurvature.graph.ExpressionException;

/** Matrices of second derivatives are arrays, and end where those do. */
final class MatrixLimit {
  private MatrixLimit() {}

  /**
   * Refuses, before anything is built, a matrix that does not fit an array.
   *
   * @throws ExpressionException naming the matrix and its size
   */
  static void check(DerivativeSpec spec) {
    Request.Global global = spec.request().global();
    boolean blocks = global.hessian() == Request.HessianForm.BLOCKS;
    boolean whole =
        global.hessian() == Request.HessianForm.FULL || global.ggn().isPresent() || global.opg();
    if (!blocks && !whole || !global.parts().isEmpty()) {
      return;
    }
    long p = spec.layout().length();
    if (whole && p * (p + 1) / 2 > Integer.MAX_VALUE) {
      throw tooLarge("of all of wrt", p);
    }
    for (Layout.Entry e : spec.layout().entries()) {
      long n = e.shape().size();
      if (n * n > Integer.MAX_VALUE) {
        throw tooLarge("by " + e.name(), n);
      }
    }
  }

  private static ExpressionException tooLarge(String what, long n) {
    return new ExpressionException(
        String.format(
            Locale.ROOT,
            "the second derivatives %s are a matrix of %,d x %,d, %.3g numbers: more than one"
                + " process can hold. The diagonal of the Hessian has %,d; products of the Hessian"
                + " with vectors need no matrix; and fewer tensors in wrt make a smaller one",
            what,
            n,
            n,
            (double) n * n,
            n));
  }
}
