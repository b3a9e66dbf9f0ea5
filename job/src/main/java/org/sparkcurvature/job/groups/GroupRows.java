package org.sparkcurvature.job.groups;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The rows of one group, in an order that depends on their values alone: by a hash, so that it
 * takes one comparison to tell rows apart, and by all numbers where that is the same. They arrive
 * row by row, and are read column by column: a loop over the rows of a column, unlike one with a
 * stride, needs no check of its bounds at each. Rows that would take too much memory are in a file.
 */
final class GroupRows implements AutoCloseable {
  private static final int FIRST = 16;

  /** Rows of a sorted run that are read at once when runs are merged. */
  private static final int MERGED = 1024;

  /** Up to two to this power rows are sorted by buckets. */
  private static final int MOST_BITS = 12;

  private final RowForm form;
  private final int stride;

  /** Of a row's numbers in its hash: odd, and unlike each other. */
  private final long[] factors;

  private final int most;
  private final Path folder;
  private final Room room;
  private double[] data;
  private int held;
  private long count;
  private double weight;
  private final List<NumberFile> runs = new ArrayList<>();
  private NumberFile disk;
  private double[] buffer = {};
  private double[] turned = {};

  /**
   * Rows in memory or in a file.
   *
   * @param most rows in memory
   * @param folder where files are made
   * @param room for rows that arrive, until they are arranged
   */
  GroupRows(RowForm form, int most, Path folder, Room room) {
    this.form = form;
    this.stride = form.stride();
    this.factors = factors(stride);
    this.most = most;
    this.folder = folder;
    this.room = room;
    this.data = room.numbers;
  }

  private static long[] factors(int count) {
    long[] factors = new long[count];
    long factor = 0x9E3779B97F4A7C15L;
    for (int k = 0; k < count; k++) {
      factors[k] = factor;
      factor *= 0xBF58476D1CE4E5B9L;
    }
    return factors;
  }

  /** Where rows are put as they come: of one group after the other. */
  static final class Room {
    /** More than this is not kept for the next group. */
    private static final int MOST = 1 << 17;

    private double[] numbers = {};

    private void arranged() {
      if (numbers.length > MOST) {
        numbers = new double[0];
      }
    }
  }

  /** A run of rows, column by column: number c of row r is {@code array[column(c) + r]}. */
  record Slice(double[] array, int at, int step) {
    int column(int c) {
      return at + c * step;
    }
  }

  /** Rows that are somewhere else. */
  @FunctionalInterface
  interface Source {
    /** Writes rows, one after the other, from {@code to} on; the first of them is {@code from}. */
    void write(int from, int rows, double[] target, int to);
  }

  /** Adds rows, the first of which is {@code from}. */
  void add(Source rows, int from, int number) {
    for (int done = 0; done < number; ) {
      if (held == most) {
        spill();
      }
      int some = Math.min(number - done, most - held);
      if ((held + some) * stride > data.length) {
        int wanted = Math.max(Math.max(FIRST, 2 * held), held + some);
        data = Arrays.copyOf(data, Math.min(most, wanted) * stride);
        room.numbers = data;
      }
      rows.write(from + done, some, data, held * stride);
      held += some;
      done += some;
    }
    count += number;
  }

  long count() {
    return count;
  }

  /** The sum of the weights of rows that are arranged, added in their order. */
  double weight() {
    return weight;
  }

  boolean isOnDisk() {
    return disk != null;
  }

  /** Puts all rows in order. */
  void arrange() {
    if (runs.isEmpty()) {
      data = byColumn(data, order());
      room.arranged();
      weigh();
      return;
    }
    spill();
    room.arranged();
    data = new double[0];
    disk = merged();
    runs.forEach(NumberFile::close);
    runs.clear();
  }

  /** Rows from {@code from} on; valid until the next call. */
  Slice read(long from, int rows) {
    if (disk == null) {
      return new Slice(data, (int) from, held);
    }
    if (buffer.length < rows * stride) {
      buffer = new double[rows * stride];
      turned = new double[rows * stride];
    }
    disk.read(from * stride, buffer, rows * stride);
    turn(buffer, rows, stride, turned);
    return new Slice(turned, 0, rows);
  }

  /** The transpose of a matrix, row-major both. */
  private static void turn(double[] matrix, int rows, int columns, double[] transpose) {
    for (int row = 0, from = 0; row < rows; row++) {
      for (int column = 0, to = row; column < columns; column++, to += rows) {
        transpose[to] = matrix[from++];
      }
    }
  }

  /** Keeps what was changed in rows that were read. */
  void write(long from, Slice slice, int rows) {
    if (disk != null) {
      turn(slice.array(), stride, rows, buffer);
      disk.write(from * stride, buffer, rows * stride);
    }
  }

  /** Some of the rows, in their order; of rows in memory. */
  GroupRows only(IntPredicate wanted) {
    int[] places = IntStream.range(0, held).filter(wanted).toArray();
    GroupRows some = new GroupRows(form, most, folder, new Room());
    some.held = places.length;
    some.count = places.length;
    some.data = new double[places.length * stride];
    for (int column = 0, to = 0; column < stride; column++) {
      for (int place : places) {
        some.data[to++] = data[column * held + place];
      }
    }
    some.weigh();
    return some;
  }

  /** Of rows in memory, column by column. */
  private void weigh() {
    int at = form.weightAt() * held;
    for (int row = at; row < at + held; row++) {
      weight += data[row];
    }
  }

  private void spill() {
    double[] sorted = byRow(data, order());
    NumberFile run = new NumberFile(folder);
    run.append(sorted, held * stride);
    runs.add(run);
    held = 0;
    data = room.numbers;
  }

