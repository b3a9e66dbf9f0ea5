package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.graph.Shape;

/**
 * A range of a tensor's elements that is one run of its row-major order: single positions of the
 * first axes, a range of the next one, all of the axes that follow.
 *
 * @param first the number of its first element
 * @param from the first position on each axis
 * @param shape its extents
 */
public record IndexRange(int first, List<Integer> from, Shape shape) {
  /**
   * Rows of at least this length are ranges of their own: a matrix product for each, with nothing
   * to rearrange, is long enough.
   */
  private static final int LONG_ROW = 256;

  /** All of a tensor. */
  static IndexRange whole(Shape shape) {
    return new IndexRange(0, shape.extents().stream().map(extent -> 0).toList(), shape);
  }

  /** The ranges that make up {@code count} elements of a tensor from {@code first} on, in order. */
  public static List<IndexRange> of(Shape tensor, int first, int count) {
    List<IndexRange> ranges = new ArrayList<>();
    cut(tensor, 0, first, first + count, 0, List.of(), ranges);
    return ranges;
  }

  /** The elements {@code begin .. end} where they lie behind the position {@code fixed}. */
  private static void cut(
      Shape tensor,
      int axis,
      int begin,
      int end,
      int origin,
      List<Integer> fixed,
      List<IndexRange> ranges) {
    if (axis == tensor.rank()) {
      ranges.add(range(tensor, origin, fixed, 1));
      return;
    }
    int run = 1;
    for (int k = axis + 1; k < tensor.rank(); k++) {
      run *= tensor.extent(k);
    }
    int at = begin;
    while (at < end) {
      int position = (at - origin) / run;
      int start = origin + position * run;
      List<Integer> here = new ArrayList<>(fixed);
      here.add(position);
      int whole = run >= LONG_ROW && start + run <= end ? 1 : (end - start) / run;
      if (start == at && whole > 0) {
        ranges.add(range(tensor, start, here, whole));
        at = start + whole * run;
      } else {
        int to = Math.min(end, start + run);
        cut(tensor, axis + 1, at, to, start, here, ranges);
        at = to;
      }
    }
  }

  private static IndexRange range(Shape tensor, int first, List<Integer> position, int length) {
    List<Integer> from = new ArrayList<>(position);
    List<Integer> extents = new ArrayList<>();
    for (int axis = 0; axis < tensor.rank(); axis++) {
      if (axis >= position.size()) {
        from.add(0);
      }
      extents.add(
          axis < position.size() - 1
              ? 1
              : axis == position.size() - 1 ? length : tensor.extent(axis));
    }
    return new IndexRange(first, from, new Shape(extents));
  }

  /** Whether these are all elements of a tensor of that shape. */
  boolean isWhole(Shape tensor) {
    return shape.equals(tensor);
  }
}
