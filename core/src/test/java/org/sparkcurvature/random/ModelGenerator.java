package org.sparkcurvature.random;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.hipparchus.analysis.differentiation.DSFactory;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.LaneFormulas;
import org.sparkcurvature.ops.LaneFormulas.LaneFormula;

/**
 * Makes models at random, from the bottom up: a new term takes its arguments from those that there
 * are, and is evaluated at once. A term that has no usable value in some sample, because an
 * argument is out of its domain, an index out of range or a number too large, is kept for branches
 * that do not take it there.
 */
final class ModelGenerator {

  /** A term without a usable value somewhere, and conditions under which it has one. */
  private record Partial(Term term, List<Term> guards) {}

  private static final List<LaneFormula> FORMULAS =
      LaneFormulas.all().stream()
          .filter(f -> f.bounds().stream().anyMatch(b -> !b.isEmpty()))
          .toList();

  private static final List<String> COMPARISONS =
      List.of("less", "less_equal", "greater", "greater_equal", "equal", "not_equal");

  private static final List<Shape> SHAPES =
      List.of(
          Shape.SCALAR,
          Shape.SCALAR,
          Shape.of(2),
          Shape.of(3),
          Shape.of(3),
          Shape.of(2, 2),
          Shape.of(2, 3),
          Shape.of(3, 2),
          Shape.of(1),
          Shape.of(1, 3));

  private static final int MOST_VARIABLES = 14;
  private static final int LARGEST = 24;

  private final Random random;
  private final int steps;
  private final List<Term> inputs = new ArrayList<>();
  private final List<Term> indices = new ArrayList<>();
  private final List<Term> parameters = new ArrayList<>();
  private final Map<String, double[]> values = new LinkedHashMap<>();
  private final List<Term> usable = new ArrayList<>();
  private final List<Term> branches = new ArrayList<>();
  private final List<Partial> partial = new ArrayList<>();

  /** Integers that depend on inputs alone; not all of them are in range everywhere. */
  private final List<Term> integers = new ArrayList<>();

  private final Map<Term, List<Term>> guards = new IdentityHashMap<>();
  private final List<Interpreter> interpreters = new ArrayList<>();

  private ModelGenerator(long seed, int steps) {
    this.random = new Random(seed);
    this.steps = steps;
  }

  /**
   * The model of a seed.
   *
   * @param steps how many terms are tried
   */
  static RandomModel generate(long seed, int steps) {
    return new ModelGenerator(seed, steps).model();
  }

  private RandomModel model() {
    int rows = 1 + random.nextInt(5);
    leaves(rows);
    RandomModel bare =
        new RandomModel(
            inputs, indices, parameters, Map.of(), Term.constant(0), rows, values, weights(rows));
    DSFactory factory = new DSFactory(bare.variables(), 2);
    Map<Term, Integer> seeds = bare.seeds();
    for (int row = 0; row < rows; row++) {
      interpreters.add(bare.interpreter(factory, row, seeds, new Random(row)));
    }
    usable.addAll(bare.differentiable());
    Term z = null;
    for (int step = 0; step < steps; step++) {
      if (step == steps / 2) {
        // A factor that nothing else has, so that no other expression is equal to z.
        z = call("multiply", Term.constant(1 + random.nextDouble()), any());
        keep(z, List.of());
      }
      step();
    }
    Map<String, Term> definitions = new LinkedHashMap<>();
    if (z != null && isUsable(z)) {
      definitions.put("z", z);
    }
    for (int k = random.nextInt(3); k >= 0; k--) {
      Term term = any();
      if (!term.isLeaf()) {
        definitions.put("d" + k, term);
      }
    }
    Term loss = loss(Optional.ofNullable(definitions.get("z")));
    return new RandomModel(
        inputs, indices, parameters, definitions, loss, rows, values, bare.weights());
  }

  // Leaves.

