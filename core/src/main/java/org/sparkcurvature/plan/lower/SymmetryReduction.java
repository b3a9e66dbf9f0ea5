package org.sparkcurvature.plan.lower;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Triangle;

/**
 * Computes half of a contraction that is symmetric. A tensor that is a factor twice, {@code x_i
 * x_j}, gives the same result with i and j exchanged, and so does a symmetric factor {@code S_op}
 * with o and p: such a pair of groups of labels becomes one label that runs over the upper
 * triangle.
 */
final class SymmetryReduction {

  /** A pair of groups of labels that can be exchanged, and the label that stands for both. */
  private record Pair(List<Integer> first, List<Integer> second, int folded, int order) {}

  /**
   * A factor of the folded contraction: an untouched one, the outer product of one with itself, or
   * a symmetric one.
   */
  private record Part(Tensor tensor, Optional<Pair> pair, boolean outer) {}

  private final List<Integer> out;
  private final Map<Integer, Integer> extents;
  private final List<Part> parts = new ArrayList<>();
  private final List<Pair> pairs = new ArrayList<>();

  SymmetryReduction(
      Node node,
      List<Integer> out,
      List<Tensor> factors,
      Map<Integer, Integer> extents,
      Set<Node> symmetric) {
    this.out = out;
    this.extents = extents;
    Set<Integer> taken = new HashSet<>();
    for (int k = 0; k < factors.size(); k++) {
      if (taken.contains(k)) {
        continue;
      }
      Tensor factor = factors.get(k);
      Part part = new Part(factor, Optional.empty(), false);
      for (int l = k + 1; l < factors.size(); l++) {
        if (!taken.contains(l)
            && factors.get(l).buffer().equals(factor.buffer())
            && canFold(factor.labels(), factors.get(l).labels(), factors)) {
          part =
              new Part(factor, Optional.of(pair(factor.labels(), factors.get(l).labels())), true);
          taken.add(l);
          break;
        }
      }
      int half = factor.labels().size() / 2;
      if (part.pair().isEmpty()
          && factor.labels().size() == 2 * half
          // A factor that was reduced first is not the matrix that is known to be symmetric.
          && ((Einsum) node.op()).in().get(k).equals(factor.labels())
          && symmetric.contains(NodeUses.base(node.operand(k)))) {
        List<Integer> rows = factor.labels().subList(0, half);
        List<Integer> columns = factor.labels().subList(half, 2 * half);
        if (factor.buffer().sampled() && canFold(rows, columns, factors)) {
          part = new Part(factor, Optional.of(pair(rows, columns)), false);
        }
      }
      parts.add(part);
    }
  }

  /**
   * The outer product of a tensor with itself, scaled.
   *
   * @param x the tensor
   * @param scales scalars that multiply it
   */
  record ScaledOuter(Buffer x, List<Tensor> scales) {}

  /**
   * This contraction, if it is the outer product of one tensor with itself times scalars of each
   * sample.
   */
  Optional<ScaledOuter> scaledOuter() {
    List<Part> outers = parts.stream().filter(part -> part.pair().isPresent()).toList();
    List<Tensor> rest =
        parts.stream().filter(part -> part.pair().isEmpty()).map(Part::tensor).toList();
    boolean scalars = rest.stream().allMatch(t -> t.labels().isEmpty() && t.buffer().sampled());
    return outers.size() == 1
            && outers.get(0).outer()
            && outers.get(0).tensor().buffer().sampled()
            && scalars
            && out.size() == 2 * outers.get(0).tensor().labels().size()
        ? Optional.of(new ScaledOuter(outers.get(0).tensor().buffer(), rest))
        : Optional.empty();
  }

  /**
   * Labels can be folded if they are all of the result's, all different, and no other factor has
   * them.
   */
  private boolean canFold(List<Integer> first, List<Integer> second, List<Tensor> factors) {
    List<Integer> both = new ArrayList<>(first);
    both.addAll(second);
    int uses = 0;
    for (Tensor factor : factors) {
      uses += (int) factor.labels().stream().filter(both::contains).count();
    }
    return size(first) > 1
        && size(first) == size(second)
        && new HashSet<>(both).size() == both.size()
        && new HashSet<>(out).containsAll(both)
        && uses == both.size();
  }

