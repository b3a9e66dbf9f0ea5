package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.hash.Murmur3_x86_32;
import org.sparkcurvature.job.reduce.Partitions;

/**
 * Rows on their way to the partition of their key: many rows of one partition in one row of
 * Spark's, column by column. A shuffle compresses what it writes, and that is most of its work;
 * numbers that repeat nothing are passed over much faster where they lie together.
 *
 * <p>The bytes of packed rows: how many rows there are; the words of the fixed parts of Spark's
 * rows, the first word of all of them, then the second one, and so on; where rows have variable
 * parts, the lengths of these, a word each, and the parts. The last word of a fixed part is the
 * partition, and is left out.
 *
 * @param schema of the rows, the partition last
 */
record PackedRows(StructType schema) implements Serializable {
  private static final int WORD = Long.BYTES;

  /** Bytes that are packed together, about. */
  private static final int MOST = 1 << 16;

  private static final int FEWEST = 1 << 10;

  /** Bytes in a task that wait for more rows of their partition, about. */
  private static final int WAITING = 1 << 24;

  private static final String PARTITION = "partition";

  private static final StructType PACKED =
      new StructType(
          new StructField[] {
            DataTypes.createStructField(PARTITION, DataTypes.IntegerType, false),
            DataTypes.createStructField("rows", DataTypes.BinaryType, false)
          });

  /**
   * Brings all rows of a key into one partition, in no order: one shuffle, which runs now or when
   * the result is asked for, as Spark plans it. A row of the result is overwritten by the next one
   * and has one more column, behind the others.
   *
   * @param keys columns of {@code rows}
   */
  static JavaRDD<InternalRow> together(Dataset<Row> rows, Column[] keys, int partitions) {
    Dataset<Row> numbered =
        rows.select(
            functions.col("*"),
            functions.pmod(functions.hash(keys), functions.lit(partitions)).as(PARTITION));
    PackedRows form = new PackedRows(numbered.schema());
    int[] addresses = addresses(partitions);
    Dataset<Row> packed =
        InternalRows.dataset(
            rows.sparkSession(),
            Partitions.map(
                InternalRows.of(numbered),
                (partition, arriving) -> new Packing(form, arriving, addresses)),
            PACKED);
    return Partitions.map(
        InternalRows.of(packed.repartition(partitions, functions.col(PARTITION))),
        (partition, arriving) -> new Unpacking(form, arriving));
  }

  /** By partition: a number that Spark's repartition brings there. */
  private static int[] addresses(int partitions) {
    int[] addresses = new int[partitions];
    Arrays.fill(addresses, -1);
    int missing = partitions;
    for (int number = 0; missing > 0; number++) {
      int partition = Math.floorMod(Murmur3_x86_32.hashInt(number, 42), partitions);
      if (addresses[partition] < 0) {
        addresses[partition] = number;
        missing--;
      }
    }
    return addresses;
  }

  private int fixedBytes() {
    int fields = schema.length();
    return UnsafeRow.calculateBitSetWidthInBytes(fields) + WORD * fields;
  }

  private int fixedWords() {
    return fixedBytes() / WORD - 1;
  }

  private boolean isVariable() {
    return !Arrays.stream(schema.fields())
        .allMatch(field -> UnsafeRow.isFixedLength(field.dataType()));
  }

  /** Packs the rows of a task. */
  static final class Packing implements Iterator<InternalRow> {
    private final Iterator<InternalRow> rows;
    private final int[] addresses;
    private final UnsafeProjection projection;
    private final int fixedWords;
    private final int words;
    private final int most;
    private final Waiting[] waiting;
    private final Object[] values = new Object[2];
    private final InternalRow packed = new GenericInternalRow(values);
    private boolean ready;
    private int left;

    Packing(PackedRows form, Iterator<InternalRow> rows, int[] addresses) {
      this.rows = rows;
      this.addresses = addresses;
      this.projection = UnsafeProjection.create(form.schema);
      this.fixedWords = form.fixedWords();
      this.words = fixedWords + (form.isVariable() ? 1 : 0);
      this.most = Math.max(FEWEST, Math.min(MOST, WAITING / addresses.length));
      this.waiting = new Waiting[addresses.length];
    }

    @Override
    public boolean hasNext() {
      while (!ready && rows.hasNext()) {
        InternalRow row = rows.next();
        add(row instanceof UnsafeRow own ? own : projection.apply(row));
      }
      for (; !ready && left < waiting.length; left++) {
        if (waiting[left] != null && waiting[left].rows > 0) {
          handOn(left);
        }
      }
      return ready;
    }

