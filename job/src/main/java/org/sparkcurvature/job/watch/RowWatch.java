package org.sparkcurvature.job.watch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.AccumulatorV2;

/**
 * Watches some columns of numbers while the rows of a table go by: their distributions, and the
 * rows of the largest magnitudes. Of an array it is the Euclidean norm.
 */
public final class RowWatch {
  private final List<String> columns;
  private final Sum sum = new Sum();

  private final boolean pairs;

  private RowWatch(List<String> columns, boolean pairs) {
    this.columns = List.copyOf(columns);
    this.pairs = pairs;
  }

  /**
   * Watches columns, as far as a table has them.
   *
   * @param pairs whether each column is seen beside the one before it, too
   */
  public static RowWatch of(SparkContext spark, List<String> columns, boolean pairs) {
    RowWatch watch = new RowWatch(columns, pairs);
    spark.register(watch.sum, "rows_watched");
    return watch;
  }

  /**
   * What was seen of a column.
   *
   * @param column its name
   * @param beside how it lies beside the column that is watched before it
   */
  public record Seen(String column, Distribution distribution, Extremes extremes, Pairs beside)
      implements Serializable {
    Seen(String column) {
      this(column, new Distribution(), new Extremes(), new Pairs());
    }

    void add(Seen other) {
      distribution.add(other.distribution);
      extremes.add(other.extremes);
      beside.add(other.beside);
    }
  }

  /** What has been seen in tasks that have ended, by column. */
  public Map<String, Seen> seen() {
    return sum.value();
  }

  /** Watches the rows of one partition after the other. */
  public static final class Watcher implements Serializable {
    private static final long serialVersionUID = 1;

    private final ArrayList<Watched> watched;
    private final int number;
    private final DataType id;
    private final boolean pairs;
    private final Sum into;

    private Watcher(List<Watched> watched, int number, DataType id, boolean pairs, Sum into) {
      this.watched = new ArrayList<>(watched);
      this.number = number;
      this.id = id;
      this.pairs = pairs;
      this.into = into;
    }

    /** The same rows, watched. */
    public Iterator<InternalRow> over(Iterator<InternalRow> rows) {
      return watched.isEmpty() ? rows : new Passing(rows, begin());
    }

    /** Begins a partition, for whoever shows the rows that it makes. */
    public Watching begin() {
      return new Watching(watched, number, id, pairs, into);
    }
  }

  /**
   * What watches rows.
   *
   * @param schema of the rows; a column {@code row} has their numbers, {@code id} before it their
   *     ids
   */
  public Watcher watcher(StructType schema) {
    List<String> names = List.of(schema.fieldNames());
    int number = names.indexOf("row");
    List<Watched> watched = new ArrayList<>();
    for (String column : columns) {
      int at = names.indexOf(column);
      if (at >= 0 && number >= 0) {
        watched.add(new Watched(column, at, schema.fields()[at].dataType() instanceof ArrayType));
      }
    }
    return new Watcher(
        watched, number, number > 0 ? schema.fields()[0].dataType() : null, pairs, sum);
  }

  private record Watched(String column, int at, boolean isArray) implements Serializable {
    double of(InternalRow row) {
      if (row.isNullAt(at)) {
        return Double.NaN;
      }
      if (!isArray) {
        return row.getDouble(at);
      }
      if (row instanceof ArrayRow own) {
        return norm(own.array(at), own.from(at), own.length(at));
      }
      double[] array = row.getArray(at).toDoubleArray();
      return norm(array, 0, array.length);
    }

    /**
     * Scaled where squares are out of range. Of four sums, as an addition waits for the one before
     * it.
     */
    private static double norm(double[] array, int from, int length) {
      double a = 0;
      double b = 0;
      double c = 0;
      double d = 0;
      int end = from + length;
      int k = from;
      for (; k + 3 < end; k += 4) {
        a += array[k] * array[k];
        b += array[k + 1] * array[k + 1];
        c += array[k + 2] * array[k + 2];
        d += array[k + 3] * array[k + 3];
      }
      for (; k < end; k++) {
        a += array[k] * array[k];
      }
      double sum = a + b + (c + d);
      return sum > 1e-280 && sum < 1e300 ? Math.sqrt(sum) : scaled(array, from, end);
    }

