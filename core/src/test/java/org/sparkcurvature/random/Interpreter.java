package org.sparkcurvature.random;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Stream;
import org.hipparchus.analysis.differentiation.DSFactory;
import org.hipparchus.analysis.differentiation.DerivativeStructure;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.LaneFormulas;
import org.sparkcurvature.ops.MatrixFormulas;

/**
 * Evaluates terms of the loss language for one sample, plainly: element by element, a branch only
 * where it is taken, with derivatives by Hipparchus' truncated Taylor arithmetic (Kalman 2002,
 * "Doubly recursive multivariate automatic differentiation"). It shares nothing with the engine:
 * elementwise functions are the naive formulas of the rules' tests, everything else is written out
 * in {@link #OPERATIONS}.
 */
final class Interpreter {

  /** A function that is not one of single elements. */
  @FunctionalInterface
  private interface Operation {
    Quantity[] of(Interpreter interpreter, Term term, List<Quantity[]> arguments);
  }

  private static final Map<String, Operation> OPERATIONS = new LinkedHashMap<>();

  static {
    comparison("equal", (a, b) -> a == b);
    comparison("not_equal", (a, b) -> a != b);
    comparison("less", (a, b) -> a < b);
    comparison("less_equal", (a, b) -> a <= b);
    comparison("greater", (a, b) -> a > b);
    comparison("greater_equal", (a, b) -> a >= b);
    OPERATIONS.put("and", logical((a, b) -> a != 0 && b != 0));
    OPERATIONS.put("or", logical((a, b) -> a != 0 || b != 0));
    OPERATIONS.put("where", lanes(Interpreter::branch));
    OPERATIONS.put("greatest", lanes((in, a) -> in.largest(a)));
    OPERATIONS.put("least", lanes((in, a) -> in.negate(in.largest(in.negated(a)))));

    OPERATIONS.put("dot", (in, t, a) -> in.matmul(a, 1, a.get(0).length, 1));
    OPERATIONS.put("matmul", Interpreter::matmul);
    OPERATIONS.put("outer", (in, t, a) -> in.matmul(a, a.get(0).length, 1, a.get(1).length));
    OPERATIONS.put("transpose", Interpreter::transpose);

    OPERATIONS.put("trace", matrices((t, a) -> MatrixFormulas.trace(a.get(0))));
    OPERATIONS.put(
        "diag",
        matrices(
            (t, a) ->
                t.shape().rank() == 1
                    ? MatrixFormulas.diagonal(a.get(0))
                    : MatrixFormulas.onDiagonal(a.get(0))));
    OPERATIONS.put("eye", matrices((t, a) -> MatrixFormulas.identity(a.get(0))));
    OPERATIONS.put("inverse", matrices((t, a) -> MatrixFormulas.inverse(a.get(0))));
    OPERATIONS.put("solve", matrices((t, a) -> MatrixFormulas.solution(a.get(0), a.get(1))));
    OPERATIONS.put("cholesky", matrices((t, a) -> MatrixFormulas.cholesky(a.get(0))));
    OPERATIONS.put("logdet", matrices((t, a) -> MatrixFormulas.logDeterminant(a.get(0))));

    OPERATIONS.put("sum", reduction(Interpreter::sum));
    OPERATIONS.put("mean", reduction((in, z) -> in.scaled(in.sum(z), 1.0 / z.length)));
    OPERATIONS.put("prod", reduction(Interpreter::product));
    OPERATIONS.put("max", reduction(Interpreter::largest));
    OPERATIONS.put("min", reduction((in, z) -> in.negate(in.largest(in.negated(z)))));
    OPERATIONS.put("logsumexp", reduction(Interpreter::logSumExp));
    OPERATIONS.put("norm2", reduction(Interpreter::norm));
    OPERATIONS.put("cumsum", alongLines(Interpreter::runningSums));
    OPERATIONS.put("logcumsumexp", alongLines(Interpreter::logRunningSums));
    OPERATIONS.put("softmax", alongLines(Interpreter::softmax));
    OPERATIONS.put("log_softmax", alongLines(Interpreter::logSoftmax));

    OPERATIONS.put("index", Interpreter::index);
    OPERATIONS.put("slice", Interpreter::slice);
    OPERATIONS.put(
        "concat", (in, t, a) -> a.stream().flatMap(Arrays::stream).toArray(Quantity[]::new));
    OPERATIONS.put("reshape", (in, t, a) -> a.get(0));
    OPERATIONS.put("one_hot", Interpreter::oneHot);
    OPERATIONS.put("cross_entropy", Interpreter::crossEntropy);
  }

