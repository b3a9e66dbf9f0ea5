package org.sparkcurvature.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.FunctionRegistry;

/** Writes models down in tests. */
final class Expressions {
  final Graph graph = new Graph();
  private final Map<String, Node> inputs = new LinkedHashMap<>();
  private final Map<String, Node> parameters = new LinkedHashMap<>();
  private final Map<String, Node> definitions = new LinkedHashMap<>();

  Node input(String name, int... extents) {
    Node node = graph.input(name, Shape.of(extents));
    inputs.put(name, node);
    return node;
  }

  Node parameter(String name, int... extents) {
    Node node = graph.parameter(name, Shape.of(extents));
    parameters.put(name, node);
    return node;
  }

  Node define(String name, Node node) {
    definitions.put(name, node);
    return node;
  }

  Node constant(double value) {
    return graph.constant(value);
  }

  Node call(String function, Node... arguments) {
    return FunctionRegistry.call(graph, function, List.of(arguments), OptionalInt.empty());
  }

  Node along(String function, int axis, Node argument) {
    return FunctionRegistry.call(graph, function, List.of(argument), OptionalInt.of(axis));
  }

  Model model(Node loss) {
    return new Model(graph, inputs, parameters, definitions, loss);
  }
}
