package org.sparkcurvature.job.groups;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.sparkcurvature.job.solve.Vectors;

/**
 * Whether the loss of a group falls for ever along a direction, so that it has no minimum: classes
 * that a plane separates (Albert and Anderson 1984), counts that are all 0 on one side of a plane.
 *
 * <p>Of each row it is looked at whether its loss falls, or stays, however far its predictor goes
 * up or down. A direction v is one along which no row's loss rises: {@code c_i' v >= 0} for rows
 * that may go one way, {@code b_j' v = 0} for those that may go none. There is one that moves a row
 * if and only if 0 is no positive combination of the c, within what the b leave (Stiemke 1915).
 * Their combination nearest to 0 with factors of at least 1 tells: it is 0, or the direction
 * (Lawson and Hanson 1974 find it). Nothing here depends on units: rows are seen in the group's
 * orthonormal basis.
 */
final class Separation {
  /** How far predictors are moved: a loss that has a minimum has risen by then. */
  private static final double[] FAR = {64, 1024};

  private static final double ROUNDING = 1e-8;

  /** More rows times predictors than this are not looked at. */
  private static final long MOST = 1 << 21;

  private static final byte UP = 1;
  private static final byte DOWN = 2;
  private static final int CHUNK = 1024;

  private final GroupRows rows;
  private final RowTerms terms;
  private final double[] point;
  private final List<double[]> fixed;
  private final int k;
  private final int q;
  private final int n;

  private Separation(GroupRows rows, RowTerms terms, double[] point, List<double[]> fixed) {
    this.fixed = fixed;
    this.rows = rows;
    this.terms = terms;
    this.point = point;
    this.k = terms.space().size();
    this.q = terms.predictors();
    this.n = (int) rows.count();
  }

  /**
   * Looks for a direction.
   *
   * @param point where the loss is finite
   * @param fixed functions of the point that a direction must leave as they are: vectors of length
   *     k
   * @return in the group's space; empty where there is none, or the group is too large to be looked
   *     at
   */
  static Optional<double[]> direction(
      GroupRows rows, RowTerms terms, double[] point, List<double[]> fixed, Evaluator evaluator) {
    if (rows.count() * terms.predictors() > MOST || terms.space().size() == 0) {
      return Optional.empty();
    }
    Separation separation = new Separation(rows, terms, point, fixed);
    return separation.find(separation.ways(evaluator));
  }

  /** The losses of all rows with one predictor moved. */
  private final class Moved implements Evaluator.Request {
    private final double[] shift = new double[q];
    private final double[] values = new double[n];
    private int next;

    @Override
    public GroupRows rows() {
      return rows;
    }

    @Override
    public Space space() {
      return terms.space();
    }

    @Override
    public double[] point() {
      return point;
    }

    @Override
    public double[] shift() {
      return shift;
    }

    @Override
    public void take(GroupRows.Slice taken, int count, Evaluator.Results results, int position) {
      System.arraycopy(results.value(), position, values, next, count);
      next += count;
    }
  }

  /** Which ways the predictors of each row may go for ever: UP, DOWN, both or none. */
  private byte[] ways(Evaluator evaluator) {
    Moved still = new Moved();
    List<Moved> moved = new ArrayList<>(List.of(still));
    for (int u = 0; u < q; u++) {
      for (double sign : new double[] {1, -1}) {
        for (double far : FAR) {
          Moved one = new Moved();
          one.shift[u] = sign * far;
          moved.add(one);
        }
      }
    }
    evaluator.evaluate(moved);
    byte[] ways = new byte[n * q];
    for (int i = 0; i < n; i++) {
      for (int u = 0; u < q; u++) {
        int first = 1 + 4 * u;
        boolean up = falls(still, moved.get(first), moved.get(first + 1), i);
        boolean down = falls(still, moved.get(first + 2), moved.get(first + 3), i);
        ways[i * q + u] = (byte) ((up ? UP : 0) | (down ? DOWN : 0));
      }
    }
    return ways;
  }