  private void leaves(int rows) {
    int left = MOST_VARIABLES;
    left -= leaf(Term.PARAMETER, parameters, "a", left, 1);
    left -= leaf(Term.INPUT, inputs, "x", left, rows);
    for (String name : List.of("b", "c")) {
      left -= random.nextBoolean() ? leaf(Term.PARAMETER, parameters, name, left, 1) : 0;
    }
    if (random.nextBoolean()) {
      leaf(Term.INPUT, inputs, "y", left, rows);
    }
    Term index = Term.leaf(Term.INPUT, "i", Shape.SCALAR);
    indices.add(index);
    values.put("i", integers(rows, 3));
    integers.add(index);
    if (random.nextInt(3) == 0) {
      Term several = Term.leaf(Term.INPUT, "t", Shape.of(3));
      indices.add(several);
      values.put("t", integers(3 * rows, 3));
      integers.add(call("index", several, Term.constant(random.nextInt(3))));
      integers.add(call("index", several, index));
    }
    integers.add(call("subtract", index, Term.constant(1)));
    integers.add(call("subtract", Term.constant(2), index));
  }

  private double[] integers(int count, int bound) {
    return random.ints(count, 0, bound).asDoubleStream().toArray();
  }

  private int leaf(String kind, List<Term> to, String name, int most, int rows) {
    Shape shape = pick(SHAPES);
    if (shape.size() > most) {
      return 0;
    }
    to.add(Term.leaf(kind, name, shape));
    double[] elements = new double[rows * shape.size()];
    for (int k = 0; k < elements.length; k++) {
      elements[k] = random.nextInt(12) == 0 ? random.nextInt(3) - 1 : 1.5 * random.nextGaussian();
    }
    values.put(name, elements);
    return shape.size();
  }

  private double[] weights(int rows) {
    double[] weights = new double[rows];
    for (int k = 0; k < rows; k++) {
      weights[k] = random.nextInt(4) == 0 ? 0 : 0.5 + random.nextDouble();
    }
    return weights;
  }

  // Terms.

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  /** Of the terms there are one, a late one more often. */
  private Term any() {
    int n = usable.size();
    return usable.get(Math.max(random.nextInt(n), random.nextInt(n)));
  }

