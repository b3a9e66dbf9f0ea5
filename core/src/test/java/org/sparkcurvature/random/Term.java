package org.sparkcurvature.random;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.sparkcurvature.graph.Shape;

/**
 * An expression of the loss language. Terms that are used several times are one object.
 *
 * @param function a function's name, or {@link #INPUT}, {@link #PARAMETER}, {@link #CONSTANT}
 * @param name the name of an input or parameter
 * @param value a constant's value
 * @param shape the shape of its value
 */
record Term(
    String function,
    String name,
    double value,
    List<Term> arguments,
    OptionalInt axis,
    Shape shape) {

  static final String INPUT = "input";
  static final String PARAMETER = "parameter";
  static final String CONSTANT = "constant";

  static Term constant(double value) {
    return new Term(CONSTANT, "", value, List.of(), OptionalInt.empty(), Shape.SCALAR);
  }

  static Term leaf(String kind, String name, Shape shape) {
    return new Term(kind, name, 0, List.of(), OptionalInt.empty(), shape);
  }

  boolean isLeaf() {
    return arguments.isEmpty();
  }

  // Identity: equal terms may be different objects, and a deep comparison would be exponential.
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return print(this, new IdentityHashMap<>());
  }

  /** The expression as a user would write it, with these names for parts of it. */
  static String print(Term term, Map<Term, String> names) {
    return term.isLeaf() && !term.function.equals(CONSTANT)
        ? term.name
        : term.function.equals(CONSTANT)
            ? Double.toString(term.value)
            : term.function
                + term.arguments.stream()
                    .map(a -> names.containsKey(a) ? names.get(a) : print(a, names))
                    .collect(Collectors.joining(", ", "(", ""))
                + (term.axis.isPresent() ? ", axis => " + term.axis.getAsInt() : "")
                + ")";
  }
}
