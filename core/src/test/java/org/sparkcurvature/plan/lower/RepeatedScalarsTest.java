package org.sparkcurvature.plan.lower;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.plan.Plan;
import org.sparkcurvature.plan.Planner;
import org.sparkcurvature.plan.passes.StripMining;
import org.sparkcurvature.plan.steps.Buffer;

/** A scalar repeated over a tensor, which elementwise functions read and products do not. */
class RepeatedScalarsTest {

  /** v w + s and -s: the repeated s is written for the second, and must not be added in place. */
  @Test
  void whatAnotherNodeReadsIsNotAddedInPlace() {
    Graph graph = new Graph();
    Algebra algebra = new Algebra(graph);
    Node v = graph.input("v", Shape.of(4));
    Node s = algebra.apply("exp", graph.input("s", Shape.SCALAR));
    Node repeated = algebra.broadcast(s, Shape.of(4));
    Node sum = algebra.add(algebra.apply("sin", v), repeated);
    Node negative =
        algebra.contract(List.of(repeated), List.of(List.of(0)), List.of(0), Shape.of(4), -1);
    Node first = algebra.apply("cos", sum);
    Node second = algebra.apply("exp", negative);
    Plan plan =
        Planner.plan(graph, List.of(first, second), Set.of(), Set.of(), StripMining.Sums.OF_BLOCKS);

    Set<Buffer> written = new HashSet<>(plan.inputs().values());
    written.addAll(plan.constants().keySet());
    plan.once().forEach(step -> written.add(step.out()));
    plan.steps()
        .forEach(
            step -> {
              assertThat(written).as(step.describe()).containsAll(step.inputs());
              step.members().forEach(member -> written.add(member.out()));
            });
    assertThat(written).contains(plan.results().get(first), plan.results().get(second));
  }
}
