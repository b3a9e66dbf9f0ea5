package org.sparkcurvature.plan.passes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.plan.PlanText;
import org.sparkcurvature.plan.lower.Lowering;
import org.sparkcurvature.plan.lower.StepEmitter;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Product;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.SharedProduct;
import org.sparkcurvature.plan.steps.SharedProduct.RightSide;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.StepList;
import org.sparkcurvature.plan.steps.StridedOperand;

/** J = x C, a matrix of each sample; J' = J diag(s); H = J J'', and J v. */
class LayoutSelectionTest {
  /** What the steps compute, for messages. */
  private static final Node NODE = new Graph().input("node", Shape.SCALAR);

  private static final int ROWS = 3;
  private static final int COLUMNS = 2;
  private static final int INNER = 4;

  private final Random random = new Random(2);
  private final Map<Buffer, double[]> numbers = new HashMap<>();

  private final Buffer x = filled(0, true, INNER);
  private final Buffer constant = filled(1, false, INNER * ROWS * COLUMNS);
  private final Buffer s = filled(2, true, COLUMNS);
  private final Buffer v = filled(3, true, COLUMNS);
  private final Buffer moved = new Buffer(4, false, INNER * ROWS * COLUMNS);
  private final Buffer j = new Buffer(5, true, ROWS * COLUMNS);
  private final Buffer scaled = new Buffer(6, true, ROWS * COLUMNS);
  private final Buffer h = new Buffer(7, true, ROWS * ROWS);
  private final Buffer jv = new Buffer(8, true, ROWS);
  private final Buffer other = new Buffer(9, true, 1);

  private final Step scale =
      new Product(
          NODE,
          List.of(strided(j, List.of(COLUMNS, 1), List.of()), strided(s, List.of(0, 1), List.of())),
          List.of(ROWS, COLUMNS),
          List.of(),
          2,
          Accumulate.REPLACE,
          scaled);
  private final Step gram =
      new Product(
          NODE,
          List.of(
              strided(j, List.of(COLUMNS, 0), List.of(1)),
              strided(scaled, List.of(0, COLUMNS), List.of(1))),
          List.of(ROWS, ROWS),
          List.of(COLUMNS),
          1,
          Accumulate.REPLACE,
          h);
  private final Step vector =
      new Product(
          NODE,
          List.of(strided(j, List.of(COLUMNS), List.of(1)), strided(v, List.of(0), List.of(1))),
          List.of(ROWS),
          List.of(COLUMNS),
          1,
          Accumulate.REPLACE,
          jv);

  private Buffer filled(int id, boolean sampled, int size) {
    Buffer buffer = new Buffer(id, sampled, size);
    numbers.put(buffer, random.doubles(size).toArray());
    return buffer;
  }

  private static StridedOperand strided(Buffer buffer, List<Integer> out, List<Integer> summed) {
    return new StridedOperand(buffer, out, summed);
  }

  private Step jacobian(RightSide side) {
    return new SharedProduct(
        NODE, x, constant, 1, INNER, ROWS * COLUMNS, side, 1, Accumulate.REPLACE, j);
  }

  private List<Step> turned(Set<Buffer> fixed, boolean movable, Step... steps) {
    StepList list = StepList.of(List.of(steps));
    LayoutSelection.turn(
        list,
        fixed,
        (node, matrix, map) -> {
          assertThat(matrix).isEqualTo(constant);
          numbers.put(moved, Arrays.stream(map).mapToDouble(k -> numbers.get(matrix)[k]).toArray());
          return movable ? Optional.of(moved) : Optional.empty();
        });
    return list.steps();
  }

  private void run(List<Step> steps) {
    for (Step step : steps) {
      double[] out = new double[step.out().size()];
      if (step instanceof SharedProduct product) {
        multiply(product, out);
      } else {
        multiply((Product) step, out);
      }
      numbers.put(step.out(), out);
    }
  }

  private void multiply(SharedProduct product, double[] out) {
    for (int k = 0; k < out.length; k++) {
      for (int i = 0; i < INNER; i++) {
        boolean innerFirst = product.rightSide() == RightSide.INNER_FIRST;
        out[k] +=
            numbers.get(x)[i]
                * numbers.get(product.right())[innerFirst ? i * out.length + k : k * INNER + i];
      }
    }
  }

  private void multiply(Product product, double[] out) {
    int sums = product.sumExtents().stream().reduce(1, (a, b) -> a * b);
    for (int k = 0; k < out.length; k++) {
      for (int l = 0; l < sums; l++) {
        double term = product.coefficient();
        for (StridedOperand operand : product.factors()) {
          int at =
              at(k, product.outExtents(), operand.outStrides())
                  + at(l, product.sumExtents(), operand.sumStrides());
          term *= numbers.get(operand.buffer())[at];
        }
        out[k] += term;
      }
    }
  }

  private static int at(int position, List<Integer> extents, List<Integer> strides) {
    int at = 0;
    int rest = position;
    for (int axis = extents.size() - 1; axis >= 0; axis--) {
      at += rest % extents.get(axis) * strides.get(axis);
      rest /= extents.get(axis);
    }
    return at;
  }

