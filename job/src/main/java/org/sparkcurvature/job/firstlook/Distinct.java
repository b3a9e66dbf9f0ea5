package org.sparkcurvature.job.firstlook;

import java.io.Serializable;
import java.util.Arrays;

/**
 * The distinct values of a column and how often each occurs, by 64-bit hashes: all of them as long
 * as there are few, then those of the least hashes (Bar-Yossef et al. 2002, "Counting distinct
 * elements in a data stream"). Which are kept depends on the values alone; sketches that choose by
 * the order of arrival would not do.
 */
final class Distinct implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int most;

  /** Hashes in their order, none twice, with the number of their values. */
  private long[] hashes = {};

  private long[] counts = {};

  /** Hashes that have arrived since; room is made as it is needed. */
  private long[] arrived = new long[16];

  private int waiting;

  /** Larger hashes are not kept. */
  private long bound = Long.MAX_VALUE;

  /**
   * @param most how many values are kept
   */
  Distinct(int most) {
    this.most = most;
  }

  void add(long hash) {
    if (hash > bound) {
      return;
    }
    if (waiting == arrived.length) {
      if (waiting < most) {
        arrived = Arrays.copyOf(arrived, Math.min(most, 2 * waiting));
      } else {
        settle();
      }
    }
    arrived[waiting++] = hash;
  }

  /** Sorts in what has arrived. */
  private void settle() {
    if (waiting == 0) {
      return;
    }
    Arrays.sort(arrived, 0, waiting);
    long[] once = new long[waiting];
    Arrays.fill(once, 1);
    int count = waiting;
    waiting = 0;
    merge(arrived, once, count);
  }

  Distinct merge(Distinct other) {
    settle();
    other.settle();
    bound = Math.min(bound, other.bound);
    merge(other.hashes, other.counts, other.hashes.length);
    return this;
  }

  /** Merges hashes in their order, and keeps the least. */
  private void merge(long[] others, long[] othersCounts, int number) {
    long[] merged = new long[hashes.length + number];
    long[] sums = new long[merged.length];
    int size = 0;
    int j = 0;
    int k = 0;
    while (j < hashes.length || k < number) {
      boolean own = k == number || j < hashes.length && hashes[j] <= others[k];
      long hash = own ? hashes[j] : others[k];
      long count = own ? counts[j++] : othersCounts[k++];
      if (size > 0 && merged[size - 1] == hash) {
        sums[size - 1] += count;
      } else {
        merged[size] = hash;
        sums[size++] = count;
      }
    }
    if (size > most) {
      bound = Math.min(bound, merged[most - 1]);
    }
    while (size > 0 && merged[size - 1] > bound) {
      size--;
    }
    hashes = Arrays.copyOf(merged, size);
    counts = Arrays.copyOf(sums, size);
  }

  /** Whether all values are kept, so that what is said of them is exact. */
  boolean isExact() {
    settle();
    return bound == Long.MAX_VALUE;
  }

  /** How many distinct values there are: exact, or within some percent. */
  long number() {
    if (isExact()) {
      return hashes.length;
    }
    double share = (bound - (double) Long.MIN_VALUE) / 0x1p64;
    return Math.round((hashes.length - 1) / share);
  }

  /** Whether none of the values that are kept occurs twice. */
  boolean areUnique() {
    settle();
    return Arrays.stream(counts).allMatch(count -> count == 1);
  }
}