  /** Functions with a kink where one argument is zero, or two are equal. */
  private static final Map<String, BiPredicate<Interpreter, Quantity[]>> KINKS =
      Map.of(
          "abs", (in, a) -> in.isClear(a[0].value(), 0, a[0]) && a[0].value() != 0,
          "sign", (in, a) -> in.isClear(a[0].value(), 0, a[0]),
          "relu", (in, a) -> in.isClear(a[0].value(), 0, a[0]),
          "leaky_relu", (in, a) -> in.isClear(a[0].value(), 0, a[0]) && a[0].value() != 0,
          "elu", (in, a) -> in.isClear(a[0].value(), 0, a[0]) && a[0].value() != 0,
          "pinball", (in, a) -> in.isClear(a[0].value(), 0, a[0]) && a[0].value() != 0,
          "not", (in, a) -> in.isClear(a[0].value(), 0, a[0]),
          "clip", (in, a) -> in.isClear(a[0], a[1]) && in.isClear(a[0], a[2]),
          "huber",
              (in, a) ->
                  Math.abs(Math.abs(a[0].value()) - a[1].value()) > 1e-6 && a[1].value() > 0);

  private final DSFactory factory;
  private final Map<String, double[]> leaves;
  private final Map<Term, Integer> seeds;
  private final Map<Term, Boolean> varying = new IdentityHashMap<>();
  private final Random random;
  private final Map<Term, Quantity[]> known = new IdentityHashMap<>();

  /**
   * @param factory of as many variables as {@code seeds} has elements
   * @param leaves inputs of this sample, and parameters, by name
   * @param seeds the first variable of each term by which derivatives are taken; what an
   *     intermediate among them is made of plays no part
   * @param random decides on the perturbations
   */
  Interpreter(
      DSFactory factory, Map<String, double[]> leaves, Map<Term, Integer> seeds, Random random) {
    this.factory = factory;
    this.leaves = leaves;
    this.seeds = seeds;
    this.random = random;
  }

  /** The functions that can be evaluated. */
  static Set<String> functions() {
    Set<String> names = new TreeSet<>(OPERATIONS.keySet());
    LaneFormulas.all().forEach(formula -> names.add(formula.name()));
    return names;
  }

  /** The elements of a term's value, row-major. */
  Quantity[] of(Term term) {
    Quantity[] result = known.get(term);
    if (result == null) {
      result = compute(term);
      known.put(term, result);
    }
    return result;
  }

  private Quantity[] compute(Term term) {
    Integer seed = seeds.get(term);
    Quantity[] result;
    if (term.function().equals(Term.CONSTANT)) {
      return new Quantity[] {Quantity.constant(factory, term.value())};
    } else if (term.isLeaf()) {
      double[] values = leaves.get(term.name());
      result = new Quantity[values.length];
      for (int k = 0; k < values.length; k++) {
        result[k] =
            seed == null
                ? Quantity.constant(factory, values[k])
                : Quantity.variable(factory, seed + k, values[k]);
      }
      return result;
    }
    List<Quantity[]> arguments = new ArrayList<>();
    term.arguments().forEach(argument -> arguments.add(of(argument)));
    Operation operation = OPERATIONS.get(term.function());
    result =
        operation == null
            ? lanes((in, a) -> in.formula(term, a)).of(this, term, arguments)
            : operation.of(this, term, arguments);
    for (int k = 0; seed != null && k < result.length; k++) {
      result[k] = Quantity.variable(factory, seed + k, result[k].value());
    }
    return result;
  }

