package org.sparkcurvature.job.solve;

/** Products of a symmetric matrix from both sides. */
public final class Congruence {
  private Congruence() {}

  /**
   * {@code R V R'}, order k.
   *
   * @param rows R, k x n, row-major
   * @param matrix V, order n
   */
  public static SymmetricMatrix of(double[] rows, SymmetricMatrix matrix) {
    int n = matrix.order();
    int k = rows.length / n;
    // What is row-major here is the transpose in BLAS's order.
    double[] right = new double[k * n];
    Netlib.blas().dsymm("L", "U", n, k, 1.0, matrix.toSquare(), n, rows, n, 0.0, right, n);
    double[] square = new double[k * k];
    Netlib.blas().dgemm("T", "N", k, k, n, 1.0, rows, n, right, n, 0.0, square, k);
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(k))];
    int at = 0;
    for (int i = 0; i < k; i++) {
      for (int j = i; j < k; j++) {
        packed[at++] = (square[i * k + j] + square[j * k + i]) / 2;
      }
    }
    return SymmetricMatrix.ofPacked(k, packed);
  }

  /** {@code A B A}: the sandwich of a bread and a meat of equal order. */
  public static SymmetricMatrix sandwich(SymmetricMatrix bread, SymmetricMatrix meat) {
    return of(bread.toSquare(), meat);
  }
}
