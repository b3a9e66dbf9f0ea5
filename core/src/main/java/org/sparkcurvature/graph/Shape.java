package org.sparkcurvature.graph;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The shape of one sample's tensor: its extents, outermost first (row-major). Rank 0 is a scalar.
 * The sample axis is never part of a shape: whether a tensor differs from sample to sample is
 * {@link Node#sampled()}.
 *
 * @param extents one extent per axis, each at least 1
 */
public record Shape(List<Integer> extents) implements Serializable {

  /** The shape of a scalar. */
  public static final Shape SCALAR = new Shape(List.of());

  public Shape {
    extents = List.copyOf(extents);
    long size = 1;
    for (int extent : extents) {
      if (extent < 1) {
        throw new ExpressionException("shape " + extents + " has an extent below 1");
      }
      size = Math.multiplyExact(size, extent);
      if (size > Integer.MAX_VALUE) {
        throw new ExpressionException(
            "shape " + extents + " has more than " + Integer.MAX_VALUE + " elements");
      }
    }
  }

  /** The shape with these extents; none for a scalar. */
  public static Shape of(int... extents) {
    List<Integer> list = new ArrayList<>();
    for (int extent : extents) {
      list.add(extent);
    }
    return new Shape(list);
  }

  public int rank() {
    return extents.size();
  }

  public int extent(int axis) {
    return extents.get(axis);
  }

  /** Number of elements; 1 for a scalar. */
  public int size() {
    int size = 1;
    for (int extent : extents) {
      size *= extent;
    }
    return size;
  }

  public boolean isScalar() {
    return extents.isEmpty();
  }

  /** This shape behind a further leading axis. */
  public Shape behind(int extent) {
    List<Integer> list = new ArrayList<>(extents.size() + 1);
    list.add(extent);
    list.addAll(extents);
    return new Shape(list);
  }

  /** This shape with {@code axis} of another extent. */
  public Shape with(int axis, int extent) {
    List<Integer> list = new ArrayList<>(extents);
    list.set(axis, extent);
    return new Shape(list);
  }

  /** {@code [3, 4]}; {@code []} for a scalar. */
  @Override
  public String toString() {
    return extents.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
  }
}
