package org.sparkcurvature.engine;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.diff.IndexRange;

/**
 * A range of a tensor, and where it begins in the flattened vector.
 *
 * @param at where
 * @param range the range
 */
record PlacedRange(int at, Differentiator.TensorRange range) {
  /** Elements of the range. */
  int size() {
    return range.indices().shape().size();
  }

  /** The ranges of tensors that make up {@code count} elements of the flattened vector. */
  static List<PlacedRange> of(Layout layout, int first, int count) {
    if (first + count > layout.length()) {
      throw new IllegalArgumentException(
          "elements %d .. %d of %d".formatted(first, first + count - 1, layout.length()));
    }
    List<PlacedRange> ranges = new ArrayList<>();
    for (Layout.Entry e : layout.entries()) {
      int from = Math.max(first, e.offset()) - e.offset();
      int to = Math.min(first + count, e.offset() + e.shape().size()) - e.offset();
      if (from < to) {
        IndexRange.of(e.shape(), from, to - from)
            .forEach(
                indices ->
                    ranges.add(
                        new PlacedRange(
                            e.offset() + indices.first(),
                            new Differentiator.TensorRange(e.name(), indices))));
      }
    }
    return ranges;
  }
}
