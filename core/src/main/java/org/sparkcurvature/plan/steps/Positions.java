package org.sparkcurvature.plan.steps;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Positions in a list of steps, in ascending order. Most buffers have one or two. */
public final class Positions {
  static final Positions NONE = new Positions(0);

  private int[] positions;
  private int size;

  Positions() {
    this(2);
  }

  private Positions(int room) {
    positions = new int[room];
  }

  void add(int position) {
    int at = Arrays.binarySearch(positions, 0, size, position);
    if (at >= 0) {
      return;
    }
    if (size == positions.length) {
      positions = Arrays.copyOf(positions, 2 * size);
    }
    int to = -at - 1;
    System.arraycopy(positions, to, positions, to + 1, size - to);
    positions[to] = position;
    size++;
  }

  void remove(int position) {
    int at = Arrays.binarySearch(positions, 0, size, position);
    if (at >= 0) {
      System.arraycopy(positions, at + 1, positions, at, size - at - 1);
      size--;
    }
  }

  public int size() {
    return size;
  }

  /** The lowest; there must be one. */
  public int first() {
    return positions[0];
  }

  /** Whether there is one above this. */
  public boolean isAnyAbove(int position) {
    return size > 0 && positions[size - 1] > position;
  }

  public IntStream stream() {
    return Arrays.stream(positions, 0, size);
  }
}
