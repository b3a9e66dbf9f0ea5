package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Op;
import org.sparkcurvature.graph.Shape;

/**
 * The functions of the loss language by name, operators included: add, subtract, multiply, divide,
 * negate, equal, not_equal, less, less_equal, greater, greater_equal, and, or, not, where, index.
 *
 * <p>A scalar combines with any shape; two tensors combine element by element only when their
 * shapes are equal. Nothing else is broadcast.
 */
public final class FunctionRegistry {
  private FunctionRegistry() {}

  @FunctionalInterface
  private interface Builder {
    Node build(FunctionCall call);
  }

  private record Entry(int least, int most, String usage, Builder builder) {}

  private static final Map<String, Entry> TABLE;

  static {
    Map<String, Entry> t = new LinkedHashMap<>();
    for (Elementwise row : Elementwise.table().values()) {
      String arguments = row.arity() == 1 ? "(u)" : row.arity() == 2 ? "(a, b)" : "(a, b, c)";
      t.put(
          row.name(),
          new Entry(
              row.arity(), row.arity(), row.name() + arguments, FunctionRegistry::elementwise));
    }
    t.remove("norm_root");
    t.remove("norm_scale");
    t.put("ln", new Entry(1, 1, "ln(u)", c -> elementwise(c.algebra(), "log", c.arguments())));
    t.put(
        "leaky_relu",
        new Entry(1, 2, "leaky_relu(u) or leaky_relu(u, slope)", FunctionRegistry::leakyRelu));
    t.put(
        "greatest",
        new Entry(2, Integer.MAX_VALUE, "greatest(a, b, ...)", FunctionRegistry::extreme));
    t.put("least", new Entry(2, Integer.MAX_VALUE, "least(a, b, ...)", FunctionRegistry::extreme));

    t.put("dot", new Entry(2, 2, "dot(a, b) of two vectors", Matrices::dot));
    t.put("matmul", new Entry(2, 2, "matmul(A, x) or matmul(A, B)", Matrices::matmul));
    t.put("outer", new Entry(2, 2, "outer(a, b) of two vectors", Matrices::outer));
    t.put("transpose", new Entry(1, 1, "transpose(A) of a matrix", Matrices::transpose));
    t.put("trace", new Entry(1, 1, "trace(A)", Matrices::trace));
    t.put("diag", new Entry(1, 1, "diag(v) or diag(A)", Matrices::diagonal));
    t.put("eye", new Entry(1, 1, "eye(n)", Matrices::identity));
    t.put("inverse", new Entry(1, 1, "inverse(A)", Matrices::inverse));
    t.put("solve", new Entry(2, 2, "solve(A, b) or solve(A, B)", Matrices::solve));
    t.put("cholesky", new Entry(1, 1, "cholesky(A)", Matrices::cholesky));
    t.put("logdet", new Entry(1, 1, "logdet(A)", Matrices::logDeterminant));

    t.put("sum", new Entry(1, 1, "sum(z) or sum(z, axis => k)", c -> sum(c, 1)));
    t.put("mean", new Entry(1, 1, "mean(z) or mean(z, axis => k)", FunctionRegistry::mean));
    t.put("prod", new Entry(1, 1, "prod(z) or prod(z, axis => k)", FunctionRegistry::product));
    t.put("max", new Entry(1, 1, "max(z) or max(z, axis => k)", c -> maximum(c, c.argument(0))));
    t.put("min", new Entry(1, 1, "min(z) or min(z, axis => k)", FunctionRegistry::minimum));
    t.put(
        "logsumexp",
        new Entry(
            1,
            1,
            "logsumexp(z) or logsumexp(z, axis => k)",
            c -> reduced(c, (call, z) -> c.algebra().logSumExp(z, call.axis().getAsInt()))));
    t.put(
        "norm2",
        new Entry(
            1,
            1,
            "norm2(z) or norm2(z, axis => k)",
            c ->
                reduced(
                    c,
                    (call, z) ->
                        call.algebra().graph().add(new Norm2(call.axis().getAsInt()), z))));
    t.put(
        "softmax",
        new Entry(
            1,
            1,
            "softmax(z) or softmax(z, axis => k)",
            c -> elementwise(c.algebra(), "exp", List.of(logSoftmax(c)))));
    t.put(
        "log_softmax",
        new Entry(
            1, 1, "log_softmax(z) or log_softmax(z, axis => k)", FunctionRegistry::logSoftmax));
    t.put(
        "cumsum",
        new Entry(
            1,
            1,
            "cumsum(v) or cumsum(A, axis => k)",
            c -> running(c, axis -> new Structural.CumulativeSum(axis, false))));
    t.put(
        "logcumsumexp",
        new Entry(
            1,
            1,
            "logcumsumexp(v) or logcumsumexp(A, axis => k)",
            c -> running(c, LogCumSumExp::new)));

    t.put("index", new Entry(2, 2, "z[i]", FunctionRegistry::index));
    t.put("slice", new Entry(3, 3, "slice(v, from, length)", FunctionRegistry::slice));
    t.put("concat", new Entry(1, Integer.MAX_VALUE, "concat(a, b, ...)", FunctionRegistry::concat));
    t.put(
        "reshape",
        new Entry(2, Integer.MAX_VALUE, "reshape(v, n, m, ...)", FunctionRegistry::reshape));
    t.put("one_hot", new Entry(2, 2, "one_hot(y, k)", FunctionRegistry::oneHot));

    t.put(
        "cross_entropy",
        new Entry(2, 2, "cross_entropy(z, y): logits z, class y", FunctionRegistry::crossEntropy));
    t.put(
        "binary_cross_entropy",
        new Entry(
            2, 2, "binary_cross_entropy(z, y): logit z, label y", FunctionRegistry::elementwise));
    TABLE = Collections.unmodifiableMap(t);
  }

