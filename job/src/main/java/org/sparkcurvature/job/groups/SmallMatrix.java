package org.sparkcurvature.job.groups;

/**
 * Symmetric matrices of a few rows, row-major: a group has one at each iteration, and calling
 * LAPACK takes longer than the work.
 */
final class SmallMatrix {
  private SmallMatrix() {}

  /**
   * The Cholesky factor of {@code A + lambda diag(d)}, in the lower triangle.
   *
   * @param a of order k, the lower triangle
   * @param d length k
   * @param factor where to write it, k x k
   * @return whether the matrix is positive definite, by more than rounding
   */
  static boolean factor(double[] a, double lambda, double[] d, int k, double[] factor) {
    return factor(a, lambda, d, k, 4 * k * Math.ulp(1.0), factor);
  }

  /**
   * The same where of each element of the diagonal a share is to be left as its pivot.
   *
   * @return whether of each more is left than that
   */
  static boolean factor(
      double[] a, double lambda, double[] d, int k, double share, double[] factor) {
    // Column by column: the elements of one do not wait for each other.
    for (int j = 0; j < k; j++) {
      double whole = a[j * k + j] + lambda * d[j];
      double pivot = whole;
      for (int m = 0; m < j; m++) {
        pivot -= factor[j * k + m] * factor[j * k + m];
      }
      if (!(pivot > share * whole) || !Double.isFinite(pivot)) {
        return false;
      }
      double root = Math.sqrt(pivot);
      double inverse = 1 / root;
      factor[j * k + j] = root;
      for (int i = j + 1; i < k; i++) {
        double sum = a[i * k + j];
        for (int m = 0; m < j; m++) {
          sum -= factor[i * k + m] * factor[j * k + m];
        }
        factor[i * k + j] = sum * inverse;
      }
    }
    return true;
  }

  /** {@code (L L')^-1 b}, in the place of b. */
  static void solve(double[] factor, int k, double[] b) {
    forward(factor, k, b, 0);
    for (int i = k - 1; i >= 0; i--) {
      double sum = b[i];
      for (int m = i + 1; m < k; m++) {
        sum -= factor[m * k + i] * b[m];
      }
      b[i] = sum / factor[i * k + i];
    }
  }

  /** {@code L^-1 b}, in the place of b, which begins at {@code at}. */
  static void forward(double[] factor, int k, double[] b, int at) {
    for (int i = 0; i < k; i++) {
      double sum = b[at + i];
      for (int m = 0; m < i; m++) {
        sum -= factor[i * k + m] * b[at + m];
      }
      b[at + i] = sum / factor[i * k + i];
    }
  }

  /** {@code (L L')^-1}, both triangles. */
  static double[] inverse(double[] factor, int k) {
    double[] lower = new double[k * k];
    for (int j = 0; j < k; j++) {
      lower[j * k + j] = 1 / factor[j * k + j];
    }
    for (int i = 1; i < k; i++) {
      for (int j = 0; j < i; j++) {
        double sum = 0;
        for (int m = j; m < i; m++) {
          sum += factor[i * k + m] * lower[m * k + j];
        }
        lower[i * k + j] = -sum * lower[i * k + i];
      }
    }
    double[] inverse = new double[k * k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int m = i; m < k; m++) {
          sum += lower[m * k + i] * lower[m * k + j];
        }
        inverse[i * k + j] = sum;
        inverse[j * k + i] = sum;
      }
    }
    return inverse;
  }

  /** {@code v' A v}. */
  static double form(double[] a, double[] v, int k) {
    double form = 0;
    for (int i = 0; i < k; i++) {
      double sum = 0;
      for (int j = 0; j < k; j++) {
        sum += a[i * k + j] * v[j];
      }
      form += v[i] * sum;
    }
    return form;
  }

  /** {@code B A B'}, for B of m x k. */
  static double[] congruence(double[] b, int m, double[] a, int k) {
    double[] half = new double[m * k];
    for (int i = 0; i < m; i++) {
      for (int l = 0; l < k; l++) {
        double factor = b[i * k + l];
        for (int j = 0; factor != 0 && j < k; j++) {
          half[i * k + j] += factor * a[l * k + j];
        }
      }
    }
    double[] whole = new double[m * m];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int l = 0; l < k; l++) {
          sum += half[i * k + l] * b[j * k + l];
        }
        whole[i * m + j] = sum;
        whole[j * m + i] = sum;
      }
    }
    return whole;
  }
}
