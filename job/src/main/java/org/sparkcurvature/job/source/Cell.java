package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.mllib.linalg.VectorUDT;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.types.UTF8String;
import org.sparkcurvature.job.config.Missing;
import org.sparkcurvature.job.config.TensorConfig;

/** How the numbers of one column's value are reached. */
sealed interface Cell extends Serializable {

  /** The cell of {@code type}; empty where it is not read as numbers. */
  static Optional<Cell> of(DataType type) {
    if (type.equals(SQLDataTypes.VectorType()) || type instanceof VectorUDT) {
      return Optional.of(new Vector());
    }
    int depth = 0;
    DataType element = type;
    while (element instanceof ArrayType array) {
      element = array.elementType();
      depth++;
    }
    int axes = depth;
    return Kind.of(element).map(kind -> axes == 0 ? new Scalar(kind) : new Array(axes, kind));
  }

  /**
   * The shape of the value at {@code ordinal}, by looking at it.
   *
   * @throws InvalidValue if it is null or empty
   */
  List<Integer> shape(InternalRow row, int ordinal);

  /**
   * Copies the value's numbers, row-major, to {@code target[at ..]}.
   *
   * @param extents the shape that the value must have
   * @throws InvalidValue if it has another shape, or holds a null or a number that is not finite;
   *     the message follows the column's name
   */
  default void read(
      InternalRow row, int ordinal, int[] extents, int size, double[] target, int at) {
    read(row, ordinal, extents, size, target, at, Missing.INVALID);
  }

  /**
   * As the other {@code read}.
   *
   * @param missing with {@link Missing#NAN}, a null is no cause for an exception; it and NaN are
   *     copied as NaN
   */
  void read(
      InternalRow row,
      int ordinal,
      int[] extents,
      int size,
      double[] target,
      int at,
      Missing missing);

  /** A number. */
  record Scalar(Kind kind) implements Cell {
    @Override
    public List<Integer> shape(InternalRow row, int ordinal) {
      return List.of();
    }

    @Override
    public void read(
        InternalRow row,
        int ordinal,
        int[] extents,
        int size,
        double[] target,
        int at,
        Missing missing) {
      target[at] = number(kind, row, ordinal, missing);
    }
  }

  /**
   * A level of a categorical column, whose number is its place among the levels.
   *
   * @param codes the places
   * @param unseenIsReference whether a level that is not among them counts as the first
   */
  record Level(HashMap<UTF8String, Double> codes, boolean unseenIsReference) implements Cell {
    static Level of(TensorConfig.Encoded encoded) {
      HashMap<UTF8String, Double> codes = new HashMap<>();
      encoded
          .levels()
          .forEach(level -> codes.put(UTF8String.fromString(level), (double) codes.size()));
      return new Level(codes, encoded.unseen() == TensorConfig.Unseen.REFERENCE);
    }

    @Override
    public List<Integer> shape(InternalRow row, int ordinal) {
      return List.of();
    }

    @Override
    public void read(
        InternalRow row,
        int ordinal,
        int[] extents,
        int size,
        double[] target,
        int at,
        Missing missing) {
      if (isNull(row, ordinal, 1, target, at, missing)) {
        return;
      }
      UTF8String level = row.getUTF8String(ordinal);
      Double code = code(level);
      if (code == null) {
        throw new InvalidValue(
            "is %s, none of its %,d levels".formatted(Kind.quoted(level.toString()), codes.size()),
            "is none of its %,d levels".formatted(codes.size()));
      }
      target[at] = code;
    }

    private Double code(UTF8String level) {
      Double code = codes.get(level);
      return code == null && unseenIsReference ? Double.valueOf(0) : code;
    }

    /** As {@link Kind#copy}. */
    boolean copy(ColumnVector column, int first, int count, double[] to, int at, int stride) {
      int next = at;
      for (int row = first; row < first + count; row++, next += stride) {
        Double code = column.isNullAt(row) ? null : code(column.getUTF8String(row));
        if (code == null) {
          return false;
        }
        to[next] = code;
      }
      return true;
    }
  }

  /** An array of {@code depth} axes. A flat array may stand for any shape of as many elements. */
  record Array(int depth, Kind kind) implements Cell {
    @Override
    public List<Integer> shape(InternalRow row, int ordinal) {
      if (row.isNullAt(ordinal)) {
        throw new InvalidValue("is null");
      }
      Integer[] extents = new Integer[depth];
      ArrayData array = row.getArray(ordinal);
      for (int axis = 0; axis < depth; axis++) {
        extents[axis] = array.numElements();
        if (extents[axis] == 0) {
          throw new InvalidValue("is empty");
        }
        if (axis + 1 < depth) {
          if (array.isNullAt(0)) {
            throw new InvalidValue("holds a null");
          }
          array = array.getArray(0);
        }
      }
      return List.of(extents);
    }

