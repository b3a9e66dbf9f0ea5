package org.sparkcurvature.random;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.hipparchus.analysis.differentiation.DSFactory;
import org.hipparchus.analysis.differentiation.DerivativeStructure;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.graph.Model;

/**
 * Compares what the engine gives for a random model with what the {@link Interpreter} gives.
 *
 * <p>How much rounding may do to a number follows from the number itself: the interpreter computes
 * it a second time with every argument of every operation off by about {@link
 * Quantity#PERTURBATION}. What that moves the result by, scaled down to {@link #ROUNDING}, is
 * allowed, and {@link #FLOOR} of the largest element of the array, and {@link #NOTHING}. A sum
 * whose terms cancel is thus allowed an error relative to the terms, and a well conditioned number
 * may be off by some 1e-11 of itself.
 */
final class RandomModelCheck {

  /** The relative error of an operation that is allowed, in place of the perturbation. */
  private static final double ROUNDING = 1e-12;

  private static final double FLOOR = 1e-13;

  /** Where zeros are expected: what comes of terms of order 1 that cancel. */
  private static final double NOTHING = 1e-13;

  /** Before a number counts as wrong, so many perturbations say how far it may move. */
  private static final int DRAWS = 20;

  private static final int VECTORS = 2;

  /** Derivatives of every row, by all variables, exact and perturbed. */
  private record Row(double value, double[] gradient, double[][] hessian) {}

  /** Results by name. */
  private record Expected(Map<String, double[]> exact, Map<String, double[]> perturbed) {}

  private final RandomModel random;
  private final Random draws;
  private final Model model;
  private final List<Term> leaves;
  private final Map<Term, Integer> seeds;
  private final int variables;

  private RandomModelCheck(RandomModel random, long seed) {
    this.random = random;
    this.draws = new Random(seed ^ 0x5DEECE66DL);
    this.model = random.model();
    this.leaves = random.differentiable();
    this.seeds = random.seeds();
    this.variables = random.variables();
  }

  /**
   * What differs, a line each; empty where everything agrees.
   *
   * @param seed decides what is asked for
   */
  static List<String> faults(RandomModel model, long seed) {
    RandomModelCheck check = new RandomModelCheck(model, seed);
    List<String> faults = new ArrayList<>();
    // Planning is what takes the time: most models are planned once.
    int asked = check.draws.nextInt(5);
    try {
      if (asked != 1 && asked != 2) {
        check.perSample(faults);
      }
      if (asked < 3) {
        check.sums(faults);
      }
    } catch (RuntimeException | StackOverflowError e) {
      faults.add(
          Arrays.stream(e.getStackTrace())
              .filter(at -> at.getClassName().startsWith("org.sparkcurvature"))
              .limit(4)
              .map(StackTraceElement::toString)
              .collect(Collectors.joining(" < ", "failed: " + e + " at ", "")));
    }
    return faults;
  }

  private <T> T pick(List<T> from) {
    return from.get(draws.nextInt(from.size()));
  }

  private List<Term> some(List<Term> from) {
    List<Term> chosen = new ArrayList<>(from);
    Collections.shuffle(chosen, draws);
    int count = draws.nextInt(3) == 0 ? 1 + draws.nextInt(chosen.size()) : chosen.size();
    return chosen.subList(0, count);
  }

  /** The variables of the flattened wrt, in its order. */
  private int[] variables(List<Term> wrt) {
    return wrt.stream()
        .flatMapToInt(
            leaf ->
                java.util.stream.IntStream.range(0, leaf.shape().size())
                    .map(k -> seeds.get(leaf) + k))
        .toArray();
  }

  private static List<String> names(List<Term> terms) {
    return terms.stream().map(Term::name).toList();
  }

  private double[] numbers(int count) {
    return draws.doubles(count, -1, 1).toArray();
  }

  // What is expected.

