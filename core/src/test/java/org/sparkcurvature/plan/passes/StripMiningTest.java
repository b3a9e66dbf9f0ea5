package org.sparkcurvature.plan.passes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.plan.PlanText;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.SummedProduct;

/** A large sum over samples is moved to where another is added to it. */
class StripMiningTest {
  /** What the steps compute, for messages. */
  private static final Node NODE = new Graph().input("node", Shape.SCALAR);

  private static final int N = 512;

  private final Buffer x = new Buffer(0, true, N);
  private final Buffer y = new Buffer(1, true, N);
  private final Buffer moved = new Buffer(2, false, N * N);
  private final Buffer sum = new Buffer(3, false, N * N);

  private final Step first = product(Accumulate.REPLACE, moved);
  private final Step move = new Rearrange(NODE, moved, new int[N * N], Accumulate.REPLACE, sum);
  private final Step second = product(Accumulate.ADD, sum);

  private Step product(Accumulate into, Buffer out) {
    return new SummedProduct(NODE, x, y, 1, N, N, 1, into, out);
  }

  private StripMining strips(StripMining.Sums sums, Step... steps) {
    return new StripMining(List.of(steps), Set.of(x, y, moved, sum), sums);
  }

  @Test
  void largeSumsAreFormedAtTheEnd() {
    StripMining strips = strips(StripMining.Sums.OF_BLOCKS, first, move, second);
    assertThat(strips.perStrip()).isEmpty();
    assertThat(strips.atEnd()).containsExactly(first, move, second);
  }

  @Test
  void whatAddsToAMovedSumBeginsItWhereAllSumsGoStripByStrip() {
    StripMining strips = strips(StripMining.Sums.OF_STRIPS, first, move, second);
    assertThat(strips.perStrip()).containsExactly(first, product(Accumulate.REPLACE, sum));
    assertThat(strips.atEnd()).hasSize(1);
    assertThat(((Rearrange) strips.atEnd().get(0)).into()).isEqualTo(Accumulate.ADD);
  }

  @Test
  void whatAddsToASumThatIsBegunWaits() {
    StripMining strips = strips(StripMining.Sums.OF_STRIPS, first, move, second, second);
    assertThat(strips.perStrip()).containsExactly(first, product(Accumulate.REPLACE, sum));
    assertThat(strips.atEnd()).hasSize(2);
    assertThat(strips.atEnd().get(1)).isEqualTo(second);
  }

  @Test
  void planTextSaysWhatIsAddedWhen() {
    StripMining strips = strips(StripMining.Sums.OF_STRIPS, first, move, second);
    assertThat(PlanText.of(strips.perStrip()))
        .containsExactly(
            "node <- matrix product [512, M 1] [M 1, 512]",
            "node <- matrix product [512, M 1] [M 1, 512]");
    assertThat(PlanText.of(strips.atEnd()))
        .containsExactly("node <- rearrangement [262144] -> [262144], added");
  }
}
