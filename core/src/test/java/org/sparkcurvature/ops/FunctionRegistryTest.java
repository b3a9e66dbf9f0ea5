package org.sparkcurvature.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/** What the vocabulary refuses, with what it says; and what it makes of constants. */
class FunctionRegistryTest {
  private static final Graph GRAPH = new Graph();
  private static final Node SCALAR = GRAPH.input("y", Shape.SCALAR);
  private static final Node THREE = GRAPH.input("x", Shape.of(3));
  private static final Node FOUR = GRAPH.input("u", Shape.of(4));
  private static final Node MATRIX = GRAPH.input("A", Shape.of(2, 3));
  private static final Node CUBE = GRAPH.input("T", Shape.of(2, 2, 2));
  private static final Node BETA = GRAPH.parameter("beta", Shape.of(3));
  private static final Node B0 = GRAPH.parameter("b0", Shape.SCALAR);

  private static Node number(double value) {
    return GRAPH.constant(value);
  }

  private static Node call(String function, Node... arguments) {
    return FunctionRegistry.call(GRAPH, function, List.of(arguments), OptionalInt.empty());
  }

  private static Arguments refusal(String message, String function, Node... arguments) {
    return Arguments.of(message, function, List.of(arguments), OptionalInt.empty());
  }

  private static Arguments refusalAlong(
      int axis, String message, String function, Node... arguments) {
    return Arguments.of(message, function, List.of(arguments), OptionalInt.of(axis));
  }