    private static double scaled(double[] array, int from, int end) {
      double norm = 0;
      for (int k = from; k < end; k++) {
        norm = Math.hypot(norm, array[k]);
      }
      return norm;
    }
  }

  /** A row whose arrays can be seen where they are, without a copy. */
  public interface ArrayRow {
    /** What holds the elements of a column's array, from {@link #from} on. */
    double[] array(int ordinal);

    /** Where they begin. */
    int from(int ordinal);

    /** How many they are. */
    int length(int ordinal);
  }

  /** Watches one partition. */
  public static final class Watching {
    private final List<Watched> watched;
    private final int number;
    private final DataType id;
    private final boolean pairs;
    private final Sum into;
    private final Map<String, Seen> seen = new LinkedHashMap<>();
    private final Seen[] each;

    private Watching(List<Watched> watched, int number, DataType id, boolean pairs, Sum into) {
      this.watched = watched;
      this.number = number;
      this.id = id;
      this.pairs = pairs;
      this.into = into;
      this.each = new Seen[watched.size()];
      for (int k = 0; k < each.length; k++) {
        each[k] = new Seen(watched.get(k).column());
        seen.put(watched.get(k).column(), each[k]);
      }
    }

    /** Sees a row. */
    public void see(InternalRow row) {
      double before = Double.NaN;
      for (int k = 0; k < each.length; k++) {
        double value = watched.get(k).of(row);
        each[k].distribution().add(value);
        if (each[k].extremes().wants(value)) {
          each[k]
              .extremes()
              .add(new Extremes.Extreme(row.getLong(number), idOf(row), value, before));
        }
        if (k > 0 && pairs) {
          each[k].beside().add(before, value);
        }
        before = value;
      }
    }

    /** Tells what was seen, once, after the last row. */
    public void end() {
      into.add(seen);
    }

    private String idOf(InternalRow row) {
      return id == null || row.isNullAt(0) ? "" : String.valueOf(row.get(0, id));
    }
  }

  /** Rows that are seen when they are taken. */
  private static final class Passing implements Iterator<InternalRow> {
    private final Iterator<InternalRow> rows;
    private final Watching watching;
    private boolean ended;

    Passing(Iterator<InternalRow> rows, Watching watching) {
      this.rows = rows;
      this.watching = watching;
    }

    @Override
    public boolean hasNext() {
      boolean more = rows.hasNext();
      if (!more && !ended) {
        ended = true;
        watching.end();
      }
      return more;
    }

    @Override
    public InternalRow next() {
      InternalRow row = rows.next();
      watching.see(row);
      return row;
    }
  }

  /** What tasks have seen together. */
  private static final class Sum extends AccumulatorV2<Map<String, Seen>, Map<String, Seen>> {
    private static final long serialVersionUID = 1;

    private final LinkedHashMap<String, Seen> seen = new LinkedHashMap<>();

    @Override
    public boolean isZero() {
      return seen.isEmpty();
    }

    @Override
    public AccumulatorV2<Map<String, Seen>, Map<String, Seen>> copy() {
      Sum copy = new Sum();
      copy.add(seen);
      return copy;
    }

    @Override
    public void reset() {
      seen.clear();
    }

    @Override
    public void add(Map<String, Seen> more) {
      more.forEach(
          (column, found) -> seen.computeIfAbsent(column, name -> new Seen(name)).add(found));
    }

    @Override
    public void merge(AccumulatorV2<Map<String, Seen>, Map<String, Seen>> other) {
      add(other.value());
    }

    @Override
    public Map<String, Seen> value() {
      return seen;
    }
  }
}
