package org.sparkcurvature.objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.rules.IndexBounds;

/**
 * Compares derivatives with central differences, sample by sample: the gradient with differences of
 * the value, the Hessian with differences of the gradient, Jacobians with differences of the
 * intermediate. Sums over samples are compared with the sums of what was compared.
 *
 * <p>A difference is extrapolated from ten steps, each a quarter of the one before (Ridders 1982,
 * Advances in Engineering Software 4(2)), which gives an estimate of its own error: no single step
 * serves parameters near 1 and features near 1000 alike. Steps that leave the domain of a function
 * are left out.
 *
 * <p>All perturbed points are samples of one block: the parameters in wrt become input tensors of a
 * second model with the same operations, whose values and gradients are differenced. The
 * derivatives under test are those of the model itself.
 */
public final class FiniteDifferences {
  private static final int STEPS = 10;
  private static final double FACTOR = 4;
  private static final double FIRST_STEP = 1.0 / 16;
  private static final int ORDER = 4;
  private static final double EPSILON = Math.ulp(1.0);

  /** What the estimate of a difference's error is multiplied by before it excuses a deviation. */
  private static final double SAFETY = 20;

  /** Sums and samples go different ways through the same operations. */
  private static final double SUM_TOLERANCE = 1e-9;

  private FiniteDifferences() {}

  /**
   * @param elements the most elements of each tensor of wrt that are perturbed; of larger ones, so
   *     many, evenly spread
   * @param hessianLength the largest P for which a Hessian, P x P for each row, is compared
   * @param tolerance the relative deviation that is allowed beyond a difference's own error
   */
  public record Settings(int elements, int hessianLength, double tolerance) {
    public static final Settings DEFAULT = new Settings(50, 2000, 1e-6);
  }

  /** What a comparison found. */
  public enum Verdict {
    AGREES,
    /** Differences are too inaccurate somewhere to tell. */
    UNDECIDED,
    DIFFERS
  }

  /**
   * Where a deviation is largest, measured by what is allowed there.
   *
   * @param row the row, from 0; -1 for sums over rows
   * @param element the element, row-major, of the tensor perturbed
   * @param of the element, row-major, of what is derived: of the intermediate, or of the second
   *     tensor of a Hessian; 0 for a scalar
   * @param exact the derivative
   * @param difference the difference, or the sum over rows, that it was compared with
   * @param uncertainty the error that {@code difference} may have
   */
  public record Place(
      int row, int element, int of, double exact, double difference, double uncertainty) {}

  /**
   * One block of a derivative, over all rows.
   *
   * @param quantity {@code gradient}, {@code hessian}, {@code jacobian_z}; {@code sum of gradients}
   *     and the like for sums
   * @param wrt the tensor perturbed
   * @param of the other tensor of a Hessian's block; empty otherwise
   * @param compared number of elements compared
   * @param largest the largest absolute value of the derivative in this block
   * @param absolute the largest deviation
   * @param relative the largest deviation, divided by {@code largest}; 0 where both are 0
   * @param worst where the deviation is largest for what is allowed there
   */
  public record Comparison(
      String quantity,
      String wrt,
      Optional<String> of,
      int compared,
      double largest,
      double absolute,
      double relative,
      Place worst,
      Verdict verdict) {}

  /**
   * @param comparisons one entry for each block, in the order of wrt
   * @param omitted what was not compared and why, each a whole sentence
   */
  public record Report(List<Comparison> comparisons, List<String> omitted) {
    public Report {
      comparisons = List.copyOf(comparisons);
      omitted = List.copyOf(omitted);
    }

    /** Whether no derivative differs. */
    public boolean agrees() {
      return comparisons.stream().noneMatch(c -> c.verdict() == Verdict.DIFFERS);
    }
  }

