package org.sparkcurvature.job.source;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.sparkcurvature.job.errors.PublicText;

/** The types of a column or array element that are read as a number. */
enum Kind {
  DOUBLE,
  FLOAT,
  LONG,
  INT,
  SHORT,
  BYTE,
  BOOLEAN,
  TEXT;

  /** The kind of {@code type}; empty where it is not read as a number. */
  static Optional<Kind> of(DataType type) {
    if (type instanceof DoubleType) {
      return Optional.of(DOUBLE);
    } else if (type instanceof FloatType) {
      return Optional.of(FLOAT);
    } else if (type instanceof LongType) {
      return Optional.of(LONG);
    } else if (type instanceof IntegerType) {
      return Optional.of(INT);
    } else if (type instanceof ShortType) {
      return Optional.of(SHORT);
    } else if (type instanceof ByteType) {
      return Optional.of(BYTE);
    } else if (type instanceof BooleanType) {
      return Optional.of(BOOLEAN);
    } else if (type instanceof StringType) {
      return Optional.of(TEXT);
    }
    return Optional.empty();
  }

  /**
   * The finite number at {@code ordinal} of a row or array.
   *
   * @throws InvalidValue if there is none
   */
  double read(SpecializedGetters values, int ordinal) {
    if (values.isNullAt(ordinal)) {
      throw new InvalidValue("is null");
    }
    double value =
        switch (this) {
          case DOUBLE -> values.getDouble(ordinal);
          case FLOAT -> values.getFloat(ordinal);
          case LONG -> values.getLong(ordinal);
          case INT -> values.getInt(ordinal);
          case SHORT -> values.getShort(ordinal);
          case BYTE -> values.getByte(ordinal);
          case BOOLEAN -> values.getBoolean(ordinal) ? 1.0 : 0.0;
          case TEXT -> parse(values.getUTF8String(ordinal).toString());
        };
    return finite(value);
  }

  /**
   * As {@link #read}, NaN where there is no value: null, NaN, or text that is empty or says NaN.
   *
   * @throws InvalidValue if there is a value which is not a finite number
   */
  double readOrNaN(SpecializedGetters values, int ordinal) {
    if (values.isNullAt(ordinal)
        || this == DOUBLE && Double.isNaN(values.getDouble(ordinal))
        || this == FLOAT && Float.isNaN(values.getFloat(ordinal))
        || this == TEXT && isMissing(values.getUTF8String(ordinal).toString().strip())) {
      return Double.NaN;
    }
    return read(values, ordinal);
  }

  private static boolean isMissing(String text) {
    return text.isEmpty() || text.equalsIgnoreCase("nan");
  }

  /**
   * Copies the numbers of a run of rows from their column to {@code to[at]}, {@code to[at +
   * stride]}, ...
   *
   * @return false if one of them may not be a finite number: what it is, {@link #read} tells
   */
  boolean copy(ColumnVector column, int first, int count, double[] to, int at, int stride) {
    if (hasNull(column, first, count)) {
      return false;
    }
    int last = first + count;
    int next = at;
    double check = 0;
    switch (this) {
      case DOUBLE -> {
        for (int row = first; row < last; row++, next += stride) {
          double value = column.getDouble(row);
          to[next] = value;
          check += value * 0;
        }
      }
      case FLOAT -> {
        for (int row = first; row < last; row++, next += stride) {
          double value = column.getFloat(row);
          to[next] = value;
          check += value * 0;
        }
      }
      case LONG -> {
        for (int row = first; row < last; row++, next += stride) {
          to[next] = column.getLong(row);
        }
      }
      case INT -> {
        for (int row = first; row < last; row++, next += stride) {
          to[next] = column.getInt(row);
        }
      }
      case SHORT -> {
        for (int row = first; row < last; row++, next += stride) {
          to[next] = column.getShort(row);
        }
      }
      case BYTE -> {
        for (int row = first; row < last; row++, next += stride) {
          to[next] = column.getByte(row);
        }
      }
      case BOOLEAN -> {
        for (int row = first; row < last; row++, next += stride) {
          to[next] = column.getBoolean(row) ? 1.0 : 0.0;
        }
      }
      case TEXT -> {
        return false;
      }
    }
    return check == 0; // NaN if a value was NaN or infinite
  }

  /**
   * The same for four columns of doubles whose numbers lie side by side in {@code to}: each line of
   * the cache is then written once, not four times.
   */
  static boolean copyFourOfDoubles(
      ColumnVector[] columns, int from, int first, int count, double[] to, int at, int stride) {
    ColumnVector a = columns[from];
    ColumnVector b = columns[from + 1];
    ColumnVector c = columns[from + 2];
    ColumnVector d = columns[from + 3];
    if (hasNull(a, first, count)
        || hasNull(b, first, count)
        || hasNull(c, first, count)
        || hasNull(d, first, count)) {
      return false;
    }
    int last = first + count;
    int next = at;
    double check = 0;
    for (int row = first; row < last; row++, next += stride) {
      double w = a.getDouble(row);
      double x = b.getDouble(row);
      double y = c.getDouble(row);
      double z = d.getDouble(row);
      to[next] = w;
      to[next + 1] = x;
      to[next + 2] = y;
      to[next + 3] = z;
      check += ((w + x) + (y + z)) * 0;
    }
    return check == 0; // NaN if a value was NaN or infinite, or if the sum of four was too large
  }

  private static boolean hasNull(ColumnVector column, int first, int count) {
    if (column.hasNull()) {
      for (int row = first; row < first + count; row++) {
        if (column.isNullAt(row)) {
          return true;
        }
      }
    }
    return false;
  }

  /** The value, which is neither NaN nor infinite. */
  static double finite(double value) {
    if (!Double.isFinite(value)) {
      throw new InvalidValue("is " + value);
    }
    return value;
  }

  /** The number that {@code text} writes, white space around it set aside. */
  static double parse(String text) {
    String number = text.strip();
    if (number.isEmpty()) {
      throw new InvalidValue("is empty text");
    }
    char last = number.charAt(number.length() - 1);
    // Java also reads 1d and 0x1p3, which nobody means.
    if ((Character.isDigit(last) || last == '.')
        && number.indexOf('x') < 0
        && number.indexOf('X') < 0) {
      try {
        // As Double.parseDouble, in a fraction of its time.
        double value = JavaDoubleParser.parseDouble(number);
        if (!Double.isFinite(value)) {
          throw new InvalidValue(
              "is " + quoted(number) + ", which no double holds", "is beyond what a double holds");
        }
        return value;
      } catch (NumberFormatException e) {
        throw InvalidValue.text(text);
      }
    }
    if (isInfinityOrNaN(number)) {
      throw new InvalidValue(
          "is " + quoted(text) + ", not a finite number", "is text for NaN or infinity");
    }
    throw InvalidValue.text(text);
  }

  private static boolean isInfinityOrNaN(String text) {
    return text.matches("(?i)[+-]?(nan|inf|infinity)");
  }

  /** At most 60 characters of {@code text}, in quotes. */
  static String quoted(String text) {
    return "'" + cut(text) + "'";
  }

  /** At most 60 characters of {@code text}. */
  static String cut(String text) {
    int most = 60;
    return PublicText.shortened(text, most);
  }
}
