package org.sparkcurvature.plan;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Lines;
import org.sparkcurvature.ops.MatrixFunction;

/**
 * Turns nodes into steps: lowers each by the kind of its operation, then runs the passes over the
 * steps, one after the other.
 */
public final class Planner {

  /** In this order: each finds what those before it left. */
  static final List<Pass> PASSES =
      List.of(
          // Of a symmetric matrix of which only that is read, the upper triangle.
          (steps, results) -> Triangles.take(steps.perBlock(), results, steps.meaning()),
          // Matrices lie as the product that reads them runs fastest.
          (steps, results) ->
              LayoutSelection.turn(steps.perBlock(), results, steps::movedOnce, steps.meaning()),
          (steps, results) -> removeUnread(steps.perBlock(), results),
          // A' D A of each sample in one step.
          (steps, results) ->
              WeightedGrams.join(
                  steps.perBlock(),
                  results,
                  size -> steps.buffer(false, size, true),
                  steps.meaning()),
          Planner::removeUnreadOnce,
          // A function and its derivatives at one operand in one step.
          (steps, results) -> DerivativeFusion.join(steps.perBlock(), steps.meaning()));

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
      Graph graph, List<Node> results, Set<Node> symmetric, Set<Node> deliverable, Plan.Sums sums) {
    return steps(graph, results, symmetric, deliverable).plan(sums);
  }

  /** As {@link #plan}, but for where large sums are formed. */
  public static PlannedSteps steps(
      Graph graph, List<Node> results, Set<Node> symmetric, Set<Node> deliverable) {
    StepEmitter steps = new StepEmitter();
    lower(steps, new NodeUses(graph, results, symmetric));
    Map<Node, Buffer> found = new LinkedHashMap<>();
    results.forEach(node -> found.put(node, steps.of(node)));
    PASSES.forEach(pass -> pass.over(steps, found.values()));
    Set<Buffer> delivered = delivered(steps.perBlock(), found, deliverable);
    Set<Buffer> permanent = permanent(steps, found);
    permanent.removeAll(delivered);
    return new PlannedSteps(steps, found, permanent, delivered);
  }

  /** Node by node, by the kind of its operation. */
  private static void lower(StepEmitter steps, NodeUses uses) {
    ContractionLowering contractions = new ContractionLowering(steps, uses);
    ElementwiseLowering elementwise = new ElementwiseLowering(steps, uses);
    StructuralLowering structural = new StructuralLowering(steps, uses, contractions);
    for (Node node : uses.lowered()) {
      steps.begin(node);
      Buffer place;
      if (node.op() instanceof Leaf.Fill fill) {
        place = steps.constant(false, node.shape().size(), fill.value());
      } else if (node.op() instanceof Leaf) {
        place = steps.input(node);
      } else if (node.op() instanceof Apply apply) {
        place = elementwise.lanes(node, apply);
      } else if (node.op() instanceof Einsum) {
        place = contractions.contract(node, uses.fused(node), ContractionLowering.Wanted.WHOLE);
      } else if (node.op() instanceof Lines function) {
        place = elementwise.lines(node, function);
      } else if (node.op() instanceof MatrixFunction function) {
        place = elementwise.matrices(node, function);
      } else {
        place = structural.lower(node);
      }
      steps.put(node, place);
    }
  }

  /**
   * Buffers that keep their contents: what is set before the first block, and what is asked for.
   */
  private static Set<Buffer> permanent(StepEmitter steps, Map<Node, Buffer> found) {
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

  private static void removeUnreadOnce(StepEmitter steps, Collection<Buffer> results) {
    Set<Buffer> read = new BufferSet(results);
    steps.perBlock().steps().forEach(step -> read.addAll(step.inputs()));
    removeUnread(steps.once(), read);
  }

  /** Leaves out what was moved to where nobody looks. */
  private static void removeUnread(StepList steps, Collection<Buffer> wanted) {
    Set<Buffer> read = new BufferSet(wanted);
    for (int k = steps.size() - 1; k >= 0; k--) {
      Step step = steps.at(k);
      if (step instanceof Step.Rearrange && !read.contains(step.out())) {
        steps.remove(k);
      } else if (step != null) {
        read.addAll(step.inputs());
      }
    }
  }
}
