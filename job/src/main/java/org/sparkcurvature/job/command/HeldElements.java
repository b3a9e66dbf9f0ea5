package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.job.config.Bound;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.config.ParameterConfig;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.fit.Minimisers;
import org.sparkcurvature.job.fit.SeparablePenalty;
import org.sparkcurvature.job.result.ElementNames;

/** The bounds of a model's elements, and what is said of those that are on one. */
final class HeldElements {
  private static final int MOST_NAMED = 10;

  private HeldElements() {}

  /**
   * A model within the bounds of a configuration; itself where there are none.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if bounds do not suit the
   *     parameter, or cross
   */
  static FreeModel bounded(RunConfiguration configuration, FreeModel model, ElementNames names) {
    Layout layout = model.layout();
    SeparablePenalty none = SeparablePenalty.none(layout.length());
    double[] lower = none.lower();
    double[] upper = none.upper();
    for (Layout.Entry entry : layout.entries()) {
      ParameterConfig parameter = configuration.model().parameters().get(entry.name());
      parameter
          .lower()
          .ifPresent(bound -> set(bound, "lower", entry, names, lower, Double.NEGATIVE_INFINITY));
      parameter
          .upper()
          .ifPresent(bound -> set(bound, "upper", entry, names, upper, Double.POSITIVE_INFINITY));
      for (int k = entry.offset(); k < entry.offset() + entry.shape().size(); k++) {
        if (lower[k] > upper[k]) {
          throw Errors.configuration(
              "the lower bound of %s, %s, is above its upper bound, %s"
                  .formatted(
                      names.names(entry.name(), entry.shape()).get(k - entry.offset()),
                      lower[k],
                      upper[k]),
              "curvature.model.parameters." + entry.name(),
              "exchange them, or leave one out");
        }
      }
    }
    SeparablePenalty bounds = new SeparablePenalty(none.l1(), lower, upper);
    double[] start = model.start();
    for (Layout.Entry entry : layout.entries()) {
      List<Integer> held = configuration.model().parameters().get(entry.name()).held();
      bounds = bounds.holding(held.stream().mapToInt(k -> entry.offset() + k).toArray(), start);
    }
    return bounds.hasBounds() ? model.within(bounds) : model;
  }

  private static void set(
      Bound bound,
      String side,
      Layout.Entry entry,
      ElementNames names,
      double[] bounds,
      double none) {
    try {
      double[] own =
          bound.rowMajor(
              names.names(entry.name(), entry.shape()), names.labels(entry.name()), none);
      System.arraycopy(own, 0, bounds, entry.offset(), own.length);
    } catch (IllegalArgumentException e) {
      throw Errors.configuration(
          "the parameter %s: %s".formatted(entry.name(), e.getMessage()),
          "curvature.model.parameters.%s.%s".formatted(entry.name(), side),
          "give one number, one for each of its %d elements, or numbers by name"
              .formatted(entry.shape().size()));
    }
  }

  /**
   * Makes sure that a fit keeps to the bounds.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if it cannot
   */
  static void refuseUnlessKept(RunConfiguration configuration, FreeModel model) {
    if (!model.bounds().hasBounds()) {
      return;
    }
    FitMethod method = configuration.fit().method();
    String bounds = "curvature.model.parameters";
    if (method != FitMethod.TRUST_REGION_NEWTON) {
      throw Errors.configuration(
          "parameters have bounds, which fit.method = %s does not keep to"
              .formatted(method.toString()),
          "curvature.fit.method",
          "leave it out: trust-region-newton does");
    }
    if (model.layout().length() > Minimisers.LARGEST_BOUNDED) {
      throw Errors.configuration(
          "parameters have bounds, and there are %,d elements: %,d at most"
              .formatted(model.layout().length(), Minimisers.LARGEST_BOUNDED),
          bounds,
          "leave lower and upper out; transform = log keeps a parameter above 0");
    }
    if (model.hasPinball()) {
      throw Errors.configuration(
          "parameters have bounds, and the loss has a pinball",
          bounds,
          "leave lower and upper out, or take huber in place of pinball");
    }
  }

  /** The elements of each parameter that are held, row-major; parameters without are left out. */
  static Map<String, List<Integer>> of(FreeModel model) {
    SeparablePenalty bounds = model.bounds();
    Map<String, List<Integer>> held = new LinkedHashMap<>();
    for (Layout.Entry entry : model.layout().entries()) {
      List<Integer> own = new ArrayList<>();
      for (int k = 0; k < entry.shape().size(); k++) {
        if (bounds.lower()[entry.offset() + k] == bounds.upper()[entry.offset() + k]) {
          own.add(k);
        }
      }
      if (!own.isEmpty()) {
        held.put(entry.name(), own);
      }
    }
    return held;
  }

  /** What a user should know of elements that are on a bound, in sentences. */
  static List<String> remarks(FreeModel model, List<String> names, double[] x) {
    SeparablePenalty bounds = model.bounds();
    boolean[] estimated = new boolean[x.length];
    Arrays.stream(model.estimated(x).kept()).forEach(i -> estimated[i] = true);
    // The report of the fit names parameters at the end of their range.
    boolean[] ended = new boolean[x.length];
    Arrays.stream(Judgement.atEnd(model, x)).forEach(i -> ended[i] = true);
    List<String> left = new ArrayList<>();
    List<String> on = new ArrayList<>();
    for (int i = 0; i < x.length; i++) {
      if (!estimated[i] && !ended[i]) {
        (bounds.lower()[i] == bounds.upper()[i] ? left : on).add(names.get(i));
      }
    }
    List<String> remarks = new ArrayList<>();
    if (!left.isEmpty()) {
      remarks.add(
          "Left out, and held at their values, since the data says nothing of them beside the"
              + " others: "
              + Names.first(MOST_NAMED, left)
              + ".");
    }
    if (!on.isEmpty()) {
      remarks.add("On a bound, and without an error: " + Names.first(MOST_NAMED, on) + ".");
    }
    return remarks;
  }
}
