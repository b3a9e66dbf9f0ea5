package org.sparkcurvature.plan.lower;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.StepBuilder;
import org.sparkcurvature.plan.steps.Triangle;

/**
 * The steps of nodes as they are lowered, with the buffers that hold the nodes' contents. A tensor
 * that is wanted in another order, or as a triangle, is rearranged once.
 */
public final class StepEmitter extends StepBuilder {
  /** A buffer read as a tensor of these extents, with its axes in this order. */
  private record Ordered(Buffer buffer, List<Integer> extents, List<Integer> axes) {}

  /** Where the contents of nodes are, by the node's number. */
  private final List<Buffer> places = new ArrayList<>();

  private final Map<Ordered, Buffer> rearranged = new HashMap<>();

  /** Upper triangles of matrices, and of the products of a vector's elements. */
  private final Map<Buffer, Buffer> halves = new HashMap<>();

  private final Map<Buffer, Buffer> outerHalves = new HashMap<>();
  private Node node;
  private Buffer ones;

  StepEmitter() {}

  /** Says which node the steps from here on compute. */
  void begin(Node next) {
    node = next;
  }

  /** The node that is lowered. */
  Node node() {
    return node;
  }

  /** Rearranges a tensor for the node that is lowered. */
  Buffer rearrange(Buffer in, int[] map, int size) {
    return rearrange(node, in, map, size);
  }

  /** Says where the contents of a node are. */
  void put(Node node, Buffer buffer) {
    while (places.size() <= node.id()) {
      places.add(null);
    }
    places.set(node.id(), buffer);
  }

  /** Where the contents of a node are; null while they are nowhere. */
  public Buffer of(Node node) {
    return node.id() < places.size() ? places.get(node.id()) : null;
  }

  /** The products x_i x_j with i at most j, of the elements of a tensor. */
  Buffer outerHalf(Buffer x) {
    return outerHalves.computeIfAbsent(
        x,
        key ->
            emit(
                Triangle.outer(
                    node,
                    x,
                    Optional.empty(),
                    result(x.sampled(), Triangle.half(x.size()), List.of(x)))));
  }

  /** The upper triangle of a matrix, row by row. */
  Buffer halfOf(Buffer matrix) {
    return halves.computeIfAbsent(
        matrix,
        key -> {
          int n = (int) Math.round(Math.sqrt(matrix.size()));
          return rearrange(matrix, Triangle.positions(n), Triangle.half(n));
        });
  }

  /** The tensor with its axes in another order. */
  Tensor ordered(Tensor tensor, List<Integer> order, Map<Integer, Integer> extents) {
    if (tensor.labels().equals(order)) {
      return tensor;
    }
    List<Integer> axes = order.stream().map(tensor.labels()::indexOf).toList();
    if (isSameOrder(tensor.labels(), order, extents)) {
      return new Tensor(tensor.buffer(), order);
    }
    Shape from = new Shape(tensor.labels().stream().map(extents::get).toList());
    Ordered key = new Ordered(tensor.buffer(), from.extents(), axes);
    Shape to = new Shape(order.stream().map(extents::get).toList());
    Buffer buffer = rearranged.get(key);
    if (buffer == null) {
      buffer = rearrange(tensor.buffer(), IndexMaps.spread(from, axes, to), to.size());
      rearranged.put(key, buffer);
    }
    return new Tensor(buffer, order);
  }

  /** Whether axes lie in the same order; those of extent 1 may go anywhere. */
  static boolean isSameOrder(List<Integer> a, List<Integer> b, Map<Integer, Integer> extents) {
    Set<Integer> single = new HashSet<>(a);
    single.removeIf(label -> extents.get(label) != 1);
    return Contraction.notIn(a, single).equals(Contraction.notIn(b, single));
  }

  Buffer ones() {
    if (ones == null) {
      ones = constant(true, 1, 1);
    }
    return ones;
  }
}
