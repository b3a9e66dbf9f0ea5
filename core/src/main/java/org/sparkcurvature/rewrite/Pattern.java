package org.sparkcurvature.rewrite;

import java.util.Optional;
import org.sparkcurvature.graph.Node;

/**
 * A row of the table.
 *
 * @param name the expression as people write it and what it is replaced by, in the loss language
 * @param rule finds it
 */
record Pattern(String name, Rule rule) {

  /** Gives an equal expression where a node is of the pattern. */
  @FunctionalInterface
  interface Rule {
    Optional<Node> apply(Expressions e, Node node);
  }
}
