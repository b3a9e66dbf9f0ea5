package org.sparkcurvature.plan.lower;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Structural;
import org.sparkcurvature.plan.PlanText;

/** Of w x x' half is computed, for each sample and summed. */
class SymmetryReductionTest {
  private static final List<List<Integer>> LABELS = List.of(List.of(), List.of(0), List.of(1));

  private final Graph graph = new Graph();
  private final Node x = graph.input("x", Shape.of(3));
  private final Node w = graph.input("w", Shape.SCALAR);

  private List<String> text(Node result) {
    return PlanText.of(Lowering.lower(graph, List.of(result), Set.of()).perBlock().steps());
  }

  @Test
  void theTriangleAloneIsMadeForEachSample() {
    Node outer =
        new Algebra(graph).contract(List.of(w, x, x), LABELS, List.of(0, 1), Shape.of(3, 3), 1);
    assertThat(text(graph.add(new Structural.UpperTriangle(), outer)))
        .containsExactly(
            "upper_triangle(outer(w, x, x))"
                + " <- upper triangle of a product [M, 3] [M, 3] [M, 1] -> [M, 6]");
  }

  @Test
  void theSumIsASymmetricProductThatIsMirrored() {
    Node sum = graph.add(new Einsum(LABELS, List.of(0, 1), Shape.of(3, 3), true, 1), w, x, x);
    String from = "the sum over samples of [i,j->ij](w, x, x) <- ";
    assertThat(text(sum))
        .containsExactly(
            from + "symmetric product [3, M] [M, 3]", from + "rearrangement [9] -> [9]");
  }

  @Test
  void aProductOfTwoTensorsIsWhole() {
    Node y = graph.input("y", Shape.of(3));
    Node outer =
        new Algebra(graph).contract(List.of(w, x, y), LABELS, List.of(0, 1), Shape.of(3, 3), 1);
    assertThat(text(outer))
        .isNotEmpty()
        .allMatch(line -> line.contains("product") && !line.contains("triangle"));
  }
}
