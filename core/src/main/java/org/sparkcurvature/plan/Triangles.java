package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  static void take(List<Step> steps, Collection<Buffer> wanted, Map<Step, Node> meaning) {
    for (int k = steps.size() - 1; k >= 0; k--) {
      if (steps.get(k) instanceof Step.Rearrange move
          && move.into() == Step.Into.REPLACE
          && !wanted.contains(move.in())
          && isOnlyReader(steps, move)) {
        take(steps, k, move, meaning);
      }
    }
  }

  private static boolean isOnlyReader(List<Step> steps, Step.Rearrange move) {
    return steps.stream()
        .noneMatch(
            step ->
                step != move && !step.out().equals(move.in()) && step.inputs().contains(move.in()));
  }

  private static void take(List<Step> steps, int at, Step.Rearrange move, Map<Step, Node> meaning) {
    int order = (int) Math.round(Math.sqrt(move.in().size()));
    if (!Arrays.equals(move.map(), Folding.upperTriangle(order))) {
      return;
    }
    List<Integer> writers = new ArrayList<>();
    List<Step> halves = new ArrayList<>();
    for (int k = 0; k < steps.size(); k++) {
      if (steps.get(k).out().equals(move.in())) {
        Optional<Step> half = half(steps.get(k), order, move);
        if (half.isEmpty()) {
          return;
        }
        writers.add(k);
        halves.add(half.get());
      }
    }
    if (writers.isEmpty()) {
      return;
    }
    for (int k = 0; k < halves.size(); k++) {
      Step whole = steps.set(writers.get(k), halves.get(k));
      meaning.put(halves.get(k), meaning.get(whole));
    }
    steps.remove(at);
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
