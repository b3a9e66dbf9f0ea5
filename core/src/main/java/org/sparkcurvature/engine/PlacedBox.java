package org.sparkcurvature.engine;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.diff.IndexRange;

/**
 * A box of a tensor, and where it begins in the flattened vector.
 *
 * @param at where
 * @param box the box
 */
record PlacedBox(int at, Differentiator.Box box) {
  /** Elements of the box. */
  int size() {
    return box.region().shape().size();
  }

  /** The boxes of tensors that make up {@code count} elements of the flattened vector. */
  static List<PlacedBox> of(Layout layout, int first, int count) {
    if (first + count > layout.length()) {
      throw new IllegalArgumentException(
          "elements %d .. %d of %d".formatted(first, first + count - 1, layout.length()));
    }
    List<PlacedBox> boxes = new ArrayList<>();
    for (Layout.Entry e : layout.entries()) {
      int from = Math.max(first, e.offset()) - e.offset();
      int to = Math.min(first + count, e.offset() + e.shape().size()) - e.offset();
      if (from < to) {
        IndexRange.of(e.shape(), from, to - from)
            .forEach(
                region ->
                    boxes.add(
                        new PlacedBox(
                            e.offset() + region.first(),
                            new Differentiator.Box(e.name(), region))));
      }
    }
    return boxes;
  }
}
