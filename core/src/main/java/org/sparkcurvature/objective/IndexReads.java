package org.sparkcurvature.objective;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.rules.Apply;
import org.sparkcurvature.rules.Contract;
import org.sparkcurvature.rules.Structural;

/**
 * Whether a sample reads an input tensor as an index: not where only a branch does that the sample
 * does not take, whatever the parameters are. A condition that depends on a parameter, or that
 * holds for some elements only, counts as if both of its branches were taken.
 *
 * @param model the loss
 */
public record IndexReads(Model model) implements Serializable {

  /** Whether the loss has a branch at all; without one every index is read. */
  public boolean hasBranches() {
    return model.graph().nodes().stream().anyMatch(IndexReads::isBranch);
  }

  /**
   * Whether the loss of a sample uses {@code input} as an index.
   *
   * @param sample every input tensor of the sample, row-major
   */
  public boolean isRead(String input, Map<String, double[]> sample) {
    Map<Node, Optional<double[]>> values = new HashMap<>();
    BitSet seen = new BitSet();
    List<Node> stack = new ArrayList<>(List.of(model.loss()));
    while (!stack.isEmpty()) {
      Node node = stack.remove(stack.size() - 1);
      if (seen.get(node.id())) {
        continue;
      }
      seen.set(node.id());
      boolean indexed =
          node.op() instanceof Structural.Gather || node.op() instanceof Structural.Scatter;
      if (indexed && node.operand(1).op() instanceof Leaf.Input leaf && leaf.name().equals(input)) {
        return true;
      }
      Optional<Boolean> taken =
          isBranch(node) ? decision(node.operand(0), sample, values) : Optional.empty();
      for (int k = 0; k < node.operands().size(); k++) {
        if (taken.isEmpty() || k != (taken.get() ? 2 : 1)) {
          stack.add(node.operand(k));
        }
      }
    }
    return false;
  }

  private static boolean isBranch(Node node) {
    return node.op() instanceof Apply apply && apply.function().equals("where");
  }

  /** What a condition says for all elements alike; empty where it does not, or is not known. */
  private static Optional<Boolean> decision(
      Node condition, Map<String, double[]> sample, Map<Node, Optional<double[]>> values) {
    Optional<double[]> found = value(condition, sample, values);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    boolean all = Arrays.stream(found.get()).allMatch(c -> c != 0);
    boolean none = Arrays.stream(found.get()).allMatch(c -> c == 0);
    return all || none ? Optional.of(all) : Optional.empty();
  }

  /** The elements of a node; empty where they are not known without parameters. */
  private static Optional<double[]> value(
      Node root, Map<String, double[]> sample, Map<Node, Optional<double[]>> values) {
    List<Node> stack = new ArrayList<>(List.of(root));
    while (!stack.isEmpty()) {
      Node node = stack.get(stack.size() - 1);
      List<Node> missing = node.operands().stream().filter(o -> !values.containsKey(o)).toList();
      if (!missing.isEmpty() && !values.containsKey(node)) {
        stack.addAll(missing);
        continue;
      }
      stack.remove(stack.size() - 1);
      if (!values.containsKey(node)) {
        values.put(node, computed(node, sample, values));
      }
    }
    return values.get(root);
  }

  private static Optional<double[]> computed(
      Node node, Map<String, double[]> sample, Map<Node, Optional<double[]>> values) {
    int size = node.shape().size();
    if (node.op() instanceof Leaf.Input input) {
      return Optional.ofNullable(sample.get(input.name()));
    }
    if (node.op() instanceof Leaf.Fill fill) {
      double[] filled = new double[size];
      Arrays.fill(filled, fill.value());
      return Optional.of(filled);
    }
    List<double[]> operands = new ArrayList<>();
    for (Node operand : node.operands()) {
      if (values.get(operand).isEmpty()) {
        return Optional.empty();
      }
      operands.add(values.get(operand).get());
    }
    if (node.op() instanceof Apply apply) {
      double[] result = new double[size];
      double[] u = new double[3];
      for (int i = 0; i < size; i++) {
        for (int k = 0; k < operands.size(); k++) {
          u[k] = operands.get(k)[i];
        }
        result[i] = apply.lane().at(u[0], u[1], u[2]);
      }
      return Optional.of(result);
    }
    if (node.op() instanceof Structural.Reshape || node.op() instanceof Structural.Stop) {
      return Optional.of(operands.get(0));
    }
    if (node.op() instanceof Structural.Slice slice && slice.axis() == 0) {
      int step = node.operand(0).shape().size() / node.operand(0).shape().extent(0);
      int from = slice.from() * step;
      return Optional.of(Arrays.copyOfRange(operands.get(0), from, from + size));
    }
    if (node.op() instanceof Contract contract
        && contract.in().equals(List.of(List.of()))
        && contract.coefficient() == 1) {
      double[] repeated = new double[size];
      Arrays.fill(repeated, operands.get(0)[0]);
      return Optional.of(repeated);
    }
    return Optional.empty();
  }
}
