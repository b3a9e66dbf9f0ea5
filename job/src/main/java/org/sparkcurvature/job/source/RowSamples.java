package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;

/**
 * Samples with what else their rows hold: those of weight 0, and the columns that are handed on. An
 * input has them ({@link Source}), or executors keep them between passes ({@link CachedRows}).
 */
public interface RowSamples extends Samples {

  /** What a task makes of its samples. */
  @FunctionalInterface
  interface Reading<T> extends Serializable {

    /** As {@link Samples.Task#run}. */
    Iterator<T> run(int partition, Part samples);
  }

  /** The samples of a partition that are yet to be read. */
  interface Part extends Samples.Partition {

    /**
     * Begins to read, once: all valid samples, with the columns that are handed on. Where invalid
     * rows end the run, nothing is read after the first {@link SampleReader#SHOWN}.
     *
     * @param block where to write them
     */
    SampleReader all(SampleBlock block);

    /** What messages call the row {@code number} with {@code kept} values. */
    RowName name(long number, Object[] kept);
  }

  /** As {@link #run}, for all samples, and the columns handed on. */
  <T> JavaRDD<T> read(Reading<T> task);
}
