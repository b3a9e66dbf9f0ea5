package org.sparkcurvature.random;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.sparkcurvature.graph.Shape;

/** The shapes of results, said again for the tests. */
final class Shapes {
  private Shapes() {}

  static Shape of(String function, List<Term> arguments, OptionalInt axis) {
    Shape first = arguments.get(0).shape();
    return switch (function) {
      case "sum", "mean", "prod", "max", "min", "logsumexp", "norm2" -> reduced(first, axis);
      case "softmax", "log_softmax", "cumsum", "logcumsumexp", "inverse", "cholesky" -> first;
      case "dot", "cross_entropy", "trace", "logdet" -> Shape.SCALAR;
      case "diag" -> first.rank() == 1 ? first.behind(first.size()) : Shape.of(first.extent(0));
      case "eye" -> Shape.of(integer(arguments.get(0)), integer(arguments.get(0)));
      case "solve" -> arguments.get(1).shape();
      case "matmul" -> product(first, arguments.get(1).shape());
      case "outer" -> Shape.of(first.size(), arguments.get(1).shape().size());
      case "transpose" -> Shape.of(first.extent(1), first.extent(0));
      case "index" -> {
        List<Integer> extents = new ArrayList<>(arguments.get(1).shape().extents());
        extents.addAll(first.extents().subList(1, first.rank()));
        yield new Shape(extents);
      }
      case "slice" -> first.with(0, integer(arguments.get(2)));
      case "one_hot" -> Shape.of(integer(arguments.get(1)));
      case "reshape" ->
          new Shape(arguments.subList(1, arguments.size()).stream().map(Shapes::integer).toList());
      case "concat" -> {
        int extent = arguments.stream().mapToInt(a -> length(a.shape())).sum();
        yield first.isScalar() ? Shape.of(extent) : first.with(0, extent);
      }
      default ->
          arguments.stream()
              .map(Term::shape)
              .filter(shape -> !shape.isScalar())
              .findFirst()
              .orElse(Shape.SCALAR);
    };
  }

  private static int integer(Term constant) {
    return (int) constant.value();
  }

  private static int length(Shape shape) {
    return shape.isScalar() ? 1 : shape.extent(0);
  }

  private static Shape reduced(Shape shape, OptionalInt axis) {
    List<Integer> extents = new ArrayList<>(axis.isEmpty() ? List.of() : shape.extents());
    axis.ifPresent(k -> extents.remove(k));
    return new Shape(extents);
  }

  private static Shape product(Shape a, Shape b) {
    List<Integer> extents = new ArrayList<>(a.extents().subList(0, a.rank() - 1));
    extents.addAll(b.extents().subList(1, b.rank()));
    return new Shape(extents);
  }
}
