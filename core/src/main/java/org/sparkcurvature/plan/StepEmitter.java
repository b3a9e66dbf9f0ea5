package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/**
 * Collects steps: those that run once and those of every block, with the buffers that they leave
 * their results in.
 */
final class StepEmitter {
  /** A buffer read as a tensor of these extents, with its axes in this order. */
  private record Ordered(Buffer buffer, List<Integer> extents, List<Integer> axes) {}

  private final StepList once = new StepList();
  private final StepList perBlock = new StepList();
  private final List<Buffer> buffers = new ArrayList<>();
  private final Set<Buffer> changing = new BufferSet();

  /** Where the contents of nodes are, by the node's number. */
  private final List<Buffer> places = new ArrayList<>();

  private final Map<Node, Buffer> inputs = new LinkedHashMap<>();
  private final Map<Buffer, Double> constants = new LinkedHashMap<>();
  private final Map<Ordered, Buffer> rearranged = new HashMap<>();

  /** Upper triangles of matrices, and of the products of a vector's elements. */
  private final Map<Buffer, Buffer> halves = new HashMap<>();

  private final Map<Buffer, Buffer> outerHalves = new HashMap<>();

  /** The moves whose results are still what they moved there. */
  private final Map<Buffer, Step.Rearrange> moved = new HashMap<>();

  private final Map<Step, Node> meaning = new IdentityHashMap<>();
  private Node current;
  private Buffer ones;

  /** Says which node the steps from here on compute. */
  void begin(Node node) {
    current = node;
  }

  /** Says where the contents of a node are. */
  void put(Node node, Buffer buffer) {
    while (places.size() <= node.id()) {
      places.add(null);
    }
    places.set(node.id(), buffer);
  }

  /** Where the contents of a node are; null while they are nowhere. */
  Buffer of(Node node) {
    return node.id() < places.size() ? places.get(node.id()) : null;
  }

  /** A buffer that holds one number throughout. */
  Buffer constant(boolean sampled, int size, double value) {
    Buffer buffer = buffer(sampled, size, false);
    constants.put(buffer, value);
    return buffer;
  }

  /** A buffer for what is given from outside. */
  Buffer input(Node node) {
    Buffer buffer = buffer(node.sampled(), node.shape().size(), node.sampled());
    inputs.put(node, buffer);
    return buffer;
  }

  /** Whether its contents change from block to block. */
  boolean changes(Buffer buffer) {
    return changing.contains(buffer);
  }

  StepList once() {
    return once;
  }

  StepList perBlock() {
    return perBlock;
  }

  Map<Node, Buffer> inputs() {
    return inputs;
  }

  Map<Buffer, Double> constants() {
    return constants;
  }

  List<Buffer> buffers() {
    return buffers;
  }

  Set<Buffer> changing() {
    return changing;
  }

  /** What each step, by identity, computes. */
  Map<Step, Node> meaning() {
    return meaning;
  }

  Buffer buffer(boolean sampled, int size, boolean changes) {
    Buffer buffer = new Buffer(buffers.size(), sampled, size);
    buffers.add(buffer);
    if (changes) {
      changing.add(buffer);
    }
    return buffer;
  }

  Buffer emit(Step step) {
    (changing.contains(step.out()) ? perBlock : once).add(step);
    meaning.put(step, current);
    moved.remove(step.out());
    if (step instanceof Step.Rearrange rearrange && rearrange.into() == Step.Accumulate.REPLACE) {
      moved.put(step.out(), rearrange);
    }
    return step.out();
  }

  /**
   * A buffer for a step's result: it changes from block to block if it is sampled or made of what
   * changes.
   */
  Buffer result(boolean sampled, int size, List<Buffer> from) {
    return buffer(sampled, size, sampled || from.stream().anyMatch(changing::contains));
  }

  /** What is moved twice is moved at once to where it goes in the end. */
  Buffer rearrange(Buffer in, int[] map, int size) {
    Step.Rearrange before = moved.get(in);
    if (before == null) {
      return emit(
          new Step.Rearrange(
              in, map, Step.Accumulate.REPLACE, result(in.sampled(), size, List.of(in))));
    }
    int[] both = new int[map.length];
    for (int k = 0; k < map.length; k++) {
      both[k] = map[k] < 0 ? -1 : before.map()[map[k]];
    }
    return rearrange(before.in(), both, size);
  }

  Optional<Buffer> movedOnce(Buffer matrix, int[] map) {
    return isSameForAll(matrix)
        ? Optional.of(rearrange(matrix, map, map.length))
        : Optional.empty();
  }

  /** Whether it is the same for all samples, and from block to block. */
  boolean isSameForAll(Buffer buffer) {
    return !buffer.sampled() && !changing.contains(buffer);
  }

  /** The products x_i x_j with i at most j, of the elements of a tensor. */
  Buffer outerHalf(Buffer x) {
    return outerHalves.computeIfAbsent(
        x,
        key ->
            emit(
                Step.Triangle.outer(
                    x, Optional.empty(), result(x.sampled(), Folding.half(x.size()), List.of(x)))));
  }

  /** The upper triangle of a matrix, row by row. */
  Buffer halfOf(Buffer matrix) {
    return halves.computeIfAbsent(
        matrix,
        key -> {
          int n = (int) Math.round(Math.sqrt(matrix.size()));
          return rearrange(matrix, Folding.upperTriangle(n), Folding.half(n));
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
