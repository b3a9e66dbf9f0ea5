package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/**
 * An elementwise function of operands of one shape, or one of its partial derivatives.
 *
 * @param function the function's row in {@link Elementwise}
 * @param partial empty for the value; {@code [k]} for df/du_k; {@code [k, l]} for d2f/du_k du_l.
 *     The operands of a partial derivative are those of the function, followed by the function's
 *     value and, where it is made of that, the first derivative.
 */
public record Apply(String function, List<Integer> partial) implements Differentiable {

  public Apply {
    partial = List.copyOf(partial);
  }

  public Apply(String function) {
    this(function, List.of());
  }

  /** The row of the table. */
  public Elementwise row() {
    return Elementwise.row(function);
  }

  /** The scalar function that this operation computes in every lane. */
  public Elementwise.Lane lane() {
    return row().lane(partial);
  }

  /** Whether a lane takes a single instruction. */
  public boolean isArithmetic() {
    return Elementwise.isArithmetic(name());
  }

  /** The same for many lanes at once, where there is such a loop. */
  public Optional<Elementwise.Loop> loop() {
    return row().loop(partial);
  }

  @Override
  public String name() {
    return partial.isEmpty() ? function : function + "'" + (partial.size() == 2 ? "'" : "");
  }

  @Override
  public Kind kind() {
    return Kind.ELEMENTWISE;
  }

  @Override
  public Shape shape(List<Node> operands) {
    Shape shape = operands.get(0).shape();
    for (Node operand : operands) {
      if (!operand.shape().equals(shape)) {
        throw new ExpressionException(
            name()
                + " combines elements of equal shapes; these are "
                + shape
                + " and "
                + operand.shape());
      }
    }
    return shape;
  }

  @Override
  public boolean differentiableIn(int operand) {
    return !(row().first(operand) instanceof Elementwise.Zero);
  }

  @Override
  public boolean hasKink(int operand) {
    return partial.isEmpty() && row().hasKink(operand);
  }

  @Override
  public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
    return algebra.scale(s, head, partialOf(algebra, node, row().first(operand), List.of(operand)));
  }

  /**
   * The derivative of the function, or that of its partial derivative, which uses the second ones.
   */
  @Override
  public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
    if (partial.size() > 1) {
      throw new IllegalStateException("third derivatives are not defined: " + this);
    }
    Optional<Node> sum = Optional.empty();
    for (int l = 0; l < row().arity(); l++) {
      if (tangents.get(l).isPresent()) {
        Elementwise.Partial form =
            partial.isEmpty() ? row().first(l) : row().second(partial.get(0), l);
        if (form instanceof Elementwise.Zero) {
          continue;
        }
        Node value = partial.isEmpty() ? node : node.operand(row().arity());
        List<Integer> which = partial.isEmpty() ? List.of(l) : List.of(partial.get(0), l);
        Node factor = new Apply(function).partialOf(algebra, value, form, which);
        Node part = algebra.scale(tangents.get(l).get(), 1, factor);
        sum = Optional.of(sum.map(s -> algebra.add(s, part)).orElse(part));
      }
    }
    return sum;
  }

  /** The second partial derivative of {@code node} as a node of its shape. */
  public Node second(Algebra algebra, Node node, int k, int l) {
    return partialOf(algebra, node, row().second(k, l), List.of(k, l));
  }

  /** Whether the second partial derivative is zero everywhere. */
  public boolean isFlat(int k, int l) {
    return row().second(k, l) instanceof Elementwise.Zero;
  }

  private Node partialOf(
      Algebra algebra, Node node, Elementwise.Partial form, List<Integer> which) {
    if (!partial.isEmpty()) {
      throw new IllegalStateException("third derivatives are not defined: " + this);
    }
    if (form instanceof Elementwise.Zero) {
      return algebra.graph().fill(0, node.shape());
    }
    if (form instanceof Elementwise.Constant constant) {
      return algebra.graph().fill(constant.value(), node.shape());
    }
    if (form instanceof Elementwise.Operand other) {
      return node.operand(other.index());
    }
    if (form instanceof Elementwise.Value) {
      return node;
    }
    List<Node> arguments = new ArrayList<>(node.operands());
    arguments.add(node);
    if (form instanceof Elementwise.OfFirst) {
      int operand = which.get(0);
      arguments.add(partialOf(algebra, node, row().first(operand), List.of(operand)));
    }
    return algebra.graph().add(new Apply(function, which), arguments);
  }

  @Override
  public String describe(List<String> operands) {
    if (partial.isEmpty()) {
      return row().describe(operands);
    }
    String value = row().describe(operands.subList(0, row().arity()));
    return (partial.size() == 1 ? "the derivative of " : "the second derivative of ") + value;
  }
}
