package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.hipparchus.analysis.differentiation.DerivativeStructure;

/**
 * Functions of small square matrices, row-major, by their definitions: determinants by cofactors,
 * inverses by Cramer's rule. Nothing is eliminated, as the engine does.
 */
public final class MatrixFormulas {
  private MatrixFormulas() {}

  private static int order(List<DerivativeStructure> a) {
    return (int) Math.round(Math.sqrt(a.size()));
  }

  /** The matrix without a row and a column. */
  private static List<DerivativeStructure> minor(List<DerivativeStructure> a, int row, int column) {
    int n = order(a);
    List<DerivativeStructure> rest = new ArrayList<>();
    for (int k = 0; k < a.size(); k++) {
      if (k / n != row && k % n != column) {
        rest.add(a.get(k));
      }
    }
    return rest;
  }

  private static DerivativeStructure determinant(List<DerivativeStructure> a) {
    if (a.size() == 1) {
      return a.get(0);
    }
    DerivativeStructure sum = a.get(0).getFactory().constant(0);
    for (int j = 0; j < order(a); j++) {
      DerivativeStructure term = a.get(j).multiply(determinant(minor(a, 0, j)));
      sum = j % 2 == 0 ? sum.add(term) : sum.subtract(term);
    }
    return sum;
  }

  private static List<DerivativeStructure> symmetric(List<DerivativeStructure> a) {
    int n = order(a);
    List<DerivativeStructure> mean = new ArrayList<>();
    for (int k = 0; k < a.size(); k++) {
      mean.add(a.get(k).add(a.get(k % n * n + k / n)).divide(2));
    }
    return mean;
  }

  /** By the pivots, all of which are positive where the matrix is positive definite. */
  public static List<DerivativeStructure> logDeterminant(List<DerivativeStructure> a) {
    List<DerivativeStructure> s = symmetric(a);
    DerivativeStructure sum = a.get(0).getFactory().constant(0);
    for (int k = 0; k < order(a); k++) {
      sum = sum.add(leading(s, k + 1).divide(leading(s, k)).log());
    }
    return List.of(sum);
  }

  public static List<DerivativeStructure> trace(List<DerivativeStructure> a) {
    return List.of(diagonal(a).stream().reduce(DerivativeStructure::add).orElseThrow());
  }

  public static List<DerivativeStructure> diagonal(List<DerivativeStructure> a) {
    int n = order(a);
    List<DerivativeStructure> result = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      result.add(a.get(i * n + i));
    }
    return result;
  }

  /** A vector on the diagonal of a matrix. */
  public static List<DerivativeStructure> onDiagonal(List<DerivativeStructure> v) {
    List<DerivativeStructure> result = new ArrayList<>();
    for (int k = 0; k < v.size() * v.size(); k++) {
      boolean on = k / v.size() == k % v.size();
      result.add(on ? v.get(k / v.size()) : v.get(0).getFactory().constant(0));
    }
    return result;
  }

  /** The identity matrix of the order that a constant says. */
  public static List<DerivativeStructure> identity(List<DerivativeStructure> order) {
    DerivativeStructure one = order.get(0).getFactory().constant(1);
    return onDiagonal(Collections.nCopies((int) order.get(0).getValue(), one));
  }

  public static List<DerivativeStructure> inverse(List<DerivativeStructure> a) {
    int n = order(a);
    DerivativeStructure determinant = determinant(a);
    List<DerivativeStructure> result = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        DerivativeStructure cofactor =
            n == 1 ? a.get(0).getFactory().constant(1) : determinant(minor(a, j, i));
        DerivativeStructure element = cofactor.divide(determinant);
        result.add((i + j) % 2 == 0 ? element : element.negate());
      }
    }
    return result;
  }

  /** A^-1 B. */
  public static List<DerivativeStructure> solution(
      List<DerivativeStructure> a, List<DerivativeStructure> b) {
    int n = order(a);
    int columns = b.size() / n;
    List<DerivativeStructure> inverse = inverse(a);
    List<DerivativeStructure> result = new ArrayList<>();
    for (int k = 0; k < b.size(); k++) {
      DerivativeStructure sum = a.get(0).getFactory().constant(0);
      for (int j = 0; j < n; j++) {
        sum = sum.add(inverse.get(k / columns * n + j).multiply(b.get(j * columns + k % columns)));
      }
      result.add(sum);
    }
    return result;
  }

  /** Its elements are ratios of determinants of the leading rows (Gantmacher 1959, chapter II). */
  public static List<DerivativeStructure> cholesky(List<DerivativeStructure> a) {
    int n = order(a);
    List<DerivativeStructure> s = symmetric(a);
    List<DerivativeStructure> result = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        result.add(
            j > i
                ? a.get(0).getFactory().constant(0)
                : bordered(s, i, j).divide(bordered(s, j, j).multiply(leading(s, j)).sqrt()));
      }
    }
    return result;
  }

  private static DerivativeStructure leading(List<DerivativeStructure> a, int size) {
    return size == 0 ? a.get(0).getFactory().constant(1) : bordered(a, size - 1, size - 1);
  }

  /** The determinant of the first j rows and row i, and the first j + 1 columns. */
  private static DerivativeStructure bordered(List<DerivativeStructure> a, int i, int j) {
    int n = order(a);
    List<DerivativeStructure> part = new ArrayList<>();
    for (int row = 0; row <= j; row++) {
      for (int column = 0; column <= j; column++) {
        part.add(a.get((row == j ? i : row) * n + column));
      }
    }
    return determinant(part);
  }
}