  /**
   * Compares the derivatives of {@code derivation} at some rows. Gradient and Hessian are compared
   * whatever the request says, and the Jacobians and sums that it asks for; arithmetic is double.
   *
   * @param parameters every parameter's elements, row-major
   * @param inputs every input tensor's elements, row after row: length rows x size
   * @param rows number of rows, at least 1
   * @throws NonFiniteException if the value or a derivative is not finite at a row itself
   */
  public static Report compare(
      Derivation derivation,
      Map<String, double[]> parameters,
      Map<String, double[]> inputs,
      int rows,
      Settings settings) {
    return new Run(derivation, parameters, inputs, rows, settings).report();
  }

  /** A difference and the error that it may have; NaN where there were not two steps. */
  record Estimate(double value, double error) {}

  /**
   * Extrapolates central differences of ever smaller steps, each {@link #FACTOR} times smaller.
   *
   * @param above values at x + h, largest step first; NaN where there is none
   * @param below values at x - h
   * @param steps h
   */
  static Estimate extrapolate(double[] above, double[] below, double[] steps) {
    double[] before = new double[ORDER + 1];
    Estimate best = new Estimate(Double.NaN, Double.NaN);
    int usable = 0;
    for (int k = 0; k < steps.length; k++) {
      double central = (above[k] - below[k]) / (2 * steps[k]);
      if (!Double.isFinite(central)) {
        usable = 0;
        continue;
      }
      double[] row = new double[ORDER + 1];
      row[0] = central;
      double noise = 4 * EPSILON * Math.max(Math.abs(above[k]), Math.abs(below[k])) / steps[k];
      double power = 1;
      for (int j = 1; j <= Math.min(usable, ORDER); j++) {
        power *= FACTOR * FACTOR;
        row[j] = (row[j - 1] * power - before[j - 1]) / (power - 1);
        double error =
            noise + Math.max(Math.abs(row[j] - row[j - 1]), Math.abs(row[j] - before[j - 1]));
        if (!(error >= best.error)) {
          best = new Estimate(row[j], error);
        }
      }
      before = row;
      usable++;
    }
    return best;
  }

  /** A sample that differs from one of the rows in one element. */
  private record Point(int row, String name, int element, double value) {}

  /** Comparisons of one block, being made. */
  private static final class Block {
    private final String quantity;
    private final String wrt;
    private final Optional<String> of;
    private final double tolerance;
    private int compared;
    private boolean undecided;
    private double largest;
    private double absolute;
    private double severity = -1;
    private Place worst = new Place(0, 0, 0, 0, 0, 0);

    Block(String quantity, String wrt, Optional<String> of, double tolerance) {
      this.quantity = quantity;
      this.wrt = wrt;
      this.of = of;
      this.tolerance = tolerance;
    }

    /**
     * @param scale what is large among such numbers, and among those that are differenced
     */
    void add(Place place, double scale) {
      compared++;
      largest = Math.max(largest, Math.abs(place.exact));
      if (!Double.isFinite(place.difference)) {
        undecided = true;
        return;
      }
      double deviation = Math.abs(place.exact - place.difference);
      double size = Math.max(Math.abs(place.exact), Math.abs(place.difference));
      double allowed = tolerance * size + SAFETY * (place.uncertainty + EPSILON * scale);
      undecided |= SAFETY * place.uncertainty > 1e-3 * size + 1e-7 * scale;
      absolute = Math.max(absolute, deviation);
      double measure = deviation == 0 ? 0 : deviation / allowed;
      if (measure > severity) {
        severity = measure;
        worst = place;
      }
    }

    Comparison comparison() {
      Verdict verdict =
          severity > 1 ? Verdict.DIFFERS : undecided ? Verdict.UNDECIDED : Verdict.AGREES;
      double relative = absolute == 0 ? 0 : absolute / largest;
      return new Comparison(
          quantity, wrt, of, compared, largest, absolute, relative, worst, verdict);
    }
  }

  /** One comparison of a derivation. */
  private static final class Run {
    private final Derivation derivation;
    private final Model model;
    private final Layout layout;
    private final Map<String, double[]> parameters;
    private final Map<String, double[]> inputs;
    private final int rows;
    private final Settings settings;
    private final boolean withHessian;
    private final List<String> jacobians;
    private final Set<String> indices;
    private final Map<String, Block> blocks = new LinkedHashMap<>();
    private final List<String> omitted = new ArrayList<>();

