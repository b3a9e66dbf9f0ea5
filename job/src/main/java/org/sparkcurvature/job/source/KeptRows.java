package org.sparkcurvature.job.source;

import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;

/**
 * As {@link KeptSamples}, with all that rows have to hand on: those of weight 0 are kept, too, and
 * so are ids, carried columns and those by which samples are grouped. For programs of several
 * passes that make something of each row.
 */
public final class KeptRows implements RowSamples, AutoCloseable {
  private final Source source;
  private final SampleFormat format;
  private final JavaRDD<KeptBlock> blocks;
  private final LongAccumulator read;

  KeptRows(Source source, SampleFormat format, StorageLevel level) {
    this.source = source;
    this.format = format;
    this.read = source.spark().sparkContext().longAccumulator(KeptSamples.READ);
    int kept = source.keptFields().size();
    this.blocks =
        source
            .read((partition, samples) -> new BlockCutter(samples, samples::all, format, kept))
            .setName("rows of " + source.describe())
            .persist(level);
  }

  @Override
  public <T> JavaRDD<T> read(RowSamples.Reading<T> task) {
    SampleFormat sent = format;
    LongAccumulator counted = read;
    return blocks.mapPartitionsWithIndex(
        (partition, kept) -> task.run(partition, new Kept(kept, sent, counted)), true);
  }

  @Override
  public <T> JavaRDD<T> run(Samples.Task<T> task) {
    return read(task::run);
  }

  @Override
  public Source source() {
    return source;
  }

  /** Lets go of the memory. */
  @Override
  public void close() {
    blocks.unpersist(false);
  }

  /** A partition of blocks. */
  private record Kept(Iterator<KeptBlock> blocks, SampleFormat format, LongAccumulator read)
      implements RowSamples.Part {
    @Override
    public boolean isEmpty() {
      return !blocks.hasNext();
    }

    @Override
    public SampleReader weighted(SampleBlock block) {
      return KeptReader.weighted(blocks, format.names(), block, read);
    }

    @Override
    public SampleReader all(SampleBlock block) {
      return KeptReader.all(blocks, format.names(), block, read);
    }

    @Override
    public SampleBlock block(int samples) {
      return new SampleBlock(format.arrays(samples)::get, new double[samples]);
    }

    @Override
    public RowName name(long number, Object[] kept) {
      return format.name(number, kept);
    }
  }
}
