package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparkcurvature.job.solve.Elements;
import org.sparkcurvature.job.solve.RefinedFactor;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * Which elements to hold where a Hessian is singular, so that it is no longer: the later ones of
 * those that depend on each other, as R leaves columns out.
 *
 * @param dropped their positions, ascending
 * @param point where the objective is what it was, with these elements at 0; length P
 */
public record CollinearElements(int[] dropped, double[] point) {
  /** Elements of an orthonormal basis below this are rounding. */
  private static final double ROUNDING = 1e-6;

  /**
   * Looks for them.
   *
   * @param x a minimum, length P
   * @param hessian there, order P
   * @param free the elements that are not held already
   * @param products of the Hessian with vectors of length P
   * @return empty where the Hessian of the free elements is not singular
   */
  public static Optional<CollinearElements> at(
      double[] x, SymmetricMatrix hessian, int[] free, RefinedFactor.Products products) {
    Elements elements = new Elements(free, x.length);
    SymmetricMatrix part = hessian.part(free);
    if (ScaledHessian.factor(part).isPresent()) {
      return Optional.empty();
    }
    ScaledHessian scaled = ScaledHessian.of(part);
    int flat = scaled.flat();
    if (flat == 0
        || scaled.negative() > 0
        || RefinedFactor.whereFlat(scaled, elements.products(products)).isPresent()) {
      return Optional.empty();
    }
    // Directions of the flat space, each freed of the elements that were dropped before it; so the
    // last element that any of them moves can be dropped with it.
    List<double[]> directions = new ArrayList<>();
    int seen = scaled.negative();
    for (int k = 0; k < flat; k++) {
      directions.add(scaled.direction(seen + k));
    }
    double[] point = x.clone();
    List<Integer> dropped = new ArrayList<>();
    for (int i = free.length - 1; i >= 0 && !directions.isEmpty(); i--) {
      double[] largest = directions.get(0);
      for (double[] direction : directions) {
        largest = Math.abs(direction[i]) > Math.abs(largest[i]) ? direction : largest;
      }
      if (Math.abs(largest[i]) * scale(part, i) <= ROUNDING * size(part, largest)) {
        continue;
      }
      directions.remove(largest);
      for (double[] direction : directions) {
        add(direction, -direction[i] / largest[i], largest);
      }
      double along = point[free[i]] / largest[i];
      for (int j = 0; j < free.length; j++) {
        point[free[j]] -= along * largest[j];
      }
      dropped.add(free[i]);
    }
    dropped.forEach(i -> point[i] = 0);
    return Optional.of(
        new CollinearElements(dropped.stream().mapToInt(i -> i).sorted().toArray(), point));
  }

  private static void add(double[] to, double factor, double[] vector) {
    for (int j = 0; j < to.length; j++) {
      to[j] += factor * vector[j];
    }
  }

  private static double scale(SymmetricMatrix matrix, int i) {
    double diagonal = Math.abs(matrix.at(i, i));
    return diagonal == 0 ? 1 : Math.sqrt(diagonal);
  }

  private static double size(SymmetricMatrix matrix, double[] direction) {
    double largest = 0;
    for (int j = 0; j < direction.length; j++) {
      largest = Math.max(largest, Math.abs(direction[j]) * scale(matrix, j));
    }
    return largest;
  }
}
