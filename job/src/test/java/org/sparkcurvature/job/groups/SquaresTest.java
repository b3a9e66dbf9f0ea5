package org.sparkcurvature.job.groups;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums of many numbers together have the bits of each alone, added in the order of rows. */
class SquaresTest {
  private static final int STEP = 41;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
  void matchesOneSumAfterTheOther(int k) {
    Random random = new Random(k);
    int count = 37;
    double[] rows = random.doubles(k * STEP, -1, 1).toArray();
    Squares squares = new Squares(64);
    double[] sums = random.doubles(2 + k + k * (k + 1) / 2).toArray();
    double[] wanted = sums.clone();
    for (int row = 0; row < count; row++) {
      squares.first()[row] = random.nextGaussian();
      squares.second()[row] = random.nextGaussian();
      int to = 2;
      for (int j = 0; j < k; j++) {
        wanted[to++] += squares.first()[row] * rows[1 + j * STEP + row];
      }
      addSquares(rows, 1 + row, k, squares.second()[row], wanted, to);
    }
    squares.add(rows, 1, STEP, count, k, sums, 2, 2 + k);
    assertArrayEquals(wanted, sums);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 8})
  void squaresAlone(int k) {
    Random random = new Random(k);
    int count = 5;
    double[] rows = random.doubles(k * STEP, -1, 1).toArray();
    Squares squares = new Squares(count);
    double[] sums = new double[k * (k + 1) / 2];
    double[] wanted = sums.clone();
    for (int row = 0; row < count; row++) {
      squares.second()[row] = 1 + row;
      addSquares(rows, row, k, 1 + row, wanted, 0);
    }
    squares.add(rows, 0, STEP, count, k, sums);
    assertArrayEquals(wanted, sums);
  }

  private static void addSquares(
      double[] rows, int at, int k, double factor, double[] sums, int from) {
    int to = from;
    for (int i = 0; i < k; i++) {
      for (int j = i; j < k; j++) {
        sums[to++] += factor * rows[at + i * STEP] * rows[at + j * STEP];
      }
    }
  }
}
