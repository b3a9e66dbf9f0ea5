package org.sparkcurvature.verify;

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
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.NonFiniteException;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.SampleResult;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.IndexBounds;
import org.sparkcurvature.verify.FiniteDifferences.Estimate;
import org.sparkcurvature.verify.FiniteDifferences.Place;
import org.sparkcurvature.verify.FiniteDifferences.Report;
import org.sparkcurvature.verify.FiniteDifferences.Settings;

/** One comparison of the derivatives of a specification. */
final class DifferenceRun {
  /** A sample that differs from one of the rows in one element. */
  private record Point(int row, String name, int element, double value) {}

  private final DerivativeSpec spec;
  private final Model model;
  private final Layout layout;
  private final Map<String, double[]> parameters;
  private final Map<String, double[]> inputs;
  private final int rows;
  private final Settings settings;
  private final boolean withHessian;
  private final List<String> jacobians;
  private final Set<String> indices;
  private final Map<String, ComparedBlock> blocks = new LinkedHashMap<>();
  private final List<String> omitted = new ArrayList<>();

  DifferenceRun(
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      Map<String, double[]> inputs,
      int rows,
      Settings settings) {
    this.spec = spec;
    this.model = spec.model();
    this.layout = spec.layout();
    this.parameters = parameters;
    this.inputs = inputs;
    this.rows = rows;
    this.settings = settings;
    this.withHessian = layout.length() <= settings.hessianLength();
    this.jacobians = spec.request().perSample().jacobianOf();
    this.indices = IndexBounds.of(model).keySet();
    if (!withHessian) {
      omitted.add(
          "The Hessian is not compared: P = %d is above %d."
              .formatted(layout.length(), settings.hessianLength()));
    }
  }

