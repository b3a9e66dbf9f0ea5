package org.sparkcurvature.job.solve;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.engine.Request.Rectangle;

/**
 * How a symmetric matrix is cut: its upper triangle into tiles, numbered row by row; and the tiles
 * into groups, each of which one task sums.
 *
 * @param order P
 * @param groups neighbouring tiles put together: rectangles whose edges are edges of tiles
 */
public record Tiling(int order, List<List<Rectangle>> groups) implements Serializable {

  /** The most rows and columns of a tile. */
  public static final int WIDTH = 512;

  /** A task gains nothing by more elements than this, and there would be fewer tasks. */
  private static final long MOST_ELEMENTS = 1 << 23;

  public Tiling {
    groups = groups.stream().map(List::copyOf).toList();
  }

  /**
   * Cuts a matrix.
   *
   * @param order P
   * @param elements how many elements a task may hold; it holds a tile at least
   */
  public static Tiling of(int order, long elements) {
    long most = Math.min(MOST_ELEMENTS, elements);
    List<List<Rectangle>> groups = new ArrayList<>();
    List<Rectangle> group = new ArrayList<>();
    long held = 0;
    for (int row = 0; row < order; row += WIDTH) {
      int rows = Math.min(WIDTH, order - row);
      int widest = (int) Math.max(1, most / rows / WIDTH) * WIDTH;
      for (int column = row; column < order; column += widest) {
        Rectangle band = new Rectangle(row, column, rows, Math.min(widest, order - column));
        if (!group.isEmpty() && held + band.size() > most) {
          groups.add(group);
          group = new ArrayList<>();
          held = 0;
        }
        group.add(band);
        held += band.size();
      }
    }
    groups.add(group);
    return new Tiling(order, groups);
  }

  /** Elements of all tiles of a matrix of this order: diagonal tiles are whole. */
  public static long elements(long order) {
    long last = order % WIDTH;
    return (order * order + order / WIDTH * WIDTH * WIDTH + last * last) / 2;
  }

  private int bands() {
    return (order + WIDTH - 1) / WIDTH;
  }

  /** How many tiles there are. */
  public int tiles() {
    return Math.toIntExact((long) bands() * (bands() + 1) / 2);
  }

  /** The number of the tile with this first row and column. */
  public int number(int row, int column) {
    int band = row / WIDTH;
    return Math.toIntExact(
        (long) band * bands() - (long) band * (band - 1) / 2 + column / WIDTH - band);
  }

  /** The tile of this number. */
  public Rectangle tile(int number) {
    int band = 0;
    while (band + 1 < bands() && number((band + 1) * WIDTH, (band + 1) * WIDTH) <= number) {
      band++;
    }
    int row = band * WIDTH;
    int column = (band + number - number(row, row)) * WIDTH;
    return new Rectangle(
        row, column, Math.min(WIDTH, order - row), Math.min(WIDTH, order - column));
  }

  /** The tiles that a rectangle of a group is made of. */
  public static List<Rectangle> tiles(Rectangle rectangle) {
    List<Rectangle> tiles = new ArrayList<>();
    int end = rectangle.column() + rectangle.columns();
    for (int column = rectangle.column(); column < end; column += WIDTH) {
      tiles.add(
          new Rectangle(rectangle.row(), column, rectangle.rows(), Math.min(WIDTH, end - column)));
    }
    return tiles;
  }
}
