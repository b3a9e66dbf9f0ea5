package org.sparkcurvature.engine;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Structural;

/**
 * Which elements of the input tensors a sample's loss reads. An element does not count if every
 * branch that reads it is one that the sample does not take. A sample takes both branches of a
 * condition that depends on a parameter.
 *
 * @param model the loss
 * @param further names of definitions whose values are requested beside the loss; every sample
 *     reads the inputs of these
 */
public record InputReads(Model model, List<String> further) implements Serializable {

  public InputReads {
    further = List.copyOf(further);
  }

  /** Whether a sample may read less than all: without a branch, all that the loss uses is read. */
  public boolean hasBranches() {
    return model.graph().nodes().stream().anyMatch(InputReads::isBranch);
  }

  /**
   * What one sample reads.
   *
   * @param sample every input tensor of the sample, row-major; NaN where a cell is missing
   */
  public OfSample of(Map<String, double[]> sample) {
    return new OfSample(demands(sample));
  }

  /**
   * The elements that one sample reads of each node, row-major; nothing of a node without entry.
   */
  public static final class OfSample {
    private final Map<Node, BitSet> demands;

    private OfSample(Map<Node, BitSet> demands) {
      this.demands = demands;
    }

    /** The elements of an input tensor that are read, row-major. */
    public BitSet elements(String input) {
      BitSet read = new BitSet();
      demands.forEach(
          (node, elements) -> {
            if (isInput(node, input)) {
              read.or(elements);
            }
          });
      return read;
    }

    /** The elements of an input tensor that are read as an index, row-major. */
    public BitSet indices(String input) {
      BitSet read = new BitSet();
      demands.forEach(
          (node, elements) -> {
            if (isLookup(node)) {
              Node index = node.operand(1);
              BitSet part = projected(node, 1, elements);
              while (index.op() instanceof Structural.Reshape
                  || index.op() instanceof Structural.Slice) {
                part = projected(index, 0, part);
                index = index.operand(0);
              }
              if (isInput(index, input)) {
                read.or(part);
              }
            }
          });
      return read;
    }
  }

  private static boolean isInput(Node node, String name) {
    return node.op() instanceof Leaf.Input leaf && leaf.name().equals(name);
  }

  private static boolean isLookup(Node node) {
    return node.op() instanceof Structural.Gather || node.op() instanceof Structural.Scatter;
  }

  private static boolean isBranch(Node node) {
    return node.op() instanceof Apply apply && apply.function().equals("where");
  }

  /** Propagates demands from the requested results to their operands, in reverse order. */
  private Map<Node, BitSet> demands(Map<String, double[]> sample) {
    Map<Node, BitSet> demands = new HashMap<>();
    demand(demands, model.loss(), all(model.loss()));
    for (String name : further) {
      demand(demands, model.named(name), all(model.named(name)));
    }
    Map<Node, Optional<double[]>> values = new HashMap<>();
    List<Node> nodes = model.graph().nodes();
    for (int id = nodes.size() - 1; id >= 0; id--) {
      Node node = nodes.get(id);
      BitSet read = demands.get(node);
      if (read == null) {
        continue;
      }
      Optional<double[]> condition =
          isBranch(node) ? value(node.operand(0), sample, values) : Optional.empty();
      for (int k = 0; k < node.operands().size(); k++) {
        if (node.operand(k).sampled()) {
          BitSet part = projected(node, k, read);
          if (condition.isPresent() && k > 0) {
            boolean taken = k == 1;
            double[] holds = condition.get();
            part = (BitSet) part.clone();
            for (int i = 0; i < holds.length; i++) {
              if (holds[i] != 0 != taken) {
                part.clear(i);
              }
            }
          }
          demand(demands, node.operand(k), part);
        }
      }
    }
    return demands;
  }

  private static void demand(Map<Node, BitSet> demands, Node node, BitSet elements) {
    if (!elements.isEmpty()) {
      demands.computeIfAbsent(node, n -> new BitSet()).or(elements);
    }
  }

  private static BitSet all(Node node) {
    BitSet all = new BitSet();
    all.set(0, node.shape().size());
    return all;
  }

