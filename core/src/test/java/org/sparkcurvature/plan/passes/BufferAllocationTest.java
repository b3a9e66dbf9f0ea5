package org.sparkcurvature.plan.passes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.plan.lower.Lowering;
import org.sparkcurvature.plan.lower.StepEmitter;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Step;

/** exp(sin(cos(tanh(x)))) and the sum of its elements: what is read no longer lends its memory. */
class BufferAllocationTest {
  private final Graph graph = new Graph();
  private final Algebra algebra = new Algebra(graph);
  private final Node x = graph.input("x", Shape.of(5));
  private final Node last =
      algebra.apply("exp", algebra.apply("sin", algebra.apply("cos", algebra.apply("tanh", x))));
  private final Node sum =
      algebra.contract(List.of(last), List.of(List.of(0)), List.of(), Shape.SCALAR, 1);

  /** A line for each step: what it does, and the slots of what it reads and of its result. */
  private static List<String> text(StepEmitter steps, BufferAllocation allocation) {
    List<String> lines = new ArrayList<>();
    for (Step step : steps.perBlock().steps()) {
      List<Integer> read =
          step.inputs().stream().map(buffer -> allocation.slots()[buffer.id()]).toList();
      lines.add(step.describe() + ": " + read + " -> " + allocation.slots()[step.out().id()]);
    }
    return lines;
  }

  private BufferAllocation allocated(StepEmitter steps, Set<Buffer> permanent) {
    StripMining strips =
        new StripMining(steps.perBlock().steps(), steps.changing(), StripMining.Sums.OF_BLOCKS);
    return new BufferAllocation(steps.buffers(), permanent, Set.of(), Set.of(), strips);
  }

  @Test
  void twoSlotsServeAChain() {
    StepEmitter steps = Lowering.lower(graph, List.of(sum), Set.of());
    BufferAllocation allocation = allocated(steps, Set.of(steps.of(x), steps.of(sum)));
    assertThat(text(steps, allocation))
        .containsExactly(
            "tanh on [M, 5]: [0] -> 2",
            "cos on [M, 5]: [2] -> 3",
            "sin on [M, 5]: [3] -> 2",
            "exp on [M, 5]: [2] -> 3",
            "product [M, 5] -> [M, 1]: [3] -> 1");
    assertThat(allocation.sizes()).containsExactly(5, 1, 5, 5);
  }

  @Test
  void whatIsKeptLendsNothing() {
    StepEmitter steps = Lowering.lower(graph, List.of(sum), Set.of());
    BufferAllocation allocation = allocated(steps, Set.copyOf(steps.buffers()));
    assertThat(allocation.slots()).doesNotHaveDuplicates().hasSize(6);
  }
}