  // One element at a time.

  private Quantity combined(
      Function<List<DerivativeStructure>, DerivativeStructure> f, Quantity... arguments) {
    List<DerivativeStructure> exact = new ArrayList<>();
    List<DerivativeStructure> perturbed = new ArrayList<>();
    for (Quantity argument : arguments) {
      if (!argument.usable()) {
        return Quantity.unusable(factory);
      }
      exact.add(argument.exact());
      perturbed.add(argument.perturbed(random));
    }
    return Quantity.result(f.apply(exact), f.apply(perturbed));
  }

  /**
   * Whether a term has a variable in it, even one of which it happens not to depend: a power of a
   * negative number has no derivative by such an exponent.
   */
  private boolean varies(Term term) {
    Boolean known = varying.get(term);
    if (known == null) {
      known = seeds.containsKey(term) || term.arguments().stream().anyMatch(this::varies);
      varying.put(term, known);
    }
    return known;
  }

  private Quantity formula(Term term, Quantity[] arguments) {
    if (term.function().equals("pow") && arguments[0].value() < 0) {
      Quantity exponent = arguments[1];
      return varies(term.arguments().get(1))
          ? Quantity.unusable(factory)
          // An integer, which an error would make a number without a power.
          : formula(
              term.function(),
              new Quantity[] {
                arguments[0],
                new Quantity(exponent.exact(), exponent.exact(), exponent.usable(), false)
              });
    }
    return formula(term.function(), arguments);
  }

  private Quantity formula(String name, Quantity[] arguments) {
    BiPredicate<Interpreter, Quantity[]> clear = KINKS.get(name);
    for (Quantity argument : arguments) {
      if (!argument.usable()) {
        return Quantity.unusable(factory);
      }
    }
    if (!LaneDomains.isInDomain(name, arguments) || clear != null && !clear.test(this, arguments)) {
      return Quantity.unusable(factory);
    }
    double[] values = Stream.of(arguments).mapToDouble(Quantity::value).toArray();
    Quantity result = combined(LaneFormulas.formula(name, values), arguments);
    boolean rounded = Stream.of(arguments).anyMatch(Quantity::rounded);
    boolean copies = Set.of("abs", "sign", "relu", "negate", "clip", "not").contains(name);
    return new Quantity(result.exact(), result.perturbed(), result.usable(), rounded || !copies);
  }

  /** A comparison that rounding cannot decide: the numbers are apart, or exactly equal. */
  @SuppressWarnings("ReferenceEquality") // only one and the same surely has the same rounding
  private boolean isClear(Quantity a, Quantity b) {
    return a == b
        || (a.value() == b.value()
            ? !a.rounded() && !b.rounded()
            : isClear(a.value(), b.value(), a));
  }

  private boolean isClear(double a, double b, Quantity quantity) {
    return a == b
        ? !quantity.rounded()
        : Math.abs(a - b) > 1e-7 * Math.max(1, Math.abs(a) + Math.abs(b));
  }

  /** Not a function of boxed numbers, of which == compares the boxes. */
  @FunctionalInterface
  private interface Decision {
    boolean test(double a, double b);
  }

  private static void comparison(String name, Decision holds) {
    OPERATIONS.put(
        name,
        lanes(
            (in, a) ->
                a[0].usable() && a[1].usable() && in.isClear(a[0], a[1])
                    ? Quantity.constant(in.factory, holds.test(a[0].value(), a[1].value()) ? 1 : 0)
                    : Quantity.unusable(in.factory)));
  }

