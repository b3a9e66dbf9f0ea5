package org.sparkcurvature.job.language;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** An expression after parsing: numbers, names and functions; operators are functions too. */
public sealed interface Term {

  /** Where it stands in the text. */
  Span span();

  /** A number as written, rounded once to double. */
  record Literal(double value, Span span) implements Term {
    @Override
    public String toString() {
      return value == Math.rint(value) && Math.abs(value) < 1e15
          ? Long.toString((long) value)
          : Double.toString(value);
    }
  }

  /** An input tensor, parameter or definition. */
  record Name(String name, Span span) implements Term {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * A function or operator of {@link org.sparkcurvature.ops.FunctionRegistry}.
   *
   * @param function its name there
   * @param axis the argument {@code axis => k}, where given
   */
  record Call(String function, List<Term> arguments, OptionalInt axis, Span span) implements Term {
    public Call {
      arguments = List.copyOf(arguments);
    }

    @Override
    public String toString() {
      String list = arguments.stream().map(Term::toString).collect(Collectors.joining(", "));
      return function + "(" + list + (axis.isPresent() ? ", axis => " + axis.getAsInt() : "") + ")";
    }
  }
}