  private static boolean falls(Moved still, Moved near, Moved far, int i) {
    double allowed = ROUNDING * (1 + Math.abs(still.values[i]));
    return near.values[i] <= still.values[i] + allowed && far.values[i] <= near.values[i] + allowed;
  }

  private Optional<double[]> find(byte[] ways) {
    byte[] common = new byte[q];
    Arrays.fill(common, (byte) (UP | DOWN));
    for (int i = 0; i < n * q; i++) {
      common[i % q] &= ways[i];
    }
    Orthogonal held = new Orthogonal(k);
    for (double[] vector : fixed) {
      if (!held.add(vector)) {
        return Optional.empty();
      }
    }
    if (!visit(ways, common, (byte) 0, held::add)) {
      return Optional.empty();
    }
    double[][] rest = held.complement();
    List<double[]> cone = new ArrayList<>();
    for (byte way : new byte[] {UP, DOWN}) {
      visit(
          ways,
          common,
          way,
          vector -> {
            double[] reduced = reduced(rest, vector, way == UP ? 1 : -1);
            if (reduced.length > 0) {
              cone.add(reduced);
            }
            return true;
          });
    }
    return cone.isEmpty()
        ? Optional.empty()
        : nearest(cone, rest.length).map(direction -> whole(rest, direction));
  }

  /** Takes a vector; says whether to go on. */
  private interface Visit {
    boolean take(double[] vector);
  }

