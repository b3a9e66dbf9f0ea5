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
   * @param partials at most one partial in each partition; they travel by Spark's serializer
   * @param bytes about how large one partial is
   * @return the one that is left; empty if there was no partial at all
   */
  public static <T> Optional<T> reduce(JavaRDD<T> partials, long bytes, Merge<T> merge) {
    int width = partials.getNumPartitions();
    JavaPairRDD<Integer, T> level =
        JavaPairRDD.fromJavaRDD(
            partials.mapPartitionsWithIndex((partition, held) -> numbered(partition, held), true));
    while (width > FAN_IN || width > 1 && width * bytes > DRIVER_BYTES) {
      width = (width + FAN_IN - 1) / FAN_IN;
      level =
          level
              .repartitionAndSortWithinPartitions(new Parents(width))
              .mapPartitionsToPair(children -> merged(children, merge));
    }
    JavaPairRDD<Integer, T> last = level;
    List<Tuple2<Integer, T>> collected = new ArrayList<>(Failures.translate(last::collect));
    collected.sort(Comparator.comparing(Tuple2::_1));
    Iterator<Tuple2<Integer, T>> root = merged(collected.iterator(), merge);
    return root.hasNext() ? Optional.of(root.next()._2()) : Optional.empty();
  }

  private static <T> Iterator<Tuple2<Integer, T>> numbered(int partition, Iterator<T> held) {
    if (!held.hasNext()) {
      return List.<Tuple2<Integer, T>>of().iterator();
    }
    return List.of(new Tuple2<>(partition, held.next())).iterator();
  }

  /**
   * The children of one node, in their order, merged under its number; nothing where there are
   * none.
   */
  private static <T> Iterator<Tuple2<Integer, T>> merged(
      Iterator<Tuple2<Integer, T>> children, Merge<T> merge) {
    if (!children.hasNext()) {
      return children;
    }
    Tuple2<Integer, T> first = children.next();
    while (children.hasNext()) {
      merge.merge(first._2(), children.next()._2());
    }
    return List.of(new Tuple2<>(first._1() / FAN_IN, first._2())).iterator();
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
