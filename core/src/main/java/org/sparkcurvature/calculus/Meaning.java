package org.sparkcurvature.calculus;

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
record Meaning(String pattern, String symbol, List<Node> nodes) {

  static Meaning adjoint(Node node) {
    return new Meaning("d loss / d %s", "g[%s]", List.of(node));
  }

  static Meaning second(Node a, Node b) {
    return new Meaning("d2 loss / d %s d %s", "H[%s, %s]", List.of(a, b));
  }

  static Meaning jacobian(Node z, Node by) {
    return new Meaning("d %s / d %s", "J[%s, %s]", List.of(z, by));
  }

  String describe(Function<Node, String> names) {
    return String.format(pattern, nodes.stream().map(names).toArray());
  }

  String symbol(Function<Node, String> names) {
    return String.format(symbol, nodes.stream().map(names).toArray());
  }
}
