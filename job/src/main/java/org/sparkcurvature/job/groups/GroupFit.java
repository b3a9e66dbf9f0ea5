package org.sparkcurvature.job.groups;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.special.Erf;
import org.sparkcurvature.job.config.ReferenceDistribution;
import org.sparkcurvature.job.config.WeightKind;
import org.sparkcurvature.job.result.Direction;

/**
 * The fit of one group: Newton's method with a trust region, in the group's own space, one
 * evaluation of its rows after the other. Whoever owns it evaluates, and then has it {@link
 * #advance}.
 */
final class GroupFit implements Evaluator.Request {
  private static final int CHUNK = 1024;
  private static final int MOST_NAMED = 3;

  /** Evaluations after which a fit that goes on is suspected of having no minimum. */
  private static final int LONG = 8;

  /** Evaluations after which a fit that has not taken a step begins elsewhere. */
  private static final int PATIENT = 4;

  /** What is left of the curvature at a minimum that there may not be, beside that at the start. */
  private static final double COLLAPSED = 1e-6;

  /** How near to a minimum a fit is where the value can fall no further. */
  private static final double NEAR = 1e-6;

  private static final double[] NOT_MOVED = {};

  private enum Phase {
    START,
    TRIAL,
    SCORES,
    OVER
  }

  private final GroupProblem problem;
  private final GroupProblem.Penalty penalty;
  private final boolean penalised;
  private final GroupRows rows;
  private final double weight;
  private Space space;
  private RowTerms terms;
  private int k;
  private Sums sums;
  private Scores scores;
  private Phase phase = Phase.START;
  private boolean searched;
  private int evaluations;
  private GroupResult result;

  private double[] z;
  private double[] at;
  private double value;
  private double magnitude;
  private double pearson;
  private double[] gradient;
  private double[] hessian;
  private double[] factor;
  private double[] step;
  private double[] metric;
  private double[] startCurvature;
  private double radius = Double.POSITIVE_INFINITY;
  private double predicted;
  private double gain = Double.POSITIVE_INFINITY;
  private double decrement = Double.NaN;
  private double score = Double.NaN;
  private boolean judged;
  private double[] inverse;

  private GroupFit(
      GroupProblem problem, GroupProblem.Penalty penalty, GroupRows rows, double weight) {
    this.problem = problem;
    this.penalty = penalty;
    this.penalised = penalty.any();
    this.rows = rows;
    this.weight = weight;
  }

  /**
   * A group's fit.
   *
   * @param rows in order
   * @param weight their sum
   */
  static GroupFit own(GroupProblem problem, GroupRows rows, double weight) {
    GroupFit fit = new GroupFit(problem, problem.own(), rows, weight);
    fit.begin();
    return fit;
  }

  /**
   * The fit with a prior, after that without; of rows that there are, and that have a loss.
   *
   * @return empty where nothing is to be had
   */
  static Optional<GroupFit> shrunken(GroupFit own) {
    if (own.problem.prior().isEmpty()
        || own.space == null
        || own.result.status() == Status.NOT_FINITE) {
      return Optional.empty();
    }
    GroupProblem.Penalty prior = own.problem.prior().get(0);
    GroupFit fit = new GroupFit(own.problem, prior, own.rows, own.weight);
    fit.space = own.space;
    fit.beginAt(prior.centre());
    return Optional.of(fit);
  }

