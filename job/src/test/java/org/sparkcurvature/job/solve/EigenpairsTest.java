package org.sparkcurvature.job.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Eigenvalues beside the expected ones of mpmath (40 digits). */
class EigenpairsTest {

  /** Least squares on columns of order 1, 1e8 and 1e-8. */
  @Test
  void smallEigenvaluesKeepTheirSignAndDigits() {
    double[] rows = {1, 2e8, 1e-8, 1, 3e8, -1e-8, 1, 5e8, 2e-8, 1, 7e8, -2e-8};
    double[] packed = new double[6];
    for (int row = 0; row < 4; row++) {
      int at = 0;
      for (int i = 0; i < 3; i++) {
        for (int j = i; j < 3; j++) {
          packed[at++] += rows[row * 3 + i] * rows[row * 3 + j];
        }
      }
    }
    Eigenpairs pairs = Eigenpairs.of(SymmetricMatrix.ofPacked(3, packed));
    double[] expected = {8.3050847457627101e-16, 0.67816091954023002, 8.7e+17};
    for (int k = 0; k < 3; k++) {
      assertThat(pairs.eigenvalues()[k] / expected[k]).isCloseTo(1, within(1e-11));
    }
    double[] last = pairs.vector(2);
    assertThat(Math.abs(last[1])).isCloseTo(1, within(1e-12));
    assertThat(Math.abs(pairs.vector(0)[2])).isCloseTo(1, within(1e-12));
  }

  /** The product of all eigenvalues is the determinant, which units only multiply. */
  @Test
  void smallEigenvaluesOfScaledMatricesAreRight() {
    double[] scales = {1e8, 1, 1e-8, 1e-3};
    double[][] unit = {
      {2, 0.5, 0.3, 0.1}, {0.5, 1, 0.2, 0.4}, {0.3, 0.2, 3, 0.6}, {0.1, 0.4, 0.6, 1}
    };
    double[] packed = new double[10];
    int at = 0;
    for (int i = 0; i < 4; i++) {
      for (int j = i; j < 4; j++) {
        packed[at++] = unit[i][j] * scales[i] * scales[j];
      }
    }
    SymmetricMatrix matrix = SymmetricMatrix.ofPacked(4, packed);
    Eigenpairs pairs = Eigenpairs.of(matrix);
    // 50 digits, by mpmath.
    double[] expected = {
      2.5986301368808617e-16, 8.34285561083296e-7, 0.87500016071443895, 20000000000000000.0
    };
    for (int k = 0; k < 4; k++) {
      assertThat(pairs.eigenvalues()[k]).isCloseTo(expected[k], within(1e-13 * expected[k]));
    }
    assertThat(Math.abs(pairs.vector(0)[2])).isCloseTo(1, within(1e-9));
  }
}
