package org.sparkcurvature.plan.passes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.plan.PlanText;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Join;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.StepBuilder;

class DeadMoveEliminationTest {
  private final Graph graph = new Graph();
  private final StepBuilder steps = new StepBuilder();

  private Buffer moved(String node, Buffer from) {
    Buffer to = steps.result(from.sampled(), from.size(), List.of(from));
    Node of = graph.input(node, Shape.of(from.size()));
    return steps.emit(new Rearrange(of, from, new int[from.size()], Accumulate.REPLACE, to));
  }

  @Test
  void movesThatOnlyDeadMovesReadGoToo() {
    Buffer x = steps.input(graph.input("x", Shape.of(3)));
    Buffer wanted = moved("wanted", x);
    Buffer first = moved("first", x);
    moved("second", first);
    Buffer read = moved("read", x);
    Node both = graph.input("both", Shape.of(6));
    steps.emit(new Join(both, List.of(read, x), 1, List.of(3, 3), steps.buffer(true, 6, true)));

    DeadMoveElimination.ofBlocks(steps, List.of(wanted));

    assertThat(PlanText.of(steps.perBlock().steps()))
        .containsExactly(
            "wanted <- rearrangement [M, 3] -> [M, 3]",
            "read <- rearrangement [M, 3] -> [M, 3]",
            "both <- Join [M, 3] [M, 3] -> [M, 6]");
  }

  @Test
  void whatIsMovedOnceForBlocksStays() {
    Buffer w = steps.input(graph.parameter("w", Shape.of(3)));
    Buffer x = steps.input(graph.input("x", Shape.of(3)));
    Buffer read = moved("read", w);
    moved("dead", w);
    Node both = graph.input("both", Shape.of(6));
    steps.emit(new Join(both, List.of(read, x), 1, List.of(3, 3), steps.buffer(true, 6, true)));

    DeadMoveElimination.ofOnce(steps, List.of());

    assertThat(PlanText.of(steps.once().steps()))
        .containsExactly("read <- rearrangement [3] -> [3]");
    assertThat(steps.perBlock().steps()).hasSize(1);
  }
}
