package org.sparkcurvature.job.firstlook;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.reduce.Partitions;
import org.sparkcurvature.job.source.CsvLayout;
import org.sparkcurvature.job.source.InternalRows;
import org.sparkcurvature.job.source.Quoted;
import org.sparkcurvature.job.source.SqlNumbers;

/**
 * Columns together, in the rows that have a value in each of them: one pass. Numbers are added up
 * as whole multiples of a small part of their range, so that the sums are exact.
 */
final class CompleteRows implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Parts of a column's range, of the numbers that are multiplied with each other. */
  private static final double PARTS = 1 << 15;

  /** The same of those whose third power is summed. */
  private static final double FINE_PARTS = 1 << 20;

  /** From here on a sum is handed to one that cannot overflow. */
  private static final long FULL = 1L << 61;

  /** Rows that are kept where the response is of outcomes. */
  private static final int MOST_KEPT = 2000;

  /**
   * A column.
   *
   * @param levels of a category, by letter; empty: numbers
   * @param least of the numbers, of all rows
   * @param greatest likewise
   * @param whole whether all numbers are whole
   * @param two whether there are two values
   */
  record Member(
      String name,
      boolean isText,
      List<String> levels,
      double least,
      double greatest,
      boolean whole,
      boolean two)
      implements Serializable {
    private static final long serialVersionUID = 1L;

    static Member of(String name, ColumnLook look) {
      boolean category = !look.areNumbers();
      return new Member(
          name,
          look.storage() == Storage.TEXT,
          category ? look.levels().texts() : List.of(),
          look.least(),
          look.greatest(),
          look.areWhole(),
          look.distinct().isExact() && look.distinct().number() == 2);
    }

    boolean isCategory() {
      return !levels.isEmpty();
    }

    /** Whether it is of a few values that a family of odds may model. */
    boolean isOfOutcomes() {
      return isCategory() || two;
    }

    /** Whether it enters as one number. */
    boolean isNumber() {
      return levels.isEmpty() || levels.size() == 2;
    }

    private Column column() {
      Column column = Quoted.column(name);
      if (isCategory()) {
        return column.cast(DataTypes.StringType);
      }
      return isText
          ? functions.expr(SqlNumbers.ofText(Quoted.name(name)))
          : column.cast(DataTypes.DoubleType);
    }

    /** The number, or the place of the level; NaN where there is none. */
    private double value(InternalRow row, int ordinal) {
      if (row.isNullAt(ordinal)) {
        return Double.NaN;
      } else if (isCategory()) {
        int level = levels.indexOf(row.getUTF8String(ordinal).toString());
        return level < 0 ? Double.NaN : level;
      }
      double value = row.getDouble(ordinal);
      return Double.isFinite(value) ? value : Double.NaN;
    }

    private long part(double value, double parts) {
      if (isCategory()) {
        return (long) value;
      }
      return greatest > least
          ? Math.round((value / 2 - least / 2) / (greatest / 2 - least / 2) * parts)
          : 0;
    }

    /** One of the parts in which the response's moments are taken. */
    private double unit() {
      return isCategory() || whole && greatest - least <= FINE_PARTS
          ? 1
          : (greatest - least) / FINE_PARTS;
    }
  }

  private final List<Member> members;
  private final boolean hasCorrupt;

  /**
   * Of each category, rows with each level; of each number, with the least one, and with others.
   */
  private final long[][] counts;

  private final double[] low;
  private final double[] high;

  /** The same where the response has each of its levels, or is the least number or not. */
  private final double[][] lowOf;

  private final double[][] highOf;

  /** Of each category, rows with each level and each level of the response. */
  private final long[][][] crossed;

  private final long[] sums;
  private final long[][] products;
  private final long[] moments = new long[4];
  private final BigInteger[] fullMoments = {
    BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO
  };
  private long rows;

  /** The rows of the least hashes, the response's value replaced by its place. */
  private final TreeMap<Long, double[]> kept = new TreeMap<>();

  /** Rows in which the response is the least or the greatest of all. */
  private long ends;

  private CompleteRows(List<Member> members, boolean hasCorrupt) {
    this.members = members;
    this.hasCorrupt = hasCorrupt;
    this.sums = new long[members.size()];
    this.products = new long[members.size()][];
    this.counts = new long[members.size()][];
    this.low = new double[members.size()];
    this.high = new double[members.size()];
    this.lowOf = new double[members.size()][];
    this.highOf = new double[members.size()][];
    this.crossed = new long[members.size()][][];
    for (int k = 0; k < members.size(); k++) {
      products[k] = new long[k + 1];
      counts[k] = new long[Math.max(2, members.get(k).levels().size())];
      low[k] = Double.POSITIVE_INFINITY;
      high[k] = Double.NEGATIVE_INFINITY;
      lowOf[k] = new double[counts[0].length];
      highOf[k] = new double[counts[0].length];
      Arrays.fill(lowOf[k], Double.POSITIVE_INFINITY);
      Arrays.fill(highOf[k], Double.NEGATIVE_INFINITY);
      crossed[k] = new long[members.get(k).levels().size()][counts[0].length];
    }
  }

  /**
   * Reads some columns of a table.
   *
   * @param members at least one: the response is the first
   */
  static CompleteRows of(Dataset<Row> table, List<Member> members) {
    List<Column> columns = new ArrayList<>();
    members.forEach(member -> columns.add(member.column()));
    boolean hasCorrupt = List.of(table.columns()).contains(CsvLayout.CORRUPT);
    if (hasCorrupt) {
      columns.add(Quoted.column(CsvLayout.CORRUPT));
    }
    CompleteRows empty = new CompleteRows(List.copyOf(members), hasCorrupt);
    JavaRDD<InternalRow> read = InternalRows.of(table.select(columns.toArray(Column[]::new)));
    return Failures.translate(
        () ->
            Partitions.map(read, (partition, rows) -> of(rows, empty))
                .treeReduce(CompleteRows::merge));
  }

  private static Iterator<CompleteRows> of(Iterator<InternalRow> rows, CompleteRows sums) {
    double[] values = new double[sums.members.size()];
    long[] parts = new long[values.length];
    while (rows.hasNext()) {
      sums.add(rows.next(), values, parts);
    }
    return List.of(sums).iterator();
  }

  private void add(InternalRow row, double[] values, long[] parts) {
    if (hasCorrupt && !row.isNullAt(values.length)) {
      return;
    }
    for (int k = 0; k < values.length; k++) {
      values[k] = members.get(k).value(row, k);
      if (Double.isNaN(values[k])) {
        return;
      }
      parts[k] = members.get(k).part(values[k], PARTS);
    }
    rows++;
    int outcome = place(0, values[0]);
    for (int j = 0; j < values.length; j++) {
      see(j, values[j], outcome);
      sums[j] += parts[j];
      if (members.get(j).isNumber()) {
        for (int k = 0; k <= j; k++) {
          products[j][k] += parts[j] * parts[k];
        }
      }
    }
    if (members.get(0).isOfOutcomes()) {
      keep(values, outcome);
    }
    ends += values[0] == members.get(0).least() || values[0] == members.get(0).greatest() ? 1 : 0;
    moments(values[0]);
  }

  private void keep(double[] values, int outcome) {
    long hash = outcome;
    for (double value : values) {
      hash = XXH64.hashLong(Double.doubleToLongBits(value + 0.0), hash);
    }
    if (kept.size() < MOST_KEPT || hash < kept.lastKey()) {
      double[] row = values.clone();
      row[0] = outcome;
      kept.put(hash, row);
      if (kept.size() > MOST_KEPT) {
        kept.pollLastEntry();
      }
    }
  }

  private int place(int column, double value) {
    Member member = members.get(column);
    return member.isCategory() ? (int) value : value == member.least() ? 0 : 1;
  }

  private void see(int column, double value, int outcome) {
    low[column] = Math.min(low[column], value);
    high[column] = Math.max(high[column], value);
    lowOf[column][outcome] = Math.min(lowOf[column][outcome], value);
    highOf[column][outcome] = Math.max(highOf[column][outcome], value);
    int place = place(column, value);
    counts[column][place]++;
    if (members.get(column).isCategory()) {
      crossed[column][place][outcome]++;
    }
  }

  private void moments(double value) {
    Member response = members.get(0);
    long part =
        response.isCategory()
            ? (long) value
            : response.unit() == 1
                ? Math.round(value - response.least())
                : response.part(value, FINE_PARTS);
    long power = 1;
    for (int k = 1; k < moments.length; k++) {
      power *= part;
      moments[k] += power;
      if (moments[k] >= FULL) {
        fullMoments[k] = fullMoments[k].add(BigInteger.valueOf(moments[k]));
        moments[k] = 0;
      }
    }
  }

  private CompleteRows merge(CompleteRows other) {
    rows += other.rows;
    ends += other.ends;
    kept.putAll(other.kept);
    while (kept.size() > MOST_KEPT) {
      kept.pollLastEntry();
    }
    for (int j = 0; j < sums.length; j++) {
      sums[j] += other.sums[j];
      for (int k = 0; k <= j; k++) {
        products[j][k] += other.products[j][k];
      }
      for (int k = 0; k < counts[j].length; k++) {
        counts[j][k] += other.counts[j][k];
      }
      low[j] = Math.min(low[j], other.low[j]);
      high[j] = Math.max(high[j], other.high[j]);
      for (int c = 0; c < lowOf[j].length; c++) {
        lowOf[j][c] = Math.min(lowOf[j][c], other.lowOf[j][c]);
        highOf[j][c] = Math.max(highOf[j][c], other.highOf[j][c]);
        for (int k = 0; k < crossed[j].length; k++) {
          crossed[j][k][c] += other.crossed[j][k][c];
        }
      }
    }
    for (int k = 1; k < moments.length; k++) {
      fullMoments[k] =
          fullMoments[k].add(other.fullMoments[k]).add(BigInteger.valueOf(other.moments[k]));
    }
    return this;
  }

  // ---- what was seen

  /** Rows with a value in each column. */
  long rows() {
    return rows;
  }

  boolean isConstant(int column) {
    return !(low[column] < high[column]);
  }

  /** How many levels of a category occur. */
  int levels(int column) {
    return (int) Arrays.stream(counts[column]).filter(count -> count > 0).count();
  }

  /** Whether the response has levels or two values. */
  boolean isOfOutcomes() {
    return members.get(0).isCategory() || takesTwoValues();
  }

  /** Whether the response, a column of numbers, is always the least or the greatest of all rows. */
  boolean takesTwoValues() {
    return !members.get(0).isCategory() && ends == rows && !isConstant(0);
  }

  /** The rows of a category's rarest level, or of the rarer one of two numbers. */
  long fewest(int column) {
    return Arrays.stream(counts[column]).filter(count -> count > 0).min().orElse(0);
  }

  /**
   * Whether a column alone tells an outcome from the others, so that its effect on the odds would
   * be infinite: a category each of whose levels has one outcome, or numbers that are nowhere above
   * those of the others, or nowhere below.
   */
  boolean separates(int column) {
    if (members.get(column).isCategory()) {
      return Arrays.stream(crossed[column])
          .allMatch(level -> Arrays.stream(level).filter(count -> count > 0).count() <= 1);
    }
    for (int c = 0; c < lowOf[column].length; c++) {
      double least = Double.POSITIVE_INFINITY;
      double greatest = Double.NEGATIVE_INFINITY;
      for (int other = 0; other < lowOf[column].length; other++) {
        if (other != c) {
          least = Math.min(least, lowOf[column][other]);
          greatest = Math.max(greatest, highOf[column][other]);
        }
      }
      boolean occurs = lowOf[column][c] <= highOf[column][c];
      if (occurs && (highOf[column][c] <= least || lowOf[column][c] >= greatest)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Pearson's correlation of two columns; 0 where one is constant, or a category of many levels.
   */
  double correlation(int one, int other) {
    int j = Math.max(one, other);
    int k = Math.min(one, other);
    if (!members.get(j).isNumber() || !members.get(k).isNumber()) {
      return 0;
    }
    double spread = Math.sqrt(spread(j, j)) * Math.sqrt(spread(k, k));
    return spread > 0 ? spread(j, k) / spread : 0;
  }

  /** Sum of products about the means, times the number of rows: exact before it is rounded. */
  private double spread(int j, int k) {
    return BigInteger.valueOf(rows)
        .multiply(BigInteger.valueOf(products[j][k]))
        .subtract(BigInteger.valueOf(sums[j]).multiply(BigInteger.valueOf(sums[k])))
        .doubleValue();
  }

  /** Whether some columns together tell an outcome exactly. */
  Separability separability(List<Integer> columns) {
    return new Separability(
        List.copyOf(kept.values()),
        columns,
        members.stream().mapToInt(member -> member.levels().size()).toArray());
  }

  /** Whether all rows are looked at for that. */
  boolean areAllKept() {
    return kept.size() < MOST_KEPT;
  }

  /** How many classes the response has, where it is one of classes. */
  int classes() {
    Member response = members.get(0);
    return response.isCategory() ? levels(0) : (int) (response.greatest() - response.least()) + 1;
  }

  double mean() {
    return members.get(0).least() + moment(1) * members.get(0).unit();
  }

  /** The response's variance, by the number of rows less one. */
  double variance() {
    return central(2) * members.get(0).unit() * members.get(0).unit() * rows / (rows - 1.0);
  }

  /** The third standardised moment. */
  double skewness() {
    return central(3) / Math.pow(central(2), 1.5);
  }

  private double moment(int power) {
    return fullMoments[power].add(BigInteger.valueOf(moments[power])).doubleValue() / rows;
  }

  private double central(int power) {
    double mean = moment(1);
    double second = moment(2) - mean * mean;
    return power == 2 ? second : moment(3) - 3 * mean * second - mean * mean * mean;
  }
}
