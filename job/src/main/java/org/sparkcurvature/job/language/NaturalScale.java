package org.sparkcurvature.job.language;

import java.util.List;
import java.util.OptionalInt;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.Transform;
import org.sparkcurvature.ops.FunctionRegistry;

/**
 * A parameter's natural value as an expression of its free elements, in the language's own
 * functions, so that derivatives with respect to the free elements are as exact as any.
 */
final class NaturalScale {
  private NaturalScale() {}

  /** The natural value, of the natural shape. */
  static Node of(Graph graph, Node free, Transform transform) {
    return switch (transform) {
      case NONE -> free;
      case LOG -> call(graph, "exp", free);
      case LOGIT -> call(graph, "sigmoid", free);
      case ORDERED ->
          call(
              graph,
              "cumsum",
              call(
                  graph,
                  "concat",
                  slice(graph, free, 0, 1),
                  call(graph, "exp", slice(graph, free, 1, free.shape().size() - 1))));
      case SIMPLEX ->
          call(graph, "softmax", call(graph, "concat", free, graph.fill(0, Shape.of(1))));
    };
  }

  private static Node slice(Graph graph, Node vector, int from, int length) {
    return call(graph, "slice", vector, graph.constant(from), graph.constant(length));
  }

  private static Node call(Graph graph, String function, Node... arguments) {
    return FunctionRegistry.call(graph, function, List.of(arguments), OptionalInt.empty());
  }
}