  /** Every name that {@link #call} understands, operators included. */
  public static SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(TABLE.keySet()));
  }

  /**
   * Applies a function.
   *
   * @param axis the argument {@code axis => k} of reductions, where given
   * @throws ExpressionException if there is no such function, or the arguments do not fit it; the
   *     message says what would
   */
  public static Node call(Graph graph, String function, List<Node> arguments, OptionalInt axis) {
    Entry entry = TABLE.get(function);
    if (entry == null) {
      throw new ExpressionException("there is no function " + function);
    }
    if (arguments.size() < entry.least || arguments.size() > entry.most) {
      throw new ExpressionException(
          function
              + " was given "
              + arguments.size()
              + " argument"
              + (arguments.size() == 1 ? "" : "s")
              + "; write "
              + entry.usage);
    }
    return entry.builder.build(new FunctionCall(new Algebra(graph), function, arguments, axis));
  }

  private static Node elementwise(FunctionCall call) {
    call.noAxis();
    return elementwise(call.algebra(), call.function(), call.arguments());
  }

  private static Node elementwise(Algebra algebra, String function, List<Node> arguments) {
    Shape shape = Shape.SCALAR;
    Node owner = arguments.get(0);
    for (Node argument : arguments) {
      if (!argument.shape().isScalar()) {
        if (!shape.isScalar() && !shape.equals(argument.shape())) {
          throw new ExpressionException(
              "shapes "
                  + shape
                  + " of "
                  + owner
                  + " and "
                  + argument.shape()
                  + " of "
                  + argument
                  + " do not meet in "
                  + Elementwise.row(function)
                      .describe(arguments.stream().map(Node::toString).toList())
                  + ": two tensors combine element by element only when their shapes are equal, and only scalars are repeated."
                  + " For products of tensors use dot, matmul or outer");
        }
        shape = argument.shape();
        owner = argument;
      }
    }
    if (arguments.stream().allMatch(a -> a.op() instanceof Leaf.Fill)) {
      double[] u = new double[3];
      for (int k = 0; k < arguments.size(); k++) {
        u[k] = ((Leaf.Fill) arguments.get(k).op()).value();
      }
      return algebra
          .graph()
          .fill(Elementwise.row(function).lane(List.of()).at(u[0], u[1], u[2]), shape);
    }
    List<Node> operands = new ArrayList<>();
    for (Node argument : arguments) {
      operands.add(argument.shape().equals(shape) ? argument : algebra.broadcast(argument, shape));
    }
    return algebra.apply(function, operands.toArray(Node[]::new));
  }

  private static Node leakyRelu(FunctionCall call) {
    call.noAxis();
    List<Node> arguments = new ArrayList<>(call.arguments());
    if (arguments.size() == 1) {
      arguments.add(call.algebra().graph().constant(0.01));
    }
    return elementwise(call.algebra(), "leaky_relu", arguments);
  }

  /**
   * greatest and least: of more than two, by the maximum along a new axis, so that ties share
   * equally.
   */
  private static Node extreme(FunctionCall call) {
    call.noAxis();
    if (call.arguments().size() == 2) {
      return elementwise(call.algebra(), call.function(), call.arguments());
    }
    Algebra algebra = call.algebra();
    Shape shape = Shape.SCALAR;
    for (Node argument : call.arguments()) {
      if (!argument.shape().isScalar()) {
        if (!shape.isScalar() && !shape.equals(argument.shape())) {
          throw new ExpressionException(
              call.function()
                  + " combines elements of equal shapes; these are "
                  + shape
                  + " and "
                  + argument.shape());
        }
        shape = argument.shape();
      }
    }
    List<Node> rows = new ArrayList<>();
    for (Node argument : call.arguments()) {
      Node row = argument.shape().equals(shape) ? argument : algebra.broadcast(argument, shape);
      rows.add(
          algebra.reshapeAsWritten(
              call.function().equals("least") ? algebra.apply("negate", row) : row,
              shape.behind(1)));
    }
    Node largest =
        algebra
            .graph()
            .add(new Structural.Maximum(0), algebra.graph().add(new Structural.Concat(0), rows));
    return call.function().equals("least") ? algebra.apply("negate", largest) : largest;
  }

  /**
   * All elements as a vector where no axis was given, so that every reduction is one along an axis.
   */
  private static Node reduced(
      FunctionCall call, java.util.function.BiFunction<FunctionCall, Node, Node> along) {
    Node z = call.argument(0);
    if (call.axis().isPresent()) {
      call.axisOf(z);
      return along.apply(call, z);
    }
    FunctionCall flat =
        new FunctionCall(call.algebra(), call.function(), call.arguments(), OptionalInt.of(0));
    return along.apply(flat, call.algebra().reshapeAsWritten(z, Shape.of(z.shape().size())));
  }

  private static Node sum(FunctionCall call, double coefficient) {
    Node z = call.argument(0);
    List<Integer> labels = Labels.range(0, z.shape().rank());
    List<Integer> out = new ArrayList<>();
    if (call.axis().isPresent()) {
      out.addAll(labels);
      out.remove(call.axisOf(z));
    }
    return call.algebra()
        .contract(
            List.of(z),
            List.of(labels),
            out,
            new Shape(out.stream().map(z.shape()::extent).toList()),
            coefficient);
  }

  private static Node mean(FunctionCall call) {
    Node z = call.argument(0);
    int count = call.axis().isPresent() ? z.shape().extent(call.axisOf(z)) : z.shape().size();
    Node total = sum(call, 1);
    return elementwise(
        call.algebra(), "divide", List.of(total, call.algebra().graph().constant(count)));
  }

  /**
   * The first half times the second, until one element is left: exact derivatives at zeros, where
   * dividing by an element would fail.
   */
  private static Node product(FunctionCall call) {
    return reduced(
        call,
        (c, z) -> {
          int axis = c.axis().getAsInt();
          Node factors = z;
          while (factors.shape().extent(axis) > 1) {
            int extent = factors.shape().extent(axis);
            int half = extent / 2;
            Node pairs =
                c.algebra()
                    .multiply(
                        c.algebra().slice(factors, axis, 0, half),
                        c.algebra().slice(factors, axis, half, half));
            factors =
                extent % 2 == 0
                    ? pairs
                    : c.algebra()
                        .graph()
                        .add(
                            new Structural.Concat(axis),
                            pairs,
                            c.algebra().slice(factors, axis, extent - 1, 1));
          }
          List<Integer> rest = new ArrayList<>(z.shape().extents());
          rest.remove(axis);
          return c.algebra().reshapeAsWritten(factors, new Shape(rest));
        });
  }

  private static Node maximum(FunctionCall call, Node z) {
    return reduced(
        new FunctionCall(call.algebra(), call.function(), List.of(z), call.axis()),
        (c, v) -> c.algebra().graph().add(new Structural.Maximum(c.axis().getAsInt()), v));
  }

  private static Node minimum(FunctionCall call) {
    return call.algebra()
        .apply("negate", maximum(call, call.algebra().apply("negate", call.argument(0))));
  }

  private static Node logSoftmax(FunctionCall call) {
    Node z = call.argument(0);
    Node flat =
        call.axis().isPresent()
            ? z
            : call.algebra().reshapeAsWritten(z, Shape.of(z.shape().size()));
    int axis = call.axis().isPresent() ? call.axisOf(z) : 0;
    return call.algebra().reshapeAsWritten(call.algebra().logSoftmax(flat, axis), z.shape());
  }

  /** An operation from the front of an axis to its end; a vector has but one. */
  private static Node running(FunctionCall call, IntFunction<Op> operation) {
    Node z = call.tensor(0);
    if (call.axis().isEmpty() && z.shape().rank() > 1) {
      throw new ExpressionException(
          "%1$s of shape %2$s needs an axis: %1$s(A, axis => 0)"
              .formatted(call.function(), z.shape()));
    }
    int axis = call.axis().isPresent() ? call.axisOf(z) : 0;
    return call.algebra().graph().add(operation.apply(axis), z);
  }

  private static Node index(FunctionCall call) {
    call.noAxis();
    Node z = call.tensor(0);
    Node i = call.argument(1);
    if (i.op() instanceof Leaf.Fill && i.shape().isScalar()) {
      List<Integer> rest = z.shape().extents().subList(1, z.shape().rank());
      return call.algebra()
          .reshapeAsWritten(
              call.algebra()
                  .graph()
                  .add(new Structural.Slice(0, call.integer(1, "an index"), 1), z),
              new Shape(rest));
    }
    if (dependsOnParameter(call, i)) {
      throw new ExpressionException(
          "an index must be made of inputs and constants; " + i + " has a parameter in it");
    }
    return i.shape().isScalar()
        ? call.algebra().graph().add(new Structural.Gather(0), z, i)
        : several(call.algebra(), z, i);
  }

  /** What each element of an index names, in the index's shape. */
  private static Node several(Algebra algebra, Node z, Node index) {
    Node flat = algebra.reshapeAsWritten(index, Shape.of(index.shape().size()));
    Node found = algebra.graph().add(new Structural.Gather(0), z, flat);
    List<Integer> rest = z.shape().extents().subList(1, z.shape().rank());
    return algebra.reshapeAsWritten(found, new Shape(Labels.concat(index.shape().extents(), rest)));
  }

  private static boolean dependsOnParameter(FunctionCall call, Node node) {
    return Model.dependsOnParameter(call.algebra().graph(), node);
  }

  private static Node slice(FunctionCall call) {
    call.noAxis();
    return call.algebra()
        .graph()
        .add(
            new Structural.Slice(
                0, call.integer(1, "where it begins"), call.count(2, "its length")),
            call.tensor(0));
  }

  private static Node concat(FunctionCall call) {
    call.noAxis();
    List<Node> parts = new ArrayList<>();
    for (Node argument : call.arguments()) {
      parts.add(
          argument.shape().isScalar()
              ? call.algebra().reshapeAsWritten(argument, Shape.of(1))
              : argument);
    }
    return parts.size() == 1
        ? parts.get(0)
        : call.algebra().graph().add(new Structural.Concat(0), parts);
  }

  private static Node reshape(FunctionCall call) {
    call.noAxis();
    List<Integer> extents = new ArrayList<>();
    for (int k = 1; k < call.arguments().size(); k++) {
      extents.add(call.integer(k, "an extent"));
    }
    Shape shape = new Shape(extents);
    if (shape.size() != call.argument(0).shape().size()) {
      throw new ExpressionException(
          "reshape: shape "
              + call.argument(0).shape()
              + " has "
              + call.argument(0).shape().size()
              + " elements, shape "
              + shape
              + " has "
              + shape.size());
    }
    return call.algebra().reshapeAsWritten(call.argument(0), shape);
  }

  private static Node oneHot(FunctionCall call) {
    call.noAxis();
    if (dependsOnParameter(call, call.argument(0))) {
      throw new ExpressionException(
          "one_hot needs a class made of inputs and constants; "
              + call.argument(0)
              + " has a parameter in it");
    }
    if (!call.argument(0).shape().isScalar()) {
      throw new ExpressionException(
          "an index must be a scalar; this one has shape " + call.argument(0).shape());
    }
    return call.algebra().oneHot(call.argument(0), call.count(1, "the number of classes"));
  }

  private static Node crossEntropy(FunctionCall call) {
    call.noAxis();
    Node z = call.argument(0);
    if (z.shape().rank() != 1) {
      throw new ExpressionException(
          "cross_entropy needs a vector of logits; " + z + " has shape " + z.shape());
    }
    Node logarithms = call.algebra().logSoftmax(z, 0);
    List<Node> indexed = List.of(logarithms, call.argument(1));
    Node chosen = index(new FunctionCall(call.algebra(), "index", indexed, OptionalInt.empty()));
    return call.algebra().apply("negate", chosen);
  }
}
