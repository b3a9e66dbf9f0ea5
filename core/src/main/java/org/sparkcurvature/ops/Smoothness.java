package org.sparkcurvature.ops;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/** Where a loss has kinks. */
public final class Smoothness {
  private Smoothness() {}

  /**
   * Whether a loss, or a first derivative of it, can jump as its parameters move: whether it has an
   * operation with a kink in an operand that depends on a parameter.
   */
  public static boolean hasKinks(Model model) {
    BitSet used = Model.reachable(List.of(model.loss()));
    return model.graph().nodes().stream()
        .anyMatch(node -> used.get(node.id()) && isKinked(model, node));
  }

  private static boolean isKinked(Model model, Node node) {
    return node.op() instanceof Differentiable operation
        && IntStream.range(0, node.operands().size())
            .anyMatch(
                k ->
                    operation.hasKink(k)
                        && Model.dependsOnParameter(model.graph(), node.operand(k)));
  }
}
