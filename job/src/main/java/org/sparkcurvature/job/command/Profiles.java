package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.config.Refusal;
import org.sparkcurvature.job.config.Transform;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.Curvature;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.fit.Evaluation;
import org.sparkcurvature.job.fit.Minimiser;
import org.sparkcurvature.job.fit.ObjectiveFunction;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.infer.ProfileLikelihood;
import org.sparkcurvature.job.solve.HessianFacts;

/** Intervals by profile likelihood, in the place of those by standard errors. */
final class Profiles {
  private static final String KEY = "curvature.infer.profile";
  private static final String ALL = "all";

  private Profiles() {}

  /**
   * Replaces the intervals that are asked for. A pass over the rows for each step of each fit.
   *
   * @param x the estimates' free elements
   * @param dispersion of the likelihood; 1 where there is none
   * @param estimates whose intervals are replaced
   * @return what a user should know of them, in sentences
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if a name is not that of an
   *     estimate, or there is no likelihood
   */
  static List<String> replace(
      RunContext run,
      Estimation estimation,
      double[] x,
      double dispersion,
      List<Estimate> estimates) {
    InferConfig settings = run.configuration().infer();
    if (settings.profile().isEmpty()) {
      return List.of();
    }
    refuse(run, x);
    FreeModel model = estimation.model();
    ObjectiveFunction objective = estimation.objective();
    Evaluation here = objective.at(x, ObjectiveFunction.Order.HESSIAN);
    Curvature.Inverse inverse =
        Curvature.atMinimum(
            here.hessian().orElseThrow(),
            here.gradient(),
            (vectors, count) -> objective.hessianTimes(x, vectors, count),
            estimation.freeNames(),
            model.estimated(x),
            Refusal.FAIL);
    ProfileLikelihood profile =
        new ProfileLikelihood(
            objective,
            model.bounds(),
            new Minimiser.Limits(
                run.configuration().fit().tolerance(), run.configuration().fit().maxIterations()),
            x,
            here.value(),
            inverse.matrix());
    double root =
        Math.sqrt(dispersion) * PredictCommand.quantile(settings.level(), OptionalDouble.empty());
    List<String> remarks = new ArrayList<>();
    boolean[] named = new boolean[settings.profile().size()];
    boolean left = false;
    for (int k = 0; k < estimates.size(); k++) {
      Estimate estimate = estimates.get(k);
      boolean isParameter = model.wrt().contains(estimate.parameter());
      boolean together = isParameter && isTogether(model, estimate);
      boolean asked = false;
      for (int n = 0; n < named.length; n++) {
        String name = settings.profile().get(n);
        boolean all = name.equals(ALL);
        boolean meant = all || Hypotheses.means(name, estimate.parameter(), estimate.name());
        named[n] |= meant;
        asked |= meant && !(all && together);
        left |= all && together;
      }
      if (asked && isParameter && Double.isFinite(estimate.stdError())) {
        Estimate replaced = replaced(run, model, x, profile, root, estimate);
        estimates.set(k, replaced);
        remark(replaced).ifPresent(remarks::add);
      }
    }
    if (left) {
      remarks.add(
          "The intervals of estimates that are estimated together, as thresholds are, are by their standard errors.");
    }
    for (int n = 0; n < named.length; n++) {
      if (!named[n]) {
        throw Errors.configuration(
            "no estimate is called " + settings.profile().get(n),
            KEY,
            "name coefficients as the table does, a term, such as C(site), or all");
      }
    }
    return remarks;
  }

  /** Whether an element is estimated together with others, and is none of the free scale. */
  private static boolean isTogether(FreeModel model, Estimate estimate) {
    Transform transform = model.transform(estimate.parameter());
    return transform == Transform.ORDERED || transform == Transform.SIMPLEX;
  }

  private static Optional<String> remark(Estimate estimate) {
    boolean low = Double.isInfinite(estimate.ciLow());
    boolean high = Double.isInfinite(estimate.ciHigh());
    return low || high
        ? Optional.of(
            "The interval of %s has no %s: however far one goes, the likelihood does not fall far enough."
                .formatted(estimate.name(), low && high ? "ends" : low ? "lower end" : "upper end"))
        : Optional.empty();
  }

  private static Estimate replaced(
      RunContext run,
      FreeModel model,
      double[] x,
      ProfileLikelihood profile,
      double root,
      Estimate estimate) {
    if (isTogether(model, estimate)) {
      throw Errors.configuration(
          estimate.name() + " is estimated together with others, and has no profile of its own",
          KEY,
          "name others");
    }
    int at = model.layout().entry(estimate.parameter()).offset() + estimate.index();
    run.terminal().progress("profile of " + estimate.name());
    double low = natural(model, x, at, profile.end(at, false, root), estimate);
    double high = natural(model, x, at, profile.end(at, true, root), estimate);
    if (Double.isNaN(low) || Double.isNaN(high)) {
      throw Errors.noAnswer(
          "the profile of "
              + estimate.name()
              + " cannot be followed to where its interval ends: no minimum over the other"
              + " parameters was found on the way, or the loss has no value there",
          KEY,
          "leave it out there: its interval is then by its standard error");
    }
    return estimate.within(low, high);
  }

  /** On the natural scale, which is increasing in the free one. */
  private static double natural(
      FreeModel model, double[] x, int at, double end, Estimate estimate) {
    if (model.isNatural(estimate.parameter()) || Double.isNaN(end)) {
      return end;
    }
    double[] there = x.clone();
    there[at] = end;
    Map<String, double[]> values = model.natural(there);
    return values.get(estimate.parameter())[estimate.index()];
  }

  private static void refuse(RunContext run, double[] x) {
    boolean scaled = run.configuration().model().statistics().dispersion();
    if (!run.configuration().model().likelihood() && !scaled) {
      throw Errors.configuration(
          "intervals by profile likelihood take a likelihood, and the loss is none",
          KEY,
          "set model.likelihood = true if it is one, or leave infer.profile out");
    }
    if (x.length > HessianFacts.LARGEST_ORDER) {
      throw Errors.configuration(
          "intervals by profile likelihood take many fits of %d elements: %d at most"
              .formatted(x.length, HessianFacts.LARGEST_ORDER),
          KEY,
          "leave infer.profile out");
    }
  }
}
