package org.sparkcurvature.job.estimate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.job.config.Refusal;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.fit.HeldObjective;
import org.sparkcurvature.job.fit.ObjectiveFunction;
import org.sparkcurvature.job.result.Direction;
import org.sparkcurvature.job.solve.ArrowMatrix;
import org.sparkcurvature.job.solve.Elements;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * The Hessian H of an objective of so many elements that it is not formed: {@code H X = B} is
 * solved from products of H with vectors, its diagonal, and its columns of a few elements, the
 * core.
 *
 * <p>The elements outside of the core are eliminated as if the Hessian of theirs were diagonal.
 * Where it is, as that of an effect for each group (a row touches one), this is the block
 * elimination {@code S = H_cc - H_cr D^-1 H_rc}, exact but for rounding, and costs the products for
 * the core's columns. Otherwise it preconditions conjugate gradients (Hestenes and Stiefel 1952),
 * which go on until the solution is right.
 */
public final class ProfiledHessian {
  /** The most elements of the core that are not asked for. */
  private static final int MOST_BESIDE = 256;

  /** Numbers of the vectors that one pass multiplies. */
  private static final int NUMBERS_A_PASS = 1 << 22;

  private static final int MOST_VECTORS = 16;

  /** Error of a solution in the norm of H, relative, that is aimed at; and that is put up with. */
  private static final double AIM = 1e-12;

  private static final double ENOUGH = 1e-9;
  private static final int MOST_ITERATIONS = 300;

  private final ObjectiveFunction objective;
  private final Elements free;
  private final double[] x;
  private final int[] core;
  private final ArrowMatrix hessian;
  private final double[] inverseDiagonal;
  private ScaledHessian schur;
  private double flatness;
  private boolean arrow;

  private ProfiledHessian(
      ObjectiveFunction objective, Elements free, double[] x, int[] core, ArrowMatrix hessian) {
    this.objective = objective;
    this.free = free;
    this.x = x.clone();
    this.core = core;
    this.hessian = hessian;
    this.inverseDiagonal = hessian.diagonal();
    for (int i = 0; i < x.length; i++) {
      inverseDiagonal[i] =
          hessian.inCore(i) || inverseDiagonal[i] == 0 ? 0 : 1 / inverseDiagonal[i];
    }
  }

  /**
   * Looks at the Hessian.
   *
   * @param x free elements, length P
   * @param layout where they lie
   * @param asked how many of them, the first ones, are of interest: part of the core
   * @param diagonal of the Hessian, length P
   * @param free the elements that are on no bound: nothing is asked of the others
   * @param names of the elements
   * @param singular what becomes of a Hessian that is singular
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if it can be seen that the
   *     Hessian has no inverse, or is not that of a minimum
   */
  public static ProfiledHessian of(
      ObjectiveFunction objective,
      double[] x,
      Layout layout,
      int asked,
      double[] diagonal,
      Elements free,
      List<String> names,
      Refusal singular) {
    int[] core = core(layout, asked);
    ObjectiveFunction held = HeldObjective.of(objective, free);
    double[] own = HeldObjective.diagonal(diagonal, free);
    refuseDiagonal(own, names, singular);
    ProfiledHessian hessian =
        new ProfiledHessian(
            held, free, x, core, ArrowMatrix.of(core, own, vectors -> products(held, x, vectors)));
    hessian.eliminate();
    hessian.refuseCore(names, singular);
    return hessian;
  }

