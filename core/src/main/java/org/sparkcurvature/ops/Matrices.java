package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/** The functions of the loss language between vectors and matrices. */
final class Matrices {
  private Matrices() {}

  static Node dot(FunctionCall call) {
    call.noAxis();
    Node a = call.argument(0);
    Node b = call.argument(1);
    if (a.shape().rank() != 1 || !a.shape().equals(b.shape())) {
      throw new ExpressionException(
          "dot needs two vectors of one length; "
              + a
              + " has shape "
              + a.shape()
              + " and "
              + b
              + " has shape "
              + b.shape()
              + (a.shape().rank() == 2 ? ". For a matrix and a vector use matmul" : ""));
    }
    return call.algebra()
        .contract(List.of(a, b), List.of(List.of(0), List.of(0)), List.of(), Shape.SCALAR, 1);
  }

  static Node matmul(FunctionCall call) {
    call.noAxis();
    Node a = call.argument(0);
    Node b = call.argument(1);
    int inner = a.shape().rank() - 1;
    if (a.shape().isScalar()
        || b.shape().isScalar()
        || a.shape().rank() > 2
        || b.shape().rank() > 2
        || a.shape().rank() + b.shape().rank() < 3
        || a.shape().extent(inner) != b.shape().extent(0)) {
      throw new ExpressionException(
          "matmul needs shapes [n, k] and [k], or [n, k] and [k, m]; "
              + a
              + " has shape "
              + a.shape()
              + " and "
              + b
              + " has shape "
              + b.shape());
    }
    List<Integer> left = inner == 0 ? List.of(1) : List.of(0, 1);
    List<Integer> right = b.shape().rank() == 1 ? List.of(1) : List.of(1, 2);
    List<Integer> out = new ArrayList<>();
    List<Integer> extents = new ArrayList<>();
    if (inner == 1) {
      out.add(0);
      extents.add(a.shape().extent(0));
    }
    if (b.shape().rank() == 2) {
      out.add(2);
      extents.add(b.shape().extent(1));
    }
    return call.algebra().contract(List.of(a, b), List.of(left, right), out, new Shape(extents), 1);
  }

  static Node outer(FunctionCall call) {
    call.noAxis();
    Node a = call.argument(0);
    Node b = call.argument(1);
    if (a.shape().rank() != 1 || b.shape().rank() != 1) {
      throw new ExpressionException(
          "outer needs two vectors; "
              + a
              + " has shape "
              + a.shape()
              + " and "
              + b
              + " has shape "
              + b.shape());
    }
    return call.algebra()
        .contract(
            List.of(a, b),
            List.of(List.of(0), List.of(1)),
            List.of(0, 1),
            Shape.of(a.shape().extent(0), b.shape().extent(0)),
            1);
  }

  static Node transpose(FunctionCall call) {
    call.noAxis();
    Node a = call.argument(0);
    if (a.shape().rank() != 2) {
      throw new ExpressionException("transpose needs a matrix; " + a + " has shape " + a.shape());
    }
    return call.algebra().spread(a, List.of(1, 0));
  }

  private static Node square(FunctionCall call, Node a) {
    call.noAxis();
    if (a.shape().rank() != 2 || a.shape().extent(0) != a.shape().extent(1)) {
      throw new ExpressionException(
          call.function() + " needs a square matrix; " + a + " has shape " + a.shape());
    }
    return a;
  }

  private static int order(Node square) {
    return square.shape().extent(0);
  }

  private static Node einsum(FunctionCall call, String formula, Node a) {
    return MatrixFunction.einsum(call.algebra(), formula, 1, a);
  }

  /** A vector on the diagonal of a matrix, or the diagonal of a matrix. */
  static Node diagonal(FunctionCall call) {
    call.noAxis();
    Node a = call.argument(0);
    return a.shape().rank() == 1
        ? call.algebra().spread(a, List.of(0, 0))
        : einsum(call, "ii->i", square(call, a));
  }

  static Node identity(FunctionCall call) {
    call.noAxis();
    return call.algebra().identity(call.count(0, "the order"));
  }

  static Node solve(FunctionCall call) {
    Node a = square(call, call.argument(0));
    Node b = call.argument(1);
    if (b.shape().isScalar() || b.shape().rank() > 2 || b.shape().extent(0) != order(a)) {
      throw new ExpressionException(
          "solve needs shapes [n, n] and [n], or [n, n] and [n, m]; "
              + a
              + " has shape "
              + a.shape()
              + " and "
              + b
              + " has shape "
              + b.shape());
    }
    return LinearSolve.of(call.algebra(), a, b);
  }

  static Node trace(FunctionCall call) {
    return einsum(call, "ii->", square(call, call.argument(0)));
  }

  static Node inverse(FunctionCall call) {
    return LinearSolve.inverse(call.algebra(), square(call, call.argument(0)));
  }

  static Node cholesky(FunctionCall call) {
    Node a = square(call, call.argument(0));
    return Cholesky.of(call.algebra(), new Cholesky(order(a)), a);
  }

  static Node logDeterminant(FunctionCall call) {
    Node a = square(call, call.argument(0));
    return Cholesky.of(call.algebra(), new Cholesky.LogDeterminant(order(a)), a);
  }
}
