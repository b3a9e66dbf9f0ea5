package org.sparkcurvature.rewrite;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Apply;

/**
 * A model in which every {@code pinball(r, tau)} is the smooth {@code tau r + h softplus(-r / h)}:
 * above the pinball by at most {@code h ln 2}, convex in r and h together, and equal to it as the
 * width h goes to 0 (Chen and Mangasarian 1996).
 */
public final class SmoothedPinball {
  private SmoothedPinball() {}

  /** Whether the loss has a pinball whose residual depends on a parameter. */
  public static boolean applies(Model model) {
    BitSet used = Model.reachable(List.of(model.loss()));
    return model.graph().nodes().stream()
        .anyMatch(
            node ->
                used.get(node.id())
                    && isPinball(node)
                    && Model.dependsOnParameter(model.graph(), node.operand(0)));
  }

  private static boolean isPinball(Node node) {
    return node.op() instanceof Apply apply
        && apply.partial().isEmpty()
        && apply.function().equals("pinball");
  }

  /**
   * The smooth model.
   *
   * @param width h, above 0, in the units of r
   */
  public static Model of(Model model, double width) {
    Graph graph = new Graph();
    Algebra algebra = new Algebra(graph);
    List<Node> copies = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      List<Node> operands = node.operands().stream().map(o -> copies.get(o.id())).toList();
      copies.add(
          isPinball(node)
              ? smooth(graph, algebra, operands.get(0), operands.get(1), width)
              : graph.add(node.op(), operands));
    }
    return new Model(
        graph,
        copied(model.inputs(), copies),
        copied(model.parameters(), copies),
        copied(model.definitions(), copies),
        copies.get(model.loss().id()));
  }

  private static Node smooth(Graph graph, Algebra algebra, Node r, Node tau, double width) {
    Node h = graph.fill(width, r.shape());
    Node below = algebra.apply("negate", algebra.apply("divide", r, h));
    return algebra.add(
        algebra.apply("multiply", tau, r),
        algebra.apply("multiply", h, algebra.apply("softplus", below)));
  }

  private static Map<String, Node> copied(Map<String, Node> names, List<Node> copies) {
    Map<String, Node> result = new LinkedHashMap<>();
    names.forEach((name, node) -> result.put(name, copies.get(node.id())));
    return result;
  }
}