  /** Visits the coefficients of all predictors that may go these ways and no others. */
  private boolean visit(byte[] ways, byte[] common, byte wanted, Visit visit) {
    double[] vector = new double[k];
    for (int from = 0; from < n; from += CHUNK) {
      int count = Math.min(CHUNK, n - from);
      GroupRows.Slice slice = rows.read(from, count);
      for (int row = 0; row < count; row++) {
        for (int u = 0; u < q; u++) {
          boolean parameter = terms.isParameter(u);
          // What is a parameter is the same in all rows: it goes where all of them may.
          if (parameter && from + row > 0
              || (parameter ? common[u] : ways[(from + row) * q + u]) != wanted) {
            continue;
          }
          terms.coefficients(slice, row, u, vector);
          if (!visit.take(vector)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** A vector of unit length within what is left; none where it is rounding there. */
  private static double[] reduced(double[][] rest, double[] vector, double sign) {
    double[] reduced = new double[rest.length];
    double square = 0;
    for (int r = 0; r < rest.length; r++) {
      reduced[r] = sign * Vectors.dot(rest[r], vector);
      square += reduced[r] * reduced[r];
    }
    double size = Math.sqrt(square);
    if (!(size > ROUNDING * Math.sqrt(Vectors.dot(vector, vector)))) {
      return new double[0];
    }
    for (int r = 0; r < reduced.length; r++) {
      reduced[r] /= size;
    }
    return reduced;
  }

  private double[] whole(double[][] rest, double[] reduced) {
    double[] direction = new double[k];
    for (int r = 0; r < rest.length; r++) {
      for (int i = 0; i < k; i++) {
        direction[i] += reduced[r] * rest[r][i];
      }
    }
    return direction;
  }

  /**
   * The combination of the vectors with factors of at least 1 that is nearest to 0; empty where it
   * is 0.
   */
  private static Optional<double[]> nearest(List<double[]> cone, int d) {
    double[] sum = new double[d];
    cone.forEach(vector -> add(sum, 1, vector));
    List<Integer> active = new ArrayList<>();
    double[] factors = new double[cone.size()];
    double[] residual = sum.clone();
    double total = cone.size();
    for (int iteration = 0; iteration < 30 * (d + 1); iteration++) {
      double size = Math.sqrt(Vectors.dot(residual, residual));
      if (size <= ROUNDING * total) {
        return Optional.empty();
      }
      int worst = -1;
      double least = -ROUNDING * size;
      for (int i = 0; i < cone.size(); i++) {
        double product = factors[i] > 0 ? 0 : Vectors.dot(cone.get(i), residual);
        if (product < least) {
          least = product;
          worst = i;
        }
      }
      if (worst < 0) {
        return Optional.of(residual);
      }
      active.add(worst);
      if (!solve(cone, active, factors, sum)) {
        return Optional.empty();
      }
      System.arraycopy(sum, 0, residual, 0, d);
      total = cone.size();
      for (int i : active) {
        add(residual, factors[i], cone.get(i));
        total += factors[i];
      }
    }
    return Optional.empty();
  }

  /** Least squares over the active vectors, those whose factors would be negative left out. */
  private static boolean solve(
      List<double[]> cone, List<Integer> active, double[] factors, double[] sum) {
    while (!active.isEmpty()) {
      int m = active.size();
      double[] gram = new double[m * m];
      double[] right = new double[m];
      double[] ones = new double[m];
      Arrays.fill(ones, 1);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < m; j++) {
          gram[i * m + j] = Vectors.dot(cone.get(active.get(i)), cone.get(active.get(j)));
        }
        right[i] = -Vectors.dot(cone.get(active.get(i)), sum);
      }
      double[] factor = new double[m * m];
      if (!SmallMatrix.factor(gram, 1e-15, ones, m, factor)) {
        return false;
      }
      SmallMatrix.solve(factor, m, right);
      double step = 1;
      for (int i = 0; i < m; i++) {
        double before = factors[active.get(i)];
        if (right[i] <= 0) {
          step = Math.min(step, before / (before - right[i]));
        }
      }
      if (step >= 1) {
        for (int i = 0; i < m; i++) {
          factors[active.get(i)] = right[i];
        }
        return true;
      }
      for (int i = m - 1; i >= 0; i--) {
        int place = active.get(i);
        double moved = factors[place] + step * (right[i] - factors[place]);
        factors[place] = moved > 1e-12 ? moved : 0;
        if (factors[place] == 0) {
          active.remove(i);
        }
      }
    }
    return true;
  }

  private static void add(double[] to, double factor, double[] vector) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * vector[i];
    }
  }

  /** An orthonormal basis of vectors, until it is a basis of all. */
  private static final class Orthogonal {
    private final int k;
    private final List<double[]> basis = new ArrayList<>();

    Orthogonal(int k) {
      this.k = k;
    }

    /** Adds a vector; says whether anything is left. */
    boolean add(double[] vector) {
      double[] rest = vector.clone();
      double before = Math.sqrt(Vectors.dot(vector, vector));
      for (int pass = 0; pass < 2; pass++) {
        for (double[] own : basis) {
          Separation.add(rest, -Vectors.dot(own, rest), own);
        }
      }
      double size = Math.sqrt(Vectors.dot(rest, rest));
      if (size > ROUNDING * before) {
        for (int i = 0; i < k; i++) {
          rest[i] /= size;
        }
        basis.add(rest);
      }
      return basis.size() < k;
    }

    /** A basis of what is left. */
    double[][] complement() {
      int held = basis.size();
      double[] unit = new double[k];
      List<double[]> units = new ArrayList<>();
      // The axes that are farthest from what is there, first.
      List<Integer> order = new ArrayList<>();
      double[] shares = new double[k];
      for (int i = 0; i < k; i++) {
        order.add(i);
        for (double[] own : basis) {
          shares[i] += own[i] * own[i];
        }
      }
      order.sort((a, b) -> Double.compare(shares[a], shares[b]));
      for (int i : order) {
        if (basis.size() == k) {
          break;
        }
        Arrays.fill(unit, 0);
        unit[i] = 1;
        add(unit);
      }
      units.addAll(basis.subList(held, basis.size()));
      return units.toArray(double[][]::new);
    }
  }
}
