package org.sparkcurvature.job.derive;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.unsafe.Platform;
import org.sparkcurvature.job.source.CarriedColumns;
import org.sparkcurvature.job.source.SampleBlock;
import org.sparkcurvature.job.watch.RowWatch;

/**
 * A sample of a block with its results, as a row. It is one view that moves from sample to sample,
 * as Spark copies what it takes of a row.
 */
final class ResultRow extends GenericInternalRow implements RowWatch.ArrayRow {
  private static final long serialVersionUID = 1L;

  /** The cell of the sample's number; results are below it. */
  private static final int NUMBER = -1;

  private final transient SampleBlock block;
  private final transient CarriedColumns kept;
  private final transient double[][] elements;
  private final transient UnsafeArrayData[] arrays;
  private final int[] lengths;

  /** Of each cell, the column that is handed on; or the number; or which result. */
  private final int[] places;

  private int position;

  /**
   * @param elements of each result: sample after sample
   * @param columns of the row
   */
  ResultRow(SampleBlock block, double[][] elements, List<PerSamplePass.Output> columns) {
    super(new Object[0]);
    this.block = block;
    this.kept = block.keptColumns();
    this.elements = elements;
    this.lengths = new int[elements.length];
    this.arrays = new UnsafeArrayData[elements.length];
    this.places = new int[columns.size()];
    for (int k = 0; k < places.length; k++) {
      PerSamplePass.Output column = columns.get(k);
      places[k] =
          switch (column.part()) {
            case HANDED_ON -> column.index();
            case NUMBER -> NUMBER;
            case RESULT -> NUMBER - 1 - column.index();
          };
      if (column.part() == PerSamplePass.Part.RESULT) {
        lengths[column.index()] = column.length();
        if (column.length() > 0) {
          arrays[column.index()] = UnsafeArrayData.fromPrimitiveArray(new double[column.length()]);
        }
      }
    }
  }

  /** The same row at another sample. */
  InternalRow at(int sample) {
    position = sample;
    return this;
  }

  @Override
  public int numFields() {
    return places.length;
  }

  @Override
  public boolean isNullAt(int ordinal) {
    int place = places[ordinal];
    return place >= 0 ? kept.isNull(place, position) : place < NUMBER && block.isInvalid(position);
  }

  @Override
  public double getDouble(int ordinal) {
    int place = places[ordinal];
    return place >= 0
        ? Double.longBitsToDouble(kept.bits(place, position))
        : elements[NUMBER - 1 - place][position];
  }

  @Override
  public long getLong(int ordinal) {
    int place = places[ordinal];
    return place >= 0 ? kept.bits(place, position) : block.number(position);
  }

  @Override
  public int getInt(int ordinal) {
    return (int) kept.bits(places[ordinal], position);
  }

  @Override
  public float getFloat(int ordinal) {
    return Float.intBitsToFloat(getInt(ordinal));
  }

  @Override
  public boolean getBoolean(int ordinal) {
    return getInt(ordinal) != 0;
  }

  @Override
  public byte getByte(int ordinal) {
    return (byte) getInt(ordinal);
  }

  @Override
  public short getShort(int ordinal) {
    return (short) getInt(ordinal);
  }

  /** What has no getter of its own above, and for copies everything. */
  @Override
  public Object genericGet(int ordinal) {
    int place = places[ordinal];
    if (place >= 0) {
      return kept.value(place, position);
    } else if (place == NUMBER) {
      return block.number(position);
    } else if (block.isInvalid(position)) {
      return null;
    }
    int result = NUMBER - 1 - place;
    return arrays[result] == null ? (Object) elements[result][position] : copied(result);
  }

  @Override
  public double[] array(int ordinal) {
    return elements[NUMBER - 1 - places[ordinal]];
  }

  @Override
  public int from(int ordinal) {
    return position * length(ordinal);
  }

  @Override
  public int length(int ordinal) {
    return lengths[NUMBER - 1 - places[ordinal]];
  }

  /** The array behind which Spark's own header has no nulls. */
  private UnsafeArrayData copied(int result) {
    UnsafeArrayData array = arrays[result];
    int length = lengths[result];
    Platform.copyMemory(
        elements[result],
        Platform.DOUBLE_ARRAY_OFFSET + (long) position * length * Double.BYTES,
        array.getBaseObject(),
        array.getBaseOffset() + UnsafeArrayData.calculateHeaderPortionInBytes(length),
        (long) length * Double.BYTES);
    return array;
  }

  @Override
  public GenericInternalRow copy() {
    Object[] values = new Object[numFields()];
    for (int k = 0; k < values.length; k++) {
      values[k] = InternalRow.copyValue(genericGet(k));
    }
    return new GenericInternalRow(values);
  }
}