  /** The elements of operand {@code k} that the elements {@code read} of a node are made of. */
  private static BitSet projected(Node node, int k, BitSet read) {
    Node operand = node.operand(k);
    if (read.cardinality() == node.shape().size() && !(node.op() instanceof Structural.Slice)) {
      return all(operand);
    }
    if (node.op() instanceof Apply
        || node.op() instanceof Structural.Reshape
        || node.op() instanceof Structural.StopGradient) {
      return read;
    }
    if (node.op() instanceof Einsum contract) {
      return factor(contract, operand.shape(), contract.in().get(k), read);
    }
    if (node.op() instanceof Structural.Gather gather && k == 1) {
      return named(node, gather.axis(), operand, read);
    }
    if (node.op() instanceof Structural.Slice slice) {
      return moved(node, slice.axis(), read, operand, slice.from());
    }
    if (node.op() instanceof Structural.Concat concat) {
      int from = 0;
      for (int j = 0; j < k; j++) {
        from += node.operand(j).shape().extent(concat.axis());
      }
      return moved(node, concat.axis(), read, operand, -from);
    }
    return all(operand);
  }

  /** Which elements of an index choose the elements {@code read} of a lookup's result. */
  private static BitSet named(Node node, int axis, Node index, BitSet read) {
    if (index.shape().isScalar()) {
      return all(index);
    }
    int inner = 1;
    for (int a = axis + 1; a < node.shape().rank(); a++) {
      inner *= node.shape().extent(a);
    }
    BitSet elements = new BitSet();
    for (int i = read.nextSetBit(0); i >= 0; i = read.nextSetBit(i + 1)) {
      elements.set(i / inner % index.shape().size());
    }
    return elements;
  }

  /**
   * Elements of a node at their place in an operand, from which it differs by a shift along an
   * axis; those that it does not have are left out.
   */
  private static BitSet moved(Node node, int axis, BitSet read, Node operand, int shift) {
    int inner = 1;
    for (int a = axis + 1; a < node.shape().rank(); a++) {
      inner *= node.shape().extent(a);
    }
    int extent = node.shape().extent(axis);
    int other = operand.shape().extent(axis);
    BitSet elements = new BitSet();
    for (int i = read.nextSetBit(0); i >= 0; i = read.nextSetBit(i + 1)) {
      int at = i / inner % extent + shift;
      if (at >= 0 && at < other) {
        elements.set((i / (inner * extent) * other + at) * inner + i % inner);
      }
    }
    return elements;
  }

  /**
   * The elements of a factor with the labels {@code in} that agree with an element that is read.
   */
  private static BitSet factor(Einsum product, Shape shape, List<Integer> in, BitSet read) {
    List<Integer> shared = in.stream().filter(product.out()::contains).distinct().toList();
    Set<List<Integer>> wanted = new HashSet<>();
    for (int i = read.nextSetBit(0); i >= 0; i = read.nextSetBit(i + 1)) {
      wanted.add(coordinates(i, product.shape(), product.out(), shared));
    }
    BitSet elements = new BitSet();
    for (int i = 0; i < shape.size(); i++) {
      if (wanted.contains(coordinates(i, shape, in, shared))) {
        elements.set(i);
      }
    }
    return elements;
  }

  /** The coordinates of an element along the axes with the labels {@code of}. */
  private static List<Integer> coordinates(
      int element, Shape shape, List<Integer> labels, List<Integer> of) {
    Integer[] found = new Integer[of.size()];
    int rest = element;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      int place = of.indexOf(labels.get(axis));
      if (place >= 0) {
        found[place] = rest % shape.extent(axis);
      }
      rest /= shape.extent(axis);
    }
    return List.of(found);
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
    if (node.op() instanceof Structural.Reshape || node.op() instanceof Structural.StopGradient) {
      return Optional.of(operands.get(0));
    }
    if (node.op() instanceof Structural.Slice slice && slice.axis() == 0) {
      int step = node.operand(0).shape().size() / node.operand(0).shape().extent(0);
      int from = slice.from() * step;
      return Optional.of(Arrays.copyOfRange(operands.get(0), from, from + size));
    }
    if (node.op() instanceof Einsum contract
        && contract.in().equals(List.of(List.of()))
        && contract.coefficient() == 1) {
      double[] repeated = new double[size];
      Arrays.fill(repeated, operands.get(0)[0]);
      return Optional.of(repeated);
    }
    return Optional.empty();
  }
}
