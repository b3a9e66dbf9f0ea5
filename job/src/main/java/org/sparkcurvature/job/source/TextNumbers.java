package org.sparkcurvature.job.source;

import com.fasterxml.jackson.core.io.NumberInput;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Reads numbers where Spark has them as text, without making strings of them. Belongs to one
 * thread.
 */
final class TextNumbers {
  private final char[] characters = new char[64];

  /**
   * The number that {@code text} writes; NaN if it is none, or has to be looked at more closely,
   * which {@link Kind#parse} does.
   */
  double parse(UTF8String text) {
    return text.getBaseObject() instanceof byte[] utf8
        ? parse(utf8, (int) (text.getBaseOffset() - Platform.BYTE_ARRAY_OFFSET), text.numBytes())
        : Double.NaN;
  }

  private double parse(byte[] utf8, int from, int length) {
    if (length == 0 || length > characters.length) {
      return Double.NaN;
    }
    for (int k = 0; k < length; k++) {
      characters[k] = (char) (utf8[from + k] & 0xff);
    }
    char last = characters[length - 1];
    // The parser sets characters aside that are no white space, and reads 1d and 0x1p3.
    if (characters[0] <= ' '
        || last != '.' && (last < '0' || last > '9')
        || isHexadecimal(length)) {
      return Double.NaN;
    }
    try {
      return NumberInput.parseDouble(characters, 0, length, true);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private boolean isHexadecimal(int length) {
    return length > 2 && (isX(characters[1]) || isX(characters[2]));
  }

  private static boolean isX(char character) {
    return character == 'x' || character == 'X';
  }
}
