package org.sparkcurvature.job.reduce;

import java.io.Serializable;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.sparkcurvature.job.errors.Failures;
import scala.Tuple2;

/**
 * A tree over the numbers of partitions: {@link #FAN_IN} neighbours are merged in their order, then
 * {@link #FAN_IN} of the results, until one is left. The tree depends on the number of partitions
 * alone; only where a merge runs depends on the size of the partials.
 *
 * <p>Partials travel in pieces, each under the number of its node and its own: however large a
 * partial is, no array holds all its bytes, Spark can put what waits to be merged on disk, and the
 * driver fetches a large result by and by, each time less than {@code spark.driver.maxResultSize}.
 */
public final class FixedTree {
  private FixedTree() {}

  /** How many partials one node of the tree merges. */
  public static final int FAN_IN = 16;

  /**
   * The most bytes of partials that the driver collects at once; above that, executors merge to the
   * end. Less where {@code spark.driver.maxResultSize} or the heap are small.
   */
  private static final long DRIVER_BYTES = 256L << 20;

  private static final int SHARE_OF_RESULTS = 4;
  private static final int SHARE_OF_HEAP = 16;

  /** Adds one partial to another. */
  @FunctionalInterface
  public interface Merge<T> extends Serializable {

    /** Adds {@code other} to {@code into}; {@code other} is not used again. */
    void merge(T into, T other);
  }

  /**
   * Merges what the partitions hold.
   *
   * @param partials at most one partial in each partition
   * @param bytes about how large one partial is
   * @return the one that is left; empty if there was no partial at all
   */
  public static <T extends Serializable> Optional<T> reduce(
      JavaRDD<T> partials, long bytes, Merge<T> merge) {
    int width = partials.getNumPartitions();
    long atOnce = atOnce(partials);
    JavaPairRDD<Long, byte[]> level =
        JavaPairRDD.fromJavaRDD(
            Partitions.map(
                partials,
                (partition, held) ->
                    held.hasNext()
                        ? numbered(partition, held.next())
                        : Collections.emptyIterator()));
    while (width > FAN_IN || width > 1 && bytes > atOnce / width) {
      width = (width + FAN_IN - 1) / FAN_IN;
      level =
          level
              .repartitionAndSortWithinPartitions(new Parents(width))
              .mapPartitionsToPair(children -> parent(children, merge));
    }
    Iterator<Tuple2<Long, byte[]>> last =
        bytes > atOnce / width ? fetched(level, bytes, atOnce) : collected(level);
    return merged(new Nodes(last), merge);
  }

