package org.sparkcurvature;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/** Results as bytes, which cross to other languages at once: doubles, little-endian, row-major. */
final class Packed {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Packed() {}

  static byte[] doubles(double[] numbers) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.multiplyExact(numbers.length, Double.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer.asDoubleBuffer().put(numbers);
    return buffer.array();
  }

  /**
   * Some rows of the upper triangle, each from the diagonal on: none behind the last. A whole
   * matrix, as the text as which it crosses, may be more than a heap has room for.
   */
  static byte[] doubles(SymmetricMatrix matrix, int from, int rows) {
    int order = matrix.order();
    int end = Math.min(order, from + rows);
    double[] upper = new double[IntStream.range(from, end).map(i -> order - i).sum()];
    int at = 0;
    for (int i = from; i < end; i++) {
      double[] row = new double[order - i];
      matrix.copyBlock(i, i, 1, row.length, row);
      System.arraycopy(row, 0, upper, at, row.length);
      at += row.length;
    }
    return doubles(upper);
  }

  static byte[] doubles(double[][] rows) {
    double[] flat = new double[rows.length == 0 ? 0 : rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * rows[i].length, rows[i].length);
    }
    return doubles(flat);
  }

  /** A list of texts as JSON in UTF-8. */
  static byte[] texts(List<String> texts) {
    try {
      return JSON.writeValueAsBytes(texts.stream().map(PublicText::of).toList());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts can be written as JSON", e);
    }
  }

  static CurvatureException unknown(String what, String known) {
    return new CurvatureException(2, "there is no " + what, "", "ask for one of " + known, null);
  }
}
