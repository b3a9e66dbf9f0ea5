package org.sparkcurvature.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.FunctionRegistry;

/**
 * Writes the loss of one sample in Java:
 *
 * <pre>{@code
 * LossBuilder loss = new LossBuilder();
 * Tensor z = loss.input("x", 3).dot(loss.parameter("beta", 3));
 * Model logistic = loss.build(z.apply("softplus").minus(loss.input("y").times(z)));
 * }</pre>
 *
 * <p>Not to be used by several threads at once; the model that it builds is immutable.
 */
public final class LossBuilder {
  private final Graph graph = new Graph();
  private final Map<String, Node> inputs = new LinkedHashMap<>();
  private final Map<String, Node> parameters = new LinkedHashMap<>();
  private final Map<String, Node> definitions = new LinkedHashMap<>();

  /**
   * An input tensor: a value for each sample.
   *
   * @param extents its extents, outermost first; none for a scalar
   * @throws IllegalArgumentException if the name is taken, or is {@code loss}
   * @throws ExpressionException if an extent is below 1
   */
  public Tensor input(String name, int... extents) {
    refuseTaken(name);
    return named(inputs, name, graph.input(name, Shape.of(extents)));
  }

  /** A parameter: the same for all samples; otherwise as {@link #input}. */
  public Tensor parameter(String name, int... extents) {
    refuseTaken(name);
    return named(parameters, name, graph.parameter(name, Shape.of(extents)));
  }

  /** A scalar constant. */
  public Tensor constant(double value) {
    return new Tensor(graph.constant(value));
  }

  /**
   * Gives an expression a name, by which its values and Jacobians can be asked for.
   *
   * @throws IllegalArgumentException if the name is taken, or is {@code loss}
   */
  public Tensor define(String name, Tensor expression) {
    refuseTaken(name);
    return named(definitions, name, expression.node);
  }

  private Tensor named(Map<String, Node> names, String name, Node node) {
    names.put(name, node);
    return new Tensor(node);
  }

  private void refuseTaken(String name) {
    if (name.equals("loss")
        || inputs.containsKey(name)
        || parameters.containsKey(name)
        || definitions.containsKey(name)) {
      throw new IllegalArgumentException("the name " + name + " is taken");
    }
  }

  /**
   * The model with this loss.
   *
   * @throws ExpressionException if the loss is not a scalar
   */
  public Model build(Tensor loss) {
    return new Model(graph, inputs, parameters, definitions, loss.node).copy();
  }

  /**
   * An expression. A scalar combines with any shape; two tensors combine element by element only
   * when their shapes are equal.
   */
  public final class Tensor {
    private final Node node;

    private Tensor(Node node) {
      this.node = node;
    }

    /** The shape of one sample's value. */
    public Shape shape() {
      return node.shape();
    }

    public Tensor plus(Tensor other) {
      return apply("add", other);
    }

    public Tensor plus(double other) {
      return plus(constant(other));
    }

    public Tensor minus(Tensor other) {
      return apply("subtract", other);
    }

    public Tensor minus(double other) {
      return minus(constant(other));
    }

    /** The product, element by element. */
    public Tensor times(Tensor other) {
      return apply("multiply", other);
    }

    public Tensor times(double other) {
      return times(constant(other));
    }

    public Tensor dividedBy(Tensor other) {
      return apply("divide", other);
    }

    public Tensor dividedBy(double other) {
      return dividedBy(constant(other));
    }

    /** The scalar product of two vectors. */
    public Tensor dot(Tensor other) {
      return apply("dot", other);
    }

    /** The product of a matrix with a vector or a matrix. */
    public Tensor matmul(Tensor other) {
      return apply("matmul", other);
    }

    /** The sum of all elements. */
    public Tensor sum() {
      return apply("sum");
    }

    /** What this holds at a position of its first axis. */
    public Tensor at(int position) {
      return apply("index", constant(position));
    }

    /** What this holds at the positions that an index of each sample says. */
    public Tensor at(Tensor index) {
      return apply("index", index);
    }

    /**
     * A function of the loss language by its name, such as {@code softplus}; see {@link
     * FunctionRegistry#names}.
     *
     * @param others its arguments after this one
     * @throws ExpressionException if there is no such function or the arguments do not fit it; the
     *     message says what would
     */
    public Tensor apply(String function, Tensor... others) {
      List<Node> arguments = new ArrayList<>(List.of(node));
      Arrays.stream(others).forEach(other -> arguments.add(other.node));
      return new Tensor(FunctionRegistry.call(graph, function, arguments, OptionalInt.empty()));
    }

    /**
     * A reduction along an axis, such as {@code sum} or {@code logsumexp}.
     *
     * @throws ExpressionException if the function takes no axis, or there is no such one
     */
    public Tensor applyAlong(int axis, String function) {
      return new Tensor(
          FunctionRegistry.call(graph, function, List.of(node), OptionalInt.of(axis)));
    }

    /** The expression as a person would write it. */
    @Override
    public String toString() {
      return node.toString();
    }
  }
}
