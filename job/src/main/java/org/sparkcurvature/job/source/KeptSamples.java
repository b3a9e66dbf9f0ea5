package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
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

  /**
   * Bytes of a block: several to a partition, so that Spark can put some of them on disk; and many
   * engine's blocks to each, because those that lie within one are read in place.
   */
  private static final long BLOCK_BYTES = 8 << 20;

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
    int rows =
        (int) Math.max(1, Math.min(BLOCK_BYTES / Double.BYTES / (format.size() + 2), 1 << 16));
    List<String> names = format.tensors().stream().map(SampleFormat.Tensor::name).toList();
    int[] sizes = format.tensors().stream().mapToInt(SampleFormat.Tensor::size).toArray();
    this.blocks =
        source
            .read((partition, samples) -> new Cutting(samples, names, sizes, rows))
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

  /** Reads a partition into blocks; the last of them has no samples and tells of all rows. */
  private static final class Cutting implements Iterator<KeptBlock> {
    private final Samples.Partition samples;
    private final List<String> names;
    private final int[] sizes;
    private final int rows;
    private SampleReader reader;
    private SampleBlock block;
    private double[][] tensors;
    private boolean ended;

    Cutting(Samples.Partition samples, List<String> names, int[] sizes, int rows) {
      this.samples = samples;
      this.names = names;
      this.sizes = sizes;
      this.rows = rows;
      this.ended = samples.isEmpty();
    }

    @Override
    public boolean hasNext() {
      return !ended;
    }

    @Override
    public KeptBlock next() {
      if (ended) {
        throw new NoSuchElementException();
      }
      if (reader == null) {
        tensors = new double[sizes.length][];
        for (int t = 0; t < sizes.length; t++) {
          tensors[t] = new double[Math.multiplyExact(rows, sizes[t])];
        }
        block = new SampleBlock(name -> tensors[names.indexOf(name)], new double[rows]);
        reader = samples.weighted(block);
      }
      int filled = reader.fill(0, rows);
      if (filled == 0) {
        ended = true;
        return KeptBlock.last(reader.tally());
      }
      double[][] copies = new double[sizes.length][];
      for (int t = 0; t < sizes.length; t++) {
        copies[t] = Arrays.copyOf(tensors[t], filled * sizes[t]);
      }
      return KeptBlock.of(copies, block, filled);
    }
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
      return new Reader(
          blocks, format.tensors().stream().map(SampleFormat.Tensor::name).toList(), block, read);
    }

    @Override
    public SampleBlock block(int samples) {
      return new SampleBlock(format.arrays(samples)::get, new double[samples]);
    }
  }

  private static final class Reader implements SampleReader {
    private final Iterator<KeptBlock> blocks;
    private final List<String> names;
    private final double[][] targets;
    private final SampleBlock block;
    private final LongAccumulator read;
    private KeptBlock current = KeptBlock.NONE;
    private int next;
    private RowTally tally = new RowTally(0, 0, 0, List.of());

    Reader(
        Iterator<KeptBlock> blocks, List<String> names, SampleBlock block, LongAccumulator read) {
      this.read = read;
      this.blocks = blocks;
      this.names = names;
      this.targets = names.stream().map(block::tensor).toArray(double[][]::new);
      this.block = block;
    }

    @Override
    public int fill(int from, int to) {
      if (from == 0 && block.supply().isPresent()) {
        return supply(block.supply().get(), to);
      }
      return copy(from, to);
    }

    /** Has samples that lie in one block read where they lie, and puts others together. */
    private int supply(SampleBlock.Supply supply, int count) {
      boolean inPlace = isAtSample() && current.rows() - next >= count;
      for (int t = 0; t < targets.length; t++) {
        supply.from(names.get(t), inPlace ? current.tensor(t) : targets[t], inPlace ? next : 0);
      }
      if (!inPlace) {
        return copy(0, count);
      }
      current.describe(next, count, block, 0);
      next += count;
      return count;
    }

    /** Goes to the next sample; false where there is none. */
    private boolean isAtSample() {
      while (next == current.rows()) {
        if (!blocks.hasNext()) {
          return false;
        }
        current = blocks.next();
        read.add(current.rows());
        next = 0;
        if (current.isLast()) {
          tally = current.tally();
        }
      }
      return true;
    }

    private int copy(int from, int to) {
      int at = from;
      while (at < to && isAtSample()) {
        int count = Math.min(to - at, current.rows() - next);
        current.copy(next, count, targets, at);
        current.describe(next, count, block, at);
        next += count;
        at += count;
      }
      return at - from;
    }

    @Override
    public RowTally tally() {
      return tally;
    }
  }
}
