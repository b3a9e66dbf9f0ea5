package org.sparkcurvature.plan.lower;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Einsum;

/** Which products are taken into the product that reads them: J2 = W1 (D W0), D for each sample. */
class FusionTest {

  /** The Jacobian of the second layer of a network, of these widths. */
  private record Jacobians(Node first, Node second) {
    static Jacobians of(int inputs, int hidden, int outputs) {
      Graph graph = new Graph();
      Algebra algebra = new Algebra(graph);
      Node d = graph.input("d", Shape.of(hidden));
      Node w0 = graph.parameter("W0", Shape.of(hidden, inputs));
      Node w1 = graph.parameter("W1", Shape.of(outputs, hidden));
      Node first =
          algebra.contract(
              List.of(d, w0),
              List.of(List.of(0), List.of(0, 1)),
              List.of(0, 1),
              Shape.of(hidden, inputs),
              2);
      Node second =
          algebra.contract(
              List.of(w1, first),
              List.of(List.of(0, 1), List.of(1, 2)),
              List.of(0, 2),
              Shape.of(outputs, inputs),
              3);
      return new Jacobians(first, second);
    }

    Fusion fusion(boolean firstCanBeTaken) {
      return new Fusion(List.of(first, second), node -> firstCanBeTaken && node == first);
    }
  }

  @Test
  void oneProductOfAllFactorsWhereThatCostsLess() {
    Jacobians jacobians = Jacobians.of(20, 32, 16);
    Fusion fusion = jacobians.fusion(true);

    assertThat(fusion.isTaken(jacobians.first())).isTrue();
    assertThat(fusion.isTaken(jacobians.second())).isFalse();
    Fusion.Fused fused = fusion.of(jacobians.second());
    assertThat(fused.operands())
        .containsExactlyInAnyOrder(
            jacobians.second().operand(0),
            jacobians.first().operand(0),
            jacobians.first().operand(1));
    Einsum contract = fused.contract();
    assertThat(contract.coefficient()).isEqualTo(6);
    int hidden = contract.in().get(fused.operands().indexOf(jacobians.first().operand(0))).get(0);
    int row = contract.out().get(0);
    int column = contract.out().get(1);
    assertThat(contract.in()).contains(List.of(row, hidden), List.of(hidden, column));
  }

  @Test
  void whatIsReadElsewhereStays() {
    Jacobians jacobians = Jacobians.of(20, 32, 16);
    Fusion fusion = jacobians.fusion(false);

    assertThat(fusion.isTaken(jacobians.first())).isFalse();
    assertThat(fusion.of(jacobians.second()).operands()).isEqualTo(jacobians.second().operands());
  }

  @Test
  void whatSamplesShareStaysSmall() {
    Jacobians jacobians = Jacobians.of(256, 512, 256);

    assertThat(jacobians.fusion(true).isTaken(jacobians.first())).isFalse();
  }
}