  private static Operation logical(Decision holds) {
    return lanes(
        (in, a) ->
            a[0].usable() && a[1].usable()
                ? Quantity.constant(in.factory, holds.test(a[0].value(), a[1].value()) ? 1 : 0)
                : Quantity.unusable(in.factory));
  }

  private static Quantity branch(Interpreter in, Quantity[] a) {
    return a[0].usable() ? a[0].value() != 0 ? a[1] : a[2] : Quantity.unusable(in.factory);
  }

  private interface Lanes {
    Quantity of(Interpreter interpreter, Quantity[] arguments);
  }

  /** A scalar combines with every element. */
  private static Operation lanes(Lanes lane) {
    return (in, term, arguments) -> {
      Quantity[] result = new Quantity[term.shape().size()];
      for (int k = 0; k < result.length; k++) {
        Quantity[] a = new Quantity[arguments.size()];
        for (int i = 0; i < a.length; i++) {
          boolean scalar = term.arguments().get(i).shape().isScalar();
          a[i] = arguments.get(i)[scalar ? 0 : k];
        }
        result[k] = lane.of(in, a);
      }
      return result;
    };
  }

  // Reductions of a line of elements.

  private interface Reduction {
    Quantity of(Interpreter interpreter, Quantity[] line);
  }

  private interface Line {
    Quantity[] of(Interpreter interpreter, Quantity[] line);
  }

  private static Operation reduction(Reduction reduction) {
    return (in, term, arguments) -> {
      int[][] lines = lines(term);
      Quantity[] result = new Quantity[lines.length];
      for (int k = 0; k < result.length; k++) {
        result[k] = reduction.of(in, picked(arguments.get(0), lines[k]));
      }
      return result;
    };
  }

  private static Operation alongLines(Line function) {
    return (in, term, arguments) -> {
      Quantity[] result = new Quantity[term.shape().size()];
      for (int[] line : lines(term)) {
        Quantity[] values = function.of(in, picked(arguments.get(0), line));
        for (int i = 0; i < line.length; i++) {
          result[line[i]] = values[i];
        }
      }
      return result;
    };
  }

  private static Quantity[] picked(Quantity[] elements, int[] at) {
    return Arrays.stream(at).mapToObj(k -> elements[k]).toArray(Quantity[]::new);
  }

  /** The elements of the first argument that go together: all, or those along the axis. */
  private static int[][] lines(Term term) {
    Shape shape = term.arguments().get(0).shape();
    if (term.axis().isEmpty()) {
      int[] all = new int[shape.size()];
      Arrays.setAll(all, k -> k);
      return new int[][] {all};
    }
    int axis = term.axis().getAsInt();
    int inner = 1;
    for (int k = axis + 1; k < shape.rank(); k++) {
      inner *= shape.extent(k);
    }
    int extent = shape.extent(axis);
    int[][] lines = new int[shape.size() / extent][extent];
    for (int k = 0; k < lines.length; k++) {
      for (int i = 0; i < extent; i++) {
        lines[k][i] = (k / inner * extent + i) * inner + k % inner;
      }
    }
    return lines;
  }

  private Quantity sum(Quantity[] z) {
    return combined(a -> a.stream().reduce(DerivativeStructure::add).orElseThrow(), z);
  }

  private Quantity product(Quantity[] z) {
    return combined(a -> a.stream().reduce(DerivativeStructure::multiply).orElseThrow(), z);
  }

  private Quantity scaled(Quantity u, double factor) {
    return combined(a -> a.get(0).multiply(factor), u);
  }

  private Quantity negate(Quantity u) {
    Quantity result = combined(a -> a.get(0).negate(), u);
    return new Quantity(result.exact(), result.perturbed(), result.usable(), u.rounded());
  }

  private Quantity[] negated(Quantity[] z) {
    return Arrays.stream(z).map(this::negate).toArray(Quantity[]::new);
  }

