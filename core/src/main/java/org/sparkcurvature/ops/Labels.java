package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Lists of index labels. */
public final class Labels {
  private Labels() {}

  /** {@code first}, then {@code second}. */
  public static List<Integer> concat(List<Integer> first, List<Integer> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  /** {@code from, from + 1, ...}: {@code count} labels. */
  public static List<Integer> range(int from, int count) {
    return IntStream.range(from, from + count).boxed().toList();
  }

  /** Labels that {@code contract} does not use. */
  public static List<Integer> fresh(int count, Einsum contract) {
    int next = 0;
    List<List<Integer>> all = new ArrayList<>(contract.in());
    all.add(contract.out());
    for (List<Integer> labels : all) {
      for (int label : labels) {
        next = Math.max(next, label + 1);
      }
    }
    return range(next, count);
  }

  /** Every label moved up by {@code by}. */
  public static List<Integer> shift(List<Integer> labels, int by) {
    return labels.stream().map(label -> label + by).toList();
  }
}
