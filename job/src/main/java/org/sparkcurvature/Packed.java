package org.sparkcurvature;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.sparkcurvature.job.errors.PublicText;

/** Results as bytes, which cross to other languages at once: doubles, little-endian, row-major. */
final class Packed {
  private Packed() {}

  static byte[] doubles(double[] numbers) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.multiplyExact(numbers.length, Double.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer.asDoubleBuffer().put(numbers);
    return buffer.array();
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
    return texts.stream()
        .map(Packed::quoted)
        .collect(Collectors.joining(",", "[", "]"))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : PublicText.of(text).toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  static CurvatureException unknown(String what, String known) {
    return new CurvatureException(2, "there is no " + what, "", "ask for one of " + known, null);
  }
}
