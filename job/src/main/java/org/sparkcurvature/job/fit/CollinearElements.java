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
   * @param order the same, as {@link #along} takes them
   * @param products of the Hessian with vectors of length P
   * @return empty where the Hessian of the free elements is not singular
   */
  public static Optional<CollinearElements> at(
      double[] x,
      SymmetricMatrix hessian,
      Elements free,
      int[] order,
      RefinedFactor.Products products) {
    SymmetricMatrix part = hessian.part(free.kept());
    if (ScaledHessian.factor(part).isPresent()) {
      return Optional.empty();
    }
    ScaledHessian scaled = ScaledHessian.of(part);
    int flat = scaled.flat();
    if (flat == 0
        || scaled.negative() > 0
        || RefinedFactor.whereFlat(scaled, free.products(products)).isPresent()) {
      return Optional.empty();
    }
    // Directions of the flat space.
    List<double[]> directions =
        RefinedFactor.flatDirections(scaled, free.products(products)).stream()
            .map(free::whole)
            .toList();
    return along(x, directions, hessian.diagonal(), order);
  }

  /**
   * The elements that leave nothing flat once they are held.
   *
   * @param x a minimum, length P
   * @param directions a basis of what is flat there: vectors of length P
   * @param diagonal of the Hessian, length P
   * @param order elements that may be held: the last of those that a direction moves is
   * @return empty where there are no directions
   */
  public static Optional<CollinearElements> along(
      double[] x, List<double[]> directions, double[] diagonal, int[] order) {
    if (directions.isEmpty()) {
      return Optional.empty();
    }
    // Each is freed of the elements that were dropped before it; so the last element that any of
    // them moves can be dropped with it.
    List<double[]> left = new ArrayList<>();
    directions.forEach(direction -> left.add(direction.clone()));
    double[] point = x.clone();
    List<Integer> dropped = new ArrayList<>();
    for (int k = order.length - 1; k >= 0 && !left.isEmpty(); k--) {
      int i = order[k];
      double[] largest = left.get(0);
      for (double[] direction : left) {
        largest = Math.abs(direction[i]) > Math.abs(largest[i]) ? direction : largest;
      }
      if (Math.abs(largest[i]) * scale(diagonal[i]) <= ROUNDING * size(diagonal, largest)) {
        continue;
      }
      left.remove(largest);
      for (double[] direction : left) {
        add(direction, -direction[i] / largest[i], largest);
      }
      add(point, -point[i] / largest[i], largest);
      dropped.add(i);
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

  private static double scale(double diagonal) {
    return diagonal == 0 ? 1 : Math.sqrt(Math.abs(diagonal));
  }

  private static double size(double[] diagonal, double[] direction) {
    double largest = 0;
    for (int j = 0; j < direction.length; j++) {
      largest = Math.max(largest, Math.abs(direction[j]) * scale(diagonal[j]));
    }
    return largest;
  }
}