  private void begin() {
    int p = problem.length();
    long n = rows.count();
    if (n == 0) {
      end(Status.INVALID, "no valid row of positive weight");
      return;
    }
    boolean drop = problem.settings().drop();
    boolean needsRows = !penalised;
    boolean few = needsRows && !drop && n < p;
    int[] unused = problem.form().unused();
    if (!problem.prior().isEmpty()) {
      // The space is that of both fits; the own one has to have all of it.
      List<String> flat = few ? List.of() : flat(Space.look(problem.form(), rows, CHUNK), unused);
      space = Space.of(problem.form(), problem.prior().get(0).factors(), rows, CHUNK);
      if (few) {
        end(Status.TOO_FEW_ROWS, few(n, p));
      } else if (!flat.isEmpty()) {
        end(Status.COLLINEAR, nothing(flat));
      } else {
        beginAt(problem.start());
      }
      return;
    }
    if (few) {
      end(Status.TOO_FEW_ROWS, few(n, p));
      return;
    }
    space = Space.of(problem.form(), penalty.factors(), rows, CHUNK);
    if (!drop && needsRows) {
      List<String> flat = flat(space, unused);
      if (!flat.isEmpty()) {
        end(Status.COLLINEAR, nothing(flat));
        return;
      }
    }
    if (space.size() == 0 || needsRows && n < space.size()) {
      end(Status.TOO_FEW_ROWS, few(n, space.size()));
      return;
    }
    beginAt(problem.start());
  }

  private void beginAt(double[] start) {
    k = space.size();
    terms = new RowTerms(problem.form(), space, rows.count());
    sums = new Sums(terms.length());
    factor = new double[k * k];
    metric = new double[k];
    at = space.point(start);
  }

  private static String few(long n, int p) {
    return "%,d row%s for %,d parameter%s".formatted(n, n == 1 ? "" : "s", p, p == 1 ? "" : "s");
  }

  /** The directions of which rows say nothing, and the parameters that the loss does not know. */
  private List<String> flat(Space found, int[] unused) {
    List<String> named = new ArrayList<>();
    for (int column : found.dropped()) {
      named.add(Direction.describe(column, found.flat(column), found.scales(), problem.names()));
    }
    for (int k : unused) {
      named.add(problem.names().get(k));
    }
    return named;
  }

  private static String nothing(List<String> flat) {
    int more = flat.size() - MOST_NAMED;
    return "the rows say nothing about "
        + String.join("; ", flat.subList(0, Math.min(MOST_NAMED, flat.size())))
        + (more > 0 ? "; and " + more + " more" : "");
  }

  boolean isOver() {
    return phase == Phase.OVER;
  }

  GroupResult result() {
    return result;
  }

  /** Where it ended. */
  double[] at() {
    return z;
  }

  /** The form of its rows. */
  RowForm form() {
    return problem.form();
  }

  /** Rows that an evaluation takes. */
  long size() {
    return rows.count();
  }

  @Override
  public GroupRows rows() {
    return rows;
  }

  @Override
  public Space space() {
    return space;
  }

  @Override
  public double[] point() {
    return phase == Phase.SCORES ? z : at;
  }

  @Override
  public double[] shift() {
    return NOT_MOVED;
  }

  @Override
  public void take(double[] array, int begin, int count, Evaluator.Results results, int position) {
    int stride = terms.stride();
    if (phase == Phase.SCORES) {
      for (int row = 0; row < count; row++) {
        scores.add(array, begin + row * stride, results, position + row);
      }
      return;
    }
    for (int done = 0; done < count; ) {
      int run = Math.min(count - done, sums.room());
      terms.add(array, begin + done * stride, run, results, position + done, sums.part());
      sums.next(run);
      done += run;
    }
  }

  /** Goes on from what was evaluated. */
  void advance(Evaluator evaluator, Natural natural) {
    switch (phase) {
      case START -> started(evaluator, natural);
      case TRIAL -> tried(evaluator, natural);
      case SCORES -> finish(natural);
      case OVER -> throw new IllegalStateException("the fit is over");
    }
  }

  /** What an evaluation gave. */
  private record Evaluated(
      double value,
      double magnitude,
      double pearson,
      double[] gradient,
      double[] hessian,
      boolean finite) {}

