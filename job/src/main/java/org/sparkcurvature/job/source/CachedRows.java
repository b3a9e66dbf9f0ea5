package org.sparkcurvature.job.source;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;

/**
 * As {@link CachedSamples}, with all that rows have to hand on: those of weight 0 are kept, too,
 * and so are ids, carried columns and those by which samples are grouped. For programs of several
 * passes that make something of each row.
 */
public final class CachedRows implements RowSamples, AutoCloseable {
  private final CachedBlocks kept;

  CachedRows(Source source, SampleFormat format, StorageLevel level) {
    int columns = source.keptFields().size();
    this.kept =
        new CachedBlocks(
            source,
            format,
            level,
            "rows",
            (samples, sent) -> new BlockCutter(samples, samples::all, sent, columns));
  }

  @Override
  public <T> JavaRDD<T> read(RowSamples.Reading<T> task) {
    return kept.read(task);
  }

  @Override
  public <T> JavaRDD<T> run(Samples.Task<T> task) {
    return kept.read(task::run);
  }

  @Override
  public Source source() {
    return kept.source();
  }

  /** Lets go of the memory. */
  @Override
  public void close() {
    kept.close();
  }
}
