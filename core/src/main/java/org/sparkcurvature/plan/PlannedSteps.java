package org.sparkcurvature.plan;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparkcurvature.graph.Node;

/**
 * The steps of a block in order, before it is decided which of them run strip by strip, and where
 * buffers lie: from here on alternatives are cheap to compare.
 */
public final class PlannedSteps {
  private final List<Step> once;
  private final List<Step> perBlock;
  private final Map<Node, Buffer> found;
  private final Map<Node, Buffer> inputs;
  private final Map<Buffer, Double> constants;
  private final List<Buffer> buffers;
  private final Set<Buffer> permanent;
  private final Set<Buffer> delivered;
  private final Set<Buffer> changing;
  private final Map<Step, Node> meaning;

  /**
   * @param once what runs once for all blocks
   * @param perBlock what runs for each
   * @param found where results are
   * @param inputs where inputs and parameters are
   * @param constants buffers that hold one number throughout
   * @param buffers all buffers
   * @param permanent buffers that keep their contents
   * @param delivered results that are written to where they are wanted, and have no slot
   * @param changing buffers whose contents change from block to block
   * @param meaning what each step, by identity, computes
   */
  PlannedSteps(
      List<Step> once,
      List<Step> perBlock,
      Map<Node, Buffer> found,
      Map<Node, Buffer> inputs,
      Map<Buffer, Double> constants,
      List<Buffer> buffers,
      Set<Buffer> permanent,
      Set<Buffer> delivered,
      Set<Buffer> changing,
      Map<Step, Node> meaning) {
    this.once = once;
    this.perBlock = perBlock;
    this.found = found;
    this.inputs = inputs;
    this.constants = constants;
    this.buffers = buffers;
    this.permanent = permanent;
    this.delivered = delivered;
    this.changing = changing;
    this.meaning = meaning;
  }

  /**
   * The plan with large sums over samples formed here.
   *
   * @param sums where they are formed
   */
  public Plan plan(Plan.Sums sums) {
    Map<Step, Node> meanings = new IdentityHashMap<>(meaning);
    StripMining strips = new StripMining(perBlock, changing, sums, meanings);
    BufferAllocation slots =
        new BufferAllocation(buffers, permanent, delivered, Set.copyOf(found.values()), strips);
    return new Plan(
        once,
        strips.perStrip(),
        strips.atEnd(),
        found,
        inputs,
        constants,
        slots.slots(),
        slots.sizes(),
        slots.spans(),
        delivered,
        meanings);
  }
}
