package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import org.sparkcurvature.job.solve.HessianFacts;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.solve.Vectors;

/**
 * The minimum of quantile losses: those of smooth losses above them, whose width h goes to 0, each
 * from where the one before ended.
 *
 * <p>Where residuals are linear in x, the smooth minimum is where the rows near 0 have residuals in
 * proportion to h, and all other rows count for less than exp(-|r| / h): x(h) is linear in h but
 * for that, so that a line through two widths leads to the vertex itself at h = 0. The least value
 * phi(h) is convex in h, as the smooth loss is convex in x and h together: the line through two
 * widths is at h = 0 below every value of the loss itself, which is a bound as of the dual linear
 * programme. The gap between the value at the point and that bound is what ends the method. (Where
 * residuals are not linear, the bound holds to second order in h, near the point.)
 */
public final class SmoothedKinks implements Minimiser {
  /** The share of a width that the next one has. */
  private static final double SHARE = 0.25;

  /** The relative gap of an optimum. */
  private static final double CERTIFIED = 1e-9;

  /** A gap that is made of rounding. */
  private static final double ROUNDING = 1e-14;

  /** The last width, relative to the first: then residuals are rounding. */
  private static final double NARROWEST = 1e-13;

  /** Of the last width: at this one rows count that have no residual, and hardly any other. */
  private static final double PINNING = 1.0 / 64;

  /** Values below this share of the first one are measured by that: the least value may be 0. */
  private static final double LEAST = 1e-5;

  private final Minimiser method;
  private final DoubleFunction<ObjectiveFunction> smooth;
  private final SeparablePenalty l1;

  /**
   * @param method minimises the smooth losses
   * @param smooth the objective of a width, in the units of the residuals
   * @param l1 of each element, the factor of its absolute value, which the method adds; length P
   */
  public SmoothedKinks(Minimiser method, DoubleFunction<ObjectiveFunction> smooth, double[] l1) {
    this.method = method;
    this.smooth = smooth;
    this.l1 = SeparablePenalty.l1(l1);
  }

  /** A point for the loss itself, with the gap between its value and the bound. */
  private record Candidate(
      double[] x,
      Evaluation evaluation,
      double value,
      double gap,
      double[] gradient,
      double[] scales) {}

  /** What was tried so far, over all widths. */
  private static final class Track {
    private final Consumer<FitState> kept;
    private final double[] start;
    private final List<FitState.Width> widths = new ArrayList<>();
    private List<Iteration> history;
    private int iteration;

    /** Goes on behind the last width that was minimised: one that was begun begins again. */
    Track(FitState from, Consumer<FitState> kept) {
      this.kept = kept;
      this.start = from.start().length == 0 ? from.x() : from.start();
      this.iteration =
          from.widths().isEmpty() ? 0 : from.widths().get(from.widths().size() - 1).iteration();
      this.history =
          from.widths().isEmpty()
              ? List.of()
              : from.history().stream().filter(each -> each.iteration() <= iteration).toList();
    }

    /** A state of one width, as one of the whole. */
    FitState joined(FitState state) {
      List<Iteration> all = new ArrayList<>(history);
      for (Iteration each : state.history()) {
        if (each.iteration() > 0 || all.isEmpty()) {
          all.add(numbered(each, iteration + each.iteration()));
        }
      }
      return state(iteration + state.iteration(), state.x(), new double[0], all);
    }

    /** A state of the whole, with the widths so far. */
    FitState state(int number, double[] x, double[] scales, List<Iteration> all) {
      return new FitState(
          number,
          x,
          Double.POSITIVE_INFINITY,
          scales,
          List.of(),
          all,
          FitState.Phase.FIRST,
          0,
          start,
          widths);
    }

    void add(FitState state) {
      FitState joined = joined(state);
      history = joined.history();
      iteration = joined.iteration();
    }

    /** Keeps that a width has been minimised. */
    FitState.Width minimised(double width, FitResult result) {
      FitState.Width minimum =
          new FitState.Width(
              width, result.state().x(), result.value(), result.gradient(), iteration);
      widths.add(minimum);
      kept.accept(state(iteration, minimum.x(), new double[0], history));
      return minimum;
    }

