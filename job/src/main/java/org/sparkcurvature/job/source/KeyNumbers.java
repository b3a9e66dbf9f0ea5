package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.LazilyGeneratedOrdering;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * The keys of a partition's rows, numbered from 0 in the order in which they come. Keys are equal
 * where their bytes are. Belongs to one thread.
 */
public final class KeyNumbers {
  private static final int FIRST = 256;

  /** What a key takes beside its bytes and its words: objects, a place in two lists, its hash. */
  private static final int OVERHEAD = 96;

  private final int parts;
  private final UnsafeProjection projection;
  private final Comparator<InternalRow> order;

  /** Words of a key and one that tells which are null; 0 where keys are not compared by words. */
  private final int words;

  private final long[] looked;
  private final List<UnsafeRow> keys = new ArrayList<>();

  /** Numbers + 1 by hash, 0 where there is none: each at its hash's place or soon behind it. */
  private int[] table = new int[FIRST];

  private int[] hashes = new int[FIRST / 2];
  private long[] held;
  private int last = -1;
  private long bytes;

  /**
   * No keys yet.
   *
   * @param types of a key's parts, the first columns of a row
   */
  public KeyNumbers(DataType[] types) {
    this.parts = types.length;
    this.projection = UnsafeProjection.create(types);
    StructType schema = new StructType();
    for (int k = 0; k < parts; k++) {
      schema = schema.add("key_" + k, types[k]);
    }
    this.order = LazilyGeneratedOrdering.forSchema(schema);
    boolean areWords = parts < Long.SIZE && Arrays.stream(types).allMatch(UnsafeRow::isFixedLength);
    this.words = areWords ? parts + 1 : 0;
    this.looked = new long[words];
    this.held = new long[words * hashes.length];
  }

  /** The number of a row's key, which is a new one where it did not come before. */
  public int number(InternalRow row) {
    return words > 0 ? byWords(row) : byBytes(projection.apply(row));
  }

  /** A value of a fixed length is a word, and has no other words that are equal. */
  private int byWords(InternalRow row) {
    UnsafeRow unsafe = row instanceof UnsafeRow own ? own : projection.apply(row);
    long nulls = 0;
    long hash = 0;
    for (int k = 0; k < parts; k++) {
      boolean isNull = unsafe.isNullAt(k);
      nulls |= isNull ? 1L << k : 0;
      long word = isNull ? 0 : unsafe.getLong(k);
      looked[k] = word;
      hash = mixed(hash ^ word);
    }
    looked[parts] = nulls;
    if (last >= 0 && isHeld(last)) {
      return last;
    }
    int own = (int) mixed(hash ^ nulls);
    int place = own & table.length - 1;
    for (; table[place] != 0; place = place + 1 & table.length - 1) {
      if (isHeld(table[place] - 1)) {
        last = table[place] - 1;
        return last;
      }
    }
    add(place, own, projection.apply(row));
    System.arraycopy(looked, 0, held, last * words, words);
    return last;
  }

  private boolean isHeld(int number) {
    int at = number * words;
    for (int k = 0; k < words; k++) {
      if (held[at + k] != looked[k]) {
        return false;
      }
    }
    return true;
  }

  private int byBytes(UnsafeRow key) {
    if (last >= 0 && keys.get(last).equals(key)) {
      return last;
    }
    int own = (int) mixed(key.hashCode());
    int place = own & table.length - 1;
    for (; table[place] != 0; place = place + 1 & table.length - 1) {
      int number = table[place] - 1;
      if (hashes[number] == own && keys.get(number).equals(key)) {
        last = number;
        return last;
      }
    }
    add(place, own, key);
    return last;
  }

  private static long mixed(long word) {
    long product = word * 0x9E3779B97F4A7C15L;
    return product ^ product >>> 32;
  }

  private void add(int place, int hash, UnsafeRow key) {
    last = keys.size();
    keys.add(key.copy());
    bytes += key.getSizeInBytes() + (long) words * Long.BYTES + OVERHEAD;
    table[place] = last + 1;
    hashes[last] = hash;
    if (keys.size() == hashes.length) {
      grow();
    }
  }

  /** At most half of the table is filled. */
  private void grow() {
    hashes = Arrays.copyOf(hashes, Math.multiplyExact(2, hashes.length));
    held = Arrays.copyOf(held, words * hashes.length);
    table = new int[2 * hashes.length];
    for (int number = 0; number < keys.size(); number++) {
      int place = hashes[number] & table.length - 1;
      while (table[place] != 0) {
        place = place + 1 & table.length - 1;
      }
      table[place] = number + 1;
    }
  }

  /** How many parts a key has. */
  public int parts() {
    return parts;
  }

  /** How many keys there are. */
  public int size() {
    return keys.size();
  }

  /** The key of a number. */
  public UnsafeRow key(int number) {
    return keys.get(number);
  }

  /** The order in which Spark sorts keys: ascending, null before all others. */
  public Comparator<InternalRow> order() {
    return order;
  }

  /** The numbers of all keys, in the order of keys. */
  public int[] sorted() {
    Integer[] numbers = new Integer[keys.size()];
    Arrays.setAll(numbers, Integer::valueOf);
    Arrays.sort(numbers, (a, b) -> order.compare(keys.get(a), keys.get(b)));
    return Arrays.stream(numbers).mapToInt(Integer::intValue).toArray();
  }

  /** Bytes of memory that the keys take, about. */
  public long bytes() {
    return bytes;
  }

  /** Forgets all keys. */
  public void clear() {
    keys.clear();
    table = new int[FIRST];
    hashes = new int[FIRST / 2];
    held = new long[words * hashes.length];
    last = -1;
    bytes = 0;
  }
}
