package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.reduce.Wire;

/** What only a few rows tell: partitions are read in their order, and no more than that takes. */
final class Lookup {

  /** Valid rows that are asked for their shapes, so that one odd row at the top decides nothing. */
  private static final int SHAPED = 1000;

  /** The same in elements of tensors, where rows are large. */
  private static final long SHAPED_ELEMENTS = 10_000_000;

  /** Partitions in which to look for a first row: one, then four times as many each time. */
  private static final int SEARCH_GROWTH = 4;

  private final TableRows rows;
  private final SampleFormat format;

  Lookup(TableRows rows, SampleFormat format) {
    this.rows = rows;
    this.format = format;
  }

  /** The first valid samples in the order of rows, at most {@code count}. */
  List<Sample> first(int count) {
    SampleFormat sent = format;
    JavaRDD<ArrayList<Sample>> heads =
        rows.run(
            (partition, arriving) -> List.of(first(sent, partition, arriving, count)).iterator());
    List<Sample> samples = new ArrayList<>();
    inOrder(
        heads,
        head -> {
          samples.addAll(head);
          return samples.size() >= count;
        });
    return samples.size() > count ? samples.subList(0, count) : samples;
  }

  @SuppressWarnings("NonApiType") // what a task hands on is serialised, which List does not promise
  private static ArrayList<Sample> first(
      SampleFormat format, int partition, Iterator<InternalRow> rows, int count) {
    Map<String, double[]> arrays = new LinkedHashMap<>();
    format.tensors().forEach(tensor -> arrays.put(tensor.name(), new double[tensor.size()]));
    SampleScan scan = format.scan(partition, rows, arrays::get);
    ArrayList<Sample> samples = new ArrayList<>();
    while (samples.size() < count && scan.next(0)) {
      Map<String, double[]> copies = new LinkedHashMap<>();
      arrays.forEach((name, values) -> copies.put(name, values.clone()));
      samples.add(new Sample(scan.name(), scan.weight(), copies));
    }
    return samples;
  }

  /** What messages call the rows of these numbers, in the order given. */
  List<RowName> names(List<Long> numbers) {
    Map<Integer, TreeSet<Long>> wanted = new TreeMap<>();
    for (long number : numbers) {
      wanted.computeIfAbsent(RowName.partition(number), p -> new TreeSet<>()).add(number);
    }
    SampleFormat sent = format;
    HashMap<Integer, TreeSet<Long>> sought = new HashMap<>(wanted);
    JavaRDD<ArrayList<RowName>> found =
        rows.run(
            (partition, arriving) ->
                List.of(names(sent, partition, arriving, sought.get(partition))).iterator());
    JavaRDD<byte[]> bytes = bytes(found);
    int[] partitions = wanted.keySet().stream().mapToInt(Integer::intValue).toArray();
    Map<Long, RowName> names = new HashMap<>();
    for (List<byte[]> result : Failures.translate(() -> bytes.collectPartitions(partitions))) {
      Wire.<ArrayList<RowName>>value(result.get(0)).forEach(name -> names.put(name.number(), name));
    }
    return numbers.stream()
        .map(number -> names.getOrDefault(number, new RowName(number, "")))
        .toList();
  }

  @SuppressWarnings("NonApiType") // what a task hands on is serialised, which List does not promise
  private static ArrayList<RowName> names(
      SampleFormat format, int partition, Iterator<InternalRow> rows, Set<Long> wanted) {
    ArrayList<RowName> names = new ArrayList<>();
    for (long position = 0; names.size() < wanted.size() && rows.hasNext(); position++) {
      InternalRow row = rows.next();
      if (wanted.contains(RowName.number(partition, position))) {
        names.add(format.name(row, partition, position));
      }
    }
    return names;
  }

  /** The most rows to take from each partition, so that they are the first {@code limit} rows. */
  List<Long> quotas(long limit) {
    JavaRDD<Long> counts =
        rows.run(
            (partition, arriving) -> {
              long count = 0;
              while (count < limit && arriving.hasNext()) {
                arriving.next();
                count++;
              }
              return List.of(count).iterator();
            });
    List<Long> quotas = new ArrayList<>();
    inOrder(
        counts,
        count -> {
          long left = limit - quotas.stream().mapToLong(Long::longValue).sum();
          quotas.add(Math.min(left, count));
          return count >= left;
        });
    // A list without entries would mean no limit.
    return quotas.isEmpty() ? List.of(0L) : quotas;
  }

