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
import org.sparkcurvature.job.reduce.Partitions;
import scala.Option;
import scala.Tuple2;

/**
 * Samples that executors keep in blocks of the engine's own layout after the first pass has read
 * them: in memory as far as Spark's share of it goes, on disk otherwise; a block that an executor
 * takes with it is read again. For programs that pass over the samples many times. Rows of weight 0
 * are not kept.
 */
public final class CachedSamples implements Samples, AutoCloseable {

  /** The name under which the samples of a task are reported: Spark itself counts blocks. */
  public static final String READ = "samples from executors";

  private final CachedBlocks kept;

  /** What executors keep, and write to disk where memory is short. */
  public static List<Class<?>> keptClasses() {
    return List.of(CachedBlock.class);
  }

  CachedSamples(Source source, SampleFormat format, StorageLevel level) {
    this.kept =
        new CachedBlocks(
            source,
            format,
            level,
            "samples",
            (samples, sent) -> new BlockCutter(samples, samples::weighted, sent, 0));
  }

  @Override
  public <T> JavaRDD<T> run(Samples.Task<T> task) {
    return kept.read(task::run);
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
    CachedBlocks.Opening opening = kept.opening();
    JavaRDD<CachedBlock> blocks = kept.blocks();
    RDD<CachedBlock> joined =
        blocks
            .rdd()
            .coalesce(
                Math.min(runs, Math.max(1, blocks.getNumPartitions())),
                false,
                Option.apply(new Neighbours()),
                null);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(source().spark().sparkContext());
    List<Integer> numbers = IntStream.range(0, groups).boxed().toList();
    return Partitions.map(
        joined.toJavaRDD().cartesian(spark.parallelize(numbers, groups)).rdd().toJavaRDD(),
        (index, pairs) -> task.run(index / groups, index % groups, opening.of(new Firsts(pairs))));
  }

  /** The blocks of pairs of a block and a group. */
  private record Firsts(Iterator<Tuple2<CachedBlock, Integer>> pairs)
      implements Iterator<CachedBlock> {
    @Override
    public boolean hasNext() {
      return pairs.hasNext();
    }

    @Override
    public CachedBlock next() {
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
    return kept.source();
  }

  /** Lets go of the memory. */
  @Override
  public void close() {
    kept.close();
  }
}
