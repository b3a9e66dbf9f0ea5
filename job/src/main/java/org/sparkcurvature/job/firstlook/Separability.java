package org.sparkcurvature.job.firstlook;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;
import org.apache.commons.math3.linear.RealVector;

/**
 * Whether a plane separates the rows of one outcome from all others, so that log odds have no
 * finite maximum of their likelihood (Albert and Anderson 1984). Logistic regression tells: on
 * separable rows its steps reach a plane that does, and nowhere else.
 */
final class Separability {
  private static final int MOST_STEPS = 40;

  /** Keeps the steps finite; what is looked for is a plane, not a maximum. */
  private static final double RIDGE = 1e-7;

  private static final double LARGEST_STEP = 4;

  private final int[] outcomes;
  private final int classes;

  /** Of each column, what it adds to the rows of the design: one number, or one for each level. */
  private final List<double[][]> columns = new ArrayList<>();

  /**
   * @param rows values of all columns; that of the response, the first, is a place
   * @param members the columns that may enter
   * @param levels of each column; 0 for numbers
   */
  Separability(List<double[]> rows, List<Integer> members, int[] levels) {
    this.outcomes = rows.stream().mapToInt(row -> (int) row[0]).toArray();
    this.classes = Arrays.stream(outcomes).max().orElse(0) + 1;
    for (int member : members) {
      double[] values = rows.stream().mapToDouble(row -> row[member]).toArray();
      columns.add(
          levels[member] == 0 ? new double[][] {scaled(values)} : dummies(values, levels[member]));
    }
  }

  private static double[] scaled(double[] values) {
    double mean = Arrays.stream(values).average().orElse(0);
    double spread =
        Math.sqrt(Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElse(0));
    return Arrays.stream(values).map(v -> spread > 0 ? (v - mean) / spread : 0).toArray();
  }

  private static double[][] dummies(double[] places, int levels) {
    return IntStream.range(1, levels)
        .mapToObj(level -> Arrays.stream(places).map(p -> p == level ? 1 : 0).toArray())
        .toArray(double[][]::new);
  }

  /** The place of the first column that separates together with those before it; -1: none does. */
  int first() {
    int separated = columns.size();
    if (!areSeparated(separated)) {
      return -1;
    }
    int free = 0;
    while (separated - free > 1) {
      int middle = (free + separated) / 2;
      if (areSeparated(middle)) {
        separated = middle;
      } else {
        free = middle;
      }
    }
    return separated - 1;
  }

  void leaveOut(int place) {
    columns.remove(place);
  }

  /** Whether the first columns separate an outcome. */
  private boolean areSeparated(int number) {
    double[] ones = new double[outcomes.length];
    Arrays.fill(ones, 1);
    List<double[]> design = new ArrayList<>(List.of(ones));
    columns.subList(0, number).forEach(column -> design.addAll(Arrays.asList(column)));
    double[][] x = design.toArray(double[][]::new);
    return IntStream.range(classes == 2 ? 1 : 0, classes)
        .anyMatch(outcome -> isSeparated(x, outcome));
  }

  private boolean isSeparated(double[][] x, int outcome) {
    int n = outcomes.length;
    double[] signs =
        Arrays.stream(outcomes).mapToDouble(place -> place == outcome ? 1 : -1).toArray();
    if (Arrays.stream(signs).distinct().count() < 2) {
      return false;
    }
    RealVector beta = new ArrayRealVector(x.length);
    for (int step = 0; step < MOST_STEPS; step++) {
      double[] eta = new double[n];
      for (int j = 0; j < x.length; j++) {
        for (int i = 0; i < n; i++) {
          eta[i] += x[j][i] * beta.getEntry(j);
        }
      }
      if (IntStream.range(0, n).allMatch(i -> signs[i] * eta[i] > 0)) {
        return true;
      }
      RealVector move = step(x, signs, eta, beta);
      double size = move.getLInfNorm();
      if (!(size > 1e-6)) {
        return false;
      }
      beta = beta.add(size > LARGEST_STEP ? move.mapMultiply(LARGEST_STEP / size) : move);
    }
    return false;
  }

  /** A Newton step. */
  private static RealVector step(double[][] x, double[] signs, double[] eta, RealVector beta) {
    int n = eta.length;
    double[][] hessian = new double[x.length][x.length];
    double[] gradient = new double[x.length];
    double[] weighted = new double[n];
    double[] mean = Arrays.stream(eta).map(e -> 1 / (1 + Math.exp(-e))).toArray();
    for (int j = 0; j < x.length; j++) {
      for (int i = 0; i < n; i++) {
        gradient[j] += x[j][i] * ((signs[i] > 0 ? 1 : 0) - mean[i]);
        weighted[i] = x[j][i] * mean[i] * (1 - mean[i]);
      }
      for (int k = 0; k <= j; k++) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += weighted[i] * x[k][i];
        }
        hessian[j][k] = sum;
        hessian[k][j] = sum;
      }
      gradient[j] -= RIDGE * n * beta.getEntry(j);
      hessian[j][j] += RIDGE * n;
    }
    try {
      return new CholeskyDecomposition(new Array2DRowRealMatrix(hessian, false), 1e-9, 0)
          .getSolver()
          .solve(new ArrayRealVector(gradient, false));
    } catch (NonPositiveDefiniteMatrixException e) { // by rounding: nothing is known then
      return new ArrayRealVector(x.length);
    }
  }
}
