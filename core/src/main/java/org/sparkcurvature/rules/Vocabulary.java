package org.sparkcurvature.rules;

import java.util.List;
import java.util.OptionalInt;
import java.util.SortedSet;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;

/** The functions of the loss language by name. Operators have names too: add, subtract, multiply, divide, negate, power, equal, ... */
public final class Vocabulary {
  private Vocabulary() {}

  /** Every name that {@link #call} understands, operators included. */
  public static SortedSet<String> names() {
    throw new UnsupportedOperationException();
  }

  /**
   * Applies a function.
   *
   * @param axis the argument {@code axis => k} of reductions, where given
   * @throws ExpressionException if there is no such function, or the arguments do not fit it; the message says what would
   */
  public static Node call(Graph graph, String function, List<Node> arguments, OptionalInt axis) {
    throw new UnsupportedOperationException();
  }
}
