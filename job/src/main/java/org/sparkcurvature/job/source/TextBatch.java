package org.sparkcurvature.job.source;

import java.util.Arrays;
import org.apache.hadoop.io.Text;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/** Rows of text: the bytes of all values behind each other. Belongs to one thread. */
final class TextBatch {

  /** Bytes after which no further row is taken: what is read soon after should be in a cache. */
  private static final int BYTES = 1 << 19;

  private static final int ROWS = 1024;
  private static final int CELLS = 1 << 16;

  private final int width;
  private final int capacity;

  /** Row by row where each value starts; and its length, -1 for null. */
  private final int[] starts;

  private final int[] lengths;
  private final int[] ends;
  private byte[] bytes = new byte[1 << 16];
  private int used;
  private int rows;

  /** A batch of no rows with so many values each. */
  TextBatch(int width) {
    this.width = width;
    this.capacity = Math.max(1, Math.min(ROWS, CELLS / width));
    this.starts = new int[Math.multiplyExact(capacity, width)];
    this.lengths = new int[starts.length];
    this.ends = new int[width];
  }

  void clear() {
    rows = 0;
    used = 0;
  }

  int rows() {
    return rows;
  }

  boolean isFull() {
    return rows == capacity || used >= BYTES;
  }

  /** Adds the fields of a plain line, of which the empty ones are null, and null behind them. */
  boolean isAdded(Text line, FastCsvLine plain) {
    int length = line.getLength();
    reserve(length);
    System.arraycopy(line.getBytes(), 0, bytes, used, length);
    if (!plain.isCut(bytes, used, length, ends, 0)) {
      return false;
    }
    int cell = rows * width;
    int start = used;
    for (int k = 0; k < width - 1; k++, cell++) {
      starts[cell] = start;
      lengths[cell] = ends[k] > start ? ends[k] - start : -1;
      start = ends[k] + 1;
    }
    lengths[cell] = -1;
    used += length;
    rows++;
    return true;
  }

  /** Adds a row whose column k belongs at {@code places[k]}; what is elsewhere is undefined. */
  void add(InternalRow row, int[] places) {
    for (int k = 0; k < places.length; k++) {
      int cell = rows * width + places[k];
      starts[cell] = used;
      lengths[cell] = -1;
      if (!row.isNullAt(k)) {
        UTF8String value = row.getUTF8String(k);
        reserve(value.numBytes());
        value.writeToMemory(bytes, Platform.BYTE_ARRAY_OFFSET + (long) used);
        lengths[cell] = value.numBytes();
        used += value.numBytes();
      }
    }
    rows++;
  }

  private void reserve(int more) {
    int needed = Math.addExact(used, more);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, (int) Math.min(2L * bytes.length, 1 << 30)));
    }
  }

  /** The values at {@code place} of all rows. */
  ColumnVector column(int place) {
    return new Values(place);
  }

  /** A column of text as Spark reads it; its values hold until the batch is changed. */
  private final class Values extends ColumnVector {
    private final int place;

    Values(int place) {
      super(DataTypes.StringType);
      this.place = place;
    }

    @Override
    public boolean isNullAt(int row) {
      return lengths[row * width + place] < 0;
    }

    @Override
    public UTF8String getUTF8String(int row) {
      int cell = row * width + place;
      return UTF8String.fromBytes(bytes, starts[cell], lengths[cell]);
    }

    @Override
    public int numNulls() {
      int count = 0;
      for (int row = 0; row < rows; row++) {
        count += isNullAt(row) ? 1 : 0;
      }
      return count;
    }

    @Override
    public boolean hasNull() {
      return numNulls() > 0;
    }

    @Override
    public void close() {
      // The arrays are the batch's.
    }

    @Override
    public byte[] getBinary(int row) {
      return getUTF8String(row).getBytes();
    }

    @Override
    public boolean getBoolean(int row) {
      throw noText();
    }

    @Override
    public byte getByte(int row) {
      throw noText();
    }

    @Override
    public short getShort(int row) {
      throw noText();
    }

    @Override
    public int getInt(int row) {
      throw noText();
    }

    @Override
    public long getLong(int row) {
      throw noText();
    }

    @Override
    public float getFloat(int row) {
      throw noText();
    }

    @Override
    public double getDouble(int row) {
      throw noText();
    }

    @Override
    public ColumnarArray getArray(int row) {
      throw noText();
    }

    @Override
    public ColumnarMap getMap(int row) {
      throw noText();
    }

    @Override
    public Decimal getDecimal(int row, int precision, int scale) {
      throw noText();
    }

    @Override
    public ColumnVector getChild(int ordinal) {
      throw noText();
    }

    private UnsupportedOperationException noText() {
      return new UnsupportedOperationException("a column of text");
    }
  }
}