  Report report() {
    Map<String, double[]> exact = exact();
    Map<String, Double> scales = scales(exact);
    Model lifted = lifted();
    List<String> names = jacobians;
    Request request =
        Request.by(spec.request().wrt())
            .withSamples(
                Request.PerSample.NONE.withValue().withGradient(withHessian).withValuesOf(names));
    try (Engine engine =
        new DerivativeSpec(lifted, request, Precision.DOUBLE, spec.blockBytes())
            .open(without(spec.request().wrt()))) {
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
    return new Report(blocks.values().stream().map(ComparedBlock::comparison).toList(), omitted);
  }

  /** The derivatives under test: by column, row after row. */
  private Map<String, double[]> exact() {
    Request request =
        Request.by(spec.request().wrt())
            .withSamples(
                Request.PerSample.NONE
                    .withValue()
                    .withGradient()
                    .withHessian(
                        withHessian
                            ? Request.SampleHessianForm.FULL
                            : Request.SampleHessianForm.NONE)
                    .withValuesOf(jacobians)
                    .withJacobiansOf(jacobians));
    DerivativeSpec all = new DerivativeSpec(model, request, Precision.DOUBLE, spec.blockBytes());
    Map<String, double[]> exact = new HashMap<>();
    all.columns().forEach(c -> exact.put(c.name(), new double[rows * c.length()]));
    try (Engine engine = all.open(parameters)) {
      for (int from = 0; from < rows; from += engine.blockRows()) {
        int count = fill(engine, from);
        engine.evaluate(count);
        for (DerivativeSpec.Column c : all.columns()) {
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
              System.arraycopy(inputs.get(name), from * size, engine.input(name), 0, count * size);
            });
    return count;
  }

  /** The model with the parameters of wrt as input tensors. */
  private Model lifted() {
    Set<String> wrt = new LinkedHashSet<>(spec.request().wrt());
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
      double values = largest(exact.get(SampleResult.valueOf(name).column()));
      scales.put(
          SampleResult.jacobianOf(name).column(),
          Math.max(values, largest(exact.get(SampleResult.jacobianOf(name).column()))));
    }
    return scales;
  }

  /** The largest element of wrt, at any row. */
  private double largestElement() {
    return layout.entries().stream()
        .map(Layout.Entry::name)
        .mapToDouble(
            name -> largest(parameters.containsKey(name) ? parameters.get(name) : inputs.get(name)))
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
    double[] steps = new double[FiniteDifferences.STEPS * elements.length];
    List<Point> points = new ArrayList<>();
    for (int e = 0; e < elements.length; e++) {
      double x = base(entry.name(), entry.shape().size(), row)[elements[e]];
      double step =
          FiniteDifferences.FIRST_STEP
              * Math.min(Math.max(1, Math.abs(x)), length(exact, entry.offset() + elements[e]));
      for (int k = 0; k < FiniteDifferences.STEPS; k++, step /= FiniteDifferences.FACTOR) {
        double above = x + step;
        double below = x - step;
        steps[e * FiniteDifferences.STEPS + k] = (above - below) / 2;
        points.add(new Point(row, entry.name(), elements[e], above));
        points.add(new Point(row, entry.name(), elements[e], below));
      }
    }
    Map<String, double[][]> found = evaluate(engine, lifted, points);
    int p = layout.length();
    for (int e = 0; e < elements.length; e++) {
      int element = elements[e];
      int column = entry.offset() + element;
      double[] h =
          Arrays.copyOfRange(steps, e * FiniteDifferences.STEPS, (e + 1) * FiniteDifferences.STEPS);
      Estimate slope = estimate(found.get("value"), e, 0, h);
      double g = exact.get("gradient")[row * p + column];
      block("gradient", entry.name(), Optional.empty())
          .add(new Place(row, element, 0, g, slope.value(), slope.error()), scales.get("gradient"));
      for (Layout.Entry other : withHessian ? layout.entries() : List.<Layout.Entry>of()) {
        ComparedBlock block = block("hessian", entry.name(), Optional.of(other.name()));
        for (int i = 0; i < other.shape().size(); i++) {
          int line = other.offset() + i;
          Estimate curve = estimate(found.get("gradient"), e, line, h);
          double second = exact.get("hessian")[(row * p + line) * p + column];
          block.add(
              new Place(row, element, i, second, curve.value(), curve.error()),
              scales.get("hessian"));
        }
      }
      for (String name : jacobians) {
        ComparedBlock block =
            block(SampleResult.jacobianOf(name).column(), entry.name(), Optional.empty());
        int size = model.named(name).shape().size();
        for (int k = 0; k < size; k++) {
          Estimate partial = estimate(found.get(SampleResult.valueOf(name).column()), e, k, h);
          double first =
              exact.get(SampleResult.jacobianOf(name).column())[(row * size + k) * p + column];
          block.add(
              new Place(row, element, k, first, partial.value(), partial.error()),
              scales.get(SampleResult.jacobianOf(name).column()));
        }
      }
    }
  }

  /**
   * How far an element can go before its curvature has changed the value by as much as the value
   * is, or by 1. Steps beyond it, as of a coefficient of a column of the order 1e6, see the loss
   * from so far away that differences agree with each other, and with nothing else.
   */
  private double length(Map<String, double[]> exact, int column) {
    if (!withHessian) {
      return Double.POSITIVE_INFINITY;
    }
    int p = layout.length();
    double curvature = 0;
    for (int row = 0; row < rows; row++) {
      curvature =
          Math.max(curvature, Math.abs(exact.get("hessian")[(row * p + column) * p + column]));
    }
    return Math.sqrt(Math.max(1, largest(exact.get("value")))) / Math.sqrt(curvature);
  }

  /** The difference of output {@code k} with respect to the e-th perturbed element. */
  private static Estimate estimate(double[][] found, int e, int k, double[] h) {
    double[] above = new double[FiniteDifferences.STEPS];
    double[] below = new double[FiniteDifferences.STEPS];
    for (int s = 0; s < FiniteDifferences.STEPS; s++) {
      above[s] = found[2 * (e * FiniteDifferences.STEPS + s)][k];
      below[s] = found[2 * (e * FiniteDifferences.STEPS + s) + 1][k];
    }
    return FiniteDifferences.extrapolate(above, below, h);
  }

  private ComparedBlock block(String quantity, String wrt, Optional<String> of) {
    return blocks.computeIfAbsent(
        quantity + " " + wrt + " " + of.orElse(""),
        key -> new ComparedBlock(quantity, wrt, of, settings.tolerance()));
  }

  /** The elements to perturb: all, or so many, evenly spread. */
  private int[] spread(int size) {
    int count = Math.min(size, settings.elements());
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
    jacobians.forEach(
        name -> lengths.put(SampleResult.valueOf(name).column(), model.named(name).shape().size()));
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

  /** Compares sums over the rows, each of weight 1, with the sums of the rows' own derivatives. */
  private void sums(Map<String, double[]> exact) {
    Request.Global asked = spec.request().global();
    Request.HessianForm form = withHessian ? asked.hessian() : Request.HessianForm.NONE;
    boolean opg = asked.opg() && withHessian;
    if (!asked.gradient() && form == Request.HessianForm.NONE && !opg) {
      return;
    }
    Request.Global global =
        Request.Global.NONE.withGradient(asked.gradient()).withHessian(form).withOpg(opg);
    DerivativeSpec summed =
        new DerivativeSpec(
            model,
            Request.by(spec.request().wrt()).withSums(global),
            Precision.DOUBLE,
            spec.blockBytes());
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
        ComparedBlock block = sumBlock("sum of gradients", entry.name(), Optional.empty());
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
              ComparedBlock block = sumBlock(quantity, entry.name(), Optional.of(other.name()));
              addSum(block, e, f, sums[position], r -> samples.at(r, i, j));
              position++;
            }
          }
        }
      }
    }
  }

  private ComparedBlock sumBlock(String quantity, String wrt, Optional<String> of) {
    return blocks.computeIfAbsent(
        quantity + " " + wrt + " " + of.orElse(""),
        key -> new ComparedBlock(quantity, wrt, of, FiniteDifferences.SUM_TOLERANCE));
  }

  private void addSum(
      ComparedBlock block, int element, int of, double sum, IntToDoubleFunction sample) {
    double expected = 0;
    double size = 0;
    for (int row = 0; row < rows; row++) {
      expected += sample.applyAsDouble(row);
      size += Math.abs(sample.applyAsDouble(row));
    }
    block.add(new Place(-1, element, of, sum, expected, FiniteDifferences.EPSILON * size), size);
  }
}
