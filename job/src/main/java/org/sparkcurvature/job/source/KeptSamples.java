package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.PartitionCoalescer;
import org.apache.spark.rdd.PartitionGroup;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import scala.Option;
import scala.Tuple2;

/**
 * Samples that executors keep in blocks of the engine's own layout after the first pass has read
 * them: in memory as far as Spark's share of it goes, on disk otherwise; a block that an executor
 * takes with it is read again. For programs that pass over the samples many times. Rows of weight 0
 * are not kept.
 */
public final class KeptSamples implements Samples, AutoCloseable {

  /** The name under which the samples of a task are reported: Spark itself counts blocks. */
  public static final String READ = "samples from executors";

  private final Source source;
  private final SampleFormat format;
  private final JavaRDD<KeptBlock> blocks;
  private final LongAccumulator read;

  KeptSamples(Source source, SampleFormat format, StorageLevel level) {
    this.source = source;
    this.format = format;
    this.read = source.spark().sparkContext().longAccumulator(READ);
    this.blocks =
        source
            .read((partition, samples) -> new BlockCutter(samples, samples::weighted, format, 0))
            .setName("samples of " + source.describe())
            .persist(level);
  }

  @Override
  public <T> JavaRDD<T> run(Samples.Task<T> task) {
    SampleFormat sent = format;
    LongAccumulator counted = read;
    return blocks.mapPartitionsWithIndex(
        (partition, kept) -> task.run(partition, new Kept(kept, sent, counted)), true);
  }

  /** What a task makes of the samples of several partitions. */
  @FunctionalInterface
  public interface GroupTask<T> extends Serializable {

    /**
     * Reads a run of neighbouring partitions.
     *
     * @param run the number of the run
     * @param group what of the work is to be done
     */
    Iterator<T> run(int run, int group, Samples.Partition samples);
  }

  /**
   * Splits work that is too large for a task along two ways: a task for each of so many runs of
   * neighbouring partitions and each of so many groups, whatever the cluster.
   *
   * @param runs no more than there are partitions are made
   */
  public <T> JavaRDD<T> run(int runs, int groups, GroupTask<T> task) {
    SampleFormat sent = format;
    LongAccumulator counted = read;
    RDD<KeptBlock> joined =
        blocks
            .rdd()
            .coalesce(
                Math.min(runs, Math.max(1, blocks.getNumPartitions())),
                false,
                Option.apply(new Neighbours()),
                null);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(source.spark().sparkContext());
    List<Integer> numbers = IntStream.range(0, groups).boxed().toList();
    return joined
        .toJavaRDD()
        .cartesian(spark.parallelize(numbers, groups))
        .rdd()
        .toJavaRDD()
        .mapPartitionsWithIndex(
            (index, pairs) ->
                task.run(
                    index / groups, index % groups, new Kept(new Firsts(pairs), sent, counted)),
            true);
  }

  /** The blocks of pairs of a block and a group. */
  private record Firsts(Iterator<Tuple2<KeptBlock, Integer>> pairs) implements Iterator<KeptBlock> {
    @Override
    public boolean hasNext() {
      return pairs.hasNext();
    }

    @Override
    public KeptBlock next() {
      return pairs.next()._1();
    }
  }

  /** Puts neighbouring partitions together, without regard to where their blocks are. */
  private static final class Neighbours implements PartitionCoalescer, Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public PartitionGroup[] coalesce(int most, RDD<?> parent) {
      org.apache.spark.Partition[] partitions = parent.partitions();
      PartitionGroup[] runs = new PartitionGroup[Math.min(most, partitions.length)];
      for (int run = 0; run < runs.length; run++) {
        runs[run] = new PartitionGroup(Option.empty());
      }
      for (int k = 0; k < partitions.length; k++) {
        runs[(int) ((long) k * runs.length / partitions.length)].partitions().addOne(partitions[k]);
      }
      return runs;
    }
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
  private static final class Kept implements Samples.Partition {
    private final Iterator<KeptBlock> blocks;
    private final SampleFormat format;
    private final LongAccumulator read;

    Kept(Iterator<KeptBlock> blocks, SampleFormat format, LongAccumulator read) {
      this.blocks = blocks;
      this.format = format;
      this.read = read;
    }

    @Override
    public boolean isEmpty() {
      return !blocks.hasNext();
    }

    @Override
    public SampleReader weighted(SampleBlock block) {
      return KeptReader.weighted(blocks, format.names(), block, read);
    }

    @Override
    public SampleBlock block(int samples) {
      return new SampleBlock(format.arrays(samples)::get, new double[samples]);
    }
  }
}