  @ParameterizedTest
  @EnumSource
  void theSummedIndexComesFirst(RightSide side) {
    List<Step> before = List.of(jacobian(side), scale, gram, vector);
    run(before);
    double[] hessian = numbers.get(h);
    double[] product = numbers.get(jv);
    List<Step> after = turned(Set.of(h, jv), true, before.toArray(Step[]::new));
    assertThat(((SharedProduct) after.get(0)).right()).isEqualTo(moved);
    for (StridedOperand operand : ((Product) after.get(2)).factors()) {
      assertThat(operand.sumStrides()).containsExactly(ROWS);
    }
    assertThat(((Product) after.get(1)).outExtents()).containsExactly(COLUMNS, ROWS);
    run(after);
    assertThat(numbers.get(h)).containsExactly(hessian, within(1e-15));
    assertThat(numbers.get(jv)).containsExactly(product, within(1e-15));
  }

  @Test
  void whatIsWantedOrCannotBeMovedStays() {
    Step jacobian = jacobian(RightSide.INNER_FIRST);
    assertThat(turned(Set.of(j), true, jacobian, scale, gram))
        .containsExactly(jacobian, scale, gram);
    assertThat(turned(Set.of(scaled), true, jacobian, scale, gram))
        .containsExactly(jacobian, scale, gram);
    assertThat(turned(Set.of(h), false, jacobian, scale, gram))
        .containsExactly(jacobian, scale, gram);
  }

  @Test
  void whatIsReadOtherwiseOrSummedOverRowsStays() {
    Step jacobian = jacobian(RightSide.INNER_FIRST);
    Step reader = new Rearrange(NODE, j, new int[1], Accumulate.REPLACE, other);
    assertThat(turned(Set.of(h), true, jacobian, scale, gram, reader))
        .containsExactly(jacobian, scale, gram, reader);
    Step overRows =
        new Product(
            NODE,
            List.of(strided(j, List.of(1), List.of(COLUMNS))),
            List.of(COLUMNS),
            List.of(ROWS),
            1,
            Accumulate.REPLACE,
            new Buffer(10, true, COLUMNS));
    assertThat(turned(Set.of(h), true, jacobian, scale, gram, overRows))
        .containsExactly(jacobian, scale, gram, overRows);
    Step alongAll =
        new Product(
            NODE,
            List.of(strided(j, List.of(1), List.of())),
            List.of(ROWS * COLUMNS),
            List.of(),
            1,
            Accumulate.REPLACE,
            new Buffer(10, true, ROWS * COLUMNS));
    assertThat(turned(Set.of(h), true, jacobian, scale, gram, alongAll))
        .containsExactly(jacobian, scale, gram, alongAll);
  }

  @Test
  void planTextSaysTheMatrixThatIsMovedOnceAndWhatFor() {
    Graph graph = new Graph();
    Algebra algebra = new Algebra(graph);
    Node jacobian =
        algebra.contract(
            List.of(
                graph.input("x", Shape.of(INNER)),
                graph.parameter("C", Shape.of(INNER, ROWS, COLUMNS))),
            List.of(List.of(0), List.of(0, 1, 2)),
            List.of(1, 2),
            Shape.of(ROWS, COLUMNS),
            1);
    Node weighted =
        algebra.contract(
            List.of(jacobian, graph.input("s", Shape.of(COLUMNS))),
            List.of(List.of(0, 1), List.of(1)),
            List.of(0, 1),
            Shape.of(ROWS, COLUMNS),
            1);
    Node hessian =
        algebra.contract(
            List.of(jacobian, weighted),
            List.of(List.of(0, 2), List.of(1, 2)),
            List.of(0, 1),
            Shape.of(ROWS, ROWS),
            1);
    StepEmitter steps = Lowering.lower(graph, List.of(hessian), Set.of());
    List<String> before = PlanText.of(steps.perBlock().steps());
    assertThat(before)
        .containsExactly(
            "[i,ijk->jk](x, C) <- matrix product [M 1, 4] [4, 6]",
            "[ij,j->ij]([i,ijk->jk](x, C), s) <- product [M, 6] [M, 2] -> [M, 6]",
            "[ij,kj->ik]([i,ijk->jk](x, C), [ij,j->ij]([i,ijk->jk](x, C), s))"
                + " <- product [M, 6] [M, 6] -> [M, 9]");
    assertThat(steps.once().steps()).isEmpty();

    LayoutSelection.run(steps, List.of(steps.of(hessian)));

    assertThat(PlanText.of(steps.once().steps()))
        .containsExactly("[i,ijk->jk](x, C) <- rearrangement [24] -> [24]");
    assertThat(PlanText.of(steps.perBlock().steps())).isEqualTo(before);
    Product last = (Product) steps.perBlock().steps().get(2);
    assertThat(last.factors()).allMatch(factor -> factor.sumStrides().equals(List.of(ROWS)));
  }
}
