package org.sparkcurvature.job.config;

import java.util.Arrays;
import java.util.Random;

/** The value a parameter has when the run begins. */
public sealed interface InitialValues {

  /**
   * The elements in row-major order.
   *
   * @param size the number of elements of the parameter's shape (1 for a scalar)
   * @return a fresh array of length {@code size}
   * @throws IllegalArgumentException when values were given and are not {@code size} in number
   */
  double[] rowMajor(int size);

  /** The same value everywhere; finite. */
  record Fill(double value) implements InitialValues {
    @Override
    public double[] rowMajor(int size) {
      double[] values = new double[size];
      Arrays.fill(values, value);
      return values;
    }
  }

  /**
   * Normally distributed values of mean 0 and standard deviation {@code scale}, finite and not
   * negative: element k, row-major, is {@code scale} times the k-th result of {@code new
   * java.util.Random(seed).nextGaussian()}. That generator and the polar method behind it are
   * specified to the bit by its documentation, so every machine and every Java has the same values.
   * Two parameters with one seed begin with the same numbers.
   */
  record Normal(double scale, long seed) implements InitialValues {
    @Override
    public double[] rowMajor(int size) {
      Random random = new Random(seed);
      double[] values = new double[size];
      for (int k = 0; k < size; k++) {
        values[k] = scale * random.nextGaussian();
      }
      return values;
    }
  }

  /** Values written out, row-major, all finite. The array is copied on its way in and out. */
  record Given(double[] values) implements InitialValues {
    public Given {
      values = values.clone();
    }

    @Override
    public double[] values() {
      return values.clone();
    }

    @Override
    public double[] rowMajor(int size) {
      if (size != values.length) {
        throw new IllegalArgumentException(
            "%d values given for a shape of %d elements".formatted(values.length, size));
      }
      return values.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Given given && Arrays.equals(values, given.values);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
      return "Given" + Arrays.toString(values);
    }
  }
}
