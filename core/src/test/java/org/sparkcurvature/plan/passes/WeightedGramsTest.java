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
import org.sparkcurvature.plan.steps.WeightedGram;

/** J' diag(d) J, J of 16 rows and 6 columns. */
class WeightedGramsTest {
  /** What the steps compute, for messages. */
  private static final Node NODE = new Graph().input("node", Shape.SCALAR);

  private static final int INNER = 16;
  private static final int ORDER = 6;

  private final Buffer matrix = new Buffer(0, true, INNER * ORDER);
  private final Buffer diagonal = new Buffer(1, true, INNER);
  private final Buffer scaled = new Buffer(2, true, INNER * ORDER);
  private final Buffer whole = new Buffer(3, true, ORDER * ORDER);
  private final Buffer half = new Buffer(4, true, Triangle.half(ORDER));
  private final Buffer other = new Buffer(5, true, INNER * ORDER);

  private final Step scale =
      new Product(
          NODE,
          List.of(
              new StridedOperand(matrix, List.of(ORDER, 1), List.of()),
              new StridedOperand(diagonal, List.of(1, 0), List.of())),
          List.of(INNER, ORDER),
          List.of(),
          3,
          Accumulate.REPLACE,
          scaled);
  private final Step product = product(scaled, matrix);
  private final Step triangle =
      new Rearrange(NODE, whole, Triangle.positions(ORDER), Accumulate.ADD, half);

  private Step product(Buffer left, Buffer right) {
    return new Product(
        NODE,
        List.of(
            new StridedOperand(left, List.of(1, 0), List.of(ORDER)),
            new StridedOperand(right, List.of(0, 1), List.of(ORDER))),
        List.of(ORDER, ORDER),
        List.of(INNER),
        0.5,
        Accumulate.REPLACE,
        whole);
  }

  private static List<Step> joined(Set<Buffer> wanted, Step... steps) {
    StepList list = StepList.of(List.of(steps));
    WeightedGrams.join(list, wanted, size -> new Buffer(9, false, size));
    return list.steps();
  }

  @Test
  void threeStepsBecomeOne() {
    for (Step between : List.of(product, product(matrix, scaled))) {
      List<Step> steps = joined(Set.of(half), scale, between, triangle);
      assertThat(steps)
          .containsExactly(
              new WeightedGram(
                  NODE,
                  matrix,
                  diagonal,
                  INNER,
                  ORDER,
                  1.5,
                  new Buffer(9, false, ORDER * (INNER + ORDER)),
                  Accumulate.ADD,
                  half));
    }
  }

  @Test
  void whatIsReadOrWantedElsewhereStays() {
    Step reader = new Rearrange(NODE, scaled, new int[INNER * ORDER], Accumulate.REPLACE, other);
    assertThat(joined(Set.of(half), scale, product, triangle, reader))
        .containsExactly(scale, product, triangle, reader);
    assertThat(joined(Set.of(half, whole), scale, product, triangle))
        .containsExactly(scale, product, triangle);
    assertThat(joined(Set.of(half, scaled), scale, product, triangle))
        .containsExactly(scale, product, triangle);
  }

  @Test
  void aProductOfAnotherMatrixOrAnotherPartStays() {
    Step others = product(scaled, other);
    assertThat(joined(Set.of(half), scale, others, triangle))
        .containsExactly(scale, others, triangle);
    int[] lower = Triangle.positions(ORDER);
    lower[1] = ORDER;
    Step part = new Rearrange(NODE, whole, lower, Accumulate.REPLACE, half);
    assertThat(joined(Set.of(half), scale, product, part)).containsExactly(scale, product, part);
  }

  @Test
  void planTextSaysOneStepAndWhereItComesFrom() {
    Graph graph = new Graph();
    Algebra algebra = new Algebra(graph);
    Node jacobian = graph.input("J", Shape.of(INNER, ORDER));
    Node weights = graph.input("d", Shape.of(INNER));
    Node gram =
        algebra.contract(
            List.of(jacobian, weights, jacobian),
            List.of(List.of(0, 1), List.of(0), List.of(0, 2)),
            List.of(1, 2),
            Shape.of(ORDER, ORDER),
            1);
    Node upper = graph.add(new Structural.UpperTriangle(), gram);
    StepEmitter steps = Lowering.lower(graph, List.of(upper), Set.of());
    String from = "upper_triangle([ij,i,ik->jk](J, d, J)) <- ";
    assertThat(PlanText.of(steps.perBlock().steps()))
        .containsExactly(
            from + "product [M, 96] [M, 16] -> [M, 96]",
            from + "product [M, 96] [M, 96] -> [M, 36]",
            from + "rearrangement [M, 36] -> [M, 21]");

    WeightedGrams.run(steps, List.of(steps.of(upper)));

    assertThat(PlanText.of(steps.perBlock().steps()))
        .containsExactly(from + "upper triangle of [M, 6, 16] diag [M, 16] [M, 16, 6]");
  }
}
