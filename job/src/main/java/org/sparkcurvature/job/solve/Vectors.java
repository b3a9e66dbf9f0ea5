package org.sparkcurvature.job.solve;

/** Arithmetic of vectors of equal length. */
public final class Vectors {
  private Vectors() {}

  /** The inner product. */
  public static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Euclidean norm, scaled against overflow and underflow. */
  public static double norm(double[] a) {
    double largest = 0;
    for (double element : a) {
      largest = Math.max(largest, Math.abs(element));
    }
    if (largest == 0 || !Double.isFinite(largest)) {
      return largest;
    }
    double sum = 0;
    for (double element : a) {
      sum += element / largest * (element / largest);
    }
    return largest * Math.sqrt(sum);
  }

  /** The norm of {@code scales * a}, element by element. */
  public static double scaledNorm(double[] scales, double[] a) {
    double[] scaled = a.clone();
    for (int i = 0; i < a.length; i++) {
      scaled[i] *= scales[i];
    }
    return norm(scaled);
  }

  /** The norm of {@code a / scales}, element by element. */
  public static double unscaledNorm(double[] scales, double[] a) {
    double[] scaled = a.clone();
    for (int i = 0; i < a.length; i++) {
      scaled[i] /= scales[i];
    }
    return norm(scaled);
  }

  /** {@code a + factor * b}, a fresh array. */
  public static double[] sum(double[] a, double factor, double[] b) {
    double[] sum = a.clone();
    for (int i = 0; i < a.length; i++) {
      sum[i] += factor * b[i];
    }
    return sum;
  }
}
