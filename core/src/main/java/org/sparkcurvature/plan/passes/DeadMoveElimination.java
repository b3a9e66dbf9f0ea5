package org.sparkcurvature.plan.passes;

import java.util.Collection;
import java.util.Set;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.BufferSet;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.StepBuilder;
import org.sparkcurvature.plan.steps.StepList;

/** Removes rearrangements whose results nobody reads: other passes leave them behind. */
public final class DeadMoveElimination {
  private DeadMoveElimination() {}

  /** As {@link Pass#run}, of the steps of every block. */
  public static void ofBlocks(StepBuilder steps, Collection<Buffer> results) {
    remove(steps.perBlock(), results);
  }

  /** As {@link Pass#run}, of the steps that run once. */
  public static void ofOnce(StepBuilder steps, Collection<Buffer> results) {
    Set<Buffer> read = new BufferSet(results);
    steps.perBlock().steps().forEach(step -> read.addAll(step.inputs()));
    remove(steps.once(), read);
  }

  static void remove(StepList steps, Collection<Buffer> wanted) {
    Set<Buffer> read = new BufferSet(wanted);
    for (int k = steps.size() - 1; k >= 0; k--) {
      Step step = steps.at(k);
      if (step instanceof Rearrange && !read.contains(step.out())) {
        steps.remove(k);
      } else if (step != null) {
        read.addAll(step.inputs());
      }
    }
  }
}
