package org.sparkcurvature.job.groups;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import org.apache.spark.sql.catalyst.InternalRow;
import org.sparkcurvature.job.source.KeyNumbers;

/**
 * The rows of a partition, added as they come and handed out group by group, in the order of keys.
 * Rows are written one behind the other; a group's are looked up when it is handed out, all at
 * once, so that the processor waits for many of them at a time. Sorting rows by their keys first
 * took twice as long. What memory does not hold is in files, group by group, and is merged.
 */
final class RowsByGroup implements AutoCloseable {
  /** Bytes that are allocated at a time, about. */
  private static final int CHUNK = 1 << 21;

  /** Rows that memory holds at most, however much there is. */
  private static final int MOST = 1 << 29;

  /** Keys that memory holds at most. */
  private static final int MOST_KEYS = 1 << 26;

  private final int stride;
  private final KeyNumbers keys;
  private final Memory memory;
  private final Path folder;

  /** Rows of a chunk: two to this power. */
  private final int bits;

  private final List<double[]> chunks = new ArrayList<>();
  private int[] groups = {};
  private int held;
  private int capacity;
  private long taken;
  private final List<SpilledRows> files = new ArrayList<>();
  private final List<Part> current = new ArrayList<>();
  private PriorityQueue<Part> parts;

  /** Memory that has to be asked for. */
  interface Memory {
    /** Whether so many bytes more are granted; none are where not all are. */
    boolean isGranted(long bytes);

    /** Gives back bytes that were granted. */
    void giveBack(long bytes);

    /**
     * Counts a file that was written for want of memory: its rows' bytes in memory, and its own.
     */
    void spilled(long bytes, long inFile);
  }

  /** Groups one after the other, in the order of keys. */
  interface Part extends GroupRows.Source {
    /**
     * Goes to the next group. Rows of the current one that were not written yet are skipped.
     *
     * @return false if there is none
     */
    boolean next();

    /** The key of the current group, until the next one. */
    InternalRow key();

    /** The number of its rows; they are written once, in their order. */
    long rows();
  }

