package org.sparkcurvature.job.derive;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.NonFiniteException;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.SampleResult;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.reduce.FixedTree;
import org.sparkcurvature.job.source.RowName;
import org.sparkcurvature.job.source.SampleBlock;
import org.sparkcurvature.job.source.SampleReader;
import org.sparkcurvature.job.source.Samples;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.job.watch.FittedValues;

/**
 * One pass over the samples that checks and counts rows and adds up everything that a request sums
 * over samples.
 */
public final class GlobalPass {
  private GlobalPass() {}

  /** Rows to read at once where they are only counted. */
  private static final int COUNTED = 256;

  /**
   * Runs the pass. The sums have the same bits for the same files, partition size and block size,
   * wherever it runs.
   *
   * @param samples the samples of an input, checked for the model; or those kept of it
   * @param spec the loss and the derivatives; per-sample results that it asks for are left aside
   * @param parameters every parameter's elements, row-major
   * @param device what to compute on
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3 if there are no rows, no
   *     valid rows, invalid rows where they end the run, or no weight where sums are asked for;
   *     with 4 if a value or derivative is not finite; with 2 if an executor does not have the
   *     device; with 5 if the cluster gave up
   */
  public static GlobalResult run(
      Samples samples, DerivativeSpec spec, Map<String, double[]> parameters, Device device) {
    return run(samples, spec, parameters, new double[0], device);
  }

  /**
   * As the other {@code run}, for a request with products of the Hessian.
   *
   * @param vectors the vectors that the Hessian is multiplied with, one of length P after the
   *     other, as many as the request says
   */
  public static GlobalResult run(
      Samples samples,
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      double[] vectors,
      Device device) {
    return run(samples, spec, parameters, vectors, device, Optional.empty());
  }

  /**
   * As the other {@code run}, and looks at rows while they are summed.
   *
   * @param named the values that are collected of each row
   */
  public static GlobalResult run(
      Samples samples,
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      double[] vectors,
      Device device,
      Optional<FittedValues.Named> named) {
    Source source = samples.source();
    Request request = spec.request();
    Request asked = Request.by(request.wrt()).withSums(request.global());
    DerivativeSpec summed = spec.with(named.map(n -> asked.withSamples(values(n))).orElse(asked));
    FittedValues.Named seen = named.orElse(null);
    boolean sums = !request.global().equals(Request.Global.NONE);
    boolean fail = source.failsOnInvalidRows();
    long bytes = sums ? Sums.bytes(summed).values().stream().mapToLong(Long::longValue).sum() : 0;
    Broadcast<Engines> engines = Engines.send(source, summed, parameters, vectors);
    LongAccumulator engineTime = EngineTime.of(source.spark());
    Partial whole;
    try {
      JavaRDD<Partial> partials =
          samples.run(
              (partition, part) ->
                  sums ? sum(part, engines.value(), device, fail, engineTime, seen) : count(part));
      whole = FixedTree.reduce(partials, bytes, Partial::merge).orElseGet(Partial::new);
    } finally {
      engines.destroy();
    }
    RowCounts counts = whole.counts();
    RowLimits.refuse(source, counts, whole.rejections());
    if (!whole.isFinite()) {
      throw Errors.notFinite(
          whole.notFinite(),
          source.names(whole.notFiniteRows()).stream().map(RowName::toString).toList());
    } else if (sums && counts.used() == 0) {
      throw Errors.zeroWeight(counts.zeroWeight());
    }
    return new GlobalResult(
        whole.sums().orElseGet(() -> Sums.zero(summed)), counts, whole.devices(), whole.fitted());
  }

  private static Request.PerSample values(FittedValues.Named named) {
    return Request.PerSample.NONE
        .withValue(named instanceof FittedValues.Losses)
        .withValuesOf(named.definitions());
  }

  /** One partition where nothing is summed. */
  private static Iterator<Partial> count(Samples.Partition samples) {
    if (samples.isEmpty()) {
      return List.<Partial>of().iterator();
    }
    Partial partial = new Partial();
    SampleBlock block = samples.block(COUNTED);
    SampleReader reader = samples.weighted(block);
    for (int rows = reader.fill(0, COUNTED); rows > 0; rows = reader.fill(0, COUNTED)) {
      partial.addWeights(block.weights(), rows);
    }
    partial.finish(reader.tally());
    return List.of(partial).iterator();
  }

  private static Iterator<Partial> sum(
      Samples.Partition samples,
      Engines engines,
      Device device,
      boolean fail,
      LongAccumulator engineTime,
      FittedValues.Named named) {
    if (samples.isEmpty()) {
      return List.<Partial>of().iterator();
    }
    Partial partial = new Partial();
    partial.computedOn(ComputeDevice.take(device));
    try (Engine engine = engines.open()) {
      SampleBlock block = new SampleBlock(engine::input, engine.weights(), engine::supply);
      SampleReader reader = samples.weighted(block);
      Sums sums = Sums.zero(engines.planned().spec());
      FittedValues fitted = named == null ? null : new FittedValues();
      boolean useful = true;
      int rows = reader.fill(0, block.capacity());
      while (useful && rows > 0) {
        // Only what is wrong with rows matters once one has ended the run.
        if (!fail || reader.tally().rejected() == 0) {
          long begin = System.nanoTime();
          useful = add(engine, rows, sums, block, partial);
          if (useful && fitted != null) {
            look(engine, rows, block, named, fitted);
          }
          engineTime.add(System.nanoTime() - begin);
        }
        rows = useful ? reader.fill(0, block.capacity()) : 0;
      }
      partial.finish(reader.tally());
      if (partial.isFinite() && !(fail && partial.counts().rejected() > 0)) {
        partial.setSums(sums);
        partial.setFitted(fitted);
      }
    }
    return List.of(partial).iterator();
  }

  private static void look(
      Engine engine, int rows, SampleBlock block, FittedValues.Named named, FittedValues fitted) {
    double[] weights = block.weights();
    if (named instanceof FittedValues.Moments moments) {
      double[] mean = engine.column(SampleResult.valueOf(moments.mean()));
      double[] observed = engine.column(SampleResult.valueOf(moments.observed()));
      double[] variance = engine.column(SampleResult.valueOf(moments.variance()));
      for (int k = 0; k < rows; k++) {
        if (weights[k] > 0) {
          fitted.add(mean[k], observed[k], variance[k], weights[k], moments.dividesVariance());
        }
      }
    } else if (named instanceof FittedValues.Losses losses) {
      double[] value = engine.column(SampleResult.VALUE);
      for (int k = 0; k < rows; k++) {
        if (weights[k] > 0) {
          fitted.addLoss(value[k]);
        }
      }
      losses.levels().forEach((of, name) -> count(of, name, engine, rows, weights, fitted));
    }
  }

  private static void count(
      String of,
      String definition,
      Engine engine,
      int rows,
      double[] weights,
      FittedValues fitted) {
    double[] level = engine.column(SampleResult.valueOf(definition));
    for (int k = 0; k < rows; k++) {
      if (weights[k] > 0) {
        fitted.count(of, (int) level[k]);
      }
    }
  }

  private static boolean add(
      Engine engine, int rows, Sums sums, SampleBlock block, Partial partial) {
    try {
      engine.evaluate(rows);
    } catch (NonFiniteException e) {
      partial.fail(e.where(), block.numbers(e.rows()));
      return false;
    }
    engine.addTo(sums);
    return true;
  }
}