  // spotless:off
  static Stream<Arguments> refusals() {
    return Stream.of(
        refusal("there is no function frobnicate", "frobnicate", SCALAR),
        // Numbers of arguments.
        refusal("exp was given 0 arguments; write exp(u)", "exp"),
        refusal("exp was given 2 arguments; write exp(u)", "exp", SCALAR, SCALAR),
        refusal("pow was given 1 argument; write pow(a, b)", "pow", SCALAR),
        refusal("clip was given 2 arguments; write clip(a, b, c)", "clip", SCALAR, SCALAR),
        refusal("greatest was given 1 argument; write greatest(a, b, ...)", "greatest", SCALAR),
        refusal("leaky_relu was given 3 arguments; write leaky_relu(u) or leaky_relu(u, slope)", "leaky_relu", SCALAR, SCALAR, SCALAR),
        refusal("dot was given 1 argument; write dot(a, b) of two vectors", "dot", THREE),
        refusal("sum was given 2 arguments; write sum(z) or sum(z, axis => k)", "sum", THREE, THREE),
        refusal("slice was given 2 arguments; write slice(v, from, length)", "slice", THREE, number(1)),
        refusal("concat was given 0 arguments; write concat(a, b, ...)", "concat"),
        refusal("reshape was given 1 argument; write reshape(v, n, m, ...)", "reshape", THREE),
        refusal("one_hot was given 1 argument; write one_hot(y, k)", "one_hot", SCALAR),
        refusal("cross_entropy was given 1 argument; write cross_entropy(z, y): logits z, class y", "cross_entropy", THREE),
        // Shapes that do not meet.
        refusal("shapes [3] of x and [4] of u do not meet in (x + u): two tensors combine element by element only when their shapes are equal,"
            + " and only scalars are repeated. For products of tensors use dot, matmul or outer", "add", THREE, FOUR),
        refusal("shapes [3] of x and [2, 3] of A do not meet in pow(x, A): two tensors combine element by element only when their shapes are equal,"
            + " and only scalars are repeated. For products of tensors use dot, matmul or outer", "pow", THREE, MATRIX),
        refusal("shapes [3] of x and [4] of u do not meet in where(y, x, u): two tensors combine element by element only when their shapes are equal,"
            + " and only scalars are repeated. For products of tensors use dot, matmul or outer", "where", SCALAR, THREE, FOUR),
        refusal("greatest combines elements of equal shapes; these are [3] and [4]", "greatest", THREE, SCALAR, FOUR),
        refusal("least combines elements of equal shapes; these are [4] and [2, 3]", "least", FOUR, SCALAR, MATRIX),
        refusal("dot needs two vectors of one length; x has shape [3] and u has shape [4]", "dot", THREE, FOUR),
        refusal("dot needs two vectors of one length; y has shape [] and x has shape [3]", "dot", SCALAR, THREE),
        refusal("dot needs two vectors of one length; A has shape [2, 3] and x has shape [3]. For a matrix and a vector use matmul", "dot", MATRIX, THREE),
        refusal("matmul needs shapes [n, k] and [k], or [n, k] and [k, m]; A has shape [2, 3] and u has shape [4]", "matmul", MATRIX, FOUR),
        refusal("matmul needs shapes [n, k] and [k], or [n, k] and [k, m]; x has shape [3] and beta has shape [3]", "matmul", THREE, BETA),
        refusal("matmul needs shapes [n, k] and [k], or [n, k] and [k, m]; A has shape [2, 3] and y has shape []", "matmul", MATRIX, SCALAR),
        refusal("matmul needs shapes [n, k] and [k], or [n, k] and [k, m]; T has shape [2, 2, 2] and x has shape [3]", "matmul", CUBE, THREE),
        refusal("outer needs two vectors; A has shape [2, 3] and x has shape [3]", "outer", MATRIX, THREE),
        refusal("outer needs two vectors; x has shape [3] and y has shape []", "outer", THREE, SCALAR),
        refusal("transpose needs a matrix; x has shape [3]", "transpose", THREE),
        refusal("trace needs a square matrix; A has shape [2, 3]", "trace", MATRIX),
        refusal("inverse needs a square matrix; x has shape [3]", "inverse", THREE),
        refusal("cholesky needs a square matrix; y has shape []", "cholesky", SCALAR),
        refusal("logdet needs a square matrix; T has shape [2, 2, 2]", "logdet", CUBE),
        refusal("diag needs a square matrix; A has shape [2, 3]", "diag", MATRIX),
        refusal("eye: the order must be an integer constant; this is y", "eye", SCALAR),
        refusal("eye: the order must be at least 1; it is 0", "eye", number(0)),
        refusal("solve was given 1 argument; write solve(A, b) or solve(A, B)", "solve", MATRIX),
        refusal("solve needs a square matrix; A has shape [2, 3]", "solve", MATRIX, THREE),
        refusal("solve needs shapes [n, n] and [n], or [n, n] and [n, m]; diag(x) has shape [3, 3] and u has shape [4]", "solve", call("diag", THREE), FOUR),
        refusal("concat: shapes [2, 3] and [1] differ in more than axis 0", "concat", MATRIX, SCALAR),
        refusal("reshape: shape [2, 3] has 6 elements, shape [4] has 4", "reshape", MATRIX, number(4)),
        refusal("shape [0, 6] has an extent below 1", "reshape", MATRIX, number(0), number(6)),
        refusal("reshape: an extent must be an integer constant; this is y", "reshape", MATRIX, SCALAR),
        refusal("reshape: an extent must be an integer constant; this is 1.5", "reshape", MATRIX, number(1.5)),
        // Axes.
        refusalAlong(2, "sum: axis => 2, but shape [2, 3] has axes 0 .. 1", "sum", MATRIX),
        refusalAlong(-1, "mean: axis => -1, but shape [2, 3] has axes 0 .. 1", "mean", MATRIX),
        refusalAlong(1, "logsumexp: axis => 1, but shape [3] has axes 0 .. 0", "logsumexp", THREE),
        refusalAlong(0, "max: axis => 0, but shape [] has no axes", "max", SCALAR),
        refusalAlong(1, "min: axis => 1, but shape [3] has axes 0 .. 0", "min", THREE),
        refusalAlong(1, "prod: axis => 1, but shape [3] has axes 0 .. 0", "prod", THREE),
        refusalAlong(1, "norm2: axis => 1, but shape [3] has axes 0 .. 0", "norm2", THREE),
        refusalAlong(1, "softmax: axis => 1, but shape [3] has axes 0 .. 0", "softmax", THREE),
        refusalAlong(5, "cumsum: axis => 5, but shape [3] has axes 0 .. 0", "cumsum", THREE),
        refusalAlong(0, "exp takes no axis", "exp", THREE),
        refusalAlong(0, "greatest takes no axis", "greatest", THREE, THREE),
        refusalAlong(0, "dot takes no axis", "dot", THREE, BETA),
        refusalAlong(0, "matmul takes no axis", "matmul", MATRIX, THREE),
        refusalAlong(0, "outer takes no axis", "outer", THREE, THREE),
        refusalAlong(0, "transpose takes no axis", "transpose", MATRIX),
        refusalAlong(0, "trace takes no axis", "trace", MATRIX),
        refusalAlong(0, "solve takes no axis", "solve", MATRIX, THREE),
        refusalAlong(0, "eye takes no axis", "eye", number(3)),
        refusalAlong(0, "diag takes no axis", "diag", THREE),
        refusalAlong(0, "slice takes no axis", "slice", THREE, number(0), number(1)),
        refusalAlong(0, "concat takes no axis", "concat", THREE, THREE),
        refusalAlong(0, "reshape takes no axis", "reshape", THREE, number(3)),
        refusalAlong(0, "one_hot takes no axis", "one_hot", SCALAR, number(3)),
        refusalAlong(0, "cross_entropy takes no axis", "cross_entropy", THREE, SCALAR),
        refusalAlong(0, "leaky_relu takes no axis", "leaky_relu", THREE),
        refusal("cumsum of shape [2, 3] needs an axis: cumsum(A, axis => 0)", "cumsum", MATRIX),
        refusal("logcumsumexp of shape [2, 3] needs an axis: logcumsumexp(A, axis => 0)", "logcumsumexp", MATRIX),
        refusal("cumsum needs a vector or a matrix; y is a scalar", "cumsum", SCALAR),
        // Positions.
        refusal("index 3 is outside 0 .. 2 of shape [3]", "index", THREE, number(3)),
        refusal("index -1 is outside 0 .. 2 of shape [3]", "index", THREE, number(-1)),
        refusal("index 2147483647 is outside 0 .. 2 of shape [3]", "index", THREE, number(Integer.MAX_VALUE)),
        refusal("index: an index must be an integer constant; this is 0.5", "index", THREE, number(0.5)),
        refusal("index needs a vector or a matrix; y is a scalar", "index", SCALAR, number(0)),
        refusal("an index must be made of inputs and constants; b0 has a parameter in it", "index", THREE, B0),
        refusal("an index must be made of inputs and constants; (y + b0) has a parameter in it", "index", THREE, call("add", SCALAR, B0)),
        refusal("index needs a vector or a matrix; y is a scalar", "index", SCALAR, FOUR),
        refusal("slice 2 .. 3 is outside 0 .. 2 of shape [3]", "slice", THREE, number(2), number(2)),
        refusal("index 3 is outside 0 .. 2 of shape [3]", "slice", THREE, number(3), number(1)),
        refusal("slice 1 .. 2147483646 is outside 0 .. 2 of shape [3]", "slice", THREE, number(1), number(2147483646)),
        refusal("slice: its length must be at least 1; it is 0", "slice", THREE, number(1), number(0)),
        refusal("slice: where it begins must be an integer constant; this is y", "slice", THREE, SCALAR, number(1)),
        refusal("slice: its length must be an integer constant; this is b0", "slice", THREE, number(0), B0),
        refusal("slice needs a vector or a matrix; y is a scalar", "slice", SCALAR, number(0), number(1)),
        refusal("one_hot: the number of classes must be an integer constant; this is y", "one_hot", SCALAR, SCALAR),
        refusal("one_hot: the number of classes must be at least 1; it is 0", "one_hot", SCALAR, number(0)),
        refusal("one_hot needs a class made of inputs and constants; b0 has a parameter in it", "one_hot", B0, number(3)),
        refusal("an index must be a scalar; this one has shape [3]", "one_hot", THREE, number(3)),
        refusal("cross_entropy needs a vector of logits; A has shape [2, 3]", "cross_entropy", MATRIX, SCALAR),
        refusal("cross_entropy needs a vector of logits; y has shape []", "cross_entropy", SCALAR, SCALAR),
        refusal("index 3 is outside 0 .. 2 of shape [3]", "cross_entropy", THREE, number(3)),
        refusal("an index must be made of inputs and constants; b0 has a parameter in it", "cross_entropy", THREE, B0));
  }
  // spotless:on

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void refuses(String message, String function, List<Node> arguments, OptionalInt axis) {
    assertThatThrownBy(() -> FunctionRegistry.call(GRAPH, function, arguments, axis))
        .isInstanceOf(ExpressionException.class)
        .hasMessage(message);
  }