  /**
   * No rows yet.
   *
   * @param stride numbers of a row
   * @param block rows that are added at a time, at most
   * @param keys whose numbers rows are added with
   * @param folder where files are made
   */
  RowsByGroup(int stride, int block, KeyNumbers keys, Memory memory, Path folder) {
    this.stride = stride;
    this.keys = keys;
    this.memory = memory;
    this.folder = folder;
    int rows = Math.max(block, CHUNK / Double.BYTES / stride);
    this.bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(rows, 2) - 1);
  }

  /**
   * Makes room for rows, of keys that have no number yet. Where there is none, all rows so far go
   * to a file, and keys have other numbers from then on.
   */
  void reserve(int rows) {
    if (held + rows > MOST || keys.size() > MOST_KEYS || !isGranted(rows)) {
      if (keys.size() > 0) {
        spill();
      }
      // The rows that are being read are in arrays that nobody asked for, too.
      isGranted(rows);
    }
    grow(rows);
  }

  private boolean isGranted(int rows) {
    long wanted = bytes(wanted(rows)) + keys.bytes();
    if (wanted > taken) {
      if (!memory.isGranted(wanted - taken)) {
        return false;
      }
      taken = wanted;
    }
    return true;
  }

  /** Of numbers, of the group's number, and of the row's place when groups are handed out. */
  private long bytes(long rows) {
    return rows * ((long) stride * Double.BYTES + 2 * Integer.BYTES);
  }

  /** Rows that there will be room for: the first chunk grows, the others are allocated whole. */
  private int wanted(int rows) {
    int least = held + rows;
    if (least <= capacity) {
      return capacity;
    }
    int chunk = 1 << bits;
    return least <= chunk
        ? Math.min(chunk, Math.max(least, 2 * capacity))
        : (least + chunk - 1 >> bits) << bits;
  }

  private void grow(int rows) {
    int wanted = wanted(rows);
    if (wanted == capacity) {
      return;
    }
    int chunk = 1 << bits;
    if (capacity < chunk) {
      double[] first = capacity == 0 ? new double[0] : chunks.remove(0);
      chunks.add(Arrays.copyOf(first, Math.min(wanted, chunk) * stride));
    }
    while (chunks.size() << bits < wanted) {
      chunks.add(new double[chunk * stride]);
    }
    groups = Arrays.copyOf(groups, wanted);
    capacity = wanted;
  }

  /** Adds the first {@code count} rows of these, for which there is room. */
  void add(GroupRows.Source rows, int[] numbers, int count) {
    System.arraycopy(numbers, 0, groups, held, count);
    int mask = (1 << bits) - 1;
    for (int done = 0; done < count; ) {
      int at = held & mask;
      int some = Math.min(count - done, mask + 1 - at);
      rows.write(done, some, chunks.get(held >> bits), at * stride);
      held += some;
      done += some;
    }
  }

  private void spill() {
    SpilledRows file = SpilledRows.of(new Held(), keys.parts(), stride, folder);
    files.add(file);
    memory.spilled(taken, file.bytes());
    chunks.clear();
    groups = new int[0];
    held = 0;
    capacity = 0;
    keys.clear();
    memory.giveBack(taken);
    taken = 0;
  }

  /**
   * Goes to the next group, once all rows are there.
   *
   * @return false if there is none
   */
  boolean next() {
    if (parts == null) {
      parts = new PriorityQueue<>((a, b) -> keys.order().compare(a.key(), b.key()));
      current.add(new Held());
      current.addAll(files);
    }
    for (Part part : current) {
      if (part.next()) {
        parts.add(part);
      }
    }
    current.clear();
    while (!parts.isEmpty()
        && (current.isEmpty() || keys.order().compare(parts.peek().key(), key()) == 0)) {
      current.add(parts.poll());
    }
    return !current.isEmpty();
  }

  /** The key of the current group, until the next one. */
  InternalRow key() {
    return current.get(0).key();
  }

  /** Adds the rows of the current group to others, once. */
  void addTo(GroupRows rows) {
    for (Part part : current) {
      for (long done = 0; done < part.rows(); ) {
        int some = (int) Math.min(1 << bits, part.rows() - done);
        rows.add(part, (int) done, some);
        done += some;
      }
    }
  }

  /** The groups that are in memory. */
  private final class Held implements Part {
    private final int[] order = keys.sorted();

    /** Where each group's rows end among the places: by number of group. */
    private final int[] ends = new int[keys.size() + 1];

    /** The rows' places, group by group. */
    private final int[] places = new int[held];

    private final double[][] pieces = chunks.toArray(double[][]::new);
    private final int mask = (1 << bits) - 1;
    private int next;
    private int group;

    Held() {
      for (int row = 0; row < held; row++) {
        ends[groups[row] + 1]++;
      }
      for (int number = 1; number < ends.length; number++) {
        ends[number] += ends[number - 1];
      }
      // Each group's begin, which goes on to its end.
      for (int row = 0; row < held; row++) {
        places[ends[groups[row]]++] = row;
      }
    }

    @Override
    public boolean next() {
      if (next == order.length) {
        return false;
      }
      group = order[next++];
      return true;
    }

    @Override
    public InternalRow key() {
      return keys.key(group);
    }

    private int begin() {
      return group == 0 ? 0 : ends[group - 1];
    }

    @Override
    public long rows() {
      return (long) ends[group] - begin();
    }

    @Override
    public void write(int from, int rows, double[] target, int to) {
      int first = begin() + from;
      int put = to;
      for (int i = first; i < first + rows; i++) {
        double[] chunk = pieces[places[i] >> bits];
        int at = (places[i] & mask) * stride;
        for (int c = 0; c < stride; c++) {
          target[put++] = chunk[at + c];
        }
      }
    }
  }

  @Override
  public void close() {
    files.forEach(SpilledRows::close);
    files.clear();
    chunks.clear();
    memory.giveBack(taken);
    taken = 0;
  }
}
