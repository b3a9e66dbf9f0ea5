package org.sparkcurvature.job.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class KeyNumbersTest {
  private static final DataType[] LONG = {DataTypes.LongType};

  private static int number(KeyNumbers keys, InternalRow row) {
    keys.note(row);
    return keys.numbers()[0];
  }

  private static InternalRow row(Object... values) {
    return new GenericInternalRow(values);
  }

  @Test
  void numbersKeysAsTheyComeAndSortsThemAsSparkDoes() {
    KeyNumbers keys = new KeyNumbers(LONG);
    Object[] come = {7L, -3L, 7L, null, 0L, -3L, Long.MIN_VALUE, null, 7L};
    for (Object value : come) {
      keys.note(row(value, 1.5));
    }
    assertArrayEquals(
        new int[] {0, 1, 0, 2, 3, 1, 4, 2, 0}, Arrays.copyOf(keys.numbers(), come.length));
    assertArrayEquals(new int[] {2, 4, 1, 3, 0}, keys.sorted());
    assertEquals(-3L, keys.key(1).getLong(0));
    assertEquals(1, keys.key(1).numFields());
  }

  /** Null and 0 are different keys, in the first part of a key and in the second. */
  @Test
  void tellsNullFromZero() {
    DataType[] types = {DataTypes.IntegerType, DataTypes.DoubleType};
    KeyNumbers keys = new KeyNumbers(types);
    Object[][] come = {{0, 0.0}, {null, 0.0}, {0, null}, {null, null}};
    for (int again = 0; again < 2; again++) {
      for (int i = 0; i < come.length; i++) {
        assertEquals(i, number(keys, row(come[i])));
      }
    }
    assertArrayEquals(new int[] {3, 1, 2, 0}, keys.sorted());
  }

  /** Whether keys are compared by words or by bytes, alone or as the second part. */
  @Test
  void remembersThatAKeyWasNull() {
    DataType[] texts = {DataTypes.StringType};
    DataType[] both = {DataTypes.LongType, DataTypes.StringType};
    UTF8String text = UTF8String.fromString("a");
    Map<DataType[], List<InternalRow>> come =
        Map.of(
            LONG, List.of(row(0L), row((Object) null)),
            texts, List.of(row(text), row((Object) null)),
            both, List.of(row(1L, text), row(1L, null)));
    come.forEach(
        (types, rows) -> {
          KeyNumbers keys = new KeyNumbers(types);
          number(keys, rows.get(0));
          assertFalse(keys.hadNull());
          number(keys, rows.get(1));
          assertTrue(keys.hadNull());
          keys.clear();
          number(keys, rows.get(0));
          assertTrue(keys.hadNull());
        });
  }

  /** Spark's rows lie in memory that the next one overwrites. */
  @Test
  void keepsKeysOfRowsThatAreOverwritten() {
    for (DataType[] types : List.of(LONG, new DataType[] {DataTypes.StringType})) {
      boolean texts = types[0] == DataTypes.StringType;
      UnsafeProjection overwrites = UnsafeProjection.create(types);
      KeyNumbers keys = new KeyNumbers(types);
      for (long k = 0; k < 3; k++) {
        Object value = texts ? UTF8String.fromString("key " + k) : (Object) k;
        assertEquals(k, number(keys, overwrites.apply(row(value))));
      }
      assertEquals(
          "[key 0, key 1, key 2]",
          texts
              ? List.of(
                      keys.key(0).getUTF8String(0),
                      keys.key(1).getUTF8String(0),
                      keys.key(2).getUTF8String(0))
                  .toString()
              : "[key %d, key %d, key %d]"
                  .formatted(
                      keys.key(0).getLong(0), keys.key(1).getLong(0), keys.key(2).getLong(0)));
    }
  }

  @Test
  void findsManyKeysAgain() {
    DataType[] wide = {DataTypes.StringType, DataTypes.createDecimalType(30, 2)};
    for (DataType[] types : List.of(LONG, wide)) {
      boolean words = types.length == 1;
      KeyNumbers keys = new KeyNumbers(types);
      Random random = new Random(5);
      Map<Long, Integer> expected = new HashMap<>();
      List<Long> order = new ArrayList<>();
      for (int i = 0; i < 60_000; i++) {
        // Multiples of a power of two, whose last bits are alike.
        long value = (long) random.nextInt(20_000) << (i % 2 == 0 ? 0 : 32);
        InternalRow row =
            words
                ? row(value)
                : row(UTF8String.fromString("g" + value), Decimal.apply(value % 3, 30, 2));
        Integer known = expected.putIfAbsent(value, expected.size());
        if (known == null) {
          order.add(value);
        }
        assertEquals(expected.get(value), number(keys, row));
      }
      assertEquals(order.size(), keys.size());
      int[] sorted = keys.sorted();
      for (int k = 1; k < sorted.length; k++) {
        assertEquals(
            -1, Integer.signum(keys.order().compare(keys.key(sorted[k - 1]), keys.key(sorted[k]))));
      }
      keys.clear();
      assertEquals(0, number(keys, words ? row(9L) : row(UTF8String.fromString("a"), null)));
      assertEquals(1, keys.size());
    }
  }
}