  private Evaluated taken() {
    evaluations++;
    double[] taken = sums.take();
    double[] g = Arrays.copyOfRange(taken, RowTerms.GRADIENT, RowTerms.GRADIENT + k);
    double[] h = new double[k * k];
    for (int i = 0; i < k; i++) {
      for (int j = i; j < k; j++) {
        h[i * k + j] = taken[terms.hessian(i) + j];
        h[j * k + i] = h[i * k + j];
      }
    }
    double f = taken[RowTerms.VALUE];
    double size = taken[RowTerms.MAGNITUDE];
    if (penalised) {
      double[] theta = space.parameters(at, new double[problem.length()]);
      double[] jacobian = space.jacobian();
      for (int i = 0; i < theta.length; i++) {
        double l2 = penalty.factors()[i];
        double apart = theta[i] - penalty.centre()[i];
        f += l2 * apart * apart / 2;
        for (int a = 0; l2 > 0 && a < k; a++) {
          g[a] += l2 * apart * jacobian[i * k + a];
          for (int b = 0; b < k; b++) {
            h[a * k + b] += l2 * jacobian[i * k + a] * jacobian[i * k + b];
          }
        }
      }
    }
    boolean finite = Double.isFinite(f);
    for (double element : g) {
      finite &= Double.isFinite(element);
    }
    for (double element : h) {
      finite &= Double.isFinite(element);
    }
    return new Evaluated(f, size, taken[RowTerms.PEARSON], g, h, finite);
  }

  private void accept(Evaluated there) {
    z = at;
    value = there.value();
    magnitude = there.magnitude();
    pearson = there.pearson();
    gradient = there.gradient();
    hessian = there.hessian();
    for (int i = 0; i < k; i++) {
      metric[i] = Math.max(metric[i], Math.abs(hessian[i * k + i]));
      metric[i] = metric[i] == 0 ? 1 : metric[i];
    }
  }

  private void started(Evaluator evaluator, Natural natural) {
    Evaluated there = taken();
    if (!there.finite()) {
      if (searched || !search(evaluator)) {
        end(Status.NOT_FINITE, "the loss is NaN or infinite where the fit begins");
      }
      return;
    }
    accept(there);
    startCurvature = metric.clone();
    if (problem.common().length > 0 && !searched && k == problem.length()) {
      score = score();
    }
    propose(evaluator, natural);
  }

