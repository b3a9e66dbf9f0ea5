package org.sparkcurvature.job.source;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.sparkcurvature.job.config.Missing;

/** Writes one tensor of rows to its array. Belongs to one thread. */
final class TensorReader {
  /** A null that no cell holds puzzles whoever looks for it in the data. */
  private static final String NULL_OF_EXPRESSIONS =
      ", which SQL gives for the logarithm of 0 or less, a division by 0, text that is no number,"
          + " and any null among its columns";

  private final SampleFormat.Tensor tensor;
  private final int[] extents;
  private final int size;
  private final int bound;
  private final SampleFormat.Element[] elements;
  private final Optional<Kind>[] kinds;
  private final int[] ordinals;

  /** Whether this element and the three behind it are doubles, and are copied together. */
  private final boolean[] beginsFour;

  /** The columns of the batch that is being read. */
  private final ColumnVector[] columns;

  private final boolean doubles;
  private final boolean texts;
  private final double[] target;
  private final Missing missing;

  /** Whether an element of the row that was read last cannot be an index where it should be one. */
  private boolean outOfRange;

  /**
   * @param target the tensor's array: sample after sample, row-major each
   * @param missing whether a row without a value is handed on, with NaN
   */
  TensorReader(SampleFormat.Tensor tensor, double[] target, Missing missing) {
    this.tensor = tensor;
    this.extents = tensor.extents().stream().mapToInt(Integer::intValue).toArray();
    this.size = tensor.size();
    this.bound = tensor.bound();
    this.elements = tensor.elements().toArray(SampleFormat.Element[]::new);
    this.kinds = kinds(elements);
    this.ordinals = tensor.elements().stream().mapToInt(SampleFormat.Element::ordinal).toArray();
    this.beginsFour = beginsFour(kinds);
    this.columns = new ColumnVector[elements.length];
    this.doubles = isAll(Kind.DOUBLE);
    this.texts = isAll(Kind.TEXT);
    this.target = target;
    this.missing = missing;
  }