    Run(
        Derivation derivation,
        Map<String, double[]> parameters,
        Map<String, double[]> inputs,
        int rows,
        Settings settings) {
      this.derivation = derivation;
      this.model = derivation.model();
      this.layout = derivation.layout();
      this.parameters = parameters;
      this.inputs = inputs;
      this.rows = rows;
      this.settings = settings;
      this.withHessian = layout.length() <= settings.hessianLength;
      this.jacobians = derivation.request().perSample().jacobianOf();
      this.indices = IndexBounds.of(model).keySet();
      if (!withHessian) {
        omitted.add(
            "The Hessian is not compared: P = %d is above %d."
                .formatted(layout.length(), settings.hessianLength));
      }
    }

    Report report() {
      Map<String, double[]> exact = exact();
      Map<String, Double> scales = scales(exact);
      Model lifted = lifted();
      List<String> names = jacobians;
      Request request =
          new Request(
              derivation.request().wrt(),
              Request.Global.NONE,
              new Request.PerSample(
                  true, withHessian, Request.SampleHessianForm.NONE, names, List.of(), List.of()));
      try (Engine engine =
          new Derivation(lifted, request, Precision.DOUBLE, derivation.blockBytes())
              .open(without(derivation.request().wrt()))) {
        for (Layout.Entry entry : layout.entries()) {
          if (indices.contains(entry.name())) {
            omitted.add(entry.name() + " is an index: there is nothing to differentiate.");
            continue;
          }
          for (int row = 0; row < rows; row++) {
            compare(engine, lifted, entry, row, exact, scales);
          }
        }
      }
      sums(exact);
      return new Report(blocks.values().stream().map(Block::comparison).toList(), omitted);
    }

    /** The derivatives under test: by column, row after row. */
    private Map<String, double[]> exact() {
      Request request =
          new Request(
              derivation.request().wrt(),
              Request.Global.NONE,
              new Request.PerSample(
                  true,
                  true,
                  withHessian ? Request.SampleHessianForm.FULL : Request.SampleHessianForm.NONE,
                  jacobians,
                  jacobians,
                  List.of()));
      Derivation all = new Derivation(model, request, Precision.DOUBLE, derivation.blockBytes());
      Map<String, double[]> exact = new HashMap<>();
      all.columns().forEach(c -> exact.put(c.name(), new double[rows * c.length()]));
      try (Engine engine = all.open(parameters)) {
        for (int from = 0; from < rows; from += engine.blockRows()) {
          int count = fill(engine, from);
          engine.evaluate(count);
          for (Derivation.Column c : all.columns()) {
            System.arraycopy(
                engine.column(c.name()),
                0,
                exact.get(c.name()),
                from * c.length(),
                count * c.length());
          }
        }
      }
      return exact;
    }

    /** Fills a block with rows from {@code from} on; their number. */
    private int fill(Engine engine, int from) {
      int count = Math.min(engine.blockRows(), rows - from);
      model
          .inputs()
          .forEach(
              (name, node) -> {
                int size = node.shape().size();
                System.arraycopy(
                    inputs.get(name), from * size, engine.input(name), 0, count * size);
              });
      return count;
    }

    /** The model with the parameters of wrt as input tensors. */
    private Model lifted() {
      Set<String> wrt = new LinkedHashSet<>(derivation.request().wrt());
      Graph graph = new Graph();
      List<Node> nodes = new ArrayList<>();
      for (Node node : model.graph().nodes()) {
        nodes.add(
            node.op() instanceof Leaf.Parameter p && wrt.contains(p.name())
                ? graph.input(p.name(), p.shape())
                : graph.add(
                    node.op(), node.operands().stream().map(o -> nodes.get(o.id())).toList()));
      }
      Map<String, Node> liftedInputs = new LinkedHashMap<>();
      Map<String, Node> rest = new LinkedHashMap<>();
      Map<String, Node> definitions = new LinkedHashMap<>();
      model.inputs().forEach((name, node) -> liftedInputs.put(name, nodes.get(node.id())));
      model
          .parameters()
          .forEach(
              (name, node) ->
                  (wrt.contains(name) ? liftedInputs : rest).put(name, nodes.get(node.id())));
      model.definitions().forEach((name, node) -> definitions.put(name, nodes.get(node.id())));
      return new Model(graph, liftedInputs, rest, definitions, nodes.get(model.loss().id()));
    }

