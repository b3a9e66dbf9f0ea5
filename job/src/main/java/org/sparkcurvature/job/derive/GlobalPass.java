package org.sparkcurvature.job.derive;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.reduce.FixedTree;
import org.sparkcurvature.job.source.SampleScan;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Engine;
import org.sparkcurvature.objective.NonFiniteException;
import org.sparkcurvature.objective.Request;
import org.sparkcurvature.objective.Sums;

/**
 * One pass over the samples that checks and counts rows and adds up everything that a request sums
 * over samples.
 */
public final class GlobalPass {
  private GlobalPass() {}

  /**
   * Runs the pass. The sums have the same bits for the same files, partition size and block size,
   * wherever it runs.
   *
   * @param source the samples, checked for the model
   * @param derivation the loss and the derivatives; per-sample results that it asks for are left
   *     aside
   * @param parameters every parameter's elements, row-major
   * @param device what to compute on
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3 if there are no rows, no
   *     valid rows, invalid rows where they end the run, or no weight where sums are asked for;
   *     with 4 if a value or derivative is not finite; with 2 if an executor does not have the
   *     device; with 5 if the cluster gave up
   */
  public static GlobalResult run(
      Source source, Derivation derivation, Map<String, double[]> parameters, Device device) {
    Request request = derivation.request();
    Derivation summed =
        new Derivation(
            derivation.model(),
            new Request(request.wrt(), request.global(), Request.PerSample.NONE),
            derivation.precision(),
            derivation.blockBytes());
    boolean sums = !request.global().equals(Request.Global.NONE);
    boolean fail = source.failsOnInvalidRows();
    long bytes = sums ? Sums.bytes(summed).values().stream().mapToLong(Long::longValue).sum() : 0;
    Broadcast<Map<String, double[]>> sent = source.broadcast(parameters);
    Partial whole;
    try {
      JavaRDD<Partial> partials =
          source.run(
              (partition, samples) ->
                  sums ? sum(samples, summed, sent.value(), device, fail) : count(samples, fail));
      whole = FixedTree.reduce(partials, bytes, Partial::merge).orElseGet(Partial::new);
    } finally {
      sent.destroy();
    }
    RowCounts counts = whole.counts();
    if (fail && counts.rejected() > 0) {
      throw Errors.invalidRows(whole.rejections());
    } else if (counts.read() == 0) {
      throw source.noRows();
    } else if (counts.rejected() == counts.read()) {
      throw Errors.allRowsRejected(counts.rejected(), whole.rejections());
    } else if (!whole.isFinite()) {
      throw Errors.notFinite(whole.notFinite(), whole.notFiniteRows());
    } else if (sums && counts.used() == 0) {
      throw Errors.zeroWeight(counts.zeroWeight());
    }
    return new GlobalResult(
        whole.sums().orElseGet(() -> Sums.zero(summed)), counts, whole.devices());
  }

  /** One partition where nothing is summed. */
  private static Iterator<Partial> count(Source.Samples samples, boolean fail) {
    Partial partial = new Partial();
    if (samples.isEmpty()) {
      return List.<Partial>of().iterator();
    }
    SampleScan scan = samples.check();
    while (scan.next(0) && !isEnough(scan, fail)) {
      partial.count(scan.weight());
    }
    partial.finish(scan);
    return List.of(partial).iterator();
  }

  /**
   * Whether there are as many invalid rows as a message names, and one would have ended the run.
   */
  private static boolean isEnough(SampleScan scan, boolean fail) {
    return fail && scan.rejected() >= SampleScan.SHOWN;
  }

  private static Iterator<Partial> sum(
      Source.Samples samples,
      Derivation derivation,
      Map<String, double[]> parameters,
      Device device,
      boolean fail) {
    if (samples.isEmpty()) {
      return List.<Partial>of().iterator();
    }
    Partial partial = new Partial();
    partial.computedOn(ComputeDevice.take(device));
    try (Engine engine = derivation.open(parameters)) {
      SampleScan scan = samples.into(engine::input);
      Sums sums = Sums.zero(derivation);
      BlockRows block = new BlockRows(engine.blockRows());
      double[] weights = engine.weights();
      int filled = 0;
      boolean finite = true;
      while (finite && scan.next(filled) && !isEnough(scan, fail)) {
        double weight = scan.weight();
        partial.count(weight);
        // A row of weight 0 is overwritten by the next one: it may hold what no finite result comes
        // from.
        if (weight != 0 && !(fail && scan.rejected() > 0)) {
          weights[filled] = weight;
          block.keep(filled++, scan);
          if (filled == engine.blockRows()) {
            finite = add(engine, filled, sums, block, partial);
            filled = 0;
          }
        }
      }
      if (finite && filled > 0) {
        finite = add(engine, filled, sums, block, partial);
      }
      partial.finish(scan);
      if (finite && !(fail && scan.rejected() > 0)) {
        partial.setSums(sums);
      }
    }
    return List.of(partial).iterator();
  }

  private static boolean add(Engine engine, int rows, Sums sums, BlockRows block, Partial partial) {
    try {
      engine.evaluate(rows);
    } catch (NonFiniteException e) {
      partial.fail(e.where(), block.names(e.rows()));
      return false;
    }
    engine.addTo(sums);
    return true;
  }
}