  /** Rows in an order, row by row. */
  private double[] byRow(double[] rows, int[] order) {
    double[] sorted = new double[held * stride];
    for (int i = 0; i < held; i++) {
      System.arraycopy(rows, order[i] * stride, sorted, i * stride, stride);
    }
    return sorted;
  }

  /** Rows in an order, column by column. */
  private double[] byColumn(double[] rows, int[] order) {
    double[] sorted = new double[held * stride];
    int[] starts = new int[held];
    for (int i = 0; i < held; i++) {
      starts[i] = order[i] * stride;
    }
    for (int column = 0; column < stride; column++) {
      int to = column * held;
      for (int i = 0; i < held; i++) {
        sorted[to + i] = rows[starts[i] + column];
      }
    }
    return sorted;
  }

  /** The places of the rows in memory, sorted. */
  private int[] order() {
    if (held < 2) {
      return new int[held];
    }
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(held - 1);
    long mask = (1L << bits) - 1;
    long[] order = new long[held];
    for (int i = 0; i < held; i++) {
      order[i] = hash(data, i * stride) & ~mask | i;
    }
    order = sorted(order, bits);
    int[] places = new int[held];
    for (int i = 0; i < held; i++) {
      places[i] = (int) (order[i] & mask);
    }
    // Where hashes begin alike, or clusters do, rows are compared.
    for (int i = 1; i < held; i++) {
      int place = places[i];
      int at = i;
      while (at > 0
          && (order[at - 1] & ~mask) == (order[i] & ~mask)
          && compare(data, places[at - 1] * stride, data, place * stride) > 0) {
        places[at] = places[at - 1];
        at--;
      }
      places[at] = place;
    }
    return form.clustered() ? byCluster(places) : places;
  }

  /**
   * Sorts numbers that are spread evenly, as hashes are: by their first bits into as many buckets
   * as there are numbers, and those that meet there one by one.
   */
  private static long[] sorted(long[] numbers, int bits) {
    if (bits > MOST_BITS) {
      Arrays.sort(numbers);
      return numbers;
    }
    int shift = Long.SIZE - bits;
    int[] ends = new int[(1 << bits) + 1];
    for (long number : numbers) {
      ends[bucket(number, shift) + 1]++;
    }
    for (int bucket = 1; bucket < ends.length; bucket++) {
      ends[bucket] += ends[bucket - 1];
    }
    long[] sorted = new long[numbers.length];
    for (long number : numbers) {
      sorted[ends[bucket(number, shift)]++] = number;
    }
    for (int i = 1; i < sorted.length; i++) {
      long number = sorted[i];
      int at = i;
      for (; at > 0 && sorted[at - 1] > number; at--) {
        sorted[at] = sorted[at - 1];
      }
      sorted[at] = number;
    }
    return sorted;
  }

  /** In the order of signed numbers. */
  private static int bucket(long number, int shift) {
    return (int) ((number ^ Long.MIN_VALUE) >>> shift);
  }

  /** Rows of a cluster follow each other. */
  private int[] byCluster(int[] places) {
    return Arrays.stream(places)
        .boxed()
        .sorted(Comparator.comparingLong(i -> Double.doubleToRawLongBits(data[i * stride])))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Of all numbers, whose products do not wait for each other. */
  private long hash(double[] row, int at) {
    long hash = 0;
    for (int k = 0; k < stride; k++) {
      long bits = Double.doubleToRawLongBits(row[at + k]);
      hash += (bits ^ bits >>> 29) * factors[k];
    }
    hash = (hash ^ hash >>> 32) * 0xD6E8FEB86659FD93L;
    return hash ^ hash >>> 32;
  }

  private int compare(double[] a, int i, double[] b, int j) {
    int order = Long.compare(hash(a, i), hash(b, j));
    for (int k = 0; k < stride && order == 0; k++) {
      order =
          Long.compare(Double.doubleToRawLongBits(a[i + k]), Double.doubleToRawLongBits(b[j + k]));
    }
    return order;
  }

  /** As rows are in order in the end. */
  private int compareWhole(double[] a, int i, double[] b, int j) {
    int order =
        form.clustered()
            ? Long.compare(Double.doubleToRawLongBits(a[i]), Double.doubleToRawLongBits(b[j]))
            : 0;
    return order == 0 ? compare(a, i, b, j) : order;
  }

  private NumberFile merged() {
    NumberFile merged = new NumberFile(folder);
    PriorityQueue<Head> heads =
        new PriorityQueue<>((a, b) -> compareWhole(a.buffer, a.at, b.buffer, b.at));
    for (NumberFile run : runs) {
      heads.add(new Head(run));
    }
    double[] out = new double[MERGED * stride];
    int filled = 0;
    while (!heads.isEmpty()) {
      Head head = heads.poll();
      System.arraycopy(head.buffer, head.at, out, filled, stride);
      weight += out[filled + form.weightAt()];
      filled += stride;
      if (filled == out.length || heads.isEmpty() && !head.hasMore()) {
        merged.append(out, filled);
        filled = 0;
      }
      if (head.advance()) {
        heads.add(head);
      }
    }
    return merged;
  }

  /** The first row of a run that is not merged yet. */
  private final class Head {
    private final NumberFile run;
    private final double[] buffer = new double[MERGED * stride];
    private long next;
    private int at;
    private int end;

    Head(NumberFile run) {
      this.run = run;
      fill();
    }

    boolean hasMore() {
      return at + stride < end || next < run.length();
    }

    boolean advance() {
      at += stride;
      return at < end || fill();
    }

    private boolean fill() {
      end = (int) Math.min(buffer.length, run.length() - next);
      run.read(next, buffer, end);
      next += end;
      at = 0;
      return end > 0;
    }
  }

  @Override
  public void close() {
    runs.forEach(NumberFile::close);
    if (disk != null) {
      disk.close();
    }
  }
}
