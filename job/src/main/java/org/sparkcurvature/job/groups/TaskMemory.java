package org.sparkcurvature.job.groups;

import org.apache.spark.TaskContext;
import org.apache.spark.memory.MemoryConsumer;
import org.apache.spark.memory.MemoryMode;

/** The memory that Spark grants a task for its rows, on the heap. */
final class TaskMemory extends MemoryConsumer implements RowsByGroup.Memory {
  private final TaskContext context;

  TaskMemory(TaskContext context) {
    super(context.taskMemoryManager(), MemoryMode.ON_HEAP);
    this.context = context;
  }

  @Override
  public boolean isGranted(long bytes) {
    long granted = acquireMemory(bytes);
    if (granted < bytes) {
      freeMemory(granted);
      return false;
    }
    return true;
  }

  @Override
  public void giveBack(long bytes) {
    freeMemory(bytes);
  }

  @Override
  public void spilled(long bytes, long inFile) {
    context.taskMetrics().incMemoryBytesSpilled(bytes);
    context.taskMetrics().incDiskBytesSpilled(inFile);
  }

  /** Gives nothing back in the middle of a row: whoever holds the rows writes them to a file. */
  @Override
  public long spill(long size, MemoryConsumer trigger) {
    return 0;
  }
}