    private Map<String, double[]> without(List<String> names) {
      Map<String, double[]> rest = new LinkedHashMap<>(parameters);
      rest.keySet().removeAll(names);
      return rest;
    }

    /** What is large among the numbers of each quantity, and among those that are differenced. */
    private Map<String, Double> scales(Map<String, double[]> exact) {
      Map<String, Double> scales = new HashMap<>();
      double first = Math.max(largest(exact.get("value")), largest(exact.get("gradient")));
      double second = withHessian ? largest(exact.get("hessian")) : 0;
      // A residual that cancels to 0 keeps the rounding of its terms, and the gradient keeps it
      // too. The terms of a gradient are as large as the curvature times the elements of wrt.
      scales.put("gradient", Math.max(first, second * largestElement()));
      scales.put("hessian", Math.max(first, second));
      for (String name : jacobians) {
        double values = largest(exact.get("value_" + name));
        scales.put("jacobian_" + name, Math.max(values, largest(exact.get("jacobian_" + name))));
      }
      return scales;
    }

    /** The largest element of wrt, at any row. */
    private double largestElement() {
      return layout.entries().stream()
          .map(Layout.Entry::name)
          .mapToDouble(
              name ->
                  largest(parameters.containsKey(name) ? parameters.get(name) : inputs.get(name)))
          .max()
          .orElse(0);
    }

