package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Predicate;
import org.hipparchus.analysis.differentiation.DSFactory;
import org.hipparchus.analysis.differentiation.DerivativeStructure;

/**
 * What the tests know of one operation.
 *
 * @param name the operation's name
 * @param shapes the shapes of its arguments, one list for each way to call it
 * @param arguments where its arguments come from
 * @param axis the axis of a reduction, where one is given
 * @param formula what it computes, written as a naive loop in numbers that carry their derivatives
 * @param smooth false for arguments too near a kink for differences to be taken
 * @param specials arguments at which results are known exactly
 * @param tolerance of values and derivatives, relative to the largest of them
 * @param why the reason of a tolerance above {@link #USUAL}
 */
record Row(
    String name,
    List<List<List<Integer>>> shapes,
    List<Domain> arguments,
    OptionalInt axis,
    Formula formula,
    Predicate<double[][]> smooth,
    List<Special> specials,
    double tolerance,
    String why) {

  static final double USUAL = 1e-12;

  /** An operation on flattened arguments. */
  @FunctionalInterface
  interface Formula {
    List<DerivativeStructure> of(List<List<DerivativeStructure>> arguments);
  }

  /** Where the elements of an argument come from. */
  sealed interface Domain {
    double draw(Random random);

    /** All elements of an argument. */
    default double[] draw(int size, Random random) {
      double[] values = new double[size];
      for (int i = 0; i < size; i++) {
        values[i] = draw(random);
      }
      return values;
    }
  }

  /** Square matrices of which none is near a singular one. */
  enum Matrices implements Domain {
    /** Symmetric and positive definite. */
    DEFINITE,
    /** Of which elimination must exchange rows. */
    REGULAR,
    LOWER;

    @Override
    public double draw(Random random) {
      return random.nextDouble() - 0.5;
    }

    @Override
    public double[] draw(int size, Random random) {
      int n = (int) Math.round(Math.sqrt(size));
      double[] a = new double[size];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          double element = draw(random) + (i == j ? 2 : 0);
          int row = this == REGULAR ? n - 1 - i : i;
          a[row * n + j] = this != REGULAR && j > i ? 0 : element;
        }
      }
      for (int i = 0; this == DEFINITE && i < n; i++) {
        for (int j = i + 1; j < n; j++) {
          a[i * n + j] = a[j * n + i];
        }
      }
      return a;
    }
  }

  /** Real numbers in one of the intervals {@code [bounds[0], bounds[1]], ...}. */
  record Reals(List<Double> bounds) implements Domain {
    @Override
    public double draw(Random random) {
      int k = 2 * random.nextInt(bounds.size() / 2);
      return bounds.get(k) + random.nextDouble() * (bounds.get(k + 1) - bounds.get(k));
    }
  }

  /** Integers from 0 to count - 1, in a tensor of which no derivative is taken. */
  record Integers(int count) implements Domain {
    @Override
    public double draw(Random random) {
      return random.nextInt(count);
    }
  }

  /** A constant in the expression. */
  record Written(double value) implements Domain {
    @Override
    public double draw(Random random) {
      return value;
    }
  }

  /**
   * Results at special arguments.
   *
   * @param arguments the arguments
   * @param value the operation's values
   * @param gradient derivatives of the sum of the values, argument after argument
   * @param hessian second derivatives of that sum, row-major; empty for zero
   */
  record Special(
      List<List<Double>> arguments,
      List<Double> value,
      List<Double> gradient,
      List<Double> hessian) {}

  static List<Double> numbers(double... values) {
    List<Double> list = new ArrayList<>();
    for (double value : values) {
      list.add(value);
    }
    return list;
  }

  /** Arguments of one element each. */
  static List<List<Double>> scalars(double... values) {
    return numbers(values).stream().map(List::of).toList();
  }

  /** With a point at which the gradient is by convention, and the second derivative zero. */
  Row kink(List<List<Double>> at, List<Double> value, List<Double> gradient) {
    return special(at, value, gradient, List.of());
  }

  Row special(
      List<List<Double>> at, List<Double> value, List<Double> gradient, List<Double> hessian) {
    List<Special> more = new ArrayList<>(specials);
    more.add(new Special(at, value, gradient, hessian));
    return new Row(name, shapes, arguments, axis, formula, smooth, more, tolerance, why);
  }

  /** Draws only arguments for which this holds. */
  Row where(Predicate<double[][]> condition) {
    return new Row(name, shapes, arguments, axis, formula, condition, specials, tolerance, why);
  }

  Row along(int k) {
    return new Row(
        name, shapes, arguments, OptionalInt.of(k), formula, smooth, specials, tolerance, why);
  }

  Row within(double wider, String because) {
    return new Row(name, shapes, arguments, axis, formula, smooth, specials, wider, because);
  }

  /** Arguments from their domains, away from kinks. */
  double[][] draw(List<List<Integer>> shape, Random random) {
    while (true) {
      double[][] values = new double[arguments.size()][];
      for (int k = 0; k < values.length; k++) {
        int size = shape.get(k).stream().reduce(1, (a, b) -> a * b);
        values[k] = arguments.get(k).draw(size, random);
      }
      if (smooth.test(values)) {
        return values;
      }
    }
  }

  boolean isDifferentiated(int argument) {
    return arguments.get(argument) instanceof Reals || arguments.get(argument) instanceof Matrices;
  }

  /** Number of elements by which derivatives are taken. */
  int variables(double[][] values) {
    int count = 0;
    for (int k = 0; k < values.length; k++) {
      count += isDifferentiated(k) ? values[k].length : 0;
    }
    return count;
  }

  /** The formula with derivatives up to {@code order}. */
  List<DerivativeStructure> evaluate(double[][] values, int order) {
    DSFactory factory = new DSFactory(Math.max(1, variables(values)), order);
    List<List<DerivativeStructure>> wrapped = new ArrayList<>();
    int variable = 0;
    for (int k = 0; k < values.length; k++) {
      List<DerivativeStructure> elements = new ArrayList<>();
      for (double value : values[k]) {
        elements.add(
            order > 0 && isDifferentiated(k)
                ? factory.variable(variable++, value)
                : factory.constant(value));
      }
      wrapped.add(elements);
    }
    return formula.of(wrapped);
  }

  @Override
  public String toString() {
    return name
        + (axis.isPresent() ? " axis " + axis.getAsInt() : "")
        + " "
        + arguments.size()
        + " "
        + shapes.get(0);
  }
}