  private boolean isAll(Kind kind) {
    return bound == SampleFormat.UNBOUNDED
        && Arrays.stream(kinds).allMatch(Optional.of(kind)::equals);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
  private static Optional<Kind>[] kinds(SampleFormat.Element[] elements) {
    Optional<Kind>[] kinds = new Optional[elements.length];
    for (int k = 0; k < elements.length; k++) {
      kinds[k] =
          elements[k].cell() instanceof Cell.Scalar scalar
              ? Optional.of(scalar.kind())
              : Optional.empty();
    }
    return kinds;
  }

  private static boolean[] beginsFour(Optional<Kind>[] kinds) {
    boolean[] begins = new boolean[kinds.length];
    for (int k = 0; k + 4 <= kinds.length; k++) {
      begins[k] = Arrays.stream(kinds, k, k + 4).allMatch(Optional.of(Kind.DOUBLE)::equals);
    }
    return begins;
  }

  /**
   * Writes the tensor of a row as sample {@code position}. Whether an index is out of its range
   * {@link #isOutOfRange} says.
   *
   * @throws InvalidValue if the row does not hold it
   */
  void read(InternalRow row, int position) {
    int start = position * size;
    outOfRange = false;
    if (doubles && row instanceof UnsafeRow unsafe && isCopied(unsafe, start)
        || texts && isParsed(row, start)) {
      return;
    }
    for (int k = 0; k < elements.length; k++) {
      SampleFormat.Element element = elements[k];
      try {
        element.cell().read(row, element.ordinal(), extents, size, target, start + k, missing);
      } catch (InvalidValue e) {
        throw explained(k, e);
      }
    }
    if (bound != SampleFormat.UNBOUNDED) {
      for (int i = 0; i < size; i++) {
        outOfRange |= !isIndex(target[start + i]) && !Double.isNaN(target[start + i]);
      }
    }
  }

  private InvalidValue explained(int k, InvalidValue e) {
    boolean computed = e.getMessage().equals("is null") && tensor.isComputed(k);
    InvalidValue told = computed ? new InvalidValue("is null" + NULL_OF_EXPRESSIONS, "is null") : e;
    return told.of(tensor.called(k), elements[k].text());
  }

  /** Whether sample {@code position}, as it was read, has no value in an element. */
  boolean isMissingAny(int position) {
    for (int i = position * size; i < (position + 1) * size; i++) {
      if (Double.isNaN(target[i])) {
        return true;
      }
    }
    return false;
  }

  /**
   * Writes 0 where sample {@code position} has no value: it does not read that.
   *
   * @param row the sample's row
   * @param read the elements that the sample reads; empty: not known yet, none
   * @throws InvalidValue if it reads an element that has no value
   */
  void fillUnread(InternalRow row, int position, Optional<BitSet> read) {
    for (int i = 0; i < size; i++) {
      if (Double.isNaN(target[position * size + i])) {
        if (read.isPresent() && read.get().get(i)) {
          throw withoutValue(row, i);
        }
        target[position * size + i] = 0;
      }
    }
  }

  private InvalidValue withoutValue(InternalRow row, int i) {
    int k = elements.length == 1 ? 0 : i;
    int ordinal = elements[k].ordinal();
    if (kinds[k].isPresent()) {
      try {
        kinds[k].get().read(row, ordinal);
      } catch (InvalidValue e) {
        return explained(k, e);
      }
    }
    InvalidValue missingValue =
        row.isNullAt(ordinal)
            ? new InvalidValue("is null")
            : new InvalidValue("is null or NaN").ofElement(i);
    return explained(k, missingValue);
  }

  /** The usual case without detours: doubles, of which none is missing. */
  private boolean isCopied(UnsafeRow row, int start) {
    double check = 0;
    for (int k = 0; k < ordinals.length; k++) {
      if (row.isNullAt(ordinals[k])) {
        return false;
      }
      double value = row.getDouble(ordinals[k]);
      target[start + k] = value;
      check += value * 0;
    }
    return check == 0;
  }

  /** The same for numbers in text. */
  private boolean isParsed(InternalRow row, int start) {
    double check = 0;
    for (int k = 0; k < ordinals.length; k++) {
      if (row.isNullAt(ordinals[k])) {
        return false;
      }
      double value = TextNumbers.parse(row.getUTF8String(ordinals[k]));
      target[start + k] = value;
      check += value * 0;
    }
    return check == 0;
  }

  /**
   * Writes the tensors of a run of rows as samples {@code position} and those after it.
   *
   * @return false if a row of them may be invalid, or if its values are reached row by row only
   */
  boolean read(ColumnarBatch batch, int first, int count, int position) {
    int start = position * size;
    for (int k = 0; k < elements.length; k++) {
      columns[k] = batch.column(ordinals[k]);
    }
    for (int k = 0; k < elements.length; k += beginsFour[k] ? 4 : 1) {
      boolean copied =
          beginsFour[k]
              ? Kind.copyFourOfDoubles(columns, k, first, count, target, start + k, size)
              : isCopied(k, first, count, start);
      if (!copied) {
        return false;
      }
    }
    if (bound != SampleFormat.UNBOUNDED) {
      for (int i = start; i < start + count * size; i++) {
        if (!isIndex(target[i])) {
          return false;
        }
      }
    }
    return true;
  }

  /** Copies one element's column for a run of rows. */
  private boolean isCopied(int k, int first, int count, int start) {
    if (elements[k].cell() instanceof Cell.Level level) {
      return level.copy(columns[k], first, count, target, start + k, size);
    }
    return kinds[k].isPresent()
        ? kinds[k].get().copy(columns[k], first, count, target, start + k, size)
        : elements[k].cell() instanceof Cell.Array array
            && array.depth() == 1
            && array.kind() == Kind.DOUBLE
            && copyArrays(columns[k], first, count, start);
  }

  private boolean copyArrays(ColumnVector arrays, int first, int count, int start) {
    if (arrays.hasNull()) {
      return false;
    }
    double check = 0;
    int at = start;
    for (int row = first; row < first + count; row++) {
      ColumnarArray array = arrays.getArray(row);
      if (array.numElements() != size) {
        return false;
      }
      for (int i = 0; i < size; i++) {
        if (array.isNullAt(i)) {
          return false;
        }
        double value = array.getDouble(i);
        target[at++] = value;
        check += value * 0;
      }
    }
    return check == 0;
  }

  private boolean isIndex(double value) {
    return value == Math.rint(value) && value >= 0 && value < bound;
  }

  /** Whether an element of the row that was read last is out of range where it is an index. */
  boolean isOutOfRange() {
    return outOfRange;
  }

  /**
   * Refuses an index out of range.
   *
   * @param position the sample that was read last
   * @param indices the elements that it reads as an index; empty: all
   */
  void refuseOutOfRange(int position, Optional<BitSet> indices) {
    for (int i = 0; i < size; i++) {
      double value = target[position * size + i];
      if (!isIndex(value) && (indices.isEmpty() || indices.get().get(i))) {
        InvalidValue what =
            new InvalidValue(
                "is " + text(value) + ", and an index here is an integer from 0 to " + (bound - 1),
                "is no index from 0 to " + (bound - 1));
        throw elements.length == 1 && size > 1
            ? explained(0, what.ofElement(i))
            : explained(i, what);
      }
    }
  }

  String name() {
    return tensor.name();
  }

  /** A copy of the tensor of sample {@code position}. */
  double[] values(int position) {
    return Arrays.copyOfRange(target, position * size, (position + 1) * size);
  }

  private static String text(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
