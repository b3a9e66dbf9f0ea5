package org.sparkcurvature.plan.passes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.diff.Differentiator.Reduction;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.FunctionRegistry;
import org.sparkcurvature.plan.Planner;
import org.sparkcurvature.plan.steps.FusedDerivatives;
import org.sparkcurvature.plan.steps.Step;

/** What is computed together, and what is not. */
class DerivativeFusionTest {
  private final Graph graph = new Graph();
  private final Node x = graph.input("x", Shape.of(3));
  private final Node b = graph.parameter("b", Shape.of(3));

  private Node call(String function, Node... arguments) {
    return FunctionRegistry.call(graph, function, List.of(arguments), OptionalInt.empty());
  }

  /** The steps of value, gradient and Hessian of a loss with one parameter. */
  private List<Step> steps(Node loss) {
    Differentiator differentiator =
        new Differentiator(
            new Model(graph, Map.of("x", x), Map.of("b", b), Map.of(), loss),
            List.of("b"),
            List.of(),
            List.of(),
            Differentiator.Order.SECOND,
            Differentiator.Mode.REVERSE);
    List<Node> wanted =
        List.of(
            differentiator.value(Reduction.SUM),
            differentiator.gradient("b", Reduction.SUM),
            differentiator.hessian("b", "b", Reduction.SUM));
    return Planner.plan(
            graph, wanted, differentiator.symmetric(), Set.of(), StripMining.Sums.OF_BLOCKS)
        .steps()
        .toList();
  }

  private static List<String> fusedSteps(List<Step> steps) {
    return steps.stream()
        .filter(step -> step instanceof FusedDerivatives)
        .map(step -> step.describe())
        .toList();
  }

  @Test
  void aFunctionAndItsDerivativesAreOneStep() {
    List<Step> steps = steps(call("softplus", call("dot", x, b)));
    assertThat(fusedSteps(steps)).containsExactly("softplus, softplus', softplus'' on [M, 1]");
    FusedDerivatives fused =
        (FusedDerivatives)
            steps.stream().filter(step -> step instanceof FusedDerivatives).findFirst().get();
    assertThat(fused.members().stream().map(Step::out)).doesNotHaveDuplicates().hasSize(3);
    assertThat(fused.inputs()).containsExactly(fused.operand());
  }

  @Test
  void aSecondDerivativeMadeOfTheOthersIsAStepOfItsOwn() {
    List<Step> steps = steps(call("tanh", call("dot", x, b)));
    assertThat(fusedSteps(steps)).containsExactly("tanh, tanh' on [M, 1]");
    assertThat(steps.stream().map(Step::describe)).contains("tanh'' on [M, 1]");
  }

  @Test
  void theOppositeSharesTheWork() {
    Node z = call("dot", x, b);
    List<Step> steps =
        steps(call("add", call("log_sigmoid", z), call("log_sigmoid", call("negate", z))));
    assertThat(fusedSteps(steps)).hasSize(1);
    assertThat(fusedSteps(steps).get(0))
        .startsWith("log_sigmoid, log_sigmoid of the opposite, ")
        .contains("log_sigmoid'", "log_sigmoid' of the opposite", "log_sigmoid''");
    assertThat(steps.stream().map(Step::describe)).noneMatch(step -> step.startsWith("negate on"));
  }

  @Test
  void anOppositeThatIsReadElsewhereStays() {
    Node opposite = call("negate", call("dot", x, b));
    List<Step> steps = steps(call("add", call("softplus", opposite), call("sin", opposite)));
    assertThat(fusedSteps(steps)).hasSize(1);
    assertThat(steps.stream().map(Step::describe)).anyMatch(step -> step.startsWith("negate on"));
  }

  @Test
  void functionsOfDifferentOperandsAreNot() {
    Node z = call("dot", x, b);
    List<Step> steps = steps(call("add", call("tanh", z), call("tanh", call("square", z))));
    assertThat(fusedSteps(steps)).containsExactly("tanh, tanh' on [M, 1]", "tanh, tanh' on [M, 1]");
  }

  @Test
  void whatSharesNothingIsNot() {
    assertThat(fusedSteps(steps(call("square", call("dot", x, b))))).isEmpty();
  }
}
