package org.sparkcurvature.plan.passes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Structural;
import org.sparkcurvature.plan.PlanText;
import org.sparkcurvature.plan.lower.Lowering;
import org.sparkcurvature.plan.lower.StepEmitter;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Product;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.StepList;
import org.sparkcurvature.plan.steps.StridedOperand;
import org.sparkcurvature.plan.steps.Triangle;

class UpperTrianglesTest {
  /** What the steps compute, for messages. */
  private static final Node NODE = new Graph().input("node", Shape.SCALAR);

  private final Buffer d = new Buffer(0, true, 3);
  private final Buffer s = new Buffer(1, true, 9);
  private final Buffer whole = new Buffer(2, true, 9);
  private final Buffer half = new Buffer(3, true, 6);
  private final Buffer other = new Buffer(4, true, 9);

  private final Step product =
      new Product(
          NODE,
          List.of(
              new StridedOperand(d, List.of(1, 0), List.of()),
              new StridedOperand(s, List.of(3, 1), List.of()),
              new StridedOperand(d, List.of(0, 1), List.of())),
          List.of(3, 3),
          List.of(),
          2,
          Accumulate.REPLACE,
          whole);
  private final Step diagonal =
      new Rearrange(NODE, d, new int[] {0, -1, -1, -1, 1, -1, -1, -1, 2}, Accumulate.ADD, whole);
  private final Step move =
      new Rearrange(NODE, whole, Triangle.positions(3), Accumulate.REPLACE, half);

  private static List<Step> taken(Set<Buffer> wanted, Step... steps) {
    StepList list = StepList.of(List.of(steps));
    UpperTriangles.take(list, wanted);
    return list.steps();
  }

  @Test
  void halfAloneIsMadeOfWhatIsNotSummed() {
    List<Step> steps = taken(Set.of(half), product, diagonal, move);
    assertThat(steps).hasSize(2);
    assertThat(steps.get(0)).isInstanceOf(Triangle.class);
    assertThat(steps).allMatch(step -> step.out().equals(half));
    assertThat(((Rearrange) steps.get(1)).map()).containsExactly(0, -1, -1, 1, -1, 2);
  }

  @Test
  void wholeIsMadeWhereItIsReadOrWanted() {
    Step reader = new Rearrange(NODE, whole, new int[9], Accumulate.REPLACE, other);
    assertThat(taken(Set.of(half), product, move, reader)).containsExactly(product, move, reader);
    assertThat(taken(Set.of(half, whole), product, move)).containsExactly(product, move);
  }

  @Test
  void wholeIsMadeWhereSomethingIsSummedOrAnotherPartIsMoved() {
    Step summed =
        new Product(
            NODE,
            List.of(new StridedOperand(s, List.of(0, 1), List.of(3))),
            List.of(3, 3),
            List.of(3),
            1,
            Accumulate.REPLACE,
            whole);
    assertThat(taken(Set.of(half), summed, move)).containsExactly(summed, move);
    Step lower = new Rearrange(NODE, whole, new int[] {0, 3, 4, 6, 7, 8}, Accumulate.REPLACE, half);
    assertThat(taken(Set.of(half), product, lower)).containsExactly(product, lower);
  }

  @Test
  void planTextSaysTheHalfAndWhereItComesFrom() {
    Graph graph = new Graph();
    Algebra algebra = new Algebra(graph);
    Node diagonal = graph.input("d", Shape.of(3));
    Node matrix = graph.input("S", Shape.of(3, 3));
    Node product =
        algebra.contract(
            List.of(diagonal, matrix, diagonal),
            List.of(List.of(0), List.of(0, 1), List.of(1)),
            List.of(0, 1),
            Shape.of(3, 3),
            2);
    Node triangle = graph.add(new Structural.UpperTriangle(), product);
    StepEmitter steps = Lowering.lower(graph, List.of(triangle), Set.of());
    String from = "upper_triangle([i,ij,j->ij](d, S, d)) <- ";
    assertThat(PlanText.of(steps.perBlock().steps()))
        .containsExactly(
            from + "product [M, 3] [M, 9] [M, 3] -> [M, 9]",
            from + "rearrangement [M, 9] -> [M, 6]");

    UpperTriangles.run(steps, List.of(steps.of(triangle)));

    assertThat(PlanText.of(steps.perBlock().steps()))
        .containsExactly(from + "upper triangle of a product [M, 3] [M, 9] [M, 3] -> [M, 6]");
  }
}
