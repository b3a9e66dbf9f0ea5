package org.sparkcurvature.random;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import org.sparkcurvature.graph.Shape;

/** Functions of small matrices, made at random of the terms that there are. */
final class MatrixTerms {
  private static final int LARGEST_ORDER = 4;

  /** A term, and conditions under which it has a value. */
  record Made(Term term, List<Term> guards) {}

  private final Random random;
  private final Function<Predicate<Shape>, Optional<Term>> any;

  /**
   * @param any one of the terms of such a shape
   */
  MatrixTerms(Random random, Function<Predicate<Shape>, Optional<Term>> any) {
    this.random = random;
    this.any = any;
  }

  private static Term call(String function, Term... arguments) {
    List<Term> list = List.of(arguments);
    Shape shape = Shapes.of(function, list, OptionalInt.empty());
    return new Term(function, "", 0, list, OptionalInt.empty(), shape);
  }

  Optional<Made> next() {
    return switch (random.nextInt(8)) {
      case 0 -> square().map(a -> plain(call("trace", a)));
      case 1 -> any.apply(s -> s.rank() == 1 || isSquare(s)).map(a -> plain(call("diag", a)));
      case 2 -> any.apply(s -> s.rank() == 1 && isSmall(s)).map(this::ofDiagonal);
      case 3, 4 ->
          definite().map(a -> plain(call(random.nextBoolean() ? "logdet" : "cholesky", a)));
      case 5 -> regular().map(a -> plain(call("inverse", a)));
      default ->
          regular()
              .flatMap(
                  a ->
                      any.apply(s -> (s.rank() == 1 || s.rank() == 2) && s.extent(0) == order(a))
                          .map(b -> plain(call("solve", a, b))));
    };
  }

  private static Made plain(Term term) {
    return new Made(term, List.of());
  }

  private static boolean isSquare(Shape shape) {
    return shape.rank() == 2 && shape.extent(0) == shape.extent(1);
  }

  /** The interpreter's determinants take time n!. */
  private static boolean isSmall(Shape shape) {
    return shape.extent(0) <= LARGEST_ORDER;
  }

  private static int order(Term square) {
    return square.shape().extent(0);
  }

  private Optional<Term> square() {
    return any.apply(s -> isSquare(s) && isSmall(s));
  }

  /** A diagonal matrix, positive definite or regular only under a condition. */
  private Made ofDiagonal(Term v) {
    Term above = call("greater", call("min", v), Term.constant(0.1));
    String function = random.nextBoolean() ? "logdet" : "inverse";
    return new Made(call(function, call("diag", v)), List.of(above));
  }

  /** B B' + I. */
  private Optional<Term> definite() {
    return any.apply(s -> s.rank() == 2 && isSmall(s))
        .map(
            b ->
                call(
                    "add",
                    call("matmul", b, call("transpose", b)),
                    call("eye", Term.constant(b.shape().extent(0)))));
  }

  /** A positive definite matrix, or 3 I plus sines of any: not symmetric. */
  private Optional<Term> regular() {
    return random.nextBoolean()
        ? definite()
        : square()
            .map(
                a ->
                    call(
                        "add",
                        call("sin", a),
                        call("multiply", Term.constant(4), call("eye", Term.constant(order(a))))));
  }
}