  /**
   * Rao's score test that the group has the coefficients of the others, at the estimates of all
   * rows together, where the fit begins: g' (H - H C^-1 H)^-1 g, with C the Hessian of all rows.
   */
  private double score() {
    double[] jacobian = space.jacobian();
    double[] turned = new double[k * k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        turned[i * k + j] = jacobian[j * k + i];
      }
    }
    double[] common = SmallMatrix.congruence(turned, k, problem.common(), k);
    double[] lower = new double[k * k];
    double[] zero = new double[k];
    if (!SmallMatrix.factor(common, 0, zero, k, lower)) {
      return Double.NaN;
    }
    double[] inverse = SmallMatrix.inverse(lower, k);
    double[] explained = SmallMatrix.congruence(hessian, k, inverse, k);
    double[] left = new double[k * k];
    for (int i = 0; i < left.length; i++) {
      left[i] = hessian[i] - explained[i];
    }
    if (!SmallMatrix.factor(left, 0, zero, k, lower)) {
      return Double.NaN;
    }
    double[] solved = gradient.clone();
    SmallMatrix.solve(lower, k, solved);
    return dot(gradient, solved);
  }

  private void tried(Evaluator evaluator, Natural natural) {
    Evaluated there = taken();
    double length = scaled(step);
    double noise = 4 * Math.ulp(1.0) * (magnitude + Math.abs(value));
    double actual = value - there.value();
    boolean within = predicted <= 8 * noise && Math.abs(actual) <= 8 * noise;
    boolean lower = there.finite() && actual >= 1e-4 * predicted;
    if (lower || there.finite() && within && size(there.gradient()) < size(gradient)) {
      gain = gain == Double.POSITIVE_INFINITY ? Math.abs(actual) : gain / 2 + Math.abs(actual);
      if (actual > 0.75 * predicted) {
        radius = Math.max(radius, 2 * length);
      } else if (actual < 0.25 * predicted && !within) {
        radius = 0.25 * length;
      }
      accept(there);
      propose(evaluator, natural);
      return;
    }
    if (within || predicted <= noise) {
      stalled(evaluator, natural);
      return;
    }
    // Where the third step from the start is refused, too, another start costs less than more.
    if (evaluations == PATIENT && gain == Double.POSITIVE_INFINITY && search(evaluator)) {
      phase = Phase.START;
      radius = Double.POSITIVE_INFINITY;
      return;
    }
    radius = (there.finite() ? 0.25 : 0.1) * length;
    propose(evaluator, natural);
  }

  /**
   * Looks for a better place to begin, predictor by predictor, all rows of which are moved together
   * as far as that lowers the loss.
   *
   * @return whether there is one
   */
  private boolean search(Evaluator evaluator) {
    searched = true;
    double[] from = z == null ? at : z;
    double[] better = StartSearch.from(problem.form(), rows, space, from, evaluator);
    at = better;
    return better != from;
  }

  /** The gradient's size by the last factor of the Hessian. */
  private double size(double[] g) {
    double[] solved = g.clone();
    SmallMatrix.solve(factor, k, solved);
    double sum = 0;
    for (int i = 0; i < k; i++) {
      sum += solved[i] * g[i];
    }
    return sum;
  }

  private double scaled(double[] vector) {
    double sum = 0;
    for (int i = 0; i < k; i++) {
      sum += metric[i] * vector[i] * vector[i];
    }
    return Math.sqrt(sum);
  }

  /** What a gain is compared with. */
  private double worth() {
    return Math.min(Math.abs(value), gain);
  }

  /** Decides on the next point, or ends. */
  private void propose(Evaluator evaluator, Natural natural) {
    boolean isLong = evaluations >= LONG && evaluations % LONG == 0;
    if (isLong && isSeparable(evaluator)) {
      return;
    }
    boolean definite = SmallMatrix.factor(hessian, 0, metric, k, factor);
    double lambda = 0;
    if (definite) {
      newton();
      double half = -dot(gradient, step) / 2;
      decrement = Math.sqrt(Math.max(0, 2 * half));
      double tolerance = problem.settings().tolerance();
      if (half <= tolerance * tolerance * worth() || isRounding()) {
        converged(evaluator, natural);
        return;
      }
    } else {
      lambda = 1e-9;
      if (SmallMatrix.factor(hessian, lambda, metric, k, factor)) {
        newton();
        if (-dot(gradient, step) / 2 <= NEAR * NEAR * NEAR * worth() || isRounding()) {
          flat(evaluator);
          return;
        }
      }
      lambda = 1e-3;
    }
    if (evaluations >= problem.settings().maxIterations()) {
      stopped(evaluator, "the most evaluations were made");
      return;
    }
    if (!definite || scaled(step) > radius) {
      limit(lambda);
    }
    double[] product = new double[k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        product[i] += hessian[i * k + j] * step[j];
      }
    }
    predicted = -dot(gradient, step) - dot(step, product) / 2;
    at = new double[k];
    for (int i = 0; i < k; i++) {
      at[i] = z[i] + step[i];
    }
    if (!(predicted > 0) || Arrays.equals(at, z)) {
      stalled(evaluator, natural);
      return;
    }
    phase = Phase.TRIAL;
  }

  private void newton() {
    step = new double[k];
    for (int i = 0; i < k; i++) {
      step[i] = -gradient[i];
    }
    SmallMatrix.solve(factor, k, step);
  }

  /** A step within the radius: of the Hessian with a multiple of the metric added. */
  private void limit(double from) {
    double lambda = Math.max(from, 1e-6);
    for (int tries = 0; tries < 200; tries++) {
      if (!SmallMatrix.factor(hessian, lambda, metric, k, factor)) {
        lambda *= 4;
        continue;
      }
      newton();
      double length = scaled(step);
      if (length <= 1.1 * radius) {
        return;
      }
      lambda *= Math.max(1.5, Math.min(16, length / radius));
    }
  }

  private boolean isRounding() {
    double largest = 0;
    double moved = 0;
    for (int i = 0; i < k; i++) {
      largest = Math.max(largest, Math.sqrt(metric[i]) * Math.abs(z[i]));
      moved = Math.max(moved, Math.sqrt(metric[i]) * Math.abs(step[i]));
    }
    return moved <= 2 * Math.ulp(1.0) * largest;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** No step lowers the value. */
  private void stalled(Evaluator evaluator, Natural natural) {
    if (SmallMatrix.factor(hessian, 0, metric, k, factor)) {
      newton();
      double half = -dot(gradient, step) / 2;
      double noise = Math.ulp(1.0) * (magnitude + Math.abs(value));
      if (half <= Math.max(NEAR * NEAR * worth(), 16 * noise)) {
        converged(evaluator, natural);
        return;
      }
    }
    stopped(evaluator, "no step lowers the value");
  }

  private void stopped(Evaluator evaluator, String why) {
    if (!isSeparable(evaluator)) {
      end(Status.NOT_CONVERGED, why);
    }
  }

  /** The Hessian is singular where the gradient is 0. */
  private void flat(Evaluator evaluator) {
    if (!isSeparable(evaluator)) {
      end(
          Status.COLLINEAR,
          "the Hessian is singular: the rows say nothing about " + named(weakest()));
    }
  }

  /** The direction of least curvature, by inverse iteration with the last factor. */
  private double[] weakest() {
    double[] vector = new double[k];
    Arrays.fill(vector, 1);
    for (int iteration = 0; iteration < 4; iteration++) {
      SmallMatrix.solve(factor, k, vector);
      double length = Math.sqrt(dot(vector, vector));
      for (int i = 0; i < k; i++) {
        vector[i] /= length;
      }
    }
    return vector;
  }

  private String named(double[] direction) {
    double[] scales = space.scales();
    double[] theta = space.parameters(direction, new double[problem.length()]);
    return Direction.describe(theta, scales, problem.names());
  }

  /** Ends the fit where the loss falls for ever. */
  private boolean isSeparable(Evaluator evaluator) {
    if (judged) {
      return false;
    }
    judged = true;
    Optional<double[]> direction =
        Separation.direction(rows, terms, z, penalisedElements(), evaluator);
    direction.ifPresent(
        found ->
            end(
                Status.SEPARABLE,
                "there is no minimum: the loss falls for ever along "
                    + Direction.signed(
                        space.parameters(found, new double[problem.length()]),
                        space.scales(),
                        problem.names())));
    return direction.isPresent();
  }

  /** The elements that a penalty holds back, as functions of the point. */
  private List<double[]> penalisedElements() {
    if (!penalised) {
      return List.of();
    }
    double[] jacobian = space.jacobian();
    return IntStream.range(0, problem.length())
        .filter(i -> penalty.factors()[i] > 0)
        .mapToObj(i -> Arrays.copyOfRange(jacobian, i * k, (i + 1) * k))
        .toList();
  }

  private void converged(Evaluator evaluator, Natural natural) {
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < k; i++) {
      least = Math.min(least, factor[i * k + i] * factor[i * k + i] / startCurvature[i]);
    }
    if (least < COLLAPSED && isSeparable(evaluator)) {
      return;
    }
    inverse = SmallMatrix.inverse(factor, k);
    if (problem.settings().needsScores() && count() > k) {
      scores = new Scores(problem, terms, inverse);
      phase = Phase.SCORES;
      return;
    }
    finish(natural);
  }

  private double count() {
    return problem.settings().weights() == WeightKind.FREQUENCY ? weight : rows.count();
  }

  private void finish(Natural natural) {
    GroupSettings settings = problem.settings();
    double n = count();
    double phi = settings.dispersion() ? pearson / (n - k) : Double.NaN;
    String message = "";
    double[] covariance = new double[0];
    if (settings.withErrors()) {
      if (scores != null) {
        covariance = scores.covariance(n);
        message = scores.message();
      } else if (settings.needsScores() || settings.dispersion() && !(n > k)) {
        message =
            "no errors, since no degrees of freedom are left: %,.0f for %,d estimates"
                .formatted(n, k);
      } else {
        covariance = inverse.clone();
        for (int i = 0; settings.dispersion() && i < covariance.length; i++) {
          covariance[i] *= phi;
        }
      }
    }
    double[] theta = space.parameters(z, new double[problem.length()]);
    boolean[] estimated = new boolean[theta.length];
    Arrays.fill(estimated, true);
    space.dropped().forEach(i -> estimated[i] = false);
    for (int k : problem.form().unused()) {
      estimated[k] = false;
    }
    Natural.Estimates estimates =
        natural.of(
            theta, estimated, covariance.length == 0 ? covariance : ofParameters(covariance));
    result =
        new GroupResult(
            Status.CONVERGED,
            message,
            rows.count(),
            weight,
            evaluations,
            value,
            gradientNorm(),
            settings.dispersion() ? decrement / Math.sqrt(phi) : decrement,
            phi,
            estimates.values(),
            estimates.errors(),
            settings.withP() ? probabilities(estimates, n) : new double[0],
            score,
            settings.withCovariance() ? estimates.covariance() : new double[0],
            space.undetermined(),
            new double[0]);
    over();
  }

  /** Of estimates as far from 0 in their errors, on either side. */
  private double[] probabilities(Natural.Estimates estimates, double n) {
    double[] p = new double[problem.length()];
    Arrays.fill(p, Double.NaN);
    double df = scores == null ? n - k : scores.degreesOfFreedom(n);
    boolean isT = problem.settings().reference() == ReferenceDistribution.T;
    for (int i = 0; i < estimates.errors().length && !(isT && !(df > 0)); i++) {
      double z = Math.abs(estimates.values()[i] / estimates.errors()[i]);
      if (estimates.errors()[i] > 0) {
        p[i] =
            isT
                ? 2 * new TDistribution(null, df).cumulativeProbability(-z)
                : Erf.erfc(z / Math.sqrt(2));
        // No probability is 0.
        p[i] = Math.max(p[i], Double.MIN_NORMAL);
      }
    }
    return p;
  }

  private double[] ofParameters(double[] covariance) {
    return SmallMatrix.congruence(space.jacobian(), problem.length(), covariance, k);
  }

  private double gradientNorm() {
    double half = decrement * decrement / 2;
    return half == 0 ? 0 : Math.sqrt(half / worth());
  }

  private void end(Status status, String message) {
    boolean began = z != null;
    GroupResult none = GroupResult.without(status, message, rows.count(), weight);
    result =
        new GroupResult(
            status,
            message,
            none.rows(),
            weight,
            evaluations,
            began ? value : Double.NaN,
            began && !Double.isNaN(decrement) ? gradientNorm() : Double.NaN,
            began ? decrement : Double.NaN,
            Double.NaN,
            none.estimate(),
            none.stdError(),
            none.p(),
            score,
            none.covariance(),
            none.undetermined(),
            status == Status.NOT_CONVERGED
                ? space.parameters(z, new double[problem.length()])
                : none.reached());
    over();
  }

  private void over() {
    phase = Phase.OVER;
  }

  /** The estimates of a fit with a prior, its errors, and the prior's share of what is known. */
  GroupResult.Shrunken shrunken(Natural natural) {
    if (result.status() != Status.CONVERGED) {
      return GroupResult.Shrunken.NONE;
    }
    double[] theta = space.parameters(z, new double[problem.length()]);
    boolean[] all = new boolean[theta.length];
    Arrays.fill(all, true);
    double[] covariance = ofParameters(inverse);
    Natural.Estimates estimates = natural.of(theta, all, covariance);
    double[] shares = new double[theta.length];
    for (int i = 0; i < theta.length; i++) {
      shares[i] = Math.min(1, penalty.factors()[i] * covariance[i * theta.length + i]);
    }
    return new GroupResult.Shrunken(estimates.values(), estimates.errors(), shares);
  }
}
