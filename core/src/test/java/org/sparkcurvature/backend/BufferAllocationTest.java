package org.sparkcurvature.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
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
import org.sparkcurvature.plan.steps.Span;
import org.sparkcurvature.plan.steps.Step;

/** Memory that several buffers of a plan use one after another changes no bit of a result. */
class BufferAllocationTest {
  private static final int ROWS = 7;

  private static Node call(Graph graph, String function, Node... arguments) {
    return FunctionRegistry.call(graph, function, List.of(arguments), OptionalInt.empty());
  }

  @Test
  void sharedMemoryChangesNothing() {
    Graph graph = new Graph();
    Node x = graph.input("x", Shape.of(4));
    Node w = graph.parameter("W", Shape.of(3, 4));
    Node v = graph.parameter("V", Shape.of(3, 3));
    Node h = call(graph, "tanh", call(graph, "matmul", w, x));
    Node g = call(graph, "softmax", call(graph, "matmul", v, h));
    Node loss =
        call(
            graph,
            "add",
            call(graph, "dot", g, call(graph, "exp", h)),
            call(graph, "norm2", call(graph, "concat", h, x, g)));
    Model model = new Model(graph, Map.of("x", x), orderly(w, v), Map.of(), loss);
    Differentiator differentiator =
        new Differentiator(
            model,
            List.of("W", "V"),
            List.of(),
            List.of(),
            Differentiator.Order.SECOND,
            Differentiator.Mode.REVERSE);
    List<Node> wanted = new ArrayList<>();
    for (Reduction reduction : Reduction.values()) {
      wanted.add(differentiator.value(reduction));
      wanted.add(differentiator.gradient("W", reduction));
      wanted.add(differentiator.hessian("W", "V", reduction));
      wanted.add(differentiator.hessian("V", "V", reduction));
    }
    Plan shared =
        Planner.plan(
            graph, wanted, differentiator.symmetric(), Set.of(), StripMining.Sums.OF_BLOCKS);
    Plan apart = apart(shared);
    assertThat(shared.elementsPerSample() + shared.elementsPerSampleOfStrip())
        .isLessThan(apart.elementsPerSample());
    Map<Node, double[]> leaves = Running.leaves(graph, ROWS, new Random(5));
    for (Running.Precision precision : Running.Precision.values()) {
      assertThat(Running.run(shared, wanted, leaves, ROWS, precision))
          .usingRecursiveComparison()
          .isEqualTo(Running.run(apart, wanted, leaves, ROWS, precision));
    }
  }

  private static Map<String, Node> orderly(Node w, Node v) {
    Map<String, Node> parameters = new java.util.LinkedHashMap<>();
    parameters.put("W", w);
    parameters.put("V", v);
    return parameters;
  }

  /** The same steps with memory of its own for every buffer. */
  private static Plan apart(Plan plan) {
    TreeMap<Integer, Buffer> buffers = new TreeMap<>();
    List<Buffer> all = new ArrayList<>(plan.inputs().values());
    all.addAll(plan.constants().keySet());
    all.addAll(plan.results().values());
    for (List<Step> steps : List.of(plan.once(), plan.perStrip(), plan.perBlock())) {
      for (Step step : steps) {
        step.members().forEach(member -> all.add(member.out()));
        all.addAll(step.inputs());
      }
    }
    all.forEach(buffer -> buffers.put(buffer.id(), buffer));
    int[] slots = new int[plan.slots().length];
    int[] sizes = new int[slots.length];
    Span[] spans = new Span[slots.length];
    for (int k = 0; k < slots.length; k++) {
      slots[k] = k;
      sizes[k] = buffers.containsKey(k) ? buffers.get(k).size() : 1;
      spans[k] = buffers.containsKey(k) && buffers.get(k).sampled() ? Span.BLOCK : Span.ONE;
    }
    return new Plan(
        plan.once(),
        plan.perStrip(),
        plan.perBlock(),
        plan.results(),
        plan.inputs(),
        plan.constants(),
        slots,
        sizes,
        spans,
        plan.delivered());
  }
}
