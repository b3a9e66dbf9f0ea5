package org.sparkcurvature.plan.steps;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.plan.PlanText;

class StepBuilderTest {
  private final Graph graph = new Graph();
  private final Node node = graph.input("node", Shape.of(2));
  private final StepBuilder steps = new StepBuilder();
  private final Buffer x = steps.input(graph.input("x", Shape.of(3)));

  @Test
  void consecutiveRearrangementsAreOne() {
    Buffer reversed = steps.rearrange(node, x, new int[] {2, 1, 0}, 3);
    Buffer part = steps.rearrange(node, reversed, new int[] {0, -1}, 2);

    assertThat(steps.perBlock().steps()).hasSize(2);
    Rearrange last = (Rearrange) steps.perBlock().steps().get(1);
    assertThat(last.in()).isEqualTo(x);
    assertThat(last.map()).containsExactly(2, -1);
    assertThat(last.out()).isEqualTo(part);
  }

  @Test
  void whatIsAddedToIsNoLongerWhatWasMovedThere() {
    Buffer reversed = steps.rearrange(node, x, new int[] {2, 1, 0}, 3);
    steps.emit(new Rearrange(node, x, new int[] {0, 1, 2}, Accumulate.ADD, reversed));
    steps.rearrange(node, reversed, new int[] {0}, 1);

    assertThat(PlanText.of(steps.perBlock().steps()))
        .containsExactly(
            "node <- rearrangement [M, 3] -> [M, 3]",
            "node <- rearrangement [M, 3] -> [M, 3], added",
            "node <- rearrangement [M, 3] -> [M, 1]");
  }

  @Test
  void whatDependsOnParametersAloneRunsOnce() {
    Buffer w = steps.input(graph.parameter("w", Shape.of(3)));
    assertThat(steps.movedOnce(node, w, new int[] {1, 0})).isPresent();
    assertThat(steps.movedOnce(node, x, new int[] {1, 0})).isEmpty();
    assertThat(steps.once().steps()).hasSize(1);
    assertThat(steps.perBlock().steps()).isEmpty();
    assertThat(List.copyOf(steps.inputs().values())).containsExactly(x, w);
  }
}
