package org.sparkcurvature.plan.passes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
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
      new Rearrange(whole, Triangle.positions(ORDER), Accumulate.ADD, half);

  private Step product(Buffer left, Buffer right) {
    return new Product(
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
    WeightedGrams.join(list, wanted, size -> new Buffer(9, false, size), new HashMap<>());
    return list.steps();
  }

  @Test
  void threeStepsBecomeOne() {
    for (Step between : List.of(product, product(matrix, scaled))) {
      List<Step> steps = joined(Set.of(half), scale, between, triangle);
      assertThat(steps)
          .containsExactly(
              new WeightedGram(
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
    Step reader = new Rearrange(scaled, new int[INNER * ORDER], Accumulate.REPLACE, other);
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
    Step part = new Rearrange(whole, lower, Accumulate.REPLACE, half);
    assertThat(joined(Set.of(half), scale, product, part)).containsExactly(scale, product, part);
  }
}
