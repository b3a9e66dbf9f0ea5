package org.sparkcurvature.job.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.source.KeyNumbers;

class RowsByGroupTest {
  private static final int STRIDE = 2; // a weight and the row's number
  private static final RowForm FORM =
      new RowForm(false, List.of(), List.of(), List.of(), 1, STRIDE);

  @TempDir private Path folder;

  /** So many bytes, whoever asks. */
  private static final class Budget implements RowsByGroup.Memory {
    private final long most;
    private long taken;
    private long inFiles;

    Budget(long most) {
      this.most = most;
    }

    @Override
    public boolean isGranted(long bytes) {
      if (taken + bytes > most) {
        return false;
      }
      taken += bytes;
      return true;
    }

    @Override
    public void giveBack(long bytes) {
      taken -= bytes;
    }

    @Override
    public void spilled(long bytes, long inFile) {
      inFiles += inFile;
    }
  }

  private static InternalRow row(String key) {
    return new GenericInternalRow(new Object[] {key == null ? null : UTF8String.fromString(key)});
  }

  /** Adds rows in blocks, and compares the rows of each group with those that were added. */
  private void check(List<String> rows, int block, long bytes, boolean inFiles) throws IOException {
    KeyNumbers keys = new KeyNumbers(new DataType[] {DataTypes.StringType});
    Budget budget = new Budget(bytes);
    // null before all others, as Spark sorts
    Map<String, List<Double>> expected = new TreeMap<>();
    rows.forEach(key -> expected.putIfAbsent(key == null ? "" : key, new ArrayList<>()));
    try (RowsByGroup groups = new RowsByGroup(STRIDE, block, keys, budget, folder)) {
      for (int from = 0; from < rows.size(); from += block) {
        groups.reserve(block);
        int some = Math.min(block, rows.size() - from);
        int[] places = new int[block];
        double[] values = new double[block];
        int filled = 0;
        for (int i = 0; i < some; i++) {
          String key = rows.get(from + i);
          keys.note(row(key));
          // Every seventh row is of no weight, which may leave a key without rows.
          if ((from + i) % 7 != 3) {
            expected.get(key == null ? "" : key).add((double) (from + i));
            places[filled] = i;
            values[filled++] = from + i;
          }
        }
        int[] noted = keys.numbers();
        int[] numbers = Arrays.stream(places, 0, filled).map(place -> noted[place]).toArray();
        RowNumbers added = new RowNumbers(STRIDE);
        added.set(0, new double[] {1}, 0, 0);
        added.set(1, values, 0, 1);
        groups.add(added, numbers, filled);
      }
      for (Map.Entry<String, List<Double>> group : expected.entrySet()) {
        assertTrue(groups.next());
        String key = groups.key().isNullAt(0) ? "" : groups.key().getUTF8String(0).toString();
        assertEquals(group.getKey(), key);
        GroupRows own = new GroupRows(FORM, 64, folder, new GroupRows.Room());
        groups.addTo(own);
        own.arrange();
        assertEquals(group.getValue().size(), own.count());
        assertEquals((double) own.count(), own.weight());
        List<Double> found = new ArrayList<>();
        for (long done = 0; done < own.count(); done++) {
          GroupRows.Slice slice = own.read(done, 1);
          found.add(slice.array()[slice.column(1)]);
        }
        found.sort(null);
        assertEquals(group.getValue(), found);
        own.close();
      }
      assertFalse(groups.next());
    }
    assertEquals(0, budget.taken);
    assertEquals(inFiles, budget.inFiles > 0);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  private static List<String> random(int rows, int groups, long seed) {
    Random random = new Random(seed);
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      int group = random.nextInt(groups);
      keys.add(group == 0 ? null : "key of group " + group);
    }
    return keys;
  }

  @Test
  void handsOutGroupsInTheOrderOfKeys() throws IOException {
    check(random(3000, 40, 1), 64, Long.MAX_VALUE, false);
    check(List.of(), 64, Long.MAX_VALUE, false);
    check(List.of("one"), 1, Long.MAX_VALUE, false);
  }

  @Test
  void hasMoreThanOneChunk() throws IOException {
    check(random(300_000, 7, 2), 1000, Long.MAX_VALUE, false);
  }

  /** What does not fit is in files, which are gone in the end. */
  @Test
  void mergesWhatMemoryDidNotHold() throws IOException {
    check(random(3000, 40, 3), 64, 20_000, true);
    check(random(3000, 2000, 4), 64, 60_000, true);
    check(random(60_000, 3, 5), 500, 200_000, true);
  }

  /** Keys take memory, too: each seventh row is of no weight, and has a key of its own. */
  @Test
  void writesKeysWithoutRows() throws IOException {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      keys.add(i % 7 == 3 ? "alone " + (i * 37 % 700) : "a");
    }
    check(keys, 7, 6_000, true);
  }

  /** The memory of one block is taken in any case. */
  @Test
  void goesOnWithoutAnyMemory() throws IOException {
    check(random(500, 5, 6), 50, 0, true);
  }
}
