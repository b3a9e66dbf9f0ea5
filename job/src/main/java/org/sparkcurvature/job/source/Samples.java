package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;

/**
 * Samples, spread over partitions: those of an input, which each pass reads again ({@link Source}),
 * or those that executors keep between passes ({@link CachedSamples}). Either way a pass sees the
 * same samples in the same partitions, in the same order.
 */
public interface Samples {

  /** What a task makes of its samples. */
  @FunctionalInterface
  interface Task<T> extends Serializable {

    /**
     * Reads one partition.
     *
     * @param partition the partition's number
     * @param samples the partition's samples, not begun yet
     */
    Iterator<T> run(int partition, Partition samples);
  }

  /** The samples of a partition that are yet to be read. */
  interface Partition {

    /** Whether there is no row at all, valid or not. */
    boolean isEmpty();

    /**
     * Begins to read, once: the valid samples whose weight is not 0.
     *
     * @param block where to write them
     */
    SampleReader weighted(SampleBlock block);

    /** A block of its own for so many samples, for someone who only counts. */
    SampleBlock block(int samples);
  }

  /**
   * A task for each partition, in the order of partitions. Nothing runs until the result is asked
   * for.
   */
  <T> JavaRDD<T> run(Task<T> task);

  /** The input that the samples come from. */
  Source source();
}
