package org.sparkcurvature.plan.passes;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.BufferSet;
import org.sparkcurvature.plan.steps.Product;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.StepBuilder;
import org.sparkcurvature.plan.steps.StepList;
import org.sparkcurvature.plan.steps.Triangle;

/**
 * Symmetric matrices of which only the upper triangle is read: where nothing is summed in making
 * them, that half alone is made.
 */
public final class UpperTriangles {
  private UpperTriangles() {}

  /** As {@link Pass#run}. */
  public static void run(StepBuilder steps, Collection<Buffer> results) {
    take(steps.perBlock(), results);
  }

  /**
   * Replaces, in the steps of a block, each matrix and the move of its upper triangle by steps that
   * make the triangle.
   *
   * @param wanted results, which stay whole
   */
  static void take(StepList steps, Collection<Buffer> wanted) {
    Set<Buffer> whole = new BufferSet(wanted);
    for (int k = steps.size() - 1; k >= 0; k--) {
      if (steps.at(k) instanceof Rearrange move
          && move.into() == Accumulate.REPLACE
          && !whole.contains(move.in())
          && isOnlyReader(steps, move)) {
        take(steps, k, move);
      }
    }
  }

  /** Steps that add to a matrix read it as well, and do not count. */
  private static boolean isOnlyReader(StepList steps, Rearrange move) {
    return steps.readers(move.in()).stream()
        .mapToObj(steps::at)
        .allMatch(step -> step == move || step.out().equals(move.in()));
  }

  private static void take(StepList steps, int at, Rearrange move) {
    int order = (int) Math.round(Math.sqrt(move.in().size()));
    if (!Arrays.equals(move.map(), Triangle.positions(order))) {
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
          steps.set(k, half);
        });
    steps.remove(at);
  }

  /** A step that makes the upper triangle of what this one makes. */
  private static Optional<Step> half(Step step, int order, Rearrange move) {
    if (step instanceof Rearrange whole && whole.into() == Accumulate.ADD) {
      int[] map = Arrays.stream(move.map()).map(k -> whole.map()[k]).toArray();
      return Optional.of(new Rearrange(whole.node(), whole.in(), map, Accumulate.ADD, move.out()));
    }
    return step instanceof Product product
            && product.sumExtents().isEmpty()
            && product.outExtents().equals(List.of(order, order))
        ? Optional.of(
            new Triangle(
                product.node(),
                product.factors(),
                order,
                product.coefficient(),
                product.into(),
                move.out()))
        : Optional.empty();
  }
}
