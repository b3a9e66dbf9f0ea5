package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.Arrays;
import org.sparkcurvature.job.reduce.Wire;

/**
 * Samples of one partition, kept between passes. A plain class of arrays, because Kryo, too, has to
 * write it.
 */
final class CachedBlock implements Serializable {
  private static final long serialVersionUID = 1L;

  static final CachedBlock NONE =
      new CachedBlock(0, new double[0][], new double[0], new long[0], new Object[0][], new byte[0]);

  private static final Object[] NOTHING = {};

  private final int rows;

  /** Tensor by tensor: sample after sample, row-major each. */
  private final double[][] tensors;

  /** Empty where all are 1. */
  private final double[] weights;

  /** The numbers of the rows; only the first where the others follow it without a gap. */
  private final long[] numbers;

  /** The columns of each row that are handed on; empty where there are none. */
  private final Object[][] kept;

  /** What became of the partition's rows, in the last block of a partition; else empty. */
  private final byte[] tally;

  private CachedBlock(
      int rows,
      double[][] tensors,
      double[] weights,
      long[] numbers,
      Object[][] kept,
      byte[] tally) {
    this.rows = rows;
    this.tensors = tensors;
    this.weights = weights;
    this.numbers = numbers;
    this.kept = kept;
    this.tally = tally;
  }

  /**
   * The first {@code rows} samples of {@code block}.
   *
   * @param tensors their tensors, not used by anyone else
   */
  static CachedBlock of(double[][] tensors, SampleBlock block, int rows) {
    double[] weights = Arrays.copyOf(block.weights(), rows);
    long[] numbers = Arrays.copyOf(block.numbers(), rows);
    boolean ones = Arrays.stream(weights).allMatch(weight -> weight == 1);
    boolean dense = numbers[rows - 1] - numbers[0] == rows - 1;
    return new CachedBlock(
        rows,
        tensors,
        ones ? new double[0] : weights,
        dense ? new long[] {numbers[0]} : numbers,
        kept(block, rows),
        new byte[0]);
  }

  private static Object[][] kept(SampleBlock block, int rows) {
    if (block.kept(0) == null || block.kept(0).length == 0) {
      return new Object[0][];
    }
    Object[][] kept = new Object[rows][];
    Arrays.setAll(kept, block::kept);
    return kept;
  }

  /** The end of a partition. */
  static CachedBlock last(RowTally tally) {
    return new CachedBlock(
        0, new double[0][], new double[0], new long[0], new Object[0][], Wire.bytes(tally));
  }

  int rows() {
    return rows;
  }

  boolean isLast() {
    return tally.length > 0;
  }

  RowTally tally() {
    return Wire.value(tally);
  }

  /** Copies the tensors of samples to the position {@code at} of the arrays {@code targets}. */
  void copy(int from, int count, double[][] targets, int at) {
    for (int t = 0; t < tensors.length; t++) {
      int size = tensors[t].length / rows;
      System.arraycopy(tensors[t], from * size, targets[t], at * size, count * size);
    }
  }

  /** The array of tensor {@code t}, not to be written to. */
  double[] tensor(int t) {
    return tensors[t];
  }

  /** Copies the weights and numbers of samples to the position {@code at} of a block. */
  void describe(int from, int count, SampleBlock block, int at) {
    if (weights.length == 0) {
      Arrays.fill(block.weights(), at, at + count, 1.0);
    } else {
      System.arraycopy(weights, from, block.weights(), at, count);
    }
    if (numbers.length == 1) {
      for (int k = 0; k < count; k++) {
        block.numbers()[at + k] = numbers[0] + from + k;
      }
    } else {
      System.arraycopy(numbers, from, block.numbers(), at, count);
    }
  }

  /** Hands the columns of samples on to the position {@code at} of a block. */
  void handOn(int from, int count, SampleBlock block, int at) {
    for (int k = 0; k < count; k++) {
      block.keep(at + k, kept.length == 0 ? NOTHING : kept[from + k]);
    }
  }

  /** How many samples there are from {@code from} to the next of weight 0, at most so many. */
  int weighted(int from, int most) {
    if (weights.length == 0) {
      return most;
    }
    int count = 0;
    while (count < most && weights[from + count] != 0) {
      count++;
    }
    return count;
  }
}
