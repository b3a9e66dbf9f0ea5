package org.sparkcurvature.job.fit;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.engine.CompiledSpec;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.NonFiniteException;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.derive.PenaltySums;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.language.CompiledModel;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.solve.Vectors;

/**
 * The objective {@code sum(w l) + penalty} over columns in memory, without Spark: the same
 * language, the same engine and the same reduction as in a job, in blocks that one task would see.
 */
public final class LocalObjective implements ObjectiveFunction {
  private static final long BLOCK_BYTES = 64L << 20;

  private final Map<String, double[]> columns;
  private final Map<String, Integer> sizes;
  private final double[] weights;
  private final FreeModel model;
  private final Map<Request.Global, CompiledSpec> plans = new LinkedHashMap<>();
  private int passes;

  private LocalObjective(Builder builder) {
    this.columns = Map.copyOf(builder.columns);
    this.sizes = new LinkedHashMap<>();
    builder.tensors.forEach((name, shape) -> sizes.put(name, shape.size()));
    int rows =
        columns.entrySet().stream()
            .mapToInt(column -> column.getValue().length / sizes.get(column.getKey()))
            .findFirst()
            .orElse(1);
    columns.forEach(
        (name, values) -> {
          if (values.length != rows * sizes.get(name)) {
            throw new IllegalArgumentException(name + " has not " + rows + " rows");
          }
        });
    this.weights = builder.weights.orElseGet(() -> ones(rows));
    LossModel parsed =
        LossModel.parse(
            builder.tensors.keySet(),
            builder.shapes.keySet(),
            builder.definitions,
            builder.loss,
            builder.penalty);
    CompiledModel compiled = parsed.compile(builder.tensors, builder.shapes);
    this.model =
        new FreeModel(
            compiled,
            parsed.functions().compile(builder.shapes, Map.of()),
            builder.wrt.isEmpty() ? List.copyOf(builder.shapes.keySet()) : builder.wrt,
            builder.shapes,
            Map.of(),
            builder.starts);
  }

  private LocalObjective(LocalObjective other, FreeModel model) {
    this.columns = other.columns;
    this.sizes = other.sizes;
    this.weights = other.weights;
    this.model = model;
  }

