package org.sparkcurvature.job.sink;

import org.sparkcurvature.job.solve.SymmetricMatrix;

/** Symmetric matrices for tests. */
public final class Matrices {
  private Matrices() {}

  /** An element as a function of row and column, row at most column. */
  @FunctionalInterface
  public interface Element {
    double at(int row, int column);
  }

  public static SymmetricMatrix of(int order, Element element) {
    double[] packed = new double[(int) SymmetricMatrix.packedLength(order)];
    int k = 0;
    for (int i = 0; i < order; i++) {
      for (int j = i; j < order; j++) {
        packed[k++] = element.at(i, j);
      }
    }
    return SymmetricMatrix.ofPacked(order, packed);
  }
}