    private static double largest(double[] values) {
      return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    /** Compares all derivatives with respect to one tensor at one row. */
    private void compare(
        Engine engine,
        Model lifted,
        Layout.Entry entry,
        int row,
        Map<String, double[]> exact,
        Map<String, Double> scales) {
      int[] elements = spread(entry.shape().size());
      double[] steps = new double[STEPS * elements.length];
      List<Point> points = new ArrayList<>();
      for (int e = 0; e < elements.length; e++) {
        double x = base(entry.name(), entry.shape().size(), row)[elements[e]];
        double step = FIRST_STEP * Math.max(1, Math.abs(x));
        for (int k = 0; k < STEPS; k++, step /= FACTOR) {
          double above = x + step;
          double below = x - step;
          steps[e * STEPS + k] = (above - below) / 2;
          points.add(new Point(row, entry.name(), elements[e], above));
          points.add(new Point(row, entry.name(), elements[e], below));
        }
      }
      Map<String, double[][]> found = evaluate(engine, lifted, points);
      int p = layout.length();
      for (int e = 0; e < elements.length; e++) {
        int element = elements[e];
        int column = entry.offset() + element;
        double[] h = Arrays.copyOfRange(steps, e * STEPS, (e + 1) * STEPS);
        Estimate slope = estimate(found.get("value"), e, 0, h);
        double g = exact.get("gradient")[row * p + column];
        block("gradient", entry.name(), Optional.empty())
            .add(new Place(row, element, 0, g, slope.value, slope.error), scales.get("gradient"));
        for (Layout.Entry other : withHessian ? layout.entries() : List.<Layout.Entry>of()) {
          Block block = block("hessian", entry.name(), Optional.of(other.name()));
          for (int i = 0; i < other.shape().size(); i++) {
            int line = other.offset() + i;
            Estimate curve = estimate(found.get("gradient"), e, line, h);
            double second = exact.get("hessian")[(row * p + line) * p + column];
            block.add(
                new Place(row, element, i, second, curve.value, curve.error),
                scales.get("hessian"));
          }
        }
        for (String name : jacobians) {
          Block block = block("jacobian_" + name, entry.name(), Optional.empty());
          int size = model.named(name).shape().size();
          for (int k = 0; k < size; k++) {
            Estimate partial = estimate(found.get("value_" + name), e, k, h);
            double first = exact.get("jacobian_" + name)[(row * size + k) * p + column];
            block.add(
                new Place(row, element, k, first, partial.value, partial.error),
                scales.get("jacobian_" + name));
          }
        }
      }
    }

    /** The difference of output {@code k} with respect to the e-th perturbed element. */
    private static Estimate estimate(double[][] found, int e, int k, double[] h) {
      double[] above = new double[STEPS];
      double[] below = new double[STEPS];
      for (int s = 0; s < STEPS; s++) {
        above[s] = found[2 * (e * STEPS + s)][k];
        below[s] = found[2 * (e * STEPS + s) + 1][k];
      }
      return extrapolate(above, below, h);
    }

    private Block block(String quantity, String wrt, Optional<String> of) {
      return blocks.computeIfAbsent(
          quantity + " " + wrt + " " + of.orElse(""),
          key -> new Block(quantity, wrt, of, settings.tolerance));
    }

    /** The elements to perturb: all, or so many, evenly spread. */
    private int[] spread(int size) {
      int count = Math.min(size, settings.elements);
      int[] chosen = new int[count];
      for (int k = 0; k < count; k++) {
        chosen[k] = (int) ((long) k * size / count);
      }
      return chosen;
    }

    /** A tensor's elements at a row. */
    private double[] base(String name, int size, int row) {
      return parameters.containsKey(name)
          ? parameters.get(name)
          : Arrays.copyOfRange(inputs.get(name), row * size, (row + 1) * size);
    }

    /** Values of the lifted model's columns at points: by column, point after point. */
    private Map<String, double[][]> evaluate(Engine engine, Model lifted, List<Point> points) {
      Map<String, Integer> lengths = new LinkedHashMap<>();
      lengths.put("value", 1);
      if (withHessian) {
        lengths.put("gradient", layout.length());
      }
      jacobians.forEach(name -> lengths.put("value_" + name, model.named(name).shape().size()));
      Map<String, double[][]> found = new LinkedHashMap<>();
      lengths.forEach((name, length) -> found.put(name, new double[points.size()][length]));

      for (int from = 0; from < points.size(); from += engine.blockRows()) {
        int count = Math.min(engine.blockRows(), points.size() - from);
        List<Point> block = points.subList(from, from + count);
        boolean[] finite = evaluateBlock(engine, lifted, block);
        for (Map.Entry<String, Integer> column : lengths.entrySet()) {
          double[] results = engine.column(column.getKey());
          int length = column.getValue();
          for (int k = 0; k < count; k++) {
            double[] target = found.get(column.getKey())[from + k];
            if (finite[k]) {
              System.arraycopy(results, k * length, target, 0, length);
            } else {
              Arrays.fill(target, Double.NaN);
            }
          }
        }
      }
      return found;
    }

    /** Evaluates a block; points at which something is not finite are found and left out. */
    private boolean[] evaluateBlock(Engine engine, Model lifted, List<Point> block) {
      boolean[] finite = new boolean[block.size()];
      Arrays.fill(finite, true);
      while (true) {
        for (int k = 0; k < block.size(); k++) {
          place(engine, lifted, block.get(k), k, finite[k]);
        }
        try {
          engine.evaluate(block.size());
          return finite;
        } catch (NonFiniteException e) {
          boolean found = false;
          for (int k : e.rows()) {
            found |= finite[k];
            finite[k] = false;
          }
          if (!found) {
            // Not due to single points: none of them can be used.
            Arrays.fill(finite, false);
            return finite;
          }
        }
      }
    }

    /** Writes a point, or the row that it comes from, as the k-th sample of a block. */
    private void place(Engine engine, Model lifted, Point point, int k, boolean perturbed) {
      lifted
          .inputs()
          .forEach(
              (name, node) -> {
                int size = node.shape().size();
                double[] block = engine.input(name);
                boolean constant = parameters.containsKey(name);
                double[] source = constant ? parameters.get(name) : inputs.get(name);
                System.arraycopy(source, constant ? 0 : point.row * size, block, k * size, size);
                if (perturbed && name.equals(point.name)) {
                  block[k * size + point.element] = point.value;
                }
              });
    }

    /** Compares sums over samples, each of weight 1, with the sums of what was compared. */
    private void sums(Map<String, double[]> exact) {
      Request.Global asked = derivation.request().global();
      Request.HessianForm form = withHessian ? asked.hessian() : Request.HessianForm.NONE;
      boolean opg = asked.opg() && withHessian;
      if (!asked.gradient() && form == Request.HessianForm.NONE && !opg) {
        return;
      }
      Request.Global global =
          new Request.Global(false, asked.gradient(), form, Optional.empty(), opg);
      Derivation summed =
          new Derivation(
              model,
              new Request(derivation.request().wrt(), global, Request.PerSample.NONE),
              Precision.DOUBLE,
              derivation.blockBytes());
      Sums sums = Sums.zero(summed);
      try (Engine engine = summed.open(parameters)) {
        for (int from = 0; from < rows; from += engine.blockRows()) {
          engine.evaluate(fill(engine, from));
          engine.addTo(sums);
        }
      }
      int p = layout.length();
      double[] g = exact.get("gradient");
      if (global.gradient()) {
        double[] total = sums.gradient();
        for (Layout.Entry entry : layout.entries()) {
          Block block = sumBlock("sum of gradients", entry.name(), Optional.empty());
          for (int e = 0; e < entry.shape().size(); e++) {
            int i = entry.offset() + e;
            addSum(block, e, 0, total[i], r -> g[r * p + i]);
          }
        }
      }
      if (form != Request.HessianForm.NONE) {
        double[] h = exact.get("hessian");
        compareSums(
            "sum of hessians",
            form,
            sums.curvature(Request.Curvature.HESSIAN),
            (r, i, j) -> h[(r * p + i) * p + j]);
      }
      if (opg) {
        compareSums(
            "opg",
            Request.HessianForm.FULL,
            sums.curvature(Request.Curvature.OPG),
            (r, i, j) -> g[r * p + i] * g[r * p + j]);
      }
    }

    /** An element of a row's own matrix. */
    @FunctionalInterface
    private interface SampleMatrix {
      double at(int row, int i, int j);
    }

    /** Compares the elements that a form has, the upper triangle. */
    private void compareSums(
        String quantity, Request.HessianForm form, double[] sums, SampleMatrix samples) {
      int position = 0;
      for (Layout.Entry entry : layout.entries()) {
        for (int e = 0; e < entry.shape().size(); e++) {
          int i = entry.offset() + e;
          for (Layout.Entry other : layout.entries()) {
            for (int f = 0; f < other.shape().size(); f++) {
              int j = other.offset() + f;
              boolean kept =
                  switch (form) {
                    case FULL -> j >= i;
                    case BLOCKS -> j >= i && other.equals(entry);
                    case DIAGONAL -> j == i;
                    case NONE -> false;
                  };
              if (kept) {
                Block block = sumBlock(quantity, entry.name(), Optional.of(other.name()));
                addSum(block, e, f, sums[position], r -> samples.at(r, i, j));
                position++;
              }
            }
          }
        }
      }
    }

    private Block sumBlock(String quantity, String wrt, Optional<String> of) {
      return blocks.computeIfAbsent(
          quantity + " " + wrt + " " + of.orElse(""),
          key -> new Block(quantity, wrt, of, SUM_TOLERANCE));
    }

    private void addSum(Block block, int element, int of, double sum, IntToDoubleFunction sample) {
      double expected = 0;
      double size = 0;
      for (int row = 0; row < rows; row++) {
        expected += sample.applyAsDouble(row);
        size += Math.abs(sample.applyAsDouble(row));
      }
      block.add(new Place(-1, element, of, sum, expected, EPSILON * size), size);
    }
  }
}
