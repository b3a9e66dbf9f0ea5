package org.sparkcurvature.engine;

/**
 * Computes the derivatives of blocks of samples. Fill {@link #input} and {@link #weights} for up to
 * {@link #blockRows} samples, call {@link #evaluate}, then take what is wanted; repeat. Arrays
 * handed out are the engine's own and are overwritten by the next block.
 */
public interface Engine extends AutoCloseable {

  /** The most samples in a block, at least 1. */
  int blockRows();

  /** The array of an input tensor: sample after sample, row-major each; length blockRows x size. */
  double[] input(String name);

  /**
   * Has an input tensor read from an array of the caller's, instead of the one that {@link #input}
   * hands out: from the next block on, sample m of a block at {@code (first + m)} times the
   * tensor's size. To be called for each block that comes from another place.
   *
   * @throws IllegalArgumentException if there is no such input
   */
  void supply(String input, double[] array, int first);

  /** The weights of the samples; they act on sums only. All 1 until written. */
  double[] weights();

  /**
   * The array of the cotangents of an intermediate of which a transposed Jacobian product is
   * wanted: sample after sample, row-major each.
   */
  double[] cotangent(String name);

  /**
   * Sets the vectors by which derivatives are multiplied from the next block on; all 0 until then.
   *
   * @param vectors one vector of length P after the other, as many as the request says
   * @throws IllegalArgumentException if there are more or fewer
   */
  void setVectors(double[] vectors);

  /**
   * Computes everything requested for the first {@code rows} samples.
   *
   * @throws NonFiniteException if a value or derivative is NaN or infinite
   */
  void evaluate(int rows);

  /**
   * As {@link #evaluate}, but results may be NaN or infinite: the columns hold them as they are. A
   * sample with such results does not change the results of other samples.
   *
   * @return whether all results are finite
   */
  boolean evaluateAny(int rows);

  /** Adds the block's sums to {@code sums}. */
  void addTo(Sums sums);

  /**
   * A per-sample result, sample after sample: length at least rows x the column's length.
   *
   * @throws IllegalArgumentException if it was not asked for
   */
  double[] column(String name);

  /** As the other {@code column}, for a kind of result in the place of its name. */
  default double[] column(SampleResult result) {
    return column(result.column());
  }

  /**
   * Has a per-sample result written into an array of the caller's, instead of the one that {@link
   * #column} hands out: from the next block on, sample m of a block at {@code (first + m)} times
   * the column's length. To be called for each block that is to go to another place.
   *
   * @throws IllegalArgumentException if there is no such column
   */
  void deliver(String column, double[] array, int first);

  @Override
  void close();
}