  private static double[] ones(int rows) {
    double[] ones = new double[rows];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** A model with this loss of one sample. */
  public static Builder loss(String loss) {
    return new Builder(loss);
  }

  /** What a configuration would say. */
  public static final class Builder {
    private final String loss;
    private final Map<String, String> definitions = new LinkedHashMap<>();
    private final Map<String, Shape> tensors = new LinkedHashMap<>();
    private final Map<String, double[]> columns = new LinkedHashMap<>();
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final Map<String, double[]> starts = new LinkedHashMap<>();
    private Optional<String> penalty = Optional.empty();
    private Optional<double[]> weights = Optional.empty();
    private List<String> wrt = List.of();

    private Builder(String loss) {
      this.loss = loss;
    }

    public Builder define(String name, String expression) {
      definitions.put(name, expression);
      return this;
    }

    public Builder penalty(String expression) {
      penalty = Optional.of(expression);
      return this;
    }

    /** A scalar parameter. */
    public Builder parameter(String name, double start) {
      return parameter(name, Shape.SCALAR, start);
    }

    /**
     * A parameter.
     *
     * @param start its elements where a fit begins, row-major
     */
    public Builder parameter(String name, Shape shape, double... start) {
      shapes.put(name, shape);
      starts.put(name, start.clone());
      return this;
    }

    /** A scalar of each row. */
    public Builder column(String name, double... values) {
      return column(name, Shape.SCALAR, values);
    }

    /**
     * A tensor of each row.
     *
     * @param values row after row, row-major each
     */
    public Builder column(String name, Shape shape, double... values) {
      tensors.put(name, shape);
      columns.put(name, values.clone());
      return this;
    }

    /** The rows' weights; all 1 without. */
    public Builder weights(double... values) {
      weights = Optional.of(values.clone());
      return this;
    }

    /** What is estimated; all parameters without. */
    public Builder wrt(String... names) {
      wrt = List.of(names);
      return this;
    }

    public LocalObjective build() {
      return new LocalObjective(this);
    }
  }

  public FreeModel model() {
    return model;
  }

  /** Passes over the rows so far. */
  public int passes() {
    return passes;
  }

  /** Minimises it from the parameters' starts, as {@code fit} does, without l1. */
  public FitResult fit(FitMethod method, double tolerance, int maxIterations) {
    double[] start = model.start();
    double[] l1 = new double[start.length];
    Minimiser minimiser = Minimisers.of(method, SeparablePenalty.l1(l1));
    return (model.hasPinball() ? new SmoothedKinks(minimiser, this::smoothed, l1) : minimiser)
        .minimise(
            this, FitState.at(start), new Minimiser.Limits(tolerance, maxIterations), state -> {});
  }

  /** The same with smooth losses of a width in place of quantile losses. */
  LocalObjective smoothed(double width) {
    return new LocalObjective(this, model.smoothed(width));
  }

  @Override
  public Evaluation at(double[] x, Order order) {
    Objective objective =
        sums(
            x,
            Request.Global.NONE
                .withValue()
                .withGradient()
                .withHessian(
                    order == Order.HESSIAN ? Request.HessianForm.FULL : Request.HessianForm.NONE));
    return new Evaluation(
        objective.value().orElseThrow(),
        objective.gradient().orElseThrow(),
        objective.hessian() instanceof Objective.Hessian.Full full
            ? Optional.of(full.matrix())
            : Optional.empty(),
        Arrays.stream(weights).sum());
  }

  /**
   * Everything that is asked for, from one pass.
   *
   * @param x the free elements, length P
   */
  public Objective sums(double[] x, Request.Global asked) {
    Objective objective =
        Objective.of(
            asked,
            model.layout(),
            pass(x, asked, new double[0]),
            penalty(x, asked, new double[0]),
            Reduction.SUM);
    objective
        .notFinite()
        .ifPresent(
            part -> {
              throw Errors.notFinite(part + " summed over rows", List.of());
            });
    return objective;
  }

  @Override
  public double[] hessianTimes(double[] x, double[] vector) {
    return hessianTimes(x, vector, 1);
  }

  @Override
  public double[] hessianTimes(double[] x, double[] vectors, int count) {
    Request.Global asked = Request.Global.NONE.withProducts(count);
    double[] products = pass(x, asked, vectors).products();
    double[] added =
        penalty(x, asked, vectors).map(Sums::products).orElseGet(() -> new double[products.length]);
    return Vectors.sum(products, 1, added);
  }

  @Override
  public double[] hessianDiagonal(double[] x) {
    return sums(x, Request.Global.NONE.withHessian(Request.HessianForm.DIAGONAL))
        .hessianDiagonal()
        .orElseThrow();
  }

  private Sums pass(double[] x, Request.Global asked, double[] vectors) {
    passes++;
    DerivativeSpec spec =
        new DerivativeSpec(
            model.loss(), Request.by(model.wrt()).withSums(asked), Precision.DOUBLE, BLOCK_BYTES);
    Sums sums = Sums.zero(spec);
    int from = 0;
    try (Engine engine =
        plans.computeIfAbsent(asked, request -> spec.planned()).open(model.free(x))) {
      if (vectors.length > 0) {
        engine.setVectors(vectors);
      }
      for (int rows; from < weights.length; from += rows) {
        rows = Math.min(engine.blockRows(), weights.length - from);
        for (Map.Entry<String, double[]> column : columns.entrySet()) {
          int size = sizes.get(column.getKey());
          System.arraycopy(
              column.getValue(), from * size, engine.input(column.getKey()), 0, rows * size);
        }
        System.arraycopy(weights, from, engine.weights(), 0, rows);
        engine.evaluate(rows);
        engine.addTo(sums);
      }
      return sums;
    } catch (NonFiniteException e) {
      int first = from;
      throw Errors.notFinite(
          e.where(), e.rows().stream().map(row -> String.valueOf(first + row)).toList());
    }
  }

  private Optional<Sums> penalty(double[] x, Request.Global asked, double[] vectors) {
    Request.Global own =
        Request.Global.NONE
            .withValue(asked.value())
            .withGradient(asked.gradient())
            .withHessian(asked.hessian())
            .withProducts(asked.products());
    return model
        .penalty()
        .map(
            penalty ->
                PenaltySums.of(
                    new DerivativeSpec(
                        penalty,
                        Request.by(model.wrt()).withSums(own),
                        Precision.DOUBLE,
                        BLOCK_BYTES),
                    model.free(x),
                    vectors));
  }
}
