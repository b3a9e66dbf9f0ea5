package org.sparkcurvature.job.source;

import java.io.Serializable;

/**
 * What messages call a row.
 *
 * @param number the row's number, as per-sample outputs carry it
 * @param id the value of the id column as text; empty where none is configured
 */
public record RowName(long number, String id) implements Serializable, Comparable<RowName> {

  /** Bits of a row number below the number of its partition. */
  private static final int PARTITION_SHIFT = 33;

  /** The number of the row at {@code position} of a partition, both counted from 0. */
  static long number(int partition, long position) {
    return ((long) partition << PARTITION_SHIFT) + position;
  }

  /** The partition of the row {@code number}. */
  static int partition(long number) {
    return (int) (number >>> PARTITION_SHIFT);
  }

  @Override
  public int compareTo(RowName other) {
    return Long.compare(number, other.number);
  }

  /** {@code row 17}, {@code row 17 (id 4)}, {@code row 17 of partition 2}; counted from 0. */
  @Override
  public String toString() {
    long partition = number >>> PARTITION_SHIFT;
    long position = number & ((1L << PARTITION_SHIFT) - 1);
    return "row "
        + position
        + (partition == 0 ? "" : " of partition " + partition)
        + (id.isEmpty() ? "" : " (id " + id + ")");
  }
}
