package org.sparkcurvature.job.infer;

import java.io.Serializable;
import java.util.Comparator;
import org.apache.spark.Partitioner;

/**
 * A part of the sum of gradients within a group. Ordered so that the parts of a group come one
 * after the other, in an order that does not depend on where they were computed. A plain class,
 * because Kryo, too, has to write it in a shuffle.
 */
public final class GroupKey implements Serializable, Comparable<GroupKey> {
  private static final long serialVersionUID = 1L;

  private static final Comparator<GroupKey> ORDER =
      Comparator.comparingInt(GroupKey::way)
          .thenComparing(GroupKey::group)
          .thenComparingInt(GroupKey::partition)
          .thenComparingInt(GroupKey::part);

  private final int way;
  private final String group;
  private final int partition;
  private final int part;

  /**
   * A key.
   *
   * @param way which of the ways of grouping
   * @param group the values of its columns
   * @param partition of the input
   * @param part number within the partition
   */
  GroupKey(int way, String group, int partition, int part) {
    this.way = way;
    this.group = group;
    this.partition = partition;
    this.part = part;
  }

  int way() {
    return way;
  }

  String group() {
    return group;
  }

  int partition() {
    return partition;
  }

  int part() {
    return part;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GroupKey key && ORDER.compare(this, key) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * group.hashCode() + way;
  }

  @Override
  public int compareTo(GroupKey other) {
    return ORDER.compare(this, other);
  }

  boolean isSameGroup(GroupKey other) {
    return way == other.way && group.equals(other.group);
  }

  /** Keeps a group together. */
  static final class ByGroup extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int partitions;

    ByGroup(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      GroupKey group = (GroupKey) key;
      return Math.floorMod(31 * group.group().hashCode() + group.way(), partitions);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByGroup by && by.partitions == partitions;
    }

    @Override
    public int hashCode() {
      return partitions;
    }
  }
}