    private static Iteration numbered(Iteration i, int number) {
      return new Iteration(
          number,
          i.value(),
          i.gradientNorm(),
          i.relativeGradient(),
          i.step(),
          i.radius(),
          i.outcome(),
          i.seconds());
    }
  }

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    long begun = System.nanoTime();
    Track track = new Track(from, kept);
    Evaluation start = objective.at(track.start, ObjectiveFunction.Order.GRADIENT);
    double mean = Math.abs(start.value()) / start.weight();
    double first = mean > 0 && Double.isFinite(mean) ? mean : 1;
    double least = LEAST * first * start.weight();
    Optional<FitState.Width> last = Optional.empty();
    Optional<Candidate> best = Optional.empty();
    FitResult.Termination termination = FitResult.Termination.GAP;
    double[] x = track.start;
    int number = 0;
    for (double width = first; width >= NARROWEST * first; width *= SHARE) {
      FitState.Width here;
      if (number < from.widths().size()) {
        here = from.widths().get(number);
        track.widths.add(here);
      } else {
        FitResult result =
            method.minimise(
                smooth.apply(width),
                FitState.at(x),
                limits,
                state -> track.kept.accept(track.joined(state)));
        track.add(result.state());
        if (!result.termination().converged()) {
          x = result.state().x();
          termination = result.termination();
          break;
        }
        here = track.minimised(width, result);
      }
      number++;
      x = here.x();
      Optional<Candidate> next = last.flatMap(l -> candidate(objective, l, here, least));
      if (next.isPresent()) {
        double before = best.map(Candidate::gap).orElse(Double.POSITIVE_INFINITY);
        boolean narrowed = next.get().gap() < before;
        best = narrowed ? next : best;
        if (best.get().gap() <= ROUNDING || before <= CERTIFIED && !narrowed) {
          break;
        }
      }
      x = last.map(l -> ahead(l, here)).orElse(x);
      last = Optional.of(here);
    }
    boolean certified = best.isPresent() && best.get().gap() <= CERTIFIED;
    if (best.isEmpty() || !certified && termination != FitResult.Termination.GAP) {
      Evaluation there = objective.at(x, ObjectiveFunction.Order.GRADIENT);
      FitState state = track.state(track.iteration, x, new double[0], track.history);
      return new FitResult(
          state, there, there.gradient(), there.value() + l1.value(x), termination);
    }
    return ended(
        track,
        certified ? pinned(best.get(), first, last.get().width()) : best.get(),
        certified ? FitResult.Termination.PIECEWISE_LINEAR : termination,
        Vectors.norm(Vectors.sum(best.get().x(), -1, x)),
        begun);
  }

  /** The point to which two widths lead, with its gap; empty where the loss is not finite there. */
  private Optional<Candidate> candidate(
      ObjectiveFunction objective, FitState.Width wide, FitState.Width narrow, double least) {
    double[] x = at(0, wide, narrow);
    double bound = (narrow.value() - SHARE * wide.value()) / (1 - SHARE);
    return objective
        .whereFinite(x, ObjectiveFunction.Order.GRADIENT)
        .map(
            evaluation -> {
              double value = evaluation.value() + l1.value(x);
              double gap = Math.abs(value - bound) / Math.max(Math.abs(value), least);
              return new Candidate(x, evaluation, value, gap, narrow.gradient(), new double[0]);
            });
  }

  /**
   * The point with the Hessian of a narrow smooth loss there, to which only rows without a residual
   * contribute: where these do not pin an optimum it is singular, on the scales of the first width,
   * to which all rows contribute.
   */
  private Candidate pinned(Candidate point, double first, double last) {
    double narrow = Math.max(PINNING * last, NARROWEST * first);
    Optional<SymmetricMatrix> wide = hessian(point.x(), first);
    Optional<SymmetricMatrix> near = hessian(point.x(), narrow);
    if (wide.isEmpty() || near.isEmpty()) {
      return point;
    }
    int p = point.x().length;
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(p))];
    int at = 0;
    for (int i = 0; i < p; i++) {
      for (int j = i; j < p; j++) {
        packed[at++] = narrow / first * near.get().at(i, j); // of order 1 / narrow
      }
    }
    Evaluation here = point.evaluation();
    return new Candidate(
        point.x(),
        new Evaluation(
            here.value(),
            here.gradient(),
            Optional.of(SymmetricMatrix.ofPacked(p, packed)),
            here.weight()),
        point.value(),
        point.gap(),
        point.gradient(),
        Arrays.stream(wide.get().diagonal()).map(d -> d > 0 ? Math.sqrt(d) : 1).toArray());
  }

  private Optional<SymmetricMatrix> hessian(double[] x, double width) {
    return x.length > HessianFacts.LARGEST_ORDER
        ? Optional.empty()
        : smooth
            .apply(width)
            .whereFinite(x, ObjectiveFunction.Order.HESSIAN)
            .flatMap(Evaluation::hessian);
  }

  /** Where the next width's minimum is to be expected. */
  private static double[] ahead(FitState.Width wide, FitState.Width narrow) {
    return at(SHARE * narrow.width(), wide, narrow);
  }

  /** The line through the minima of two widths; an element that is 0 at both stays 0. */
  private static double[] at(double width, FitState.Width wide, FitState.Width narrow) {
    double share = (narrow.width() - width) / (wide.width() - narrow.width());
    double[] step = Vectors.sum(narrow.x(), -1, wide.x());
    return Vectors.sum(narrow.x(), share, step);
  }

  private static FitResult ended(
      Track track, Candidate point, FitResult.Termination termination, double step, long begun) {
    List<Iteration> history = new ArrayList<>(track.history);
    history.add(
        new Iteration(
            track.iteration + 1,
            point.value(),
            Vectors.norm(point.evaluation().gradient()),
            point.gap(),
            step,
            Double.NaN,
            Iteration.Outcome.ACCEPTED,
            TrustRegion.seconds(begun)));
    FitState whole = track.state(track.iteration + 1, point.x(), point.scales(), history);
    track.kept.accept(whole);
    return new FitResult(whole, point.evaluation(), point.gradient(), point.value(), termination);
  }
}
