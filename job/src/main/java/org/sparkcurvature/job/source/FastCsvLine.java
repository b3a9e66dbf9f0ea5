package org.sparkcurvature.job.source;

import org.apache.spark.sql.catalyst.csv.CSVOptions;

/**
 * Tells where the fields of a CSV line are, if it is plain: printable ASCII without a quote or an
 * escape, and of as many fields as the header. Belongs to one thread.
 */
final class FastCsvLine {
  private final byte separator;
  private final byte comment;
  private final int fields;

  /** By byte, whether a line that has it is not plain. */
  private final boolean[] special = new boolean[256];

  FastCsvLine(CSVOptions options, int fields) {
    this.separator = (byte) options.delimiter().charAt(0);
    this.comment = (byte) options.comment();
    this.fields = fields;
    for (int k = 0; k < special.length; k++) {
      special[k] = k < ' ' || k > '~' || k == options.quote() || k == options.escape();
    }
  }

  /** Whether lines can be plain with this between their fields. */
  static boolean isSeparator(String delimiter) {
    return delimiter.length() == 1
        && (delimiter.charAt(0) == '\t'
            || delimiter.charAt(0) >= ' ' && delimiter.charAt(0) <= '~');
  }

  /**
   * Looks at the line {@code text[from ..]}.
   *
   * @param ends where each field ends, from {@code ends[at]}: one behind its last byte
   * @return false if the line is not plain
   */
  boolean isCut(byte[] text, int from, int length, int[] ends, int at) {
    if (length == 0 || text[from] <= ' ' || text[from] == comment) {
      return false; // perhaps no row at all
    }
    int next = at;
    int last = at + fields - 1;
    int to = from + length;
    for (int k = from; k < to; k++) {
      byte character = text[k];
      if (character == separator) {
        if (next == last) {
          return false;
        }
        ends[next++] = k;
      } else if (special[character & 0xff]) {
        return false;
      }
    }
    ends[next] = to;
    return next == last;
  }
}
