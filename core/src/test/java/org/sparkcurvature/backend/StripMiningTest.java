package org.sparkcurvature.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.diff.Differentiator.Reduction;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.FunctionRegistry;
import org.sparkcurvature.plan.Plan;
import org.sparkcurvature.plan.Planner;
import org.sparkcurvature.plan.passes.StripMining;
import org.sparkcurvature.plan.steps.Buffer;

/** A block that takes several strips of samples gives what its samples give a few at a time. */
class StripMiningTest {
  /** Samples that are a strip in any plan here. */
  private static final int FEW = 11;

  private final Graph graph = new Graph();
  private final Node x = graph.input("x", Shape.of(24));
  private final Node y = graph.input("y", Shape.SCALAR);
  private final List<Node> wanted = new ArrayList<>();
  private final Node loss;
  private final Differentiator differentiator;

  StripMiningTest() {
    Node w = graph.parameter("W", Shape.of(20, 24));
    Node v = graph.parameter("V", Shape.of(12, 20));
    Node h = call("tanh", call("matmul", w, x));
    Node g = call("softmax", call("matmul", v, h));
    loss = call("multiply", call("log", y), call("dot", g, call("exp", call("matmul", v, h))));
    Map<String, Node> inputs = new LinkedHashMap<>();
    inputs.put("x", x);
    inputs.put("y", y);
    Map<String, Node> parameters = new LinkedHashMap<>();
    parameters.put("W", w);
    parameters.put("V", v);
    differentiator =
        new Differentiator(
            new Model(graph, inputs, parameters, Map.of(), loss),
            List.of("W", "V"),
            List.of(),
            List.of(),
            Differentiator.Order.SECOND,
            Differentiator.Mode.REVERSE);
    for (Reduction reduction : Reduction.values()) {
      wanted.add(differentiator.value(reduction));
      wanted.add(differentiator.gradient("V", reduction));
    }
    for (String name : List.of("W", "V")) {
      wanted.add(differentiator.hessian("W", name, Reduction.SUM));
      wanted.add(differentiator.hessianUpper(name, Reduction.SUM));
      wanted.add(differentiator.opgUpper(name, Reduction.SUM));
    }
  }

  private Plan plan(StripMining.Sums sums) {
    return Planner.plan(graph, wanted, differentiator.symmetric(), Set.of(), sums);
  }

  private Node call(String function, Node... arguments) {
    return FunctionRegistry.call(graph, function, List.of(arguments), OptionalInt.empty());
  }

  private static int strip(Plan plan) {
    return Math.min(plan.stripRows(), 10 * FEW);
  }

  private static int rows(Plan plan) {
    return 3 * strip(plan) + 2;
  }

  private Map<Node, double[]> leaves(int rows) {
    Map<Node, double[]> leaves = Running.leaves(graph, rows, new Random(8));
    Arrays.setAll(leaves.get(y), k -> 1 + 0.5 * leaves.get(y)[k] * leaves.get(y)[k]);
    return leaves;
  }

  private List<double[]> run(Program program, int count) {
    program.run(count);
    List<double[]> results = new ArrayList<>();
    for (Node node : wanted) {
      double[] result = new double[program.size(node) * (program.isSampled(node) ? count : 1)];
      program.read(node, 0, result.length, result, 0);
      results.add(result);
    }
    return results;
  }

  @Test
  void stepsGoStripByStripAndLargeSumsAtTheEnd() {
    Plan plan = plan(StripMining.Sums.OF_BLOCKS);
    assertThat(plan.stripRows()).isBetween(FEW, 1000);
    assertThat(plan.perStrip()).anyMatch(step -> step.out().sampled());
    assertThat(plan.perStrip()).anyMatch(step -> !step.out().sampled());
    assertThat(plan.perBlock()).allMatch(step -> !step.out().sampled());
    assertThat(plan.perBlock()).anyMatch(step -> step.inputs().get(0).sampled());
  }

  @Test
  void wholeSumsGoStripByStripWhereThatIsWanted() {
    Plan plan = plan(StripMining.Sums.OF_STRIPS);
    assertThat(plan.perStrip()).anyMatch(step -> !step.out().sampled());
    assertThat(plan.perBlock()).allMatch(step -> step.inputs().stream().noneMatch(Buffer::sampled));
    assertThat(plan.elementsPerSample())
        .isLessThan(plan(StripMining.Sums.OF_BLOCKS).elementsPerSample());
  }

  @ParameterizedTest
  @EnumSource
  void stripsAgreeWithFewSamplesAtATime(StripMining.Sums sums) {
    Plan plan = plan(sums);
    int rows = rows(plan);
    Map<Node, double[]> leaves = leaves(rows);
    try (Program program = Program.inDoubles(plan, rows, strip(plan))) {
      leaves.forEach((leaf, values) -> program.set(leaf, values));
      program.prepare();
      List<double[]> block = run(program, rows);
      assertThat(run(program, rows)).usingRecursiveComparison().isEqualTo(block);

      Map<Integer, double[]> added = new HashMap<>();
      for (int row = 0; row < rows; row += FEW) {
        for (Map.Entry<Node, double[]> leaf : leaves.entrySet()) {
          program.set(leaf.getKey(), leaf.getValue(), leaf.getKey().sampled() ? row : 0);
        }
        List<double[]> one = run(program, Math.min(FEW, rows - row));
        for (int k = 0; k < one.size(); k++) {
          double[] sum = added.computeIfAbsent(k, key -> new double[block.get(key).length]);
          int at = program.isSampled(wanted.get(k)) ? row * program.size(wanted.get(k)) : 0;
          for (int i = 0; i < one.get(k).length; i++) {
            sum[at + i] += one.get(k)[i];
          }
        }
      }
      for (int k = 0; k < block.size(); k++) {
        double largest = Arrays.stream(block.get(k)).map(Math::abs).max().orElse(0);
        double[] expected = added.get(k);
        assertThat(block.get(k)).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
          double error = Math.abs(block.get(k)[i] - expected[i]);
          if (!(error <= 1e-13 * largest)) {
            fail("element %d of result %d is %s, not %s", i, k, block.get(k)[i], expected[i]);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void faultsAreFoundInEveryStrip(StripMining.Sums sums) {
    Plan plan = plan(sums);
    int rows = rows(plan);
    int strip = strip(plan);
    Map<Node, double[]> leaves = leaves(rows);
    leaves.get(y)[strip + 1] = -1;
    leaves.get(y)[rows - 1] = -1;
    try (Program program = Program.inDoubles(plan, rows, strip(plan))) {
      leaves.forEach((leaf, values) -> program.set(leaf, values));
      program.prepare();
      Program.Fault fault = program.firstFault(rows).orElseThrow();
      assertThat(fault.rows()).containsExactly(strip + 1, rows - 1);
      assertThat(fault.node().op().name()).isEqualTo("log");
      Arrays.fill(leaves.get(y), 2);
      assertThat(program.firstFault(rows)).isEmpty();
    }
  }
}
