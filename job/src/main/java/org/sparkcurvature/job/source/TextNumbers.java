package org.sparkcurvature.job.source;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/** Reads numbers where Spark has them as text, without making strings of them. */
final class TextNumbers {
  private TextNumbers() {}

  /**
   * The number that {@code text} writes; NaN if it is none, or has to be looked at more closely,
   * which {@link Kind#parse} does.
   */
  static double parse(UTF8String text) {
    return text.getBaseObject() instanceof byte[] utf8
        ? parse(utf8, (int) (text.getBaseOffset() - Platform.BYTE_ARRAY_OFFSET), text.numBytes())
        : Double.NaN;
  }

  /** The same for the bytes from {@code from}. */
  static double parse(byte[] utf8, int from, int length) {
    if (length == 0) {
      return Double.NaN;
    }
    byte last = utf8[from + length - 1];
    // The parser sets characters aside that are no white space, and reads 1d and 0x1p3.
    if (utf8[from] <= ' '
        || last != '.' && (last < '0' || last > '9')
        || length > 2 && (isX(utf8[from + 1]) || isX(utf8[from + 2]))) {
      return Double.NaN;
    }
    try {
      return JavaDoubleParser.parseDouble(utf8, from, length);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private static boolean isX(byte character) {
    return character == 'x' || character == 'X';
  }
}
