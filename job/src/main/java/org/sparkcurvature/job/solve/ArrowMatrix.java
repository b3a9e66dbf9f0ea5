package org.sparkcurvature.job.solve;

import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * A symmetric matrix by its diagonal and its columns of a few elements, the core: the whole of it
 * where the other elements have a diagonal matrix among themselves, as effects of a category's
 * levels have (a row touches one). Whether they have is looked at with a vector of random numbers.
 */
public final class ArrowMatrix {
  /** Off-diagonal elements, on scales on which the diagonal is 1, that are rounding. */
  private static final double ROUNDING = 1e-10;

  private final int[] core;
  private final boolean[] inCore;
  private final double[] diagonal;
  private final double[] columns;
  private final boolean whole;

  private ArrowMatrix(
      int[] core, boolean[] inCore, double[] diagonal, double[] columns, boolean whole) {
    this.core = core;
    this.inCore = inCore;
    this.diagonal = diagonal;
    this.columns = columns;
    this.whole = whole;
  }

  /**
   * Looks at a matrix.
   *
   * @param core the elements whose columns are kept
   * @param diagonal length P
   * @param products gives the products of the matrix with vectors of length P, one after the other
   */
  public static ArrowMatrix of(int[] core, double[] diagonal, UnaryOperator<double[]> products) {
    int p = diagonal.length;
    boolean[] inCore = new boolean[p];
    double[] vectors = new double[(core.length + 1) * p];
    for (int k = 0; k < core.length; k++) {
      inCore[core[k]] = true;
      vectors[k * p + core[k]] = 1;
    }
    int probe = core.length * p;
    Random random = new Random(p);
    for (int i = 0; i < p; i++) {
      double size = random.nextDouble() + 0.5;
      double number = random.nextBoolean() ? size : -size;
      vectors[probe + i] =
          inCore[i] || diagonal[i] == 0 ? 0 : number / Math.sqrt(Math.abs(diagonal[i]));
    }
    double[] multiplied = products.apply(vectors);
    boolean whole = true;
    for (int i = 0; i < p && whole; i++) {
      double scale = diagonal[i] == 0 ? 1 : Math.sqrt(Math.abs(diagonal[i]));
      double rest = (multiplied[probe + i] - vectors[probe + i] * diagonal[i]) / scale;
      whole = inCore[i] || Math.abs(rest) <= ROUNDING;
    }
    return new ArrowMatrix(
        core.clone(), inCore, diagonal.clone(), Arrays.copyOf(multiplied, probe), whole);
  }

  /** Whether this is all of the matrix: the others' own is diagonal. */
  public boolean isWhole() {
    return whole;
  }

  /** Whether an element is one of the core. */
  public boolean inCore(int element) {
    return inCore[element];
  }

  /** An element of the column of the k-th element of the core. */
  public double at(int element, int k) {
    return columns[k * diagonal.length + element];
  }

  /** The diagonal, a fresh array. */
  public double[] diagonal() {
    return diagonal.clone();
  }

  /** The product with a vector; where this {@link #isWhole}. */
  public double[] times(double[] vector) {
    int p = vector.length;
    double[] product = new double[p];
    for (int i = 0; i < p; i++) {
      product[i] = inCore[i] ? 0 : diagonal[i] * vector[i];
    }
    for (int k = 0; k < core.length; k++) {
      double own = vector[core[k]];
      double sum = 0;
      for (int i = 0; i < p; i++) {
        double element = at(i, k);
        if (!inCore[i]) {
          product[i] += element * own;
        }
        sum += element * vector[i];
      }
      product[core[k]] = sum;
    }
    return product;
  }
}
