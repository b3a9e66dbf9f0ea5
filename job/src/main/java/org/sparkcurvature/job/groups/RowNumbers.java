package org.sparkcurvature.job.groups;

/**
 * Where the numbers of a row are that was just read: number c of row r is {@code arrays[c][at[c] +
 * r * steps[c]]}.
 */
final class RowNumbers implements GroupRows.Source {
  private final double[][] arrays;
  private final int[] at;
  private final int[] steps;

  /** So many numbers, of which each has to be {@link #set}. */
  RowNumbers(int count) {
    this.arrays = new double[count][];
    this.at = new int[count];
    this.steps = new int[count];
  }

  void set(int number, double[] array, int first, int step) {
    arrays[number] = array;
    at[number] = first;
    steps[number] = step;
  }

  @Override
  public void write(int from, int rows, double[] target, int to) {
    int stride = arrays.length;
    for (int c = 0; c < stride; c++) {
      double[] array = arrays[c];
      int step = steps[c];
      int read = at[c] + from * step;
      int end = to + c + rows * stride;
      for (int place = to + c; place < end; place += stride, read += step) {
        target[place] = array[read];
      }
    }
  }
}
