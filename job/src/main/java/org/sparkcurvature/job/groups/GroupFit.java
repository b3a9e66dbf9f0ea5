package org.sparkcurvature.job.groups;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.RealDistribution;
import org.sparkcurvature.job.config.ReferenceDistribution;
import org.sparkcurvature.job.config.WeightKind;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.solve.Vectors;

/**
 * The fit of one group: Newton's method with a trust region, in the group's own space, one
 * evaluation of its rows after the other. Whoever owns it evaluates, and then has it {@link
 * #advance}.
 */
final class GroupFit implements Evaluator.Request {

  /** Evaluations after which a fit that goes on is suspected of having no minimum. */
  private static final int LONG = 10;

  /** Evaluations after which a fit that has not taken a step begins elsewhere. */
  private static final int PATIENT = 4;

  /** What is left of the curvature at a minimum that there may not be, beside that at the start. */
  static final double COLLAPSED = 1e-6;

  /** How near to a minimum a fit is where the value can fall no further. */
  private static final double NEAR = 1e-6;

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
  private NewtonStep newton;
  private double predicted;
  private double gain = Double.POSITIVE_INFINITY;
  private double decrement = Double.NaN;
  private double score = Double.NaN;
  private boolean judged;
  private double[] origin;
  private double[] inverse;