    @Override
    public void read(
        InternalRow row,
        int ordinal,
        int[] extents,
        int size,
        double[] target,
        int at,
        Missing missing) {
      if (isNull(row, ordinal, size, target, at, missing)) {
        return;
      }
      ArrayData array = row.getArray(ordinal);
      if (depth == 1) {
        if (array.numElements() != size) {
          throw differs(array.numElements(), size);
        }
        numbers(array, target, at, at, missing);
      } else {
        nested(array, 0, extents, target, at, at, missing);
      }
    }

    private int nested(
        ArrayData array,
        int axis,
        int[] extents,
        double[] target,
        int at,
        int start,
        Missing missing) {
      if (array.numElements() != extents[axis]) {
        throw new InvalidValue(
            "is ragged: "
                + array.numElements()
                + " elements along axis "
                + axis
                + ", not "
                + extents[axis],
            "has another shape than " + Arrays.toString(extents));
      }
      if (axis + 1 == depth) {
        numbers(array, target, at, start, missing);
        return at + array.numElements();
      }
      int next = at;
      for (int i = 0; i < array.numElements(); i++) {
        if (array.isNullAt(i)) {
          throw new InvalidValue("holds a null");
        }
        next = nested(array.getArray(i), axis + 1, extents, target, next, start, missing);
      }
      return next;
    }

    private void numbers(ArrayData array, double[] target, int at, int start, Missing missing) {
      int length = array.numElements();
      for (int i = 0; i < length; i++) {
        try {
          target[at + i] = number(kind, array, i, missing);
        } catch (InvalidValue e) {
          throw e.ofElement(at - start + i);
        }
      }
    }
  }

  /**
   * A vector of MLlib, dense or sparse, as its public type stores it: type, size, indices, values.
   */
  record Vector() implements Cell {
    private static final int FIELDS = 4;
    private static final int SIZE = 1;
    private static final int INDICES = 2;
    private static final int VALUES = 3;
    private static final byte SPARSE = 0;

    @Override
    public List<Integer> shape(InternalRow row, int ordinal) {
      if (row.isNullAt(ordinal)) {
        throw new InvalidValue("is null");
      }
      int length = length(row.getStruct(ordinal, FIELDS));
      if (length == 0) {
        throw new InvalidValue("is empty");
      }
      return List.of(length);
    }

    private static int length(InternalRow vector) {
      return vector.getByte(0) == SPARSE
          ? vector.getInt(SIZE)
          : vector.getArray(VALUES).numElements();
    }

    @Override
    public void read(
        InternalRow row,
        int ordinal,
        int[] extents,
        int size,
        double[] target,
        int at,
        Missing missing) {
      if (isNull(row, ordinal, size, target, at, missing)) {
        return;
      }
      InternalRow vector = row.getStruct(ordinal, FIELDS);
      int length = length(vector);
      if (length != size) {
        throw differs(length, size);
      }
      ArrayData values = vector.getArray(VALUES);
      if (vector.getByte(0) == SPARSE) {
        ArrayData indices = vector.getArray(INDICES);
        Arrays.fill(target, at, at + size, 0.0);
        for (int k = 0; k < indices.numElements(); k++) {
          target[at + indices.getInt(k)] = finite(values.getDouble(k), indices.getInt(k), missing);
        }
      } else {
        for (int i = 0; i < size; i++) {
          target[at + i] = finite(values.getDouble(i), i, missing);
        }
      }
    }

    private static double finite(double value, int element, Missing missing) {
      if (!Double.isFinite(value) && !(Double.isNaN(value) && missing == Missing.NAN)) {
        throw new InvalidValue("is " + value).ofElement(element);
      }
      return value;
    }
  }

  private static double number(Kind kind, SpecializedGetters values, int ordinal, Missing missing) {
    return missing == Missing.NAN ? kind.readOrNaN(values, ordinal) : kind.read(values, ordinal);
  }

  /** Whether a value is null as a whole, and is one that may be: NaN in all elements. */
  private static boolean isNull(
      InternalRow row, int ordinal, int size, double[] target, int at, Missing missing) {
    if (!row.isNullAt(ordinal)) {
      return false;
    }
    if (missing == Missing.INVALID) {
      throw new InvalidValue("is null");
    }
    Arrays.fill(target, at, at + size, Double.NaN);
    return true;
  }

  private static InvalidValue differs(int length, int size) {
    return new InvalidValue(
        "has " + length + (length == 1 ? " element" : " elements") + ", not " + size,
        "has another number of elements than " + size);
  }
}
