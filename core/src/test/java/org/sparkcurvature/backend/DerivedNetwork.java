package org.sparkcurvature.backend;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
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

/** A network with a skip connection, and everything that is derived from it. */
final class DerivedNetwork {
  static final int INPUTS = 6;

  final Graph graph = new Graph();
  final Node x = graph.input("x", Shape.of(INPUTS));
  final Node y = graph.input("y", Shape.of());
  final Node w = graph.parameter("W", Shape.of(4, INPUTS));
  final Node b = graph.parameter("b", Shape.of(4));
  final Node v = graph.parameter("v", Shape.of(4));
  final Differentiator differentiator;
  final List<Node> wanted = new ArrayList<>();

  DerivedNetwork() {
    Node h = call("tanh", call("add", call("matmul", w, x), b));
    Node z = call("subtract", call("dot", v, h), call("multiply", y, call("sum", x)));
    Model model =
        new Model(
            graph,
            inOrder("x", x, "y", y),
            inOrder("W", w, "b", b, "v", v),
            Map.of(),
            call("softplus", z));
    differentiator =
        new Differentiator(
            model,
            List.of("W", "b", "v"),
            List.of(),
            List.of(),
            Differentiator.Order.SECOND,
            Differentiator.Mode.REVERSE);
    wanted.add(differentiator.value(Reduction.SUM));
    for (String name : List.of("W", "b", "v")) {
      wanted.add(differentiator.gradient(name, Reduction.SUM));
    }
    wanted.add(differentiator.gradient("W", Reduction.PER_SAMPLE));
    wanted.add(differentiator.hessian("W", "W", Reduction.SUM));
    wanted.add(differentiator.hessian("W", "v", Reduction.SUM));
    wanted.add(differentiator.hessian("W", "b", Reduction.PER_SAMPLE));
    wanted.add(differentiator.opg("W", "v", Reduction.SUM));
  }

  private static Map<String, Node> inOrder(Object... entries) {
    Map<String, Node> map = new LinkedHashMap<>();
    for (int k = 0; k < entries.length; k += 2) {
      map.put((String) entries[k], (Node) entries[k + 1]);
    }
    return map;
  }

  private Node call(String function, Node... arguments) {
    return FunctionRegistry.call(graph, function, List.of(arguments), OptionalInt.empty());
  }

  /** A program for blocks of up to this many samples. */
  Program open(int block, Function<Integer, Storage> allocator) {
    Plan plan =
        Planner.plan(
            graph, wanted, differentiator.symmetric(), Set.of(), StripMining.Sums.OF_BLOCKS);
    return new Program(
        plan, block, plan.stripRows(), length -> allocator.apply(Math.toIntExact(length)));
  }

  /** All results of a block: one after the other. */
  List<double[]> results(Program program, int rows) {
    program.run(rows);
    List<double[]> results = new ArrayList<>();
    for (Node node : wanted) {
      double[] result = new double[program.size(node) * (program.isSampled(node) ? rows : 1)];
      program.read(node, 0, result.length, result, 0);
      results.add(result);
    }
    return results;
  }
}
