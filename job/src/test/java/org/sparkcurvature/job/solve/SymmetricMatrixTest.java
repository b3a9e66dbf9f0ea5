package org.sparkcurvature.job.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SymmetricMatrixTest {

  @Test
  void elementsAreReadInEitherOrder() {
    SymmetricMatrix matrix = SymmetricMatrix.ofPacked(3, new double[] {1, 2, 3, 4, 5, 6});
    assertThat(matrix.toSquare()).containsExactly(1, 2, 3, 2, 4, 5, 3, 5, 6);
    assertThat(matrix.diagonal()).containsExactly(1, 4, 6);
    assertThat(matrix.at(2, 1)).isEqualTo(matrix.at(1, 2)).isEqualTo(5);
  }

  @Test
  void anyRectangleIsWhatElementsSay() {
    int n = 23;
    Random random = new Random(5);
    SymmetricMatrix matrix =
        SymmetricMatrix.ofPacked(n, random.doubles(SymmetricMatrix.packedLength(n)).toArray());
    for (int trial = 0; trial < 2000; trial++) {
      int row = random.nextInt(n);
      int column = random.nextInt(n);
      int rows = 1 + random.nextInt(n - row);
      int columns = 1 + random.nextInt(n - column);
      double[] block = new double[rows * columns];
      matrix.copyBlock(row, column, rows, columns, block);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          assertThat(block[i * columns + j]).isEqualTo(matrix.at(row + i, column + j));
        }
      }
    }
  }

  @Test
  void anotherLengthIsRefused() {
    assertThatThrownBy(() -> SymmetricMatrix.ofPacked(3, new double[5]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a symmetric matrix of order 3 has 6 packed elements, not 5");
  }

  @Test
  void nanAndInfinityAreSeen() {
    assertThat(SymmetricMatrix.ofPacked(1, new double[] {1}).isFinite()).isTrue();
    assertThat(SymmetricMatrix.ofPacked(1, new double[] {Double.NaN}).isFinite()).isFalse();
    assertThat(
            SymmetricMatrix.ofPacked(2, new double[] {1, Double.NEGATIVE_INFINITY, 1}).isFinite())
        .isFalse();
  }
}
