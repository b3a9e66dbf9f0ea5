package org.sparkcurvature.plan;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Node;

/**
 * Symmetric matrices of which only the upper triangle is read: where nothing is summed in making
 * them, that half alone is made.
 */
final class Triangles {
  private Triangles() {}

  /**
   * Replaces, in the steps of a block, each matrix and the move of its upper triangle by steps that
   * make the triangle.
   *
   * @param wanted results, which stay whole
   * @param meaning what each step, by identity, computes
   */
  static void take(StepList steps, Collection<Buffer> wanted, Map<Step, Node> meaning) {
    Set<Buffer> whole = new BufferSet(wanted);
    for (int k = steps.size() - 1; k >= 0; k--) {
      if (steps.at(k) instanceof Step.Rearrange move
          && move.into() == Step.Accumulate.REPLACE
          && !whole.contains(move.in())
          && isOnlyReader(steps, move)) {
        take(steps, k, move, meaning);
      }
    }
  }

  /** Steps that add to a matrix read it as well, and do not count. */
  private static boolean isOnlyReader(StepList steps, Step.Rearrange move) {
    return steps.readers(move.in()).stream()
        .mapToObj(steps::at)
        .allMatch(step -> step == move || step.out().equals(move.in()));
  }

  private static void take(StepList steps, int at, Step.Rearrange move, Map<Step, Node> meaning) {
    int order = (int) Math.round(Math.sqrt(move.in().size()));
    if (!Arrays.equals(move.map(), Folding.upperTriangle(order))) {
      return;
    }
    Map<Integer, Step> halves = new LinkedHashMap<>();
    for (int k : steps.writers(move.in()).stream().toArray()) {
      Optional<Step> half = half(steps.at(k), order, move);
      if (half.isEmpty()) {
        return;
      }
      halves.put(k, half.get());
    }
    if (halves.isEmpty()) {
      return;
    }
    halves.forEach(
        (k, half) -> {
          meaning.put(half, meaning.get(steps.at(k)));
          steps.set(k, half);
        });
    steps.remove(at);
  }

  /** A step that makes the upper triangle of what this one makes. */
  private static Optional<Step> half(Step step, int order, Step.Rearrange move) {
    if (step instanceof Step.Rearrange whole && whole.into() == Step.Accumulate.ADD) {
      int[] map = Arrays.stream(move.map()).map(k -> whole.map()[k]).toArray();
      return Optional.of(new Step.Rearrange(whole.in(), map, Step.Accumulate.ADD, move.out()));
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
