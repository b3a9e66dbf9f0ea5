package org.sparkcurvature.diff;

import java.util.List;
import java.util.function.Function;
import org.sparkcurvature.graph.Node;

/**
 * What a node made for a derivative stands for.
 *
 * @param pattern the text, with one {@code %s} per node
 * @param symbol the same, short, as formulas have it
 * @param nodes the nodes it speaks of
 */
record Provenance(String pattern, String symbol, List<Node> nodes) {

  static Provenance adjoint(Node node) {
    return new Provenance("d loss / d %s", "g[%s]", List.of(node));
  }

  static Provenance second(Node a, Node b) {
    return new Provenance("d2 loss / d %s d %s", "H[%s, %s]", List.of(a, b));
  }

  static Provenance jacobian(Node z, Node by) {
    return new Provenance("d %s / d %s", "J[%s, %s]", List.of(z, by));
  }

  String describe(Function<Node, String> names) {
    return String.format(pattern, nodes.stream().map(names).toArray());
  }

  String symbol(Function<Node, String> names) {
    return String.format(symbol, nodes.stream().map(names).toArray());
  }
}
