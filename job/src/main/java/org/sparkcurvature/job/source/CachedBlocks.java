package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.sparkcurvature.job.reduce.Partitions;

/** The blocks that executors keep of an input's partitions. */
final class CachedBlocks implements AutoCloseable {

  /** Cuts a partition of the input into what is kept of it. */
  @FunctionalInterface
  interface Cut extends Serializable {
    BlockCutter of(RowSamples.Part samples, SampleFormat format);
  }

  private final Source source;
  private final JavaRDD<CachedBlock> blocks;
  private final Opening opening;

  /**
   * @param what is kept, in words
   */
  CachedBlocks(Source source, SampleFormat format, StorageLevel level, String what, Cut cut) {
    this.source = source;
    this.opening =
        new Opening(format, source.spark().sparkContext().longAccumulator(CachedSamples.READ));
    this.blocks =
        source
            .readOnce((partition, samples) -> cut.of(samples, format))
            .setName(what + " of " + source.describe())
            .persist(level);
  }

  /** As {@link RowSamples#read}, of what is kept. */
  <T> JavaRDD<T> read(RowSamples.Reading<T> task) {
    Opening sent = opening;
    return Partitions.map(blocks, (partition, kept) -> task.run(partition, sent.of(kept)));
  }

  Source source() {
    return source;
  }

  JavaRDD<CachedBlock> blocks() {
    return blocks;
  }

  /** How tasks open blocks. */
  Opening opening() {
    return opening;
  }

  /** Lets go of the memory. */
  @Override
  public void close() {
    blocks.unpersist(false);
  }

  /**
   * Opens blocks to be read.
   *
   * @param read counts samples
   */
  record Opening(SampleFormat format, LongAccumulator read) implements Serializable {
    RowSamples.Part of(Iterator<CachedBlock> blocks) {
      return new Blocks(blocks, format, read);
    }
  }

  /** Blocks, one after the other. */
  private record Blocks(Iterator<CachedBlock> blocks, SampleFormat format, LongAccumulator read)
      implements RowSamples.Part {
    @Override
    public boolean isEmpty() {
      return !blocks.hasNext();
    }

    @Override
    public SampleReader weighted(SampleBlock block) {
      return CachedReader.weighted(blocks, format.names(), block, read);
    }

    @Override
    public SampleReader all(SampleBlock block) {
      return CachedReader.all(blocks, format.names(), block, read);
    }

    @Override
    public SampleBlock block(int samples) {
      return format.block(samples);
    }

    @Override
    public RowName name(long number, Object[] kept) {
      return format.name(number, kept);
    }
  }
}