  /** Of equal elements the mean: ties share the derivative equally. */
  @SuppressWarnings("ReferenceEquality") // one quantity twice is no tie
  private Quantity largest(Quantity[] z) {
    double most = Double.NEGATIVE_INFINITY;
    for (Quantity u : z) {
      if (!u.usable()) {
        return Quantity.unusable(factory);
      }
      most = Math.max(most, u.value());
    }
    List<Quantity> ties = new ArrayList<>();
    for (Quantity u : z) {
      if (u.value() == most) {
        ties.add(u);
      } else if (most - u.value() < 1e-7 * Math.max(1, Math.abs(most))) {
        return Quantity.unusable(factory);
      }
    }
    Quantity first = ties.get(0);
    if (ties.stream().allMatch(u -> u == first)) {
      return first;
    }
    if (ties.stream().anyMatch(Quantity::rounded)) {
      return Quantity.unusable(factory);
    }
    Quantity mean = scaled(sum(ties.toArray(Quantity[]::new)), 1.0 / ties.size());
    return new Quantity(mean.exact(), mean.perturbed(), mean.usable(), false);
  }

  private Quantity logSumExp(Quantity[] z) {
    return combined(a -> a.get(0).log(), sum(exponentials(z)));
  }

  private Quantity[] exponentials(Quantity[] z) {
    return Arrays.stream(z).map(u -> combined(a -> a.get(0).exp(), u)).toArray(Quantity[]::new);
  }

  private Quantity norm(Quantity[] z) {
    Quantity squares =
        combined(
            a -> a.stream().map(u -> u.multiply(u)).reduce(DerivativeStructure::add).orElseThrow(),
            z);
    return squares.usable() && squares.value() > 1e-2
        ? combined(a -> a.get(0).sqrt(), squares)
        : Quantity.unusable(factory);
  }

  private Quantity[] runningSums(Quantity[] z) {
    Quantity[] result = new Quantity[z.length];
    for (int k = 0; k < z.length; k++) {
      result[k] = sum(Arrays.copyOf(z, k + 1));
    }
    return result;
  }

  private Quantity[] logRunningSums(Quantity[] z) {
    return Arrays.stream(runningSums(exponentials(z)))
        .map(u -> combined(a -> a.get(0).log(), u))
        .toArray(Quantity[]::new);
  }

  private Quantity[] softmax(Quantity[] z) {
    Quantity total = sum(exponentials(z));
    return Arrays.stream(z)
        .map(u -> combined(a -> a.get(0).exp().divide(a.get(1)), u, total))
        .toArray(Quantity[]::new);
  }

  private Quantity[] logSoftmax(Quantity[] z) {
    Quantity total = logSumExp(z);
    return Arrays.stream(z)
        .map(u -> combined(a -> a.get(0).subtract(a.get(1)), u, total))
        .toArray(Quantity[]::new);
  }

  // Products and rearrangements.

  private Quantity[] matmul(Term term, List<Quantity[]> arguments) {
    Shape a = term.arguments().get(0).shape();
    Shape b = term.arguments().get(1).shape();
    int inner = b.extent(0);
    return matmul(arguments, a.size() / inner, inner, b.size() / inner);
  }

