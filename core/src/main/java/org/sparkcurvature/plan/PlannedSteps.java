package org.sparkcurvature.plan;

import java.util.Map;
import java.util.Set;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.plan.passes.BufferAllocation;
import org.sparkcurvature.plan.passes.StripMining;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Costs;
import org.sparkcurvature.plan.steps.StepBuilder;

/**
 * The steps of a block in order, before it is decided which of them run strip by strip, and where
 * buffers lie: from here on alternatives are cheap to compare.
 */
public final class PlannedSteps {
  private final StepBuilder steps;
  private final Map<Node, Buffer> found;
  private final Set<Buffer> permanent;
  private final Set<Buffer> delivered;

  /**
   * @param steps what the passes left
   * @param found where results are
   * @param permanent buffers that keep their contents
   * @param delivered results that are written to where they are wanted, and have no slot
   */
  PlannedSteps(
      StepBuilder steps, Map<Node, Buffer> found, Set<Buffer> permanent, Set<Buffer> delivered) {
    this.steps = steps;
    this.found = found;
    this.permanent = permanent;
    this.delivered = delivered;
  }

  /**
   * Roughly how long a sample of a large block takes: {@link Plan#nanoseconds} of the plan, whoever
   * forms large sums where, as that only decides when a step runs.
   */
  public double nanoseconds() {
    return steps.perBlock().steps().stream()
            .mapToDouble(step -> Costs.nanoseconds(step, Costs.TYPICAL_ROWS))
            .sum()
        / Costs.TYPICAL_ROWS;
  }

  /**
   * The plan with large sums over samples formed here.
   *
   * @param sums where they are formed
   */
  public Plan plan(StripMining.Sums sums) {
    StripMining strips = new StripMining(steps.perBlock().steps(), steps.changing(), sums);
    BufferAllocation slots =
        new BufferAllocation(
            steps.buffers(), permanent, delivered, Set.copyOf(found.values()), strips);
    return new Plan(
        steps.once().steps(),
        strips.perStrip(),
        strips.atEnd(),
        found,
        steps.inputs(),
        steps.constants(),
        slots.slots(),
        slots.sizes(),
        slots.spans(),
        delivered);
  }
}