  private Optional<Term> any(java.util.function.Predicate<Shape> fits) {
    List<Term> found = usable.stream().filter(t -> fits.test(t.shape())).toList();
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            found.get(Math.max(random.nextInt(found.size()), random.nextInt(found.size()))));
  }

  /** A term to be used as an argument: now and then one that is not usable everywhere. */
  private Term argument() {
    return !partial.isEmpty() && random.nextInt(5) == 0 ? pick(partial).term() : any();
  }

  private Term call(String function, Term... arguments) {
    return call(function, OptionalInt.empty(), arguments);
  }

  private Term call(String function, OptionalInt axis, Term... arguments) {
    List<Term> list = List.of(arguments);
    return new Term(function, "", 0, list, axis, Shapes.of(function, list, axis));
  }

  private boolean isUsable(Term term) {
    for (Interpreter interpreter : interpreters) {
      if (!Arrays.stream(interpreter.of(term)).allMatch(Quantity::usable)) {
        return false;
      }
    }
    return true;
  }

  /** Keeps a new term where it belongs. */
  private void keep(Term term, List<Term> own) {
    if (term.shape().size() > LARGEST) {
      return;
    }
    if (isUsable(term)) {
      usable.add(term);
      return;
    }
    List<Term> all = new ArrayList<>();
    for (Term argument : term.arguments()) {
      all.addAll(guards.getOrDefault(argument, List.of()));
    }
    all.addAll(own);
    if (!all.isEmpty() && all.size() < 5) {
      guards.put(term, all);
      partial.add(new Partial(term, all));
    }
  }

  private void step() {
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> elementwise();
      case 4, 5, 6 -> structured();
      case 7 -> looked();
      case 8 -> branch();
      default -> close();
    }
  }

  private void elementwise() {
    LaneFormula formula = pick(FORMULAS);
    List<Term> arguments = new ArrayList<>();
    Shape shape = Shape.SCALAR;
    List<Term> own = new ArrayList<>();
    for (int k = 0; k < formula.arity(); k++) {
      double written = formula.written().get(k);
      if (!Double.isNaN(written)) {
        arguments.add(Term.constant(written));
        continue;
      }
      if (formula.bounds().get(k).isEmpty()) {
        arguments.add(formula.name().equals("where") ? condition(shape) : pick(integers));
        continue;
      }
      Shape sofar = shape;
      Term argument = argument();
      if (!argument.shape().isScalar() && !sofar.isScalar() && !argument.shape().equals(sofar)) {
        argument = any(s -> s.isScalar() || s.equals(sofar)).orElse(Term.constant(1));
      }
      List<Double> bounds = formula.bounds().get(k);
      if (random.nextInt(3) > 0 && isUsable(argument)) {
        argument = within(argument, bounds);
      } else {
        own.add(domain(argument, bounds));
      }
      shape = argument.shape().isScalar() ? shape : argument.shape();
      arguments.add(argument);
    }
    if (formula.name().equals("where")) {
      return;
    }
    keep(call(formula.name(), arguments.toArray(Term[]::new)), own);
  }

  /** A smooth function of a term that lies within one of these intervals. */
  private Term within(Term term, List<Double> bounds) {
    boolean inside =
        interpreters.stream()
            .flatMap(interpreter -> Arrays.stream(interpreter.of(term)))
            .allMatch(u -> contains(bounds, u.value()));
    if (inside) {
      return term;
    }
    int k = 2 * random.nextInt(bounds.size() / 2);
    double middle = (bounds.get(k) + bounds.get(k + 1)) / 2;
    double half = 0.95 * (bounds.get(k + 1) - bounds.get(k)) / 2;
    return call(
        "add", Term.constant(middle), call("multiply", Term.constant(half), call("sin", term)));
  }

  private static boolean contains(List<Double> bounds, double value) {
    for (int k = 0; k < bounds.size(); k += 2) {
      if (value >= bounds.get(k) && value <= bounds.get(k + 1)) {
        return true;
      }
    }
    return false;
  }

  /** The condition that a term lies within one of these intervals. */
  private Term domain(Term term, List<Double> bounds) {
    Term result = null;
    for (int k = 0; k < bounds.size(); k += 2) {
      Term above = call("greater_equal", term, Term.constant(bounds.get(k)));
      Term below = call("greater", term, Term.constant(bounds.get(k + 1)));
      Term inside = call("and", above, call("not", below));
      result = result == null ? inside : call("or", result, inside);
    }
    return result;
  }

  private OptionalInt axis(Term term) {
    return term.shape().rank() == 0 || random.nextBoolean()
        ? OptionalInt.empty()
        : OptionalInt.of(random.nextInt(term.shape().rank()));
  }

  private void structured() {
    Term a = argument();
    int rank = a.shape().rank();
    switch (random.nextInt(14)) {
      case 0, 1 ->
          keep(
              call(
                  pick(List.of("sum", "mean", "prod", "max", "min", "logsumexp", "norm2")),
                  axis(a),
                  a),
              List.of());
      case 2 -> keep(call(pick(List.of("softmax", "log_softmax")), axis(a), a), List.of());
      case 3 -> {
        if (rank > 0) {
          keep(
              call(
                  pick(List.of("cumsum", "logcumsumexp")),
                  rank == 1 ? OptionalInt.empty() : OptionalInt.of(random.nextInt(rank)),
                  a),
              List.of());
        }
      }
      case 4 -> {
        if (rank == 1) {
          any(s -> s.equals(a.shape())).ifPresent(b -> keep(call("dot", a, b), List.of()));
        }
      }
      case 5, 6 -> {
        if (rank == 1 || rank == 2) {
          int inner = a.shape().extent(rank - 1);
          any(s -> s.rank() > 0 && s.rank() + rank > 2 && s.rank() < 3 && s.extent(0) == inner)
              .ifPresent(b -> keep(call("matmul", a, b), List.of()));
        }
      }
      case 7 -> {
        if (rank == 1) {
          any(s -> s.rank() == 1).ifPresent(b -> keep(call("outer", a, b), List.of()));
        }
      }
      case 8 -> {
        if (rank == 2) {
          keepMoved("transpose", a);
        }
      }
      case 9 -> {
        if (rank > 0 && random.nextBoolean()) {
          keepMoved("reshape", a, Term.constant(a.shape().size()));
        } else if (rank == 1 && a.shape().size() % 2 == 0) {
          int half = a.shape().size() / 2;
          keepMoved("reshape", a, Term.constant(2), Term.constant(half));
        }
      }
      case 10 -> {
        if (rank > 0) {
          int from = random.nextInt(a.shape().extent(0));
          int length = 1 + random.nextInt(a.shape().extent(0) - from);
          keep(call("slice", a, Term.constant(from), Term.constant(length)), List.of());
        }
      }
      case 11, 12 ->
          new MatrixTerms(random, this::any).next().ifPresent(m -> keep(m.term(), m.guards()));
      default -> {
        List<Integer> rest = rank == 0 ? List.of() : a.shape().extents().subList(1, rank);
        any(s ->
                s.isScalar()
                    ? rank < 2
                    : rank == 0 ? s.rank() == 1 : s.extents().subList(1, s.rank()).equals(rest))
            .ifPresent(b -> keep(call("concat", a, b), List.of()));
      }
    }
  }

  /** A rearrangement; the conditions of what is rearranged are rearranged with it. */
  private void keepMoved(String function, Term moved, Term... rest) {
    Term term = call(function, joined(moved, rest));
    if (isUsable(term)) {
      keep(term, List.of());
      return;
    }
    List<Term> turned = new ArrayList<>();
    for (Term guard : guards.getOrDefault(moved, List.of())) {
      turned.add(guard.shape().equals(moved.shape()) ? call(function, joined(guard, rest)) : guard);
    }
    if (!turned.isEmpty() && term.shape().size() <= LARGEST) {
      guards.put(term, turned);
      partial.add(new Partial(term, turned));
    }
  }

  private static Term[] joined(Term first, Term... rest) {
    return Stream.concat(Stream.of(first), Stream.of(rest)).toArray(Term[]::new);
  }

  /** What is looked up by an index. */
  private void looked() {
    Term index = pick(integers);
    switch (random.nextInt(7)) {
      case 0 -> {
        if (random.nextBoolean()) {
          keep(call("one_hot", index, Term.constant(3)), List.of(inRange(index, 3)));
        } else if (index.shape().isScalar() && integers.size() < 8) {
          Term other = pick(integers);
          integers.add(call("where", condition(Shape.SCALAR, integers), index, other));
        }
      }
      case 1 ->
          any(s -> s.rank() == 1)
              .ifPresent(
                  z -> {
                    int n = z.shape().extent(0);
                    keep(call("cross_entropy", z, index), List.of(inRange(index, n)));
                  });
      case 2 ->
          any(s -> s.rank() > 0)
              .ifPresent(
                  z -> {
                    int n = z.shape().extent(0);
                    keep(call("index", z, Term.constant(random.nextInt(n))), List.of());
                  });
      case 3 ->
          indices.stream()
              .filter(t -> t.shape().rank() == 1)
              .findFirst()
              .ifPresent(t -> any(s -> s.rank() > 0).ifPresent(z -> severalLooked(z, t)));
      default ->
          any(s -> s.rank() > 0)
              .ifPresent(
                  z -> {
                    int n = z.shape().extent(0);
                    keep(call("index", z, index), List.of(inRange(index, n)));
                  });
    }
  }

  /** By all elements of an index at once; of each element, or only where all are in range. */
  private void severalLooked(Term z, Term indices) {
    Term index = random.nextBoolean() ? indices : call("subtract", Term.constant(2), indices);
    Term each = inRange(index, z.shape().extent(0));
    List<Term> guards = new ArrayList<>();
    if (z.shape().rank() == 1 && random.nextBoolean()) {
      guards.add(each);
    } else {
      for (int k = 0; k < index.shape().size(); k++) {
        guards.add(call("index", each, Term.constant(k)));
      }
    }
    keep(call("index", z, index), guards);
  }

  private Term inRange(Term index, int extent) {
    return call(
        "and",
        call("greater_equal", index, Term.constant(0)),
        call("less", index, Term.constant(extent)));
  }

  // Branches.

  /** A condition of a shape, or a scalar one. */
  private Term condition(Shape shape) {
    return condition(
        shape,
        usable.stream().filter(t -> t.shape().isScalar() || t.shape().equals(shape)).toList());
  }

  private Term condition(Shape shape, List<Term> from) {
    Term a = from.isEmpty() ? Term.constant(random.nextGaussian()) : pick(from);
    Term b = random.nextBoolean() || from.isEmpty() ? constant() : pick(from);
    Term comparison = call(pick(COMPARISONS), a, b);
    return switch (random.nextInt(5)) {
      case 0 -> call("not", comparison);
      case 1 -> call(pick(List.of("and", "or")), comparison, condition(shape, from));
      default -> comparison;
    };
  }

  private Term constant() {
    double[] some = {0, 1, -1, 0.5, 2, random.nextGaussian()};
    return Term.constant(some[random.nextInt(some.length)]);
  }

  private Term alternative(Shape shape) {
    return random.nextInt(3) == 0
        ? constant()
        : any(s -> s.isScalar() || s.equals(shape)).orElseGet(this::constant);
  }

  private void branch() {
    Term a = argument();
    Term c = condition(a.shape());
    Term b = alternative(a.shape());
    Term term = random.nextBoolean() ? call("where", c, a, b) : call("where", c, b, a);
    if (isUsable(term) && term.shape().size() <= LARGEST) {
      usable.add(term);
      branches.add(term);
    }
  }

  /** Takes a term that is not usable everywhere only under its conditions, the first outermost. */
  private void close() {
    if (partial.isEmpty()) {
      branch();
      return;
    }
    Partial open = pick(partial);
    Term result = open.term();
    for (int k = open.guards().size() - 1; k >= 0; k--) {
      Term guard = open.guards().get(k);
      if (!guard.shape().isScalar() && !guard.shape().equals(result.shape())) {
        if (!result.shape().isScalar() || random.nextBoolean()) {
          guard = call("min", guard);
        } else {
          guard = call("prod", guard);
        }
      }
      Term other = alternative(result.shape());
      result =
          random.nextBoolean()
              ? call("where", guard, result, other)
              : call("where", call("not", guard), other, result);
    }
    if (isUsable(result)) {
      usable.add(result);
      branches.add(result);
    }
  }

  // The loss.

  private Term scalar(Term term) {
    return term.shape().isScalar()
        ? term
        : call(pick(List.of("sum", "mean", "logsumexp", "sum")), term);
  }

  /** Whether a term depends on a parameter in another way than through z. */
  private static boolean isBesides(Term term, Term z, Map<Term, Boolean> known) {
    if (term.equals(z) || term.isLeaf()) {
      return term.function().equals(Term.PARAMETER);
    }
    Boolean answer = known.get(term);
    if (answer == null) {
      answer = term.arguments().stream().anyMatch(a -> isBesides(a, z, known));
      known.put(term, answer);
    }
    return answer;
  }

  private Term loss(Optional<Term> z) {
    List<Term> parts = new ArrayList<>();
    z.ifPresent(term -> parts.add(call("square", scalar(term))));
    if (z.isPresent() && random.nextInt(3) == 0) {
      Map<Term, Boolean> known = new IdentityHashMap<>();
      usable.removeIf(term -> isBesides(term, z.get(), known));
      branches.removeIf(term -> isBesides(term, z.get(), known));
    }
    if (!branches.isEmpty()) {
      parts.add(branches.get(branches.size() - 1));
      parts.add(pick(branches));
    }
    for (int k = 1 + random.nextInt(3); k > 0; k--) {
      parts.add(any());
    }
    Term loss = Term.constant(0);
    for (Term part : parts) {
      Term addend = scalar(part);
      if (random.nextInt(3) == 0) {
        addend = call("multiply", addend, scalar(any()));
      }
      Term sum = loss.isLeaf() ? addend : call("add", loss, addend);
      if (isUsable(sum)) {
        loss = sum;
      }
    }
    return loss;
  }
}
