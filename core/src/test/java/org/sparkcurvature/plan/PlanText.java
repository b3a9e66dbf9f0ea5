package org.sparkcurvature.plan;

import java.util.List;
import org.sparkcurvature.plan.steps.Step;

/** Steps as text, so that a test can show what a pass makes of them. */
public final class PlanText {
  private PlanText() {}

  /** A line for each step: what it computes, and by which kernel. */
  public static List<String> of(List<Step> steps) {
    return steps.stream().map(step -> step.node() + " <- " + step.describe()).toList();
  }
}
