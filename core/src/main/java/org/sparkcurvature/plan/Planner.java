package org.sparkcurvature.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.plan.lower.Lowering;
import org.sparkcurvature.plan.lower.StepEmitter;
import org.sparkcurvature.plan.passes.DeadMoveElimination;
import org.sparkcurvature.plan.passes.DerivativeFusion;
import org.sparkcurvature.plan.passes.LayoutSelection;
import org.sparkcurvature.plan.passes.Pass;
import org.sparkcurvature.plan.passes.StripMining;
import org.sparkcurvature.plan.passes.UpperTriangles;
import org.sparkcurvature.plan.passes.WeightedGrams;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.BufferSet;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.StepBuilder;
import org.sparkcurvature.plan.steps.StepList;

/**
 * Turns nodes into steps: lowers each by the kind of its operation, then runs the passes over the
 * steps, one after the other.
 */
public final class Planner {

  /** In this order: each finds what those before it left. */
  static final List<Pass> PASSES =
      List.of(
          // Of a symmetric matrix of which only that is read, the upper triangle.
          UpperTriangles::run,
          // Matrices lie as the product that reads them runs fastest.
          LayoutSelection::run,
          DeadMoveElimination::ofBlocks,
          // A' D A of each sample in one step.
          WeightedGrams::run,
          DeadMoveElimination::ofOnce,
          // A function and its derivatives at one operand in one step.
          DerivativeFusion::run);

  private Planner() {}

  /**
   * Steps that compute {@code results} of {@code graph}.
   *
   * @param symmetric nodes that are symmetric matrices for every sample, whatever their shape: the
   *     first half of their elements' axes by the second
   * @param deliverable results that may be written straight to where they are wanted, and not be
   *     read from the plan's memory
   * @param sums where large sums over samples are formed
   */
  public static Plan plan(
      Graph graph,
      List<Node> results,
      Set<Node> symmetric,
      Set<Node> deliverable,
      StripMining.Sums sums) {
    return steps(graph, results, symmetric, deliverable).plan(sums);
  }

  /** As {@link #plan}, but for where large sums are formed. */
  public static PlannedSteps steps(
      Graph graph, List<Node> results, Set<Node> symmetric, Set<Node> deliverable) {
    StepEmitter steps = Lowering.lower(graph, results, symmetric);
    Map<Node, Buffer> found = new LinkedHashMap<>();
    results.forEach(node -> found.put(node, steps.of(node)));
    PASSES.forEach(pass -> pass.run(steps, found.values()));
    Set<Buffer> delivered = delivered(steps.perBlock(), found, deliverable);
    Set<Buffer> permanent = permanent(steps, found);
    permanent.removeAll(delivered);
    return new PlannedSteps(steps, found, permanent, delivered);
  }

  /**
   * Buffers that keep their contents: what is set before the first block, and what is asked for.
   */
  private static Set<Buffer> permanent(StepBuilder steps, Map<Node, Buffer> found) {
    Set<Buffer> permanent = new BufferSet(found.values());
    permanent.addAll(steps.inputs().values());
    permanent.addAll(steps.constants().keySet());
    steps.once().steps().forEach(step -> permanent.add(step.out()));
    return permanent;
  }

  /** Results that a step on the host writes, once, and none reads. */
  private static Set<Buffer> delivered(
      StepList perBlock, Map<Node, Buffer> found, Set<Node> deliverable) {
    Set<Buffer> read = new BufferSet();
    Set<Buffer> onHost = new BufferSet();
    for (Step step : perBlock.steps()) {
      read.addAll(step.inputs());
      for (Step member : step.members()) {
        if (member.out().sampled() && member.isOnHost()) {
          onHost.add(member.out());
        }
      }
    }
    Set<Buffer> seen = new BufferSet();
    Set<Buffer> shared = new BufferSet();
    found.values().stream().filter(buffer -> !seen.add(buffer)).forEach(shared::add);
    Set<Buffer> delivered = new BufferSet();
    for (Node node : deliverable) {
      Buffer buffer = found.get(node);
      if (onHost.contains(buffer) && !read.contains(buffer) && !shared.contains(buffer)) {
        delivered.add(buffer);
      }
    }
    return delivered;
  }
}
