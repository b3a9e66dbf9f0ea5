package org.sparkcurvature.job.source;

import java.util.Arrays;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarBatch;

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

  /** What is wrong about the row that was read last as an index; null where nothing is. */
  private InvalidValue outOfRange;

  /**
   * @param target the tensor's array: sample after sample, row-major each
   */
  TensorReader(SampleFormat.Tensor tensor, double[] target) {
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
  }

  private boolean isAll(Kind kind) {
    return bound == SampleFormat.UNBOUNDED
        && Arrays.stream(kinds).allMatch(Optional.of(kind)::equals);
  }

  @SuppressWarnings("unchecked") // an array of a generic type
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
   * Writes the tensor of a row as sample {@code position}. Whether an index is in its range {@link
   * #outOfRange} says.
   *
   * @throws InvalidValue if the row does not hold it
   */
  void read(InternalRow row, int position) {
    int start = position * size;
    outOfRange = null;
    if (doubles && row instanceof UnsafeRow unsafe && isCopied(unsafe, start)
        || texts && isParsed(row, start)) {
      return;
    }
    for (int k = 0; k < elements.length; k++) {
      SampleFormat.Element element = elements[k];
      try {
        element.cell().read(row, element.ordinal(), extents, size, target, start + k);
      } catch (InvalidValue e) {
        boolean computed = e.getMessage().equals("is null") && tensor.isComputed(k);
        throw invalid(k, computed ? "is null" + NULL_OF_EXPRESSIONS : e.getMessage());
      }
    }
    if (bound != SampleFormat.UNBOUNDED) {
      for (int i = 0; i < size; i++) {
        double value = target[start + i];
        if (!isIndex(value)) {
          String what =
              "is " + text(value) + ", and an index here is an integer from 0 to " + (bound - 1);
          outOfRange =
              elements.length == 1 && size > 1
                  ? invalid(0, "at element " + i + " " + what)
                  : invalid(i, what);
          return;
        }
      }
    }
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

  /** Why the row that was read last cannot be an index; empty where it can, or need not be one. */
  Optional<InvalidValue> outOfRange() {
    return Optional.ofNullable(outOfRange);
  }

  String name() {
    return tensor.name();
  }

  /** A copy of the tensor of sample {@code position}. */
  double[] values(int position) {
    return Arrays.copyOfRange(target, position * size, (position + 1) * size);
  }

  private InvalidValue invalid(int k, String what) {
    return new InvalidValue(tensor.called(k) + " " + what);
  }

  private static String text(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
