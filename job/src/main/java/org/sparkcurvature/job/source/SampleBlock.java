package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The arrays that a block of samples is written to, and which rows they come from. The arrays of
 * tensors and weights are someone else's, as an engine's are.
 */
public final class SampleBlock {
  private final Function<String, double[]> tensors;
  private final Optional<Supply> supply;
  private final double[] weights;
  private final long[] numbers;
  private final Object[][] kept;
  private Optional<CarriedColumns> columns = Optional.empty();

  /** Samples that stand for invalid rows. */
  private final BitSet invalid = new BitSet();

  /** Says where a tensor is to be read instead of its array: from this sample of another one. */
  @FunctionalInterface
  public interface Supply {
    void from(String tensor, double[] array, int first);
  }

  /**
   * A block of as many samples as {@code weights} is long.
   *
   * @param tensors the array of each tensor, by name: sample after sample, row-major each
   * @param weights the samples' weights
   */
  public SampleBlock(Function<String, double[]> tensors, double[] weights) {
    this(tensors, weights, Optional.empty());
  }

  /**
   * The same for someone who also reads tensors where they lie, which need not be in their arrays
   * then.
   */
  public SampleBlock(Function<String, double[]> tensors, double[] weights, Supply supply) {
    this(tensors, weights, Optional.of(supply));
  }

  private SampleBlock(
      Function<String, double[]> tensors, double[] weights, Optional<Supply> supply) {
    this.tensors = tensors;
    this.supply = supply;
    this.weights = weights;
    this.numbers = new long[weights.length];
    this.kept = new Object[weights.length][];
  }

  /** The most samples. */
  public int capacity() {
    return weights.length;
  }

  /** Empty where tensors must be in their arrays. */
  Optional<Supply> supply() {
    return supply;
  }

  /** The array of a tensor: sample after sample, row-major each. */
  public double[] tensor(String name) {
    return tensors.apply(name);
  }

  /** The weights, sample after sample. */
  public double[] weights() {
    return weights;
  }

  long[] numbers() {
    return numbers;
  }

  /** The number of the row that a sample comes from. */
  public long number(int position) {
    return numbers[position];
  }

  /** The numbers of the rows that samples come from. */
  public List<Long> numbers(List<Integer> positions) {
    List<Long> rows = new ArrayList<>();
    positions.forEach(position -> rows.add(numbers[position]));
    return rows;
  }

  void setValid(int from, int to) {
    invalid.clear(from, to);
  }

  void setInvalid(int position) {
    invalid.set(position);
  }

  /**
   * Whether a sample stands for an invalid row, where these are handed on without results. Its
   * tensors are those of another sample.
   */
  public boolean isInvalid(int position) {
    return invalid.get(position);
  }

  /** The first sample that stands for a valid row; -1 if none of the first {@code rows} does. */
  int firstValid(int rows) {
    int position = invalid.nextClearBit(0);
    return position < rows ? position : -1;
  }

  /** Whether one of the first {@code rows} samples stands for a valid row. */
  public boolean isAnyValid(int rows) {
    return firstValid(rows) >= 0;
  }

  /** Holds what is handed on column by column. */
  void keepIn(CarriedColumns kept) {
    columns = Optional.of(kept);
  }

  /**
   * The columns that are handed on, id first where there is one, of samples that come from an input
   * and not from a block that was kept.
   */
  public CarriedColumns keptColumns() {
    return columns.orElseThrow(() -> new IllegalStateException("rows are handed on whole"));
  }

  void keep(int position, Object[] values) {
    kept[position] = values;
  }

  /**
   * The columns that are handed on, id first where there is one, as internal values; only where the
   * samples were read with {@link RowSamples.Part#all}.
   */
  public Object[] kept(int position) {
    return columns.isPresent() ? columns.get().values(position) : kept[position];
  }
}
