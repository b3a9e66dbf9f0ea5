package org.sparkcurvature.job.estimate;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.derive.ComputeDevice;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.derive.GlobalResult;
import org.sparkcurvature.job.derive.PenaltySums;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.fit.Evaluation;
import org.sparkcurvature.job.fit.ObjectiveFunction;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.source.ReweightedSamples;
import org.sparkcurvature.job.source.Samples;
import org.sparkcurvature.job.watch.FittedValues;

/**
 * The objective {@code sum(w l) + penalty} as a function of free elements (the mean of losses in
 * place of their sum, where that is said). The one place where estimation passes over the data:
 * each call is one pass.
 */
public final class SummedObjective implements ObjectiveFunction {
  private final Samples samples;
  private final FreeModel model;
  private final Precision precision;
  private final long blockBytes;
  private final Device device;
  private final Reduction reduction;
  private final Passes passes;

  /** What is known of the passes so far. */
  private static final class Passes {
    private final Set<ComputeDevice> devices = new LinkedHashSet<>();
    private Optional<RowCounts> counts = Optional.empty();
    private int number;
  }

  /**
   * @param samples those of an input, checked for the model; or those kept of it
   * @param configuration how they are computed
   */
  public SummedObjective(Samples samples, FreeModel model, RunConfiguration configuration) {
    this(samples, model, configuration, Reduction.SUM);
  }

  /** As the other one, with a reduction of its own. */
  public SummedObjective(
      Samples samples, FreeModel model, RunConfiguration configuration, Reduction reduction) {
    this.reduction = reduction;
    this.samples = samples;
    this.model = model;
    this.precision = configuration.precision();
    this.blockBytes = configuration.blockMemoryBytes();
    this.device = configuration.device();
    this.passes = new Passes();
  }

  private SummedObjective(SummedObjective other, Samples samples, FreeModel model, Passes passes) {
    this.reduction = other.reduction;
    this.samples = samples;
    this.model = model;
    this.precision = other.precision;
    this.blockBytes = other.blockBytes;
    this.device = other.device;
    this.passes = passes;
  }

  /** Another loss summed over the same samples: its passes are counted here, too. */
  public SummedObjective of(FreeModel other) {
    return new SummedObjective(this, samples, other, passes);
  }

  /**
   * Another loss summed over the same samples without their weights, which it reads as a tensor.
   * What is known of the rows stays that of the passes with weights.
   *
   * @param weights the name of that tensor
   */
  public SummedObjective ofWeights(FreeModel other, String weights) {
    return new SummedObjective(
        this, ReweightedSamples.asTensor(samples, weights), other, new Passes());
  }

  /** The loss with what one pass sums. */
  public DerivativeSpec spec(Request.Global asked) {
    return new DerivativeSpec(
        model.loss(), Request.by(model.wrt()).withSums(asked), precision, blockBytes);
  }

  /** The penalty with the same sums, of one sample. */
  public Optional<DerivativeSpec> penalty(Request.Global asked) {
    Request.Global own = asked.withGgn(Optional.empty()).withOpg(false).withParts(List.of());
    return model
        .penalty()
        .map(
            penalty ->
                new DerivativeSpec(
                    penalty, Request.by(model.wrt()).withSums(own), Precision.DOUBLE, blockBytes));
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
        passes.counts.orElseThrow().weight());
  }

  /**
   * Everything that is asked for, from one pass.
   *
   * @param x the free elements, length P
   * @throws org.sparkcurvature.job.errors.JobException as {@link GlobalPass#run} does
   */
  public Objective sums(double[] x, Request.Global asked) {
    return sums(x, asked, Optional.empty()).objective();
  }

  /**
   * What a pass found.
   *
   * @param fitted what rows were like, where that was asked for
   */
  public record Seen(Objective objective, Optional<FittedValues> fitted) {}

  /**
   * As the other one, and looks at rows while they are summed.
   *
   * @param named the values that are collected of each row
   */
  public Seen sums(double[] x, Request.Global asked, Optional<FittedValues.Named> named) {
    GlobalResult result = pass(x, asked, new double[0], named);
    Objective objective =
        Objective.of(
            asked, model.layout(), result.sums(), penaltySums(x, asked, new double[0]), reduction);
    objective
        .notFinite()
        .ifPresent(
            part -> {
              throw Errors.notFinite(part + " summed over rows", List.of());
            });
    return new Seen(objective, result.fitted());
  }

  @Override
  public double[] hessianTimes(double[] x, double[] vector) {
    return hessianTimes(x, vector, 1);
  }

  /**
   * The products of the Hessian with several vectors, from one pass.
   *
   * @param vectors one of length P after the other
   * @return likewise
   */
  @Override
  public double[] hessianTimes(double[] x, double[] vectors, int count) {
    Request.Global asked = Request.Global.NONE.withProducts(count);
    GlobalResult result = pass(x, asked, vectors, Optional.empty());
    double scale = reduction == Reduction.MEAN ? 1 / result.sums().weight() : 1;
    double[] products = result.sums().products();
    double[] added =
        penaltySums(x, asked, vectors)
            .map(Sums::products)
            .orElseGet(() -> new double[products.length]);
    for (int i = 0; i < products.length; i++) {
      products[i] = scale * products[i] + added[i];
    }
    return products;
  }

  @Override
  public double[] hessianDiagonal(double[] x) {
    return sums(x, Request.Global.NONE.withHessian(Request.HessianForm.DIAGONAL))
        .hessianDiagonal()
        .orElseThrow();
  }

  private GlobalResult pass(
      double[] x, Request.Global asked, double[] vectors, Optional<FittedValues.Named> named) {
    GlobalResult result =
        GlobalPass.run(samples, spec(asked), model.free(x), vectors, device, named);
    passes.number++;
    passes.devices.addAll(result.devices());
    passes.counts = Optional.of(result.counts());
    return result;
  }

  private Optional<Sums> penaltySums(double[] x, Request.Global asked, double[] vectors) {
    return penalty(asked).map(spec -> PenaltySums.of(spec, model.free(x), vectors));
  }

  /** The penalty alone; 0 where there is none. */
  public double penaltyValue(double[] x) {
    Request.Global asked = Request.Global.NONE.withValue();
    return penaltySums(x, asked, new double[0]).map(Sums::value).orElse(0.0);
  }

  /** What became of the rows in the last pass; empty before the first. */
  public Optional<RowCounts> counts() {
    return passes.counts;
  }

  /** Passes over the data so far. */
  public int passes() {
    return passes.number;
  }

  /** What the passes were computed on. */
  public List<ComputeDevice> devices() {
    return List.copyOf(passes.devices);
  }
}
