package org.sparkcurvature.job.firstlook;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.unsafe.types.UTF8String;

/** What is seen of one column, value by value. */
final class ColumnLook implements Serializable {
  private static final long serialVersionUID = 1L;

  /** A category of more levels than this is no predictor to begin with. */
  static final int MOST_LEVELS = 30;

  /** No level's name is longer. */
  private static final int LONGEST_LEVEL = 100;

  private static final long SEED = 42;

  private final Storage storage;
  private final DataType type;
  private final Distinct distinct;
  private final Levels levels = new Levels();

  /** Texts that stand for no value, each with the number of its rows. */
  private final TreeMap<String, Long> markers = new TreeMap<>();

  private long values;
  private long numbers;
  private long fractions;
  private long days;
  private long dates;
  private long leadingZeros;
  private long decimalCommas;
  private long decorated;
  private long longTexts;
  private double least = Double.POSITIVE_INFINITY;
  private double greatest = Double.NEGATIVE_INFINITY;

  /**
   * @param mostDistinct how many distinct values are kept
   */
  ColumnLook(DataType type, int mostDistinct) {
    this.type = type;
    this.storage = Storage.of(type);
    this.distinct = new Distinct(mostDistinct);
  }

  /** Looks at a row's value; whether there is one. */
  boolean add(InternalRow row, int ordinal) {
    if (row.isNullAt(ordinal)) {
      return false;
    }
    return switch (storage) {
      case TEXT -> text(row.getUTF8String(ordinal));
      case TRUTH -> truth(row.getBoolean(ordinal));
      case DATE -> number(row.getInt(ordinal), row.getInt(ordinal));
      case TIMESTAMP -> number((double) row.getLong(ordinal), row.getLong(ordinal));
      case INTEGER -> integer(integer(row, ordinal));
      case REAL -> real(real(row, ordinal));
      case DECIMAL -> decimal(row.getDecimal(ordinal, precision(), scale()));
      case OTHER -> value();
    };
  }

  private boolean value() {
    values++;
    return true;
  }

  private long integer(InternalRow row, int ordinal) {
    if (type instanceof LongType) {
      return row.getLong(ordinal);
    } else if (type instanceof IntegerType) {
      return row.getInt(ordinal);
    }
    return type instanceof ShortType ? row.getShort(ordinal) : row.getByte(ordinal);
  }

  private boolean integer(long value) {
    return number((double) value, value);
  }

  private double real(InternalRow row, int ordinal) {
    return type instanceof DoubleType
        ? row.getDouble(ordinal)
        : type instanceof FloatType ? row.getFloat(ordinal) : Double.NaN;
  }

  private boolean real(double value) {
    return Double.isFinite(value) && number(value, Double.doubleToLongBits(value + 0.0));
  }

  private int precision() {
    return ((DecimalType) type).precision();
  }

  private int scale() {
    return ((DecimalType) type).scale();
  }

  private boolean decimal(Decimal value) {
    return number(
        value.toDouble(), hash(UTF8String.fromString(value.toJavaBigDecimal().toPlainString())));
  }

  /** A number, with what tells it from others exactly. */
  private boolean number(double value, long exactly) {
    values++;
    numbers++;
    seen(value);
    distinct.add(XXH64.hashLong(exactly, SEED));
    return true;
  }

  private void seen(double value) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
    fractions += value == Math.rint(value) ? 0 : 1;
    days += isDay(value) ? 1 : 0;
  }

  /** Whether it reads as a day, 20240131. */
  private static boolean isDay(double value) {
    if (!(value >= 1900_01_01 && value <= 2100_12_31) || value != Math.rint(value)) {
      return false;
    }
    long month = (long) value / 100 % 100;
    long day = (long) value % 100;
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
  }

  private boolean truth(boolean value) {
    values++;
    distinct.add(XXH64.hashLong(value ? 1 : 0, SEED));
    levels.add(Boolean.toString(value));
    return true;
  }

  private static long hash(UTF8String text) {
    return XXH64.hashUTF8String(text, SEED);
  }

  private boolean text(UTF8String value) {
    String text = value.toString();
    if (text.isBlank() || Texts.MARKERS.contains(text)) {
      markers.merge(text.isBlank() ? "" : text, 1L, Long::sum);
      return false;
    }
    values++;
    distinct.add(hash(value));
    double number = Texts.number(text);
    if (Double.isFinite(number)) {
      numbers++;
      seen(number);
      leadingZeros += Texts.hasLeadingZeros(text) ? 1 : 0;
    }
    dates += Texts.isDate(text) ? 1 : 0;
    decimalCommas += Texts.hasDecimalComma(text) ? 1 : 0;
    decorated += Texts.isDecorated(text) || Double.isFinite(number) ? 1 : 0;
    if (text.length() > LONGEST_LEVEL) {
      longTexts++;
    } else {
      levels.add(text);
    }
    return true;
  }

  ColumnLook merge(ColumnLook other) {
    distinct.merge(other.distinct);
    levels.merge(other.levels);
    other.markers.forEach((text, count) -> markers.merge(text, count, Long::sum));
    values += other.values;
    numbers += other.numbers;
    fractions += other.fractions;
    days += other.days;
    dates += other.dates;
    leadingZeros += other.leadingZeros;
    decimalCommas += other.decimalCommas;
    decorated += other.decorated;
    longTexts += other.longTexts;
    least = Math.min(least, other.least);
    greatest = Math.max(greatest, other.greatest);
    return this;
  }

  // ---- what was seen

  Storage storage() {
    return storage;
  }

  DataType type() {
    return type;
  }

  /** Rows with a value. */
  long values() {
    return values;
  }

  /** Of these, rows with a number, or with a text that writes one. */
  long numbers() {
    return numbers;
  }

  boolean areNumbers() {
    return numbers == values && values > 0;
  }

  boolean areWhole() {
    return areNumbers() && fractions == 0;
  }

  /** Whether all values are dates, or read as such: 2024-01-31, 31.1.2024, 20240131. */
  boolean areDates() {
    return values > 0
        && (storage == Storage.DATE
            || storage == Storage.TIMESTAMP
            || dates == values
            || areNumbers() && days == values);
  }

  boolean haveLeadingZeros() {
    return leadingZeros > 0 && areNumbers();
  }

  /** Whether texts write all numbers, some with a comma for the point. */
  boolean haveDecimalCommas() {
    return decimalCommas > 0 && decimalCommas + numbers == values;
  }

  /** Whether texts write all numbers, some as $1,234.50 or 12%. */
  boolean areDecorated() {
    return storage == Storage.TEXT && values > 0 && decorated == values && numbers < values;
  }

  boolean areLong() {
    return longTexts > 0;
  }

  double least() {
    return least;
  }

  double greatest() {
    return greatest;
  }

  Distinct distinct() {
    return distinct;
  }

  Levels levels() {
    return levels;
  }

  Map<String, Long> markers() {
    return markers;
  }
}