  /** What is asked for, and the smallest of the other parameters. */
  private static int[] core(Layout layout, int asked) {
    List<Integer> core = new ArrayList<>();
    for (int i = 0; i < asked; i++) {
      core.add(i);
    }
    List<Layout.Entry> others =
        layout.entries().stream()
            .filter(entry -> entry.offset() >= asked)
            .sorted((a, b) -> Integer.compare(a.shape().size(), b.shape().size()))
            .toList();
    int beside = 0;
    for (Layout.Entry entry : others) {
      beside += entry.shape().size();
      if (beside > MOST_BESIDE) {
        break;
      }
      for (int k = 0; k < entry.shape().size(); k++) {
        core.add(entry.offset() + k);
      }
    }
    return core.stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  private static void refuseDiagonal(double[] diagonal, List<String> names, Refusal singular) {
    for (int i = 0; i < diagonal.length; i++) {
      if (diagonal[i] < 0) {
        throw Curvature.falls(names.get(i));
      }
      if (diagonal[i] == 0 && singular == Refusal.FAIL) {
        throw Curvature.flat(names.get(i), 0);
      }
    }
  }

  /** Decomposes the Schur complement of the rest. */
  private void eliminate() {
    int c = core.length;
    int p = x.length;
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(c))];
    double[] whole = packed.clone();
    double[] scales = new double[c];
    int at = 0;
    for (int i = 0; i < c; i++) {
      double own = Math.abs(hessian.at(core[i], i));
      scales[i] = own == 0 ? 1 : Math.sqrt(own);
      for (int j = i; j < c; j++) {
        double sum = 0;
        for (int r = 0; r < p; r++) {
          sum += hessian.at(r, i) * inverseDiagonal[r] * hessian.at(r, j);
        }
        whole[at] = hessian.at(core[j], i);
        packed[at] = whole[at] - sum;
        at++;
      }
    }
    // What is left after eliminating is judged on the scale of what there was.
    schur = ScaledHessian.of(SymmetricMatrix.ofPacked(c, packed), scales);
    flatness = 10 * p * Math.ulp(1.0);
    arrow = true;
    if (!hessian.isWhole() && schur.eigenvalue(0) <= flatness) {
      schur = ScaledHessian.of(SymmetricMatrix.ofPacked(c, whole), scales);
      arrow = false;
    }
  }

  private void refuseCore(List<String> names, Refusal singular) {
    List<String> own = Arrays.stream(core).mapToObj(names::get).toList();
    if (schur.eigenvalue(0) < -flatness) {
      throw Curvature.falls(Direction.describe(schur, 0, own));
    }
    if (schur.eigenvalue(0) <= flatness && singular == Refusal.FAIL) {
      throw Curvature.flat(Direction.describe(schur, 0, own) + " (the others estimated too)", 0);
    }
  }

  /**
   * A basis of the directions along which the objective is flat, as far as the core moves along
   * them: vectors of length P in the elements' own units.
   */
  public List<double[]> flat() {
    List<double[]> directions = new ArrayList<>();
    for (int k = 0; k < core.length && schur.eigenvalue(k) <= flatness; k++) {
      double[] own = schur.direction(k);
      double[] direction = new double[x.length];
      follow(direction, own);
      directions.add(direction);
    }
    return directions;
  }

  /** Sets the core's elements, and moves the others to where they belong beside these. */
  private void follow(double[] vector, double[] own) {
    for (int k = 0; k < core.length; k++) {
      for (int i = 0; i < x.length && arrow; i++) {
        vector[i] -= inverseDiagonal[i] * hessian.at(i, k) * own[k];
      }
      vector[core[k]] = own[k];
    }
  }

  /** {@code M^-1 r} for the Hessian in which the rest's own is diagonal. */
  private double[] precondition(double[] right, int from) {
    int p = x.length;
    int c = core.length;
    double[] rest = new double[p];
    for (int i = 0; i < p; i++) {
      rest[i] = inverseDiagonal[i] * right[from + i];
    }
    double[] own = new double[c];
    for (int k = 0; k < c; k++) {
      own[k] = right[from + core[k]];
      if (arrow) {
        for (int i = 0; i < p; i++) {
          own[k] -= hessian.inCore(i) ? 0 : hessian.at(i, k) * rest[i];
        }
      }
    }
    double[] coefficients = schur.toEigen(own);
    for (int k = 0; k < c; k++) {
      coefficients[k] = schur.eigenvalue(k) > flatness ? coefficients[k] / schur.eigenvalue(k) : 0;
    }
    own = schur.fromEigen(coefficients);
    follow(rest, own);
    return rest;
  }

  /**
   * {@code H^-1 B} of the free elements, 0 elsewhere.
   *
   * @param vectors B, of length P, one after the other
   * @return likewise
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if the Hessian turns out
   *     not to be positive definite, or so near to singular that no solution is found
   */
  public double[] solve(double[] vectors) {
    int p = x.length;
    double[] right = free.whole(free.part(vectors));
    int count = right.length / p;
    double[] solution = new double[right.length];
    double[] size = new double[count];
    for (int k = 0; k < count; k++) {
      double[] first = precondition(right, k * p);
      size[k] = dot(first, 0, right, k * p, p);
      System.arraycopy(first, 0, solution, k * p, p);
    }
    double[] residual = products(objective, x, solution);
    for (int i = 0; i < residual.length; i++) {
      residual[i] = right[i] - residual[i];
    }
    double[] way = new double[right.length];
    double[] before = new double[count];
    double[] error = new double[count];
    for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
      List<Integer> open = new ArrayList<>();
      for (int k = 0; k < count; k++) {
        double[] preconditioned = precondition(residual, k * p);
        double now = dot(preconditioned, 0, residual, k * p, p);
        error[k] = size[k] > 0 ? Math.sqrt(Math.max(0, now) / size[k]) : 0;
        if (error[k] > AIM) {
          open.add(k);
          double beta = before[k] > 0 ? now / before[k] : 0;
          for (int i = 0; i < p; i++) {
            way[k * p + i] = preconditioned[i] + beta * way[k * p + i];
          }
        }
        before[k] = now;
      }
      if (open.isEmpty() || isExhausted(iteration, error)) {
        break;
      }
      step(open, solution, residual, way, before);
    }
    for (double e : error) {
      if (!(e <= ENOUGH)) {
        throw Errors.noAnswer(
            "the Hessian is singular, or so near to it that what is not named in derive.wrt cannot"
                + " be profiled out (error %.1e of the solution)".formatted(e),
            "curvature.model",
            "collinear columns do this: drop one of them, or add a model.penalty");
      }
    }
    return solution;
  }

  /** Rounding sets a limit to what further iterations bring. */
  private static boolean isExhausted(int iteration, double[] error) {
    return iteration >= 10 && Arrays.stream(error).allMatch(e -> e <= ENOUGH);
  }

  private void step(
      List<Integer> open, double[] solution, double[] residual, double[] way, double[] rz) {
    int p = x.length;
    double[] vectors = new double[open.size() * p];
    for (int j = 0; j < open.size(); j++) {
      System.arraycopy(way, open.get(j) * p, vectors, j * p, p);
    }
    double[] products = products(objective, x, vectors);
    for (int j = 0; j < open.size(); j++) {
      int k = open.get(j);
      double curvature = dot(vectors, j * p, products, j * p, p);
      if (!(curvature > 0)) {
        throw Curvature.falls("a direction of what is estimated");
      }
      double length = rz[k] / curvature;
      for (int i = 0; i < p; i++) {
        solution[k * p + i] += length * vectors[j * p + i];
        residual[k * p + i] -= length * products[j * p + i];
      }
    }
  }

  /** Products with any number of vectors, as many a pass as are well held in memory. */
  private static double[] products(ObjectiveFunction objective, double[] x, double[] vectors) {
    int p = x.length;
    int count = vectors.length / p;
    int most = Math.max(1, Math.min(MOST_VECTORS, NUMBERS_A_PASS / p));
    double[] products = new double[vectors.length];
    for (int from = 0; from < count; from += most) {
      int to = Math.min(count, from + most);
      double[] some =
          objective.hessianTimes(x, Arrays.copyOfRange(vectors, from * p, to * p), to - from);
      System.arraycopy(some, 0, products, from * p, some.length);
    }
    return products;
  }

  /** Whether the elements outside of the core were eliminated, without iterating. */
  public boolean isArrow() {
    return arrow;
  }

  /**
   * The Newton decrement {@code g' H^-1 g}, with the rest's Hessian taken for diagonal: exact where
   * it is.
   */
  public double decrement(double[] gradient) {
    double[] own = free.whole(free.part(gradient));
    return dot(precondition(own, 0), 0, own, 0, x.length);
  }

  private static double dot(double[] a, int fromA, double[] b, int fromB, int length) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += a[fromA + i] * b[fromB + i];
    }
    return sum;
  }
}