  /**
   * What partitions tell of open shapes.
   *
   * @param extents the shapes that most of the first valid rows have; empty where there is no such
   *     row
   * @param read how many rows were looked at
   * @param rejections why some of them are invalid
   */
  record Shapes(List<List<Integer>> extents, long read, Rejections rejections)
      implements Serializable {}

  /**
   * The shapes of the tensors {@code open}, as most of the first valid rows have them: of those of
   * the first partition that has any, at most {@link #SHAPED}.
   */
  Shapes shapes(List<String> open) {
    SampleFormat sent = format;
    JavaRDD<Shapes> found =
        rows.run(
            (partition, arriving) -> List.of(shapes(sent, open, partition, arriving)).iterator());
    List<Shapes> seen = new ArrayList<>();
    inOrder(
        found,
        shapes -> {
          seen.add(shapes);
          return !shapes.extents().isEmpty();
        });
    Rejections rejections = new Rejections();
    seen.forEach(shapes -> rejections.merge(shapes.rejections()));
    return new Shapes(
        seen.isEmpty() ? List.of() : seen.get(seen.size() - 1).extents(),
        seen.stream().mapToLong(Shapes::read).sum(),
        rejections);
  }

  private static Shapes shapes(
      SampleFormat format, List<String> open, int partition, Iterator<InternalRow> rows) {
    Rejections rejections = new Rejections();
    Map<List<List<Integer>>, Integer> found = new LinkedHashMap<>();
    long read = 0;
    long elements = 0;
    int valid = 0;
    while (valid < SHAPED
        && elements < SHAPED_ELEMENTS
        && read < format.quota(partition)
        && rows.hasNext()) {
      InternalRow row = rows.next();
      long number = read++;
      List<List<Integer>> extents = new ArrayList<>();
      try {
        for (SampleFormat.Tensor tensor : format.tensors()) {
          if (open.contains(tensor.name())) {
            extents.add(tensor.shapeIn(row));
          }
        }
        SampleFormat shaped = format.withExtents(open, extents);
        SampleScan scan = shaped.check(partition, Collections.singleton(row).iterator());
        scan.nextRow(0);
        if (scan.isValid()) {
          found.merge(extents, 1, Integer::sum);
          valid++;
          elements += shaped.size();
        } else {
          rejections.add(() -> format.name(row, partition, number), scan.why());
        }
      } catch (InvalidValue e) {
        rejections.add(() -> format.name(row, partition, number), e);
      }
    }
    return new Shapes(mostFrequent(found), read, rejections);
  }

  /** Of those that are equally frequent, the one that came first. */
  private static List<List<Integer>> mostFrequent(Map<List<List<Integer>>, Integer> found) {
    List<List<Integer>> best = List.of();
    int most = 0;
    for (Map.Entry<List<List<Integer>>, Integer> entry : found.entrySet()) {
      if (entry.getValue() > most) {
        most = entry.getValue();
        best = entry.getKey();
      }
    }
    return best;
  }

  /**
   * Hands what each partition gives to {@code enough}, in the order of partitions, until it says
   * so; runs no more partitions than that takes, give or take.
   */
  private static <T extends Serializable> void inOrder(
      JavaRDD<T> onePerPartition, Predicate<T> enough) {
    JavaRDD<byte[]> sent = bytes(onePerPartition);
    int partitions = onePerPartition.getNumPartitions();
    int next = 0;
    int batch = 1;
    while (next < partitions) {
      int[] numbers = IntStream.range(next, Math.min(partitions, next + batch)).toArray();
      List<byte[]>[] results = Failures.translate(() -> sent.collectPartitions(numbers));
      for (List<byte[]> result : results) {
        if (enough.test(Wire.value(result.get(0)))) {
          return;
        }
      }
      next += numbers.length;
      batch *= SEARCH_GROWTH;
    }
  }

  // In one place: a class that has the same method reference at two types deserialises one of them
  // as the other.
  private static <T extends Serializable> JavaRDD<byte[]> bytes(JavaRDD<T> values) {
    return values.map(Wire::bytes);
  }
}
