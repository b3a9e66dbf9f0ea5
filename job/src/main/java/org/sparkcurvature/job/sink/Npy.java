package org.sparkcurvature.job.sink;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * NumPy's file format, version 1.0: little-endian float64 in C order. See
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
final class Npy {
  private Npy() {}

  private static final int ALIGNMENT = 64;
  private static final int ROWS_AT_ONCE = 16;
  private static final int CHUNK = 8192;

  /** Writes shape [length]; the stream stays open. */
  static void write(OutputStream out, double[] vector) throws IOException {
    out.write(header("(%d,)".formatted(vector.length)));
    writeElements(out, vector, vector.length);
  }

  /** Writes shape [rows, columns] of row-major elements; the stream stays open. */
  static void write(OutputStream out, double[] elements, int rows, int columns) throws IOException {
    out.write(header("(%d, %d)".formatted(rows, columns)));
    writeElements(out, elements, rows * columns);
  }

  /** Writes shape [n, n], a few rows at a time; the stream stays open. */
  static void write(OutputStream out, SymmetricMatrix matrix) throws IOException {
    int n = matrix.order();
    out.write(header("(%d, %d)".formatted(n, n)));
    double[] rows = new double[Math.min(n, ROWS_AT_ONCE) * n];
    for (int row = 0; row < n; row += ROWS_AT_ONCE) {
      int count = Math.min(ROWS_AT_ONCE, n - row);
      matrix.copyBlock(row, 0, count, n, rows);
      writeElements(out, rows, count * n);
    }
  }

  /**
   * The elements of a file of float64 in C order, row-major.
   *
   * @throws IllegalArgumentException if it is none
   */
  static double[] read(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = bytes.length > 10 ? buffer.getShort(8) : 0;
    String header =
        length > 0 && 10 + length <= bytes.length
            ? new String(bytes, 10, length, StandardCharsets.US_ASCII)
            : "";
    if (!header.contains("'<f8'") || !header.contains("False")) {
      throw new IllegalArgumentException("no file of float64 in C order");
    }
    double[] values = new double[(bytes.length - 10 - length) / Double.BYTES];
    buffer.position(10 + length);
    buffer.asDoubleBuffer().get(values);
    return values;
  }

  /** Magic, version, length and dictionary, padded with blanks to a multiple of 64 bytes. */
  private static byte[] header(String shape) {
    String dictionary = "{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + ", }";
    int prefix = 10;
    // NumPy leaves room for the first extent to grow; with it the header is the same to the byte.
    int room = 21 - (shape.indexOf(',') - 1);
    int total = (prefix + dictionary.length() + room + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    String padded = dictionary + " ".repeat(total - prefix - dictionary.length() - 1) + "\n";
    ByteBuffer header = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
    header.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    header.put((byte) 1).put((byte) 0).putShort((short) padded.length());
    header.put(padded.getBytes(StandardCharsets.US_ASCII));
    return header.array();
  }

  private static void writeElements(OutputStream out, double[] elements, int count)
      throws IOException {
    ByteBuffer chunk =
        ByteBuffer.allocate(Math.min(count, CHUNK) * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int k = 0; k < count; k += CHUNK) {
      int length = Math.min(CHUNK, count - k);
      chunk.clear();
      chunk.asDoubleBuffer().put(elements, k, length);
      out.write(chunk.array(), 0, length * Double.BYTES);
    }
  }
}
