package org.sparkcurvature.job.reduce;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
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
 */
public final class FixedTree {
  private FixedTree() {}

  /** How many partials one node of the tree merges. */
  public static final int FAN_IN = 16;

  /**
   * The most bytes of partials that the driver collects at once; above that, executors merge to the
   * end.
   */
  private static final long DRIVER_BYTES = 256L << 20;

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
    JavaPairRDD<Integer, byte[]> level =
        JavaPairRDD.fromJavaRDD(
            partials.mapPartitionsWithIndex((partition, held) -> numbered(partition, held), true));
    while (width > FAN_IN || width > 1 && width * bytes > DRIVER_BYTES) {
      width = (width + FAN_IN - 1) / FAN_IN;
      level =
          level
              .repartitionAndSortWithinPartitions(new Parents(width))
              .mapPartitionsToPair(children -> parent(children, merge));
    }
    JavaPairRDD<Integer, byte[]> last = level;
    List<Tuple2<Integer, byte[]>> collected = new ArrayList<>(Failures.translate(last::collect));
    collected.sort(Comparator.comparing(Tuple2::_1));
    return merged(collected.stream().map(Tuple2::_2).iterator(), merge);
  }

  private static <T extends Serializable> Iterator<Tuple2<Integer, byte[]>> numbered(
      int partition, Iterator<T> held) {
    List<Tuple2<Integer, byte[]>> numbered = new ArrayList<>();
    if (held.hasNext()) {
      numbered.add(new Tuple2<>(partition, Wire.bytes(held.next())));
    }
    return numbered.iterator();
  }

  /**
   * The children of one node, in their order, merged under its number; nothing where there are
   * none.
   */
  private static <T extends Serializable> Iterator<Tuple2<Integer, byte[]>> parent(
      Iterator<Tuple2<Integer, byte[]>> children, Merge<T> merge) {
    List<Tuple2<Integer, byte[]>> parent = new ArrayList<>();
    if (children.hasNext()) {
      Tuple2<Integer, byte[]> first = children.next();
      T into = Wire.value(first._2());
      while (children.hasNext()) {
        merge.merge(into, Wire.value(children.next()._2()));
      }
      parent.add(new Tuple2<>(first._1() / FAN_IN, Wire.bytes(into)));
    }
    return parent.iterator();
  }

  private static <T extends Serializable> Optional<T> merged(
      Iterator<byte[]> children, Merge<T> merge) {
    if (!children.hasNext()) {
      return Optional.empty();
    }
    T into = Wire.value(children.next());
    while (children.hasNext()) {
      merge.merge(into, Wire.value(children.next()));
    }
    return Optional.of(into);
  }

  /** Sends a number to that of its parent. */
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
      return (Integer) key / FAN_IN;
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
}
