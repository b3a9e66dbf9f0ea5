package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.sparkcurvature.job.reduce.Partitions;

/** The blocks that executors keep of an input's partitions. */
final class Kept implements AutoCloseable {

  /** Cuts a partition of the input into what is kept of it. */
  @FunctionalInterface
  interface Cut extends Serializable {
    BlockCutter of(RowSamples.Part samples, SampleFormat format);
  }

  private final Source source;
  private final JavaRDD<KeptBlock> blocks;
  private final Opening opening;

  /**
   * @param what is kept, in words
   */
  Kept(Source source, SampleFormat format, StorageLevel level, String what, Cut cut) {
    this.source = source;
    this.opening =
        new Opening(format, source.spark().sparkContext().longAccumulator(KeptSamples.READ));
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

  JavaRDD<KeptBlock> blocks() {
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
    RowSamples.Part of(Iterator<KeptBlock> blocks) {
      return new Blocks(blocks, format, read);
    }
  }

  /** Blocks, one after the other. */
  private record Blocks(Iterator<KeptBlock> blocks, SampleFormat format, LongAccumulator read)
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
      return format.block(samples);
    }

    @Override
    public RowName name(long number, Object[] kept) {
      return format.name(number, kept);
    }
  }
}
