package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Node;

/**
 * Symmetric matrices of which only the upper triangle is read: where nothing is summed in making
 * them, that half alone is made.
 */
final class Triangles {
  private final List<Step> steps;
  private final Map<Step, Node> meaning;

  /** Positions of the steps that write a buffer, in order. */
  private final Map<Buffer, List<Integer>> writers = new HashMap<>();

  /** How many steps read a buffer that they do not write. */
  private final Map<Buffer, Integer> readers = new HashMap<>();

  private Triangles(List<Step> steps, Map<Step, Node> meaning) {
    this.steps = steps;
    this.meaning = meaning;
    for (int k = 0; k < steps.size(); k++) {
      Step step = steps.get(k);
      writers.computeIfAbsent(step.out(), out -> new ArrayList<>()).add(k);
      Set<Buffer> read = new HashSet<>(step.inputs());
      read.remove(step.out());
      read.forEach(buffer -> readers.merge(buffer, 1, Integer::sum));
    }
  }

  /**
   * Replaces, in the steps of a block, each matrix and the move of its upper triangle by steps that
   * make the triangle.
   *
   * @param wanted results, which stay whole
   * @param meaning what each step, by identity, computes
   */
  static void take(List<Step> steps, Collection<Buffer> wanted, Map<Step, Node> meaning) {
    Triangles triangles = new Triangles(steps, meaning);
    Set<Buffer> whole = new HashSet<>(wanted);
    for (int k = steps.size() - 1; k >= 0; k--) {
      if (steps.get(k) instanceof Step.Rearrange move
          && move.into() == Step.Into.REPLACE
          && !whole.contains(move.in())
          && triangles.readers.get(move.in()) == 1) {
        triangles.take(k, move);
      }
    }
    steps.removeIf(Objects::isNull);
  }

  private void take(int at, Step.Rearrange move) {
    int order = (int) Math.round(Math.sqrt(move.in().size()));
    if (!Arrays.equals(move.map(), Folding.upperTriangle(order))) {
      return;
    }
    List<Integer> found = writers.getOrDefault(move.in(), List.of());
    List<Step> halves = new ArrayList<>();
    for (int k : found) {
      Optional<Step> half = half(steps.get(k), order, move);
      if (half.isEmpty()) {
        return;
      }
      halves.add(half.get());
    }
    if (found.isEmpty()) {
      return;
    }
    for (int k = 0; k < halves.size(); k++) {
      Step whole = steps.set(found.get(k), halves.get(k));
      meaning.put(halves.get(k), meaning.get(whole));
    }
    steps.set(at, null);
    List<Integer> others = writers.get(move.out());
    others.remove(Integer.valueOf(at));
    others.addAll(found);
    others.sort(null);
    writers.remove(move.in());
    readers.remove(move.in());
  }

  /** A step that makes the upper triangle of what this one makes. */
  private static Optional<Step> half(Step step, int order, Step.Rearrange move) {
    if (step instanceof Step.Rearrange whole && whole.into() == Step.Into.ADD) {
      int[] map = Arrays.stream(move.map()).map(k -> whole.map()[k]).toArray();
      return Optional.of(new Step.Rearrange(whole.in(), map, Step.Into.ADD, move.out()));
    }
    return step instanceof Step.Product product
            && product.sumExtents().isEmpty()
            && product.outExtents().equals(List.of(order, order))
        ? Optional.of(
            new Step.Triangle(
                product.factors(), order, product.coefficient(), product.into(), move.out()))
        : Optional.empty();
  }
}