  /** The derivatives of elements of a term in one sample, one entry an element. */
  private List<List<Row>> rows(Term term, int row, Map<Term, Integer> by, int count, long seed) {
    DSFactory factory = new DSFactory(count, 2);
    Quantity[] elements = random.interpreter(factory, row, by, new Random(seed)).of(term);
    List<Row> exact = new ArrayList<>();
    List<Row> perturbed = new ArrayList<>();
    for (Quantity element : elements) {
      if (!element.usable()) {
        throw new IllegalStateException("the model has no usable value");
      }
      exact.add(row(element.exact(), count));
      perturbed.add(row(element.perturbed(), count));
    }
    return List.of(exact, perturbed);
  }

  private static Row row(DerivativeStructure number, int count) {
    double[] gradient = new double[count];
    double[][] hessian = new double[count][count];
    int[] orders = new int[count];
    for (int i = 0; i < count; i++) {
      orders[i]++;
      gradient[i] = number.getPartialDerivative(orders);
      for (int j = i; j < count; j++) {
        orders[j]++;
        hessian[i][j] = number.getPartialDerivative(orders);
        hessian[j][i] = hessian[i][j];
        orders[j]--;
      }
      orders[i]--;
    }
    return new Row(number.getValue(), gradient, hessian);
  }

  /** Makes the arrays of one sample from the derivatives of the loss and of named terms. */
  @FunctionalInterface
  private interface Assembly {
    void add(Map<String, double[]> to, int row, Row loss, Map<String, List<Row>> named, Row ofZ);
  }

  private Expected expected(List<String> named, boolean byZ, long seed, Assembly assembly) {
    Map<String, double[]> exact = new LinkedHashMap<>();
    Map<String, double[]> perturbed = new LinkedHashMap<>();
    for (int row = 0; row < random.rows(); row++) {
      List<List<Row>> loss = rows(random.loss(), row, seeds, variables, seed);
      Map<String, List<List<Row>>> all = new LinkedHashMap<>();
      for (String name : named) {
        all.put(name, rows(term(name), row, seeds, variables, seed));
      }
      List<List<Row>> ofZ = List.of();
      if (byZ) {
        Term z = random.definitions().get("z");
        ofZ = rows(random.loss(), row, Map.of(z, 0), z.shape().size(), seed);
      }
      for (int which = 0; which < 2; which++) {
        Map<String, List<Row>> mine = new LinkedHashMap<>();
        for (Map.Entry<String, List<List<Row>>> e : all.entrySet()) {
          mine.put(e.getKey(), e.getValue().get(which));
        }
        assembly.add(
            which == 0 ? exact : perturbed,
            row,
            loss.get(which).get(0),
            mine,
            byZ ? ofZ.get(which).get(0) : loss.get(which).get(0));
      }
    }
    return new Expected(exact, perturbed);
  }

  private Term term(String name) {
    return name.equals("loss") ? random.loss() : random.definitions().get(name);
  }

  /** Whether the derivatives by z of the loss are usable in every sample. */
  private boolean hasZ() {
    Term z = random.definitions().get("z");
    if (z == null) {
      return false;
    }
    for (int row = 0; row < random.rows(); row++) {
      DSFactory factory = new DSFactory(z.shape().size(), 2);
      if (!random
          .interpreter(factory, row, Map.of(z, 0), new Random(1))
          .of(random.loss())[0]
          .usable()) {
        return false;
      }
    }
    return true;
  }

  /** Whether the loss depends on these parameters through z alone, or at least could. */
  private boolean isThroughZ(List<Term> wrt) {
    Set<Term> reached = Collections.newSetFromMap(new IdentityHashMap<>());
    reach(random.loss(), random.definitions().get("z"), reached);
    return wrt.stream().noneMatch(reached::contains);
  }

  private static void reach(Term term, Term z, Set<Term> reached) {
    if (!term.equals(z) && reached.add(term)) {
      term.arguments().forEach(argument -> reach(argument, z, reached));
    }
  }