  @Test
  void functionsOfConstantsAreConstants() {
    Node node = call("log", call("add", number(1), call("multiply", number(2), number(3))));
    assertThat(node.op()).isEqualTo(new Leaf.Fill(Math.log(7), Shape.SCALAR));
  }

  @Test
  void equalCallsAreOneNode() {
    assertThat(call("exp", call("dot", THREE, BETA)))
        .isSameAs(call("exp", call("dot", THREE, BETA)));
  }

  @Test
  void indexedInputsHaveBounds() {
    Graph graph = new Graph();
    Node z = graph.parameter("z", Shape.of(5));
    Node i = graph.input("i", Shape.SCALAR);
    Node k = graph.input("k", Shape.SCALAR);
    Node unused = graph.input("t", Shape.SCALAR);
    OptionalInt none = OptionalInt.empty();
    Node first = FunctionRegistry.call(graph, "index", List.of(z, i), none);
    Node hot = FunctionRegistry.call(graph, "one_hot", List.of(i, graph.constant(3)), none);
    Node loss = FunctionRegistry.call(graph, "cross_entropy", List.of(z, k), none);
    Node sum =
        FunctionRegistry.call(
            graph,
            "add",
            List.of(
                loss,
                FunctionRegistry.call(
                    graph,
                    "multiply",
                    List.of(first, FunctionRegistry.call(graph, "sum", List.of(hot), none)),
                    none)),
            none);
    Model model =
        new Model(graph, Map.of("i", i, "k", k, "t", unused), Map.of("z", z), Map.of(), sum);
    assertThat(IndexBounds.of(model)).isEqualTo(Map.of("i", 3, "k", 5));
  }
}
