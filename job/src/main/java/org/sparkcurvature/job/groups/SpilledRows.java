package org.sparkcurvature.job.groups;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * Groups in a file, in the order of keys, read from its beginning to its end. Of a group there are
 * the number of its key's words and of its rows, the key, and the rows one after the other.
 */
final class SpilledRows implements RowsByGroup.Part, AutoCloseable {
  private static final int BUFFERED = 1 << 13;

  private final NumberFile file;
  private final int stride;
  private final int parts;
  private double[] buffer = new double[0];
  private long read;
  private int at;
  private int filled;
  private UnsafeRow key;
  private long rows;
  private long left;

  private SpilledRows(int stride, int parts, Path folder) {
    this.file = new NumberFile(folder);
    this.stride = stride;
    this.parts = parts;
  }

  /**
   * Writes groups.
   *
   * @param parts of a key
   */
  static SpilledRows of(RowsByGroup.Part groups, int parts, int stride, Path folder) {
    SpilledRows spilled = new SpilledRows(stride, parts, folder);
    try {
      Output output = spilled.new Output();
      while (groups.next()) {
        output.add(groups);
      }
      output.end();
    } catch (RuntimeException e) {
      spilled.close();
      throw e;
    }
    return spilled;
  }

  /** Bytes of the file. */
  long bytes() {
    return file.length() * Double.BYTES;
  }

  /** Writes numbers one behind the other. */
  private final class Output {
    private double[] buffer = new double[BUFFERED];
    private int filled;

    void add(RowsByGroup.Part group) {
      UnsafeRow key = (UnsafeRow) group.key();
      ByteBuffer words = ByteBuffer.wrap(key.getBytes()).order(ByteOrder.nativeOrder());
      int count = words.capacity() / Long.BYTES;
      reserve(2 + count);
      buffer[filled++] = count;
      buffer[filled++] = group.rows();
      while (words.hasRemaining()) {
        buffer[filled++] = Double.longBitsToDouble(words.getLong());
      }
      int most = Math.max(1, BUFFERED / stride);
      for (long done = 0; done < group.rows(); ) {
        int some = (int) Math.min(most, group.rows() - done);
        reserve(some * stride);
        group.write((int) done, some, buffer, filled);
        filled += some * stride;
        done += some;
      }
    }

    private void reserve(int numbers) {
      if (filled + numbers > buffer.length) {
        end();
        buffer = numbers > buffer.length ? new double[numbers] : buffer;
      }
    }

    void end() {
      file.append(buffer, filled);
      filled = 0;
    }
  }

  @Override
  public boolean next() {
    pass(left * stride);
    left = 0;
    if (read == file.length() && at == filled) {
      return false;
    }
    double[] head = new double[2];
    take(head, 0, 2);
    double[] words = new double[(int) head[0]];
    take(words, 0, words.length);
    ByteBuffer bytes =
        ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.nativeOrder());
    for (double word : words) {
      bytes.putLong(Double.doubleToRawLongBits(word));
    }
    key = new UnsafeRow(parts);
    key.pointTo(bytes.array(), bytes.capacity());
    rows = (long) head[1];
    left = rows;
    return true;
  }

  @Override
  public InternalRow key() {
    return key;
  }

  @Override
  public long rows() {
    return rows;
  }

  /** The rows that follow those that were written before. */
  @Override
  public void write(int from, int count, double[] target, int to) {
    take(target, to, count * stride);
    left -= count;
  }

  private void pass(long numbers) {
    long buffered = Math.min(numbers, filled - at);
    at += (int) buffered;
    read += numbers - buffered;
  }

  private void take(double[] target, int to, int count) {
    for (int done = 0; done < count; ) {
      if (at == filled) {
        fill();
      }
      int some = Math.min(count - done, filled - at);
      System.arraycopy(buffer, at, target, to + done, some);
      at += some;
      done += some;
    }
  }

  private void fill() {
    if (buffer.length == 0) {
      buffer = new double[BUFFERED];
    }
    filled = (int) Math.min(BUFFERED, file.length() - read);
    file.read(read, buffer, filled);
    read += filled;
    at = 0;
  }

  @Override
  public void close() {
    file.close();
  }
}