  private static double[] array(Map<String, double[]> to, String name, int length) {
    return to.computeIfAbsent(name, key -> new double[length]);
  }

  // Results of each sample.

  private void perSample(List<String> faults) {
    List<Term> wrt = some(leaves);
    int[] by = variables(wrt);
    int p = by.length;
    boolean z = hasZ();
    List<String> defined = new ArrayList<>(random.definitions().keySet());
    List<String> asked = defined.isEmpty() ? List.of() : List.of(pick(defined));
    Request.SampleHessianForm form = pick(List.of(Request.SampleHessianForm.values()));
    Request.PerSample wanted =
        Request.PerSample.NONE
            .withValue(draws.nextBoolean())
            .withGradient(draws.nextInt(4) > 0)
            .withHessian(form)
            .withValuesOf(asked)
            .withJacobiansOf(asked)
            .withAdjointsOf(z ? List.of("z") : List.of())
            .withProducts(new Request.Products(VECTORS, draws.nextBoolean(), asked, asked));
    double[] vectors = numbers(VECTORS * p);
    int k = asked.isEmpty() ? 0 : term(asked.get(0)).shape().size();
    double[] cotangents = numbers(random.rows() * k);
    DerivativeSpec spec = spec(Request.by(names(wrt)).withSamples(wanted));
    Map<String, double[]> actual = new LinkedHashMap<>();
    run(
        spec,
        (engine, first, count) -> {
          engine.setVectors(vectors);
          asked.forEach(
              name ->
                  System.arraycopy(cotangents, first * k, engine.cotangent(name), 0, count * k));
        },
        (engine, first, count) -> {
          for (DerivativeSpec.Column column : spec.columns()) {
            double[] all = array(actual, column.name(), random.rows() * column.length());
            System.arraycopy(
                engine.column(column.name()),
                0,
                all,
                first * column.length(),
                count * column.length());
          }
        });
    Assembly assembly =
        (to, row, loss, named, ofZ) -> {
          array(to, "value", random.rows())[row] = loss.value;
          for (int i = 0; i < p; i++) {
            array(to, "gradient", random.rows() * p)[row * p + i] = loss.gradient[by[i]];
          }
          hessian(to, form, row, loss, by);
          for (int v = 0; v < VECTORS; v++) {
            for (int i = 0; i < p; i++) {
              for (int j = 0; j < p; j++) {
                array(to, "product", random.rows() * VECTORS * p)[(row * VECTORS + v) * p + i] +=
                    loss.hessian[by[i]][by[j]] * vectors[v * p + j];
              }
            }
          }
          for (String name : asked) {
            List<Row> elements = named.get(name);
            for (int e = 0; e < k; e++) {
              array(to, "value_" + name, random.rows() * k)[row * k + e] = elements.get(e).value;
              for (int i = 0; i < p; i++) {
                double d = elements.get(e).gradient[by[i]];
                array(to, "jacobian_" + name, random.rows() * k * p)[(row * k + e) * p + i] = d;
                array(to, "vjp_" + name, random.rows() * p)[row * p + i] +=
                    d * cotangents[row * k + e];
                for (int v = 0; v < VECTORS; v++) {
                  array(to, "jvp_" + name, random.rows() * VECTORS * k)[
                          (row * VECTORS + v) * k + e] +=
                      d * vectors[v * p + i];
                }
              }
            }
          }
          for (int e = 0; z && e < ofZ.gradient.length; e++) {
            int size = ofZ.gradient.length;
            array(to, "adjoint_z", random.rows() * size)[row * size + e] = ofZ.gradient[e];
          }
        };
    compare("per sample, wrt " + names(wrt), actual, asked, z, assembly, faults);
  }