  private Quantity[] matmul(List<Quantity[]> arguments, int rows, int inner, int columns) {
    Quantity[] result = new Quantity[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        Quantity[] factors = new Quantity[2 * inner];
        for (int k = 0; k < inner; k++) {
          factors[2 * k] = arguments.get(0)[r * inner + k];
          factors[2 * k + 1] = arguments.get(1)[k * columns + c];
        }
        result[r * columns + c] = combined(Interpreter::sumOfProducts, factors);
      }
    }
    return result;
  }

  /** A function whose every result comes of all elements of its arguments. */
  private static Operation matrices(
      BiFunction<Term, List<List<DerivativeStructure>>, List<DerivativeStructure>> f) {
    return (in, term, arguments) -> {
      Quantity[] all = arguments.stream().flatMap(Arrays::stream).toArray(Quantity[]::new);
      Quantity[] result = new Quantity[term.shape().size()];
      for (int k = 0; k < result.length; k++) {
        int element = k;
        result[k] = in.combined(a -> f.apply(term, parts(a, arguments)).get(element), all);
      }
      return result;
    };
  }

  private static List<List<DerivativeStructure>> parts(
      List<DerivativeStructure> all, List<Quantity[]> arguments) {
    List<List<DerivativeStructure>> parts = new ArrayList<>();
    int from = 0;
    for (Quantity[] argument : arguments) {
      parts.add(all.subList(from, from + argument.length));
      from += argument.length;
    }
    return parts;
  }

  private static DerivativeStructure sumOfProducts(List<DerivativeStructure> factors) {
    DerivativeStructure sum = factors.get(0).multiply(factors.get(1));
    for (int k = 2; k < factors.size(); k += 2) {
      sum = sum.add(factors.get(k).multiply(factors.get(k + 1)));
    }
    return sum;
  }

  private static Quantity[] transpose(Interpreter in, Term term, List<Quantity[]> arguments) {
    int rows = term.shape().extent(0);
    int columns = term.shape().extent(1);
    Quantity[] result = new Quantity[rows * columns];
    for (int k = 0; k < result.length; k++) {
      result[k] = arguments.get(0)[k % columns * rows + k / columns];
    }
    return result;
  }

  /** What is left out must be usable too: outside of a branch every element of a tensor counts. */
  private Quantity[] part(Quantity[] all, int from, int length) {
    boolean usable = Arrays.stream(all).allMatch(Quantity::usable);
    Quantity[] result = Arrays.copyOfRange(all, from, from + length);
    return usable
        ? result
        : Arrays.stream(result).map(u -> u.usable(false)).toArray(Quantity[]::new);
  }

  private static Quantity[] index(Interpreter in, Term term, List<Quantity[]> arguments) {
    int extent = term.arguments().get(0).shape().extent(0);
    int size = term.arguments().get(0).shape().size() / extent;
    Quantity[] found = new Quantity[term.shape().size()];
    Arrays.fill(found, Quantity.unusable(in.factory));
    for (int k = 0; k < arguments.get(1).length; k++) {
      int at = in.index(arguments.get(1)[k], extent);
      if (at >= 0) {
        System.arraycopy(arguments.get(0), at * size, found, k * size, size);
      }
    }
    return found;
  }

  /** An index in its range; -1 for another number. */
  private int index(Quantity index, int extent) {
    double value = index.value();
    boolean valid = index.usable() && value == Math.rint(value) && value >= 0 && value < extent;
    return valid ? (int) value : -1;
  }

  private static Quantity[] slice(Interpreter in, Term term, List<Quantity[]> arguments) {
    Shape shape = term.arguments().get(0).shape();
    int step = shape.size() / shape.extent(0);
    int from = (int) arguments.get(1)[0].value();
    return in.part(arguments.get(0), from * step, term.shape().size());
  }

  private static Quantity[] oneHot(Interpreter in, Term term, List<Quantity[]> arguments) {
    int at = in.index(arguments.get(0)[0], term.shape().size());
    Quantity[] result = new Quantity[term.shape().size()];
    for (int k = 0; k < result.length; k++) {
      result[k] =
          at < 0 ? Quantity.unusable(in.factory) : Quantity.constant(in.factory, k == at ? 1 : 0);
    }
    return result;
  }

  private static Quantity[] crossEntropy(Interpreter in, Term term, List<Quantity[]> arguments) {
    int at = in.index(arguments.get(1)[0], arguments.get(0).length);
    if (at < 0) {
      return new Quantity[] {Quantity.unusable(in.factory)};
    }
    Quantity total = in.logSumExp(arguments.get(0));
    return new Quantity[] {
      in.combined(a -> a.get(0).subtract(a.get(1)), total, arguments.get(0)[at])
    };
  }
}
