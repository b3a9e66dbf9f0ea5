package org.sparkcurvature.plan.lower;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.plan.steps.Axis;

/**
 * Where the elements of a tensor lie in another one: for each element of the result, which element
 * of the source it is, or -1 for zero.
 */
final class IndexMaps {
  private IndexMaps() {}

  /** An axis of a shape, with what is before and behind it. */
  static Axis axis(Shape shape, int axis) {
    int outer = 1;
    for (int k = 0; k < axis; k++) {
      outer *= shape.extent(k);
    }
    int extent = shape.extent(axis);
    return new Axis(outer, extent, shape.size() / outer / extent);
  }

  /**
   * Axis k of the result is axis {@code axes[k]} of the source; one named twice makes a diagonal.
   */
  static int[] spread(Shape from, List<Integer> axes, Shape to) {
    int[] strides = strides(from.extents());
    int[] map = new int[to.size()];
    int[] position = new int[to.rank()];
    int[] value = new int[from.rank()];
    for (int k = 0; k < map.length; k++) {
      Arrays.fill(value, -1);
      boolean agree = true;
      int at = 0;
      for (int axis = 0; axis < position.length; axis++) {
        int source = axes.get(axis);
        if (value[source] < 0) {
          value[source] = position[axis];
          at += position[axis] * strides[source];
        } else {
          agree &= value[source] == position[axis];
        }
      }
      map[k] = agree ? at : -1;
      for (int axis = position.length - 1; axis >= 0; axis--) {
        position[axis]++;
        if (position[axis] < to.extent(axis)) {
          break;
        }
        position[axis] = 0;
      }
    }
    return map;
  }

  /** So many positions of an axis, from one on. */
  static int[] slice(Axis axis, int from, int length) {
    int[] map = new int[axis.outer() * length * axis.inner()];
    int at = 0;
    for (int o = 0; o < axis.outer(); o++) {
      for (int k = 0; k < length * axis.inner(); k++) {
        map[at++] = (o * axis.extent() + from) * axis.inner() + k;
      }
    }
    return map;
  }

  /** The source at a position of a longer axis, and zeros around it. */
  static int[] pad(Axis axis, int from, int extent) {
    int[] map = new int[axis.outer() * extent * axis.inner()];
    Arrays.fill(map, -1);
    int run = axis.extent() * axis.inner();
    for (int o = 0; o < axis.outer(); o++) {
      for (int k = 0; k < run; k++) {
        map[(o * extent + from) * axis.inner() + k] = o * run + k;
      }
    }
    return map;
  }

  /** How far a step along each axis goes, row-major. */
  static int[] strides(List<Integer> extents) {
    int[] strides = new int[extents.size()];
    int stride = 1;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= extents.get(axis);
    }
    return strides;
  }

  /** How far each element of a tensor is moved, where a step along an axis moves so far. */
  static int[] offsets(Shape shape, List<Integer> labels, Map<Integer, Integer> strides) {
    int[] offsets = new int[shape.size()];
    int[] inner = strides(shape.extents());
    for (int k = 0; k < offsets.length; k++) {
      for (int axis = 0; axis < inner.length; axis++) {
        int position = k / inner[axis] % shape.extent(axis);
        offsets[k] += position * strides.getOrDefault(labels.get(axis), 0);
      }
    }
    return offsets;
  }
}
