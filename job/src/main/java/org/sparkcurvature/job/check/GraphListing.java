package org.sparkcurvature.job.check;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/**
 * The nodes of a model, one a line: number, shape, whether it differs from sample to sample, and
 * what it is.
 */
final class GraphListing {
  private GraphListing() {}

  /**
   * The nodes that the loss and the definitions are made of; those that only definitions use are
   * marked.
   *
   * @param width of the screen
   */
  static List<String> lines(Model model, int width) {
    Map<Integer, List<String>> names = new HashMap<>();
    model.definitions().forEach((name, node) -> name(names, node, name));
    name(names, model.loss(), "loss");

    List<Node> roots = new ArrayList<>(model.definitions().values());
    roots.add(model.loss());
    BitSet shown = Model.reachable(roots);
    BitSet used = Model.reachable(List.of(model.loss()));
    TextTable table = new TextTable(List.of("node", "shape", "", "is"), List.of(0), width);
    for (Node node : model.graph().nodes()) {
      if (shown.get(node.id())) {
        List<String> own = names.getOrDefault(node.id(), List.of());
        table.add(
            "#" + node.id(),
            node.shape().isScalar() ? "scalar" : node.shape().toString(),
            node.sampled() ? "per sample" : "shared",
            (own.isEmpty() || isLeaf(node) ? "" : String.join(" = ", own) + " = ")
                + text(node, names)
                + kind(node)
                + (used.get(node.id()) ? "" : " (not part of the loss)"));
      }
    }
    return table.lines();
  }

  private static void name(Map<Integer, List<String>> names, Node node, String name) {
    names.computeIfAbsent(node.id(), id -> new ArrayList<>()).add(name);
  }

  /**
   * The operation on its operands, which are named, written out where they are leaves, or numbered.
   */
  private static String text(Node node, Map<Integer, List<String>> names) {
    List<String> operands =
        node.operands().stream().map(operand -> reference(operand, names)).toList();
    String text = node.op().describe(operands);
    if (!isLeaf(node) && operands.contains(text)) {
      // What changes no number, such as repeating a scalar, is not written in expressions.
      return node.op().name() + "(" + text + ")";
    }
    // Operators come in brackets, for use within others: (a + b).
    return text.startsWith("(")
            && text.indexOf(')') == text.length() - 1
            && text.lastIndexOf('(') == 0
        ? text.substring(1, text.length() - 1)
        : text;
  }

  private static String reference(Node operand, Map<Integer, List<String>> names) {
    if (isLeaf(operand)) {
      return operand.toString();
    }
    List<String> own = names.getOrDefault(operand.id(), List.of());
    return own.isEmpty() ? "#" + operand.id() : own.get(0);
  }

  private static boolean isLeaf(Node node) {
    return node.op() instanceof Leaf;
  }

  private static String kind(Node node) {
    return node.op() instanceof Leaf.Input
        ? ", an input tensor"
        : node.op() instanceof Leaf.Parameter ? ", a parameter" : "";
  }
}