  /** Parameters at the end of their range, which have no estimate. */
  private List<Integer> ended = List.of();

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
    GroupProblem.Penalty prior = own.problem.prior().get(0).beside(own.result.dispersion());
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
      List<String> flat =
          few
              ? List.of()
              : Messages.flat(
                  Space.look(problem.form(), penalty.factors(), rows), unused, problem.names());
      space = Space.of(problem.form(), problem.prior().get(0).factors(), rows);
      if (few) {
        end(Status.TOO_FEW_ROWS, Messages.few(n, p));
      } else if (!flat.isEmpty()) {
        end(Status.COLLINEAR, Messages.nothing(flat));
      } else {
        beginAt(problem.start());
      }
      return;
    }
    if (few) {
      end(Status.TOO_FEW_ROWS, Messages.few(n, p));
      return;
    }
    space = Space.of(problem.form(), penalty.factors(), rows);
    if (!drop && needsRows) {
      List<String> flat = Messages.flat(space, unused, problem.names());
      if (!flat.isEmpty()) {
        end(Status.COLLINEAR, Messages.nothing(flat));
        return;
      }
    }
    if (space.size() == 0 || needsRows && n < space.size()) {
      end(Status.TOO_FEW_ROWS, Messages.few(n, space.size()));
      return;
    }
    beginAt(problem.start());
  }

  private void beginAt(double[] start) {
    k = space.size();
    terms = new RowTerms(problem.form(), space);
    sums = new Sums(terms.length());
    newton = new NewtonStep(k);
    at = space.point(start);
    origin = at;
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
  public void take(GroupRows.Slice taken, int count, Evaluator.Results results, int position) {
    if (phase == Phase.SCORES) {
      for (int row = 0; row < count; row++) {
        scores.add(taken, row, results, position + row);
      }
      return;
    }
    for (int done = 0; done < count; ) {
      int run = Math.min(count - done, sums.room());
      terms.add(taken, done, run, results, position + done, sums.part());
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

  private Evaluated taken() {
    evaluations++;
    return Evaluated.of(sums.take(), terms, penalty, at);
  }

  private void accept(Evaluated there) {
    z = at;
    value = there.value();
    magnitude = there.magnitude();
    pearson = there.pearson();
    gradient = there.gradient();
    hessian = there.hessian();
    newton.accept(hessian);
  }

  private void started(Evaluator evaluator, Natural natural) {
    Evaluated there = taken();
    if (!there.finite()) {
      if (z != null) {
        // A better place that was found is none: on from where the fit was.
        newton.narrow(0.1);
        propose(evaluator, natural);
        return;
      }
      if (searched || !search(evaluator)) {
        end(Status.NOT_FINITE, "the loss is NaN or infinite where the fit begins");
      }
      return;
    }
    accept(there);
    newton.begin();
    if (problem.common().length > 0 && !searched && k == problem.length()) {
      score = ScoreTest.statistic(space, problem.common(), gradient, hessian);
    }
    propose(evaluator, natural);
  }

  private void tried(Evaluator evaluator, Natural natural) {
    Evaluated there = taken();
    double noise = 4 * Math.ulp(1.0) * (magnitude + Math.abs(value));
    double actual = value - there.value();
    boolean within = predicted <= 8 * noise && Math.abs(actual) <= 8 * noise;
    boolean lower = there.finite() && actual >= 1e-4 * predicted;
    if (lower
        || there.finite() && within && newton.size(there.gradient()) < newton.size(gradient)) {
      gain = gain == Double.POSITIVE_INFINITY ? Math.abs(actual) : gain / 2 + Math.abs(actual);
      if (actual > 0.75 * predicted) {
        newton.widen(2);
      } else if (actual < 0.25 * predicted && !within) {
        newton.narrow(0.25);
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
      newton.forgetRegion();
      return;
    }
    newton.narrow(there.finite() ? 0.25 : 0.1);
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
    boolean definite = newton.factor(hessian, 0);
    double lambda = 0;
    if (definite) {
      newton.newton(gradient);
      double half = -Vectors.dot(gradient, newton.step()) / 2;
      decrement = Math.sqrt(Math.max(0, 2 * half));
      double tolerance = problem.settings().tolerance();
      if (half <= tolerance * tolerance * worth() || newton.isRounding(z)) {
        converged(evaluator, natural);
        return;
      }
    } else {
      lambda = 1e-9;
      if (newton.factor(hessian, lambda)) {
        newton.newton(gradient);
        if (-Vectors.dot(gradient, newton.step()) / 2 <= NEAR * NEAR * NEAR * worth()
            || newton.isRounding(z)) {
          flat(evaluator, natural);
          return;
        }
      }
      lambda = 1e-3;
    }
    if (evaluations >= problem.settings().maxIterations()) {
      stopped(evaluator, natural, "the most evaluations were made");
      return;
    }
    if (!definite || newton.isTooLong()) {
      newton.limit(hessian, gradient, lambda);
    }
    double[] step = newton.step();
    predicted = -Vectors.dot(gradient, step) - SmallMatrix.form(hessian, step, k) / 2;
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

  /** No step lowers the value. */
  private void stalled(Evaluator evaluator, Natural natural) {
    if (newton.factor(hessian, 0)) {
      newton.newton(gradient);
      double half = -Vectors.dot(gradient, newton.step()) / 2;
      double noise = Math.ulp(1.0) * (magnitude + Math.abs(value));
      if (half <= Math.max(NEAR * NEAR * worth(), 16 * noise)) {
        converged(evaluator, natural);
        return;
      }
    }
    stopped(evaluator, natural, "no step lowers the value");
  }

  private void stopped(Evaluator evaluator, Natural natural, String why) {
    if (!isSeparable(evaluator) && !isAtEnd(evaluator, natural)) {
      end(Status.NOT_CONVERGED, why);
    }
  }

  /** The Hessian is singular where the gradient is 0. */
  private void flat(Evaluator evaluator, Natural natural) {
    if (!isSeparable(evaluator) && !isAtEnd(evaluator, natural)) {
      end(Status.COLLINEAR, Messages.singular(space, newton.weakest(), problem.names()));
    }
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
        found -> end(Status.SEPARABLE, Messages.separable(space, found, problem.names())));
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
    if (newton.leastPivot() < COLLAPSED
        && (isSeparable(evaluator) || isAtEnd(evaluator, natural))) {
      return;
    }
    inverse = newton.inverse();
    withErrors(natural);
  }

  /** Ends the fit where parameters are at the end of their range, and the others at a minimum. */
  private boolean isAtEnd(Evaluator evaluator, Natural natural) {
    RangeEnds ends = new RangeEnds(problem, space, hessian, gradient);
    double noise = 16 * Math.ulp(1.0) * (magnitude + Math.abs(value));
    List<Integer> found =
        ends.found(newton, z, origin, there -> valueAt(there, evaluator) <= value + noise);
    if (found.isEmpty() || !newton.factor(ends.hessian(), 0)) {
      return false;
    }
    double squared = newton.size(ends.gradient());
    if (!(squared / 2 <= NEAR * NEAR * worth())) {
      return false;
    }
    ended = found;
    decrement = Math.sqrt(Math.max(0, squared));
    inverse = ends.withoutThem(newton.inverse());
    withErrors(natural);
    return true;
  }

  private double valueAt(double[] point, Evaluator evaluator) {
    StartSearch.Probe probe = new StartSearch.Probe(problem.form(), rows, space, point);
    evaluator.evaluate(List.of(probe));
    return probe.value();
  }

  private void withErrors(Natural natural) {
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
    String message =
        ended.isEmpty() ? "" : Messages.ended(ended, z, origin, space, problem.names());
    double[] covariance = new double[0];
    if (scores != null) {
      covariance = scores.covariance(n);
      message = message.isEmpty() ? scores.message() : message;
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
    double[] theta = space.parameters(z, new double[problem.length()]);
    boolean[] estimated = new boolean[theta.length];
    Arrays.fill(estimated, true);
    space.dropped().forEach(i -> estimated[i] = false);
    ended.forEach(i -> estimated[i] = false);
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
            settings.withP() ? estimates.probabilities(reference(n)) : new double[0],
            score,
            settings.withCovariance() ? estimates.covariance() : new double[0],
            space.undetermined(),
            new double[0]);
    over();
  }

  /** With what estimates over their errors are compared; empty: there is no such distribution. */
  private Optional<RealDistribution> reference(double n) {
    if (problem.settings().reference() != ReferenceDistribution.T) {
      return Optional.of(Estimate.reference(OptionalDouble.empty()));
    }
    double df = scores == null ? n - k : scores.degreesOfFreedom(n);
    return df > 0 ? Optional.of(Estimate.reference(OptionalDouble.of(df))) : Optional.empty();
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
    for (int i = 0; i < covariance.length; i++) {
      covariance[i] *= penalty.dispersion();
    }
    Natural.Estimates estimates = natural.of(theta, all, covariance);
    double[] shares = new double[theta.length];
    for (int i = 0; i < theta.length; i++) {
      double precision = penalty.factors()[i] / penalty.dispersion();
      shares[i] = Math.min(1, precision * covariance[i * theta.length + i]);
    }
    return new GroupResult.Shrunken(estimates.values(), estimates.errors(), shares);
  }
}