  private void hessian(
      Map<String, double[]> to, Request.SampleHessianForm form, int row, Row loss, int[] by) {
    int p = by.length;
    int at = 0;
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < p; j++) {
        double second = loss.hessian[by[i]][by[j]];
        switch (form) {
          case NONE -> {}
          case DIAGONAL -> {
            if (i == j) {
              array(to, "hessian", random.rows() * p)[row * p + i] = second;
            }
          }
          case FULL -> array(to, "hessian", random.rows() * p * p)[(row * p + i) * p + j] = second;
          case PACKED -> {
            if (j >= i) {
              int length = p * (p + 1) / 2;
              array(to, "hessian", random.rows() * length)[row * length + at++] = second;
            }
          }
        }
      }
    }
  }

  // Sums over samples.

  private void sums(List<String> faults) {
    List<Term> wrt = some(random.parameters());
    int[] by = variables(wrt);
    int p = by.length;
    boolean z = hasZ() && draws.nextBoolean() && isThroughZ(wrt);
    boolean opg = draws.nextBoolean();
    Request.HessianForm form = pick(List.of(Request.HessianForm.values()));
    int products = draws.nextInt(3);
    Request.Global global =
        Request.Global.NONE
            .withValue()
            .withGradient()
            .withHessian(form)
            .withGgn(z ? Optional.of("z") : Optional.empty())
            .withOpg(opg)
            .withProducts(products);
    DerivativeSpec spec = spec(Request.by(names(wrt)).withSums(global));
    double[] vectors = numbers(products * p);
    Sums sums = Sums.zero(spec);
    run(
        spec,
        (engine, first, count) -> {
          if (products > 0) {
            engine.setVectors(vectors);
          }
        },
        (engine, first, count) -> engine.addTo(sums));
    Map<String, double[]> actual = new LinkedHashMap<>();
    actual.put("value", new double[] {sums.value()});
    actual.put("gradient", sums.gradient());
    if (form != Request.HessianForm.NONE) {
      actual.put("hessian", sums.curvature(Request.Curvature.HESSIAN));
    }
    if (opg) {
      actual.put("opg", sums.curvature(Request.Curvature.OPG));
    }
    if (z) {
      actual.put("ggn", sums.curvature(Request.Curvature.GGN));
    }
    if (products > 0) {
      actual.put("products", sums.products());
    }
    int[] tensor = tensors(wrt, p);
    Assembly assembly =
        (to, row, loss, named, ofZ) -> {
          double weight = random.weights()[row];
          array(to, "value", 1)[0] += weight * loss.value;
          int triangle = 0;
          int kept = 0;
          for (int i = 0; i < p; i++) {
            array(to, "gradient", p)[i] += weight * loss.gradient[by[i]];
            for (int j = 0; j < p; j++) {
              double second = loss.hessian[by[i]][by[j]];
              for (int v = 0; v < products; v++) {
                array(to, "products", products * p)[v * p + i] +=
                    weight * second * vectors[v * p + j];
              }
              boolean wanted =
                  switch (form) {
                    case FULL -> j >= i;
                    case BLOCKS -> j >= i && tensor[i] == tensor[j];
                    case DIAGONAL -> j == i;
                    case NONE -> false;
                  };
              if (wanted) {
                array(to, "hessian", actual.get("hessian").length)[kept++] += weight * second;
              }
              if (j >= i) {
                int length = p * (p + 1) / 2;
                if (opg) {
                  array(to, "opg", length)[triangle] +=
                      weight * loss.gradient[by[i]] * loss.gradient[by[j]];
                }
                if (z) {
                  array(to, "ggn", length)[triangle] +=
                      weight * congruence(ofZ, named.get("z"), by[i], by[j]);
                }
                triangle++;
              }
            }
          }
        };
    compare("sums, wrt " + names(wrt), actual, z ? List.of("z") : List.of(), z, assembly, faults);
  }

  /** The number of the tensor that each element of the flattened wrt belongs to. */
  private static int[] tensors(List<Term> wrt, int p) {
    int[] tensor = new int[p];
    int at = 0;
    for (int k = 0; k < wrt.size(); k++) {
      int size = wrt.get(k).shape().size();
      Arrays.fill(tensor, at, at + size, k);
      at += size;
    }
    return tensor;
  }

  /** An element of J' (d2l/dz2) J. */
  private static double congruence(Row ofZ, List<Row> z, int i, int j) {
    double sum = 0;
    for (int a = 0; a < z.size(); a++) {
      for (int b = 0; b < z.size(); b++) {
        sum += z.get(a).gradient[i] * ofZ.hessian[a][b] * z.get(b).gradient[j];
      }
    }
    return sum;
  }

  // Running and comparing.

  private DerivativeSpec spec(Request request) {
    long bytes = draws.nextInt(3) == 0 ? 1L << 10 : 1L << 20;
    return new DerivativeSpec(model, request, Precision.DOUBLE, bytes);
  }

  @FunctionalInterface
  private interface Visit {
    void block(Engine engine, int first, int count);
  }

  private void run(DerivativeSpec spec, Visit before, Visit after) {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    random
        .parameters()
        .forEach(leaf -> parameters.put(leaf.name(), random.values().get(leaf.name())));
    try (Engine engine = spec.open(parameters, pick(List.of(Differentiator.Mode.values())))) {
      for (int first = 0; first < random.rows(); first += engine.blockRows()) {
        int count = Math.min(engine.blockRows(), random.rows() - first);
        for (String name : model.inputs().keySet()) {
          int size = model.inputs().get(name).shape().size();
          System.arraycopy(
              random.values().get(name), first * size, engine.input(name), 0, count * size);
        }
        System.arraycopy(random.weights(), first, engine.weights(), 0, count);
        before.block(engine, first, count);
        engine.evaluate(count);
        after.block(engine, first, count);
      }
    }
  }

  private void compare(
      String what,
      Map<String, double[]> actual,
      List<String> named,
      boolean byZ,
      Assembly assembly,
      List<String> faults) {
    Expected expected = expected(named, byZ, 0, assembly);
    Map<String, double[]> moves = new LinkedHashMap<>();
    move(moves, expected);
    if (deviations(what, actual, expected, moves).isEmpty()) {
      return;
    }
    for (int draw = 1; draw < DRAWS; draw++) {
      move(moves, expected(named, byZ, draw, assembly));
    }
    faults.addAll(deviations(what, actual, expected, moves));
  }

  private static void move(Map<String, double[]> moves, Expected expected) {
    expected
        .exact()
        .forEach(
            (name, exact) -> {
              double[] move = array(moves, name, exact.length);
              double[] perturbed = expected.perturbed().get(name);
              for (int k = 0; k < exact.length; k++) {
                move[k] = Math.max(move[k], Math.abs(exact[k] - perturbed[k]));
              }
            });
  }

  private static List<String> deviations(
      String what, Map<String, double[]> actual, Expected expected, Map<String, double[]> moves) {
    List<String> faults = new ArrayList<>();
    actual.forEach(
        (name, found) -> {
          double[] exact = expected.exact().get(name);
          if (exact == null || exact.length != found.length) {
            faults.add(what + ": " + name + " has " + found.length + " numbers");
            return;
          }
          double largest = Arrays.stream(exact).map(Math::abs).max().orElse(0);
          for (int k = 0; k < exact.length; k++) {
            double allowed =
                moves.get(name)[k] * (ROUNDING / Quantity.PERTURBATION) + FLOOR * largest + NOTHING;
            if (!(Math.abs(found[k] - exact[k]) <= allowed)) {
              faults.add(
                  String.format(
                      Locale.ROOT,
                      "%s: %s[%d] is %.17g, expected %.17g, allowed %.2g",
                      what,
                      name,
                      k,
                      found[k],
                      exact[k],
                      allowed));
              return;
            }
          }
        });
    return faults;
  }
}
