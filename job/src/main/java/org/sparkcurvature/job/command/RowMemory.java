package org.sparkcurvature.job.command;

import java.util.Locale;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.errors.Errors;

/**
 * Whether tasks can write per-sample results. A row is more than once in a task's heap until it is
 * in its file: in the results of its block, as a row, as the pages that Parquet encodes and
 * compresses.
 */
final class RowMemory {
  private RowMemory() {}

  /** How often; rows of 69 MiB (P = 3,000, full) took a heap between 900 and 1,100 MiB. */
  private static final int COPIES = 12;

  /**
   * Says beforehand that they cannot.
   *
   * @param partitions how many tasks there are in all
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2
   */
  static void refuseTooLarge(DerivativeSpec spec, int partitions, ClusterMemory memory) {
    if (spec.request().perSample().equals(Request.PerSample.NONE)) {
      return;
    }
    int tasks = memory.atOnce(partitions);
    long row =
        Double.BYTES * spec.columns().stream().mapToLong(DerivativeSpec.Column::length).sum();
    long needed = COPIES * row * tasks;
    if (needed <= ClusterMemory.usable(memory.executor())) {
      return;
    }
    long heap = needed / ClusterMemory.usable(8) * 8;
    throw Errors.tooLarge(
        String.format(
            Locale.ROOT,
            "writing per-sample results of %s a row (P = %,d) in %s",
            Errors.bytes(row),
            spec.layout().length(),
            tasks == 1 ? "one task" : tasks + " tasks at once"),
        needed,
        ClusterMemory.usable(memory.executor()),
        "curvature.derive.per-sample",
        "ask for less of each row (hessian = packed or diagonal), name less in derive.wrt, "
            + memory.larger(heap)
            + (tasks == 1 ? "" : ", or " + memory.fewerTasks()));
  }
}