  private int size(List<Integer> labels) {
    return labels.stream().map(extents::get).reduce(1, (a, b) -> a * b);
  }

  private Pair pair(List<Integer> first, List<Integer> second) {
    int above = Collections.max(extents.keySet()) + 1;
    Pair pair =
        new Pair(List.copyOf(first), List.copyOf(second), above + pairs.size(), size(first));
    pairs.add(pair);
    return pair;
  }

  boolean exists() {
    return !pairs.isEmpty();
  }

  /** Extents with those of the folded labels. */
  Map<Integer, Integer> extents() {
    Map<Integer, Integer> all = new HashMap<>(extents);
    pairs.forEach(pair -> all.put(pair.folded(), Triangle.half(pair.order())));
    return all;
  }

  /** What making the folded factors costs, at this price of an element of all samples. */
  double cost(double price) {
    return parts.stream()
        .mapToDouble(
            part -> part.pair().isPresent() ? price * Triangle.half(part.pair().get().order()) : 0)
        .sum();
  }

  /** The labels of the folded result: each pair where its first label was. */
  List<Integer> out() {
    List<Integer> folded = new ArrayList<>();
    for (int label : out) {
      Optional<Pair> pair =
          pairs.stream()
              .filter(p -> p.first().contains(label) || p.second().contains(label))
              .findFirst();
      int stands = pair.map(Pair::folded).orElse(label);
      if (!folded.contains(stands)) {
        folded.add(stands);
      }
    }
    return folded;
  }

  /** The factors with folded labels, in buffers that are not yet made. */
  List<Tensor> placeholders() {
    return tensors(buffer -> buffer, buffer -> buffer);
  }

  /** The factors with folded labels. */
  List<Tensor> tensors(UnaryOperator<Buffer> outerHalf, UnaryOperator<Buffer> halfOf) {
    List<Tensor> tensors = new ArrayList<>();
    for (Part part : parts) {
      Buffer buffer = part.tensor().buffer();
      tensors.add(
          part.pair()
              .map(
                  pair ->
                      new Tensor(
                          part.outer() ? outerHalf.apply(buffer) : halfOf.apply(buffer),
                          List.of(pair.folded())))
              .orElse(part.tensor()));
    }
    return tensors;
  }

  /** For each element of the result, where it is found in the folded one. */
  int[] unfold() {
    List<Integer> folded = out();
    Map<Integer, Integer> all = extents();
    Map<Integer, Integer> strides = new HashMap<>();
    int stride = 1;
    for (int axis = folded.size() - 1; axis >= 0; axis--) {
      strides.put(folded.get(axis), stride);
      stride *= all.get(folded.get(axis));
    }
    Shape shape = new Shape(out.stream().map(extents::get).toList());
    int[] map = new int[shape.size()];
    int[] position = new int[shape.rank()];
    for (int k = 0; k < map.length; k++) {
      int at = 0;
      for (int axis = 0; axis < position.length; axis++) {
        at += strides.containsKey(out.get(axis)) ? position[axis] * strides.get(out.get(axis)) : 0;
      }
      for (Pair pair : pairs) {
        int a = index(pair.first(), position);
        int b = index(pair.second(), position);
        int row = Math.min(a, b);
        int packed = row * pair.order() - row * (row - 1) / 2 + Math.max(a, b) - row;
        at += packed * strides.get(pair.folded());
      }
      map[k] = at;
      for (int axis = position.length - 1; axis >= 0; axis--) {
        position[axis]++;
        if (position[axis] < shape.extent(axis)) {
          break;
        }
        position[axis] = 0;
      }
    }
    return map;
  }

  private int index(List<Integer> labels, int[] position) {
    int index = 0;
    for (int label : labels) {
      index = index * extents.get(label) + position[out.indexOf(label)];
    }
    return index;
  }
}
