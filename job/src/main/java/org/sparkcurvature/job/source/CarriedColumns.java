package org.sparkcurvature.job.source;

import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * The columns that the samples of a block hand on, sample after sample, numbers as they are: of
 * wide tables an object for each cell would take longer than derivatives. Belongs to one thread.
 */
public final class CarriedColumns {

  /** How the cells of a column are held. */
  private enum Form {
    BOOLEAN,
    BYTE,
    SHORT,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    OBJECT;

    static Form of(DataType type) {
      if (type instanceof DoubleType) {
        return DOUBLE;
      } else if (type instanceof LongType
          || type instanceof TimestampType
          || type instanceof TimestampNTZType) {
        return LONG;
      } else if (type instanceof IntegerType || type instanceof DateType) {
        return INT;
      } else if (type instanceof FloatType) {
        return FLOAT;
      } else if (type instanceof BooleanType) {
        return BOOLEAN;
      } else if (type instanceof ShortType) {
        return SHORT;
      }
      return type instanceof ByteType ? BYTE : OBJECT;
    }
  }

  private final SampleFormat.CachedBlocks[] columns;
  private final Form[] forms;

  /** Of numbers their bits, those of doubles and floats as Java has them. */
  private final long[] bits;

  private final boolean[] nulls;
  private final Object[] objects;

  CarriedColumns(SampleFormat format, int capacity) {
    List<SampleFormat.CachedBlocks> all =
        Stream.concat(format.id().stream(), format.carried().stream()).toList();
    int count = all.size();
    columns = all.toArray(SampleFormat.CachedBlocks[]::new);
    forms = new Form[count];
    boolean anyObject = false;
    for (int c = 0; c < count; c++) {
      forms[c] = Form.of(columns[c].type());
      anyObject |= forms[c] == Form.OBJECT;
    }
    bits = new long[Math.multiplyExact(count, capacity)];
    nulls = new boolean[bits.length];
    objects = new Object[anyObject ? bits.length : 0];
  }

  /** How many columns there are. */
  public int count() {
    return columns.length;
  }

  /** Copies the cells of a row. */
  void keep(int position, InternalRow row) {
    for (int c = 0; c < columns.length; c++) {
      int ordinal = columns[c].ordinal();
      int at = position * columns.length + c;
      nulls[at] = row.isNullAt(ordinal);
      if (forms[c] == Form.OBJECT) {
        objects[at] = columns[c].copy(row);
      } else if (!nulls[at]) {
        bits[at] =
            switch (forms[c]) {
              case BOOLEAN -> row.getBoolean(ordinal) ? 1 : 0;
              case BYTE -> row.getByte(ordinal);
              case SHORT -> row.getShort(ordinal);
              case INT -> row.getInt(ordinal);
              case LONG -> row.getLong(ordinal);
              case FLOAT -> Float.floatToRawIntBits(row.getFloat(ordinal));
              case DOUBLE -> Double.doubleToRawLongBits(row.getDouble(ordinal));
              case OBJECT -> throw new IllegalStateException("an object has no bits");
            };
      }
    }
  }

  /** Copies the cells of {@code run} rows of a batch. */
  void keep(int position, ColumnarBatch batch, int first, int run) {
    for (int c = 0; c < columns.length; c++) {
      ColumnVector column = batch.column(columns[c].ordinal());
      boolean anyNull = column.hasNull();
      int at = position * columns.length + c;
      for (int row = first; row < first + run; row++, at += columns.length) {
        nulls[at] = anyNull && column.isNullAt(row);
        if (forms[c] == Form.OBJECT) {
          objects[at] = columns[c].copy(batch.getRow(row));
        } else if (!nulls[at]) {
          bits[at] = bits(forms[c], column, row);
        }
      }
    }
  }

  private static long bits(Form form, ColumnVector column, int row) {
    return switch (form) {
      case BOOLEAN -> column.getBoolean(row) ? 1 : 0;
      case BYTE -> column.getByte(row);
      case SHORT -> column.getShort(row);
      case INT -> column.getInt(row);
      case LONG -> column.getLong(row);
      case FLOAT -> Float.floatToRawIntBits(column.getFloat(row));
      case DOUBLE -> Double.doubleToRawLongBits(column.getDouble(row));
      case OBJECT -> throw new IllegalStateException("an object has no bits");
    };
  }

  /** Whether a cell is null. */
  public boolean isNull(int column, int position) {
    return nulls[position * columns.length + column];
  }

  /** The bits of a number: those of doubles and floats as Java has them; 1 for true. */
  public long bits(int column, int position) {
    return bits[position * columns.length + column];
  }

  /** A cell as an internal value; null where it is null. */
  public Object value(int column, int position) {
    int at = position * columns.length + column;
    if (nulls[at]) {
      return null;
    }
    if (forms[column] == Form.OBJECT) {
      return objects[at];
    }
    long own = bits[at];
    return switch (forms[column]) {
      case BOOLEAN -> (Object) (own != 0);
      case BYTE -> (byte) own;
      case SHORT -> (short) own;
      case INT -> (int) own;
      case LONG -> own;
      case FLOAT -> Float.intBitsToFloat((int) own);
      case DOUBLE -> Double.longBitsToDouble(own);
      case OBJECT -> throw new IllegalStateException("an object has no bits");
    };
  }

  /** All cells of a sample. */
  Object[] values(int position) {
    Object[] values = new Object[columns.length];
    for (int c = 0; c < values.length; c++) {
      values[c] = value(c, position);
    }
    return values;
  }
}
