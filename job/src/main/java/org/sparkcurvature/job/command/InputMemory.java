package org.sparkcurvature.job.command;

import java.util.List;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.source.RowGroup;
import org.sparkcurvature.job.source.Source;

/**
 * Whether reading the input fits into memory. Rows of text come one by one, whatever their file
 * takes; of a Parquet file each task holds a row group.
 */
final class InputMemory {
  private InputMemory() {}

  /** The share of a heap that a row group may take unnoticed. */
  private static final int UNNOTICED = 8;

  /**
   * Says beforehand that it does not.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if it does not
   */
  static void refuseTooLarge(Source source, Heaps heaps) {
    refuseTooLarge(source.largestRowGroups(heaps.executor() / UNNOTICED / heaps.tasks()), heaps);
  }

  /**
   * @param groups in descending order
   */
  static void refuseTooLarge(List<RowGroup> groups, Heaps heaps) {
    int tasks = Math.min(heaps.tasks(), groups.size());
    long needed = groups.stream().limit(tasks).mapToLong(RowGroup::bytes).sum();
    if (needed <= Heaps.usable(heaps.executor())) {
      return;
    }
    String largest = groups.get(0).file();
    long heap = needed / Heaps.usable(8) * 8;
    throw Errors.tooLarge(
        tasks == 1
            ? "the largest row group (in the columns that are read), of " + largest
            : "the %d row groups that are read at once (in the columns that are read), the largest of %s,"
                .formatted(tasks, largest),
        needed,
        Heaps.usable(heaps.executor()),
        "curvature.input.path",
        heaps.larger(heap)
            + (tasks == 1 ? "" : ", " + heaps.fewerTasks())
            + ", or write the file with smaller row groups (parquet.block.size)");
  }
}