    private void add(UnsafeRow row) {
      int partition = row.getInt(row.numFields() - 1);
      Waiting those = waiting[partition];
      if (those == null) {
        those = new Waiting(words, Math.max(1, most / (WORD * words)));
        waiting[partition] = those;
      }
      those.add(row, fixedWords);
      if (those.isFull(most)) {
        handOn(partition);
      }
    }

    private void handOn(int partition) {
      values[0] = addresses[partition];
      values[1] = waiting[partition].taken();
      ready = true;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      ready = false;
      return packed;
    }
  }

  /** Rows of one partition. */
  private static final class Waiting {
    private final int words;

    /** Row by row. */
    private final long[] fixed;

    private byte[] variable = {};
    private int used;
    private int rows;

    Waiting(int words, int rows) {
      this.words = words;
      this.fixed = new long[words * rows];
    }

    void add(UnsafeRow row, int fixedWords) {
      Object from = row.getBaseObject();
      long at = row.getBaseOffset();
      int put = rows++ * words;
      for (int k = 0; k < fixedWords; k++) {
        fixed[put + k] = Platform.getLong(from, at + (long) WORD * k);
      }
      if (fixedWords < words) {
        int begin = WORD * (fixedWords + 1);
        int length = row.getSizeInBytes() - begin;
        fixed[put + fixedWords] = length;
        if (variable.length - used < length) {
          variable = Arrays.copyOf(variable, Math.addExact(2 * used, length));
        }
        Platform.copyMemory(from, at + begin, variable, Platform.BYTE_ARRAY_OFFSET + used, length);
        used += length;
      }
    }

    boolean isFull(int most) {
      return (rows + 1) * words > fixed.length || used > most;
    }

    /** The rows, packed; from now on there are none. */
    byte[] taken() {
      byte[] packed = new byte[Math.addExact(WORD * (1 + rows * words), used)];
      Platform.putLong(packed, Platform.BYTE_ARRAY_OFFSET, rows);
      long put = (long) Platform.BYTE_ARRAY_OFFSET + WORD;
      for (int k = 0; k < words; k++) {
        for (int i = k; i < rows * words; i += words) {
          Platform.putLong(packed, put, fixed[i]);
          put += WORD;
        }
      }
      System.arraycopy(variable, 0, packed, packed.length - used, used);
      if (used > 2 * MOST) {
        variable = new byte[0]; // of a row that was long
      }
      used = 0;
      rows = 0;
      return packed;
    }
  }

  /** The rows of a partition; each is overwritten by the next. */
  static final class Unpacking implements Iterator<InternalRow> {
    private final Iterator<InternalRow> packed;
    private final int fixedWords;
    private final boolean variable;
    private final UnsafeRow row;
    private byte[] bytes;
    private Object from;

    /** Where the words of the current row are, the first of them, and where its variable part. */
    private long words;

    private long parts;
    private long rows;
    private long left;

    Unpacking(PackedRows form, Iterator<InternalRow> packed) {
      this.packed = packed;
      this.fixedWords = form.fixedWords();
      this.variable = form.isVariable();
      this.row = new UnsafeRow(form.schema.length());
      this.bytes = new byte[form.fixedBytes()];
    }

    @Override
    public boolean hasNext() {
      if (left == 0 && packed.hasNext()) {
        UnsafeRow next = (UnsafeRow) packed.next();
        from = next.getBaseObject();
        long begin = next.getBaseOffset() + (next.getLong(1) >>> 32);
        rows = Platform.getLong(from, begin);
        left = rows;
        words = begin + WORD;
        parts = words + WORD * rows * (fixedWords + 1);
      }
      return left > 0;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      long at = words;
      long put = Platform.BYTE_ARRAY_OFFSET;
      for (int k = 0; k < fixedWords; k++) {
        Platform.putLong(bytes, put, Platform.getLong(from, at));
        at += WORD * rows;
        put += WORD;
      }
      int size = WORD * (fixedWords + 1);
      if (variable) {
        int length = (int) Platform.getLong(from, at);
        size = Math.addExact(size, length);
        if (bytes.length < size) {
          bytes = Arrays.copyOf(bytes, Math.max(size, Math.multiplyExact(2, bytes.length)));
        }
        Platform.copyMemory(from, parts, bytes, put + WORD, length);
        parts += length;
      }
      words += WORD;
      left--;
      row.pointTo(bytes, size);
      return row;
    }
  }
}
