package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.LazilyGeneratedOrdering;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;

/**
 * The keys of a partition's rows, numbered from 0 in the order in which they come. Keys are equal
 * where their bytes are. Rows' keys are noted one by one, and their numbers looked up for many of
 * them together, as the processor then waits for several at a time. Belongs to one thread.
 */
public final class KeyNumbers {
  private static final int FIRST = 256;

  /** What a key takes beside its bytes: objects, places in lists that grow, its hash. */
  private static final int OVERHEAD = 96;

  /** Keys of more parts are compared by their bytes. */
  private static final int MOST_WORDS = 7;

  private final int parts;
  private final UnsafeProjection projection;
  private final Comparator<InternalRow> order;

  /**
   * Words of a key, as Spark's rows have them: one that tells which parts are null, and one for
   * each part. 0 where keys are not compared by words.
   */
  private final int words;

  private int size;

  /** Numbers + 1 by hash, 0 where there is none: each at its hash's place or soon behind it. */
  private int[] table = new int[FIRST];

  private int[] hashes = new int[FIRST / 2];

  /** The keys: words one behind the other, or rows. */
  private long[] held;

  private final List<UnsafeRow> rows = new ArrayList<>();

  /** Of the rows that were noted: their keys' words, or their numbers. */
  private long[] noted = {};

  private int[] numbers = {};
  private int pending;
  private int last = -1;
  private long bytes;
  private boolean hadNull;

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
    boolean areWords =
        parts <= MOST_WORDS && Arrays.stream(types).allMatch(UnsafeRow::isFixedLength);
    this.words = areWords ? parts + 1 : 0;
    this.held = new long[words * hashes.length];
  }

  /** Notes a row's key. */
  public void note(InternalRow row) {
    if (pending == numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(FIRST, 2 * pending));
      noted = Arrays.copyOf(noted, words * numbers.length);
    }
    if (words == 0) {
      numbers[pending++] = byBytes(projection.apply(row));
      return;
    }
    UnsafeRow key = row instanceof UnsafeRow own ? own : projection.apply(row);
    int at = pending++ * words;
    long nulls = 0;
    for (int k = 0; k < parts; k++) {
      boolean isNull = key.isNullAt(k);
      nulls |= isNull ? 1L << k : 0;
      noted[at + 1 + k] = isNull ? 0 : key.getLong(k);
    }
    noted[at] = nulls;
  }

  /**
   * The numbers of the keys that were noted since the last call, in their order; valid until the
   * next one. A key that did not come before gets a new number.
   */
  public int[] numbers() {
    for (int i = 0; words > 0 && i < pending; i++) {
      numbers[i] = byWords(i * words);
    }
    pending = 0;
    return numbers;
  }

  /** A value of a fixed length is a word, and has no other words that are equal. */
  private int byWords(int at) {
    long hash = 0;
    for (int k = at; k < at + words; k++) {
      hash = mixed(hash ^ noted[k]);
    }
    int own = (int) hash;
    int place = own & table.length - 1;
    for (; table[place] != 0; place = place + 1 & table.length - 1) {
      if (isHeld(table[place] - 1, at)) {
        return table[place] - 1;
      }
    }
    System.arraycopy(noted, at, held, size * words, words);
    return add(place, own, words * Long.BYTES);
  }

  private boolean isHeld(int number, int at) {
    int own = number * words;
    for (int k = 0; k < words; k++) {
      if (held[own + k] != noted[at + k]) {
        return false;
      }
    }
    return true;
  }

  private int byBytes(UnsafeRow key) {
    if (last >= 0 && rows.get(last).equals(key)) {
      return last;
    }
    int own = (int) mixed(key.hashCode());
    int place = own & table.length - 1;
    for (; table[place] != 0; place = place + 1 & table.length - 1) {
      int number = table[place] - 1;
      if (hashes[number] == own && rows.get(number).equals(key)) {
        last = number;
        return last;
      }
    }
    rows.add(key.copy());
    last = add(place, own, key.getSizeInBytes());
    return last;
  }

  private static long mixed(long word) {
    long product = word * 0x9E3779B97F4A7C15L;
    return product ^ product >>> 32;
  }

  private int add(int place, int hash, int length) {
    int number = size++;
    bytes += length + OVERHEAD;
    table[place] = number + 1;
    hashes[number] = hash;
    hadNull |= key(number).anyNull();
    if (size == hashes.length) {
      grow();
    }
    return number;
  }

  /** At most half of the table is filled. */
  private void grow() {
    hashes = Arrays.copyOf(hashes, Math.multiplyExact(2, hashes.length));
    held = Arrays.copyOf(held, Math.multiplyExact(words, hashes.length));
    table = new int[Math.multiplyExact(2, hashes.length)];
    for (int number = 0; number < size; number++) {
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
    return size;
  }

  /** The key of a number, which stays as it is. */
  public UnsafeRow key(int number) {
    if (words == 0) {
      return rows.get(number);
    }
    UnsafeRow key = new UnsafeRow(parts);
    long at = Platform.LONG_ARRAY_OFFSET + (long) number * words * Long.BYTES;
    key.pointTo(held, at, words * Long.BYTES);
    return key;
  }

  /** The order in which Spark sorts keys: ascending, null before all others. */
  public Comparator<InternalRow> order() {
    return order;
  }

  /** The numbers of all keys, in the order of keys. */
  public int[] sorted() {
    UnsafeRow[] keys = IntStream.range(0, size).mapToObj(this::key).toArray(UnsafeRow[]::new);
    return IntStream.range(0, size)
        .boxed()
        .sorted((a, b) -> order.compare(keys[a], keys[b]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Whether there was a key, before {@link #clear} or after it, of which a part is null. */
  public boolean hadNull() {
    return hadNull;
  }

  /** Bytes of memory that the keys take, about. */
  public long bytes() {
    return bytes;
  }

  /** Forgets all keys, but not whether one was null. */
  public void clear() {
    size = 0;
    rows.clear();
    table = new int[FIRST];
    hashes = new int[FIRST / 2];
    held = new long[words * hashes.length];
    last = -1;
    bytes = 0;
  }
}
