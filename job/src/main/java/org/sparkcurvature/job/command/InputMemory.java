package org.sparkcurvature.job.command;

import java.util.List;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.source.RowGroup;
import org.sparkcurvature.job.source.Source;

/**
 * Whether reading the input fits into memory. Rows of text come one by one, whatever their file
 * takes; of a Parquet or ORC file each task holds a row group or stripe.
 */
final class InputMemory {
  private InputMemory() {}

  /** The key that names the rows of a run. */
  static final String INPUT = "curvature.input.path";

  /** The share of a heap that a row group may take unnoticed. */
  private static final int UNNOTICED = 8;

  /**
   * Says beforehand that it does not.
   *
   * @param where the key of the configuration that names the input
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if it does not
   */
  static void refuseTooLarge(Source source, String where, ClusterMemory memory) {
    refuseTooLarge(
        source.largestRowGroups(memory.executor() / UNNOTICED / memory.tasks()), where, memory);
  }

  /**
   * @param groups in descending order
   */
  static void refuseTooLarge(List<RowGroup> groups, String where, ClusterMemory memory) {
    int tasks = Math.min(memory.tasks(), groups.size());
    long needed = groups.stream().limit(tasks).mapToLong(RowGroup::bytes).sum();
    if (needed <= ClusterMemory.usable(memory.executor())) {
      return;
    }
    RowGroup largest = groups.get(0);
    long heap = needed / ClusterMemory.usable(8) * 8;
    String rows = largest.kind().counted(tasks);
    throw Errors.tooLarge(
        tasks == 1
            ? "the largest %s (in the columns that are read), of %s".formatted(rows, largest.file())
            : "the %s that are read at once (in the columns that are read), the largest of %s,"
                .formatted(rows, largest.file()),
        needed,
        ClusterMemory.usable(memory.executor()),
        where,
        memory.larger(heap)
            + (tasks == 1 ? "" : ", " + memory.fewerTasks())
            + ", or write the file with smaller ones (%s)".formatted(largest.kind().option()));
  }
}