  private static long atOnce(JavaRDD<?> partials) {
    long results = partials.context().getConf().getSizeAsBytes("spark.driver.maxResultSize", "1g");
    long atOnce = Math.min(DRIVER_BYTES, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    return results == 0 ? atOnce : Math.min(atOnce, results / SHARE_OF_RESULTS);
  }

  private static Iterator<Tuple2<Long, byte[]>> collected(JavaPairRDD<Long, byte[]> level) {
    List<Tuple2<Long, byte[]>> records = Failures.translate(() -> Partitions.collect(level.rdd()));
    records.sort(Comparator.comparing(Tuple2::_1));
    return records.iterator();
  }

  /** The pieces of the one partial that is left, some at a time. */
  private static Iterator<Tuple2<Long, byte[]>> fetched(
      JavaPairRDD<Long, byte[]> level, long bytes, long atOnce) {
    int pieces = (int) Math.max(1, atOnce / SHARE_OF_RESULTS / Wire.PIECE);
    int groups = Math.toIntExact(bytes / Wire.PIECE / pieces + 1);
    JavaPairRDD<Long, byte[]> spread =
        level.repartitionAndSortWithinPartitions(new Groups(groups, pieces));
    return new Fetched(spread, groups);
  }

  /** The key of a piece: the number of its node, then its own. */
  private static long key(int node, int piece) {
    return (long) node << Integer.SIZE | piece;
  }

  private static int node(Object key) {
    return (int) ((Long) key >> Integer.SIZE);
  }

  private static int piece(Object key) {
    return ((Long) key).intValue();
  }

  /** The pieces of a node's partial; each is let go of when it is taken. */
  private static Iterator<Tuple2<Long, byte[]>> numbered(int node, Serializable partial) {
    Deque<byte[]> pieces = Wire.pieces(partial);
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return !pieces.isEmpty();
      }

      @Override
      public Tuple2<Long, byte[]> next() {
        return new Tuple2<>(key(node, next++), pieces.remove());
      }
    };
  }

  /**
   * The children of one node, in their order, merged under its number; nothing where there are
   * none.
   */
  private static <T extends Serializable> Iterator<Tuple2<Long, byte[]>> parent(
      Iterator<Tuple2<Long, byte[]>> records, Merge<T> merge) {
    Nodes children = new Nodes(records);
    if (!children.hasNext()) {
      return Collections.emptyIterator();
    }
    int number = children.number() / FAN_IN;
    return numbered(number, merged(children, merge).orElseThrow());
  }

  private static <T extends Serializable> Optional<T> merged(Nodes children, Merge<T> merge) {
    if (!children.hasNext()) {
      return Optional.empty();
    }
    T into = children.next();
    while (children.hasNext()) {
      merge.merge(into, children.next());
    }
    return Optional.of(into);
  }

  /** Reads one partial after the other from their pieces. */
  private static final class Nodes {
    private final Iterator<Tuple2<Long, byte[]>> records;
    private Tuple2<Long, byte[]> first;

    Nodes(Iterator<Tuple2<Long, byte[]>> records) {
      this.records = records;
      advance();
    }

    private void advance() {
      first = records.hasNext() ? records.next() : null;
    }

    boolean hasNext() {
      return first != null;
    }

    /** The number of the next partial's node. */
    int number() {
      return node(first._1());
    }

    @SuppressWarnings("TypeParameterUnusedInFormals") // whoever wrote the bytes knows
    <T> T next() {
      Iterator<byte[]> pieces = new PiecesOf(number());
      T value = Wire.value(pieces);
      while (pieces.hasNext()) {
        pieces.next();
      }
      return value;
    }

    private final class PiecesOf implements Iterator<byte[]> {
      private final int number;

      PiecesOf(int number) {
        this.number = number;
      }

      @Override
      public boolean hasNext() {
        return first != null && number() == number;
      }

      @Override
      public byte[] next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        byte[] piece = first._2();
        advance();
        return piece;
      }
    }
  }

  /** Runs a job for each partition as its records are asked for, until one is empty. */
  private static final class Fetched implements Iterator<Tuple2<Long, byte[]>> {
    private final JavaPairRDD<Long, byte[]> spread;
    private final int groups;
    private int next;
    private Iterator<Tuple2<Long, byte[]>> group = Collections.emptyIterator();

    Fetched(JavaPairRDD<Long, byte[]> spread, int groups) {
      this.spread = spread;
      this.groups = groups;
    }

    @Override
    public boolean hasNext() {
      if (!group.hasNext() && next < groups) {
        int[] number = {next};
        group = Failures.translate(() -> spread.collectPartitions(number))[0].iterator();
        next = group.hasNext() ? next + 1 : groups;
      }
      return group.hasNext();
    }

    @Override
    public Tuple2<Long, byte[]> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return group.next();
    }
  }

  /** Sends a piece to the parent of its node. */
  private static final class Parents extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int count;

    Parents(int count) {
      this.count = count;
    }

    @Override
    public int numPartitions() {
      return count;
    }

    @Override
    public int getPartition(Object key) {
      return node(key) / FAN_IN;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Parents parents && parents.count == count;
    }

    @Override
    public int hashCode() {
      return count;
    }
  }

  /** Sends so many neighbouring pieces to one partition, and what is left over to the last. */
  private static final class Groups extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int count;
    private final int pieces;

    Groups(int count, int pieces) {
      this.count = count;
      this.pieces = pieces;
    }

    @Override
    public int numPartitions() {
      return count;
    }

    @Override
    public int getPartition(Object key) {
      return Math.min(piece(key) / pieces, count - 1);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Groups groups && groups.count == count && groups.pieces == pieces;
    }

    @Override
    public int hashCode() {
      return 31 * count + pieces;
    }
  }
}
