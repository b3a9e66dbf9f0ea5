package org.sparkcurvature.plan.lower;

import java.util.List;
import java.util.Set;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Lines;
import org.sparkcurvature.ops.MatrixFunction;
import org.sparkcurvature.plan.steps.Buffer;

/** From nodes to steps: node by node, by the kind of its operation. */
public final class Lowering {
  private Lowering() {}

  /**
   * Steps that compute {@code results} of {@code graph}, in the order of its nodes.
   *
   * @param symmetric nodes that are symmetric matrices for every sample, whatever their shape: the
   *     first half of their elements' axes by the second
   */
  public static StepEmitter lower(Graph graph, List<Node> results, Set<Node> symmetric) {
    StepEmitter steps = new StepEmitter();
    NodeUses uses = new NodeUses(graph, results, symmetric);
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
    return steps;
  }
}
