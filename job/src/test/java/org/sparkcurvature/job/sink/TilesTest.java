package org.sparkcurvature.job.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.solve.SymmetricMatrix;

class TilesTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(ints = {1, 511, 512, 513, 1300})
  void sparkReadsTheUpperTriangleBack(int order) throws IOException {
    SymmetricMatrix matrix = Matrices.of(order, (i, j) -> Math.sin(i + 1.0) * Math.cos(j));
    Tiles.write(new org.apache.hadoop.fs.Path(temporary + "/hessian"), new Configuration(), matrix);
    List<Row> tiles =
        LocalSpark.session()
            .read()
            .parquet(temporary + "/hessian")
            .select("row", "col", "rows", "cols", "values")
            .orderBy("row", "col")
            .collectAsList();
    int bands = (order + 511) / 512;
    assertThat(tiles).hasSize(bands * (bands + 1) / 2);
    double[] square = matrix.toSquare();
    int tile = 0;
    for (int row = 0; row < order; row += 512) {
      for (int col = row; col < order; col += 512) {
        Row read = tiles.get(tile++);
        int rows = Math.min(512, order - row);
        int cols = Math.min(512, order - col);
        assertThat(List.of(read.getInt(0), read.getInt(1), read.getInt(2), read.getInt(3)))
            .containsExactly(row, col, rows, cols);
        List<Double> values = read.getList(4);
        assertThat(values).hasSize(rows * cols);
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < cols; j++) {
            if (values.get(i * cols + j) != square[(row + i) * order + col + j]) {
              throw new AssertionError("tile " + row + ", " + col + " differs at " + i + ", " + j);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 511, 512, 513, 1300})
  void tilesArePutTogetherAndMultipliedBy(int order) throws IOException {
    SymmetricMatrix matrix = Matrices.of(order, (i, j) -> Math.sin(i + 1.0) * Math.cos(j));
    Tiles.write(new org.apache.hadoop.fs.Path(temporary + "/m"), new Configuration(), matrix);
    TiledMatrix read = TiledMatrix.open(LocalSpark.session(), temporary + "/m");
    assertThat(read.order()).isEqualTo(order);
    assertThat(read.toMatrix().toSquare()).isEqualTo(matrix.toSquare());
    double[] vector = new Random(4).doubles(order, -1, 1).toArray();
    double[] product = read.times(vector);
    for (int i = 0; i < order; i++) {
      double sum = 0;
      for (int j = 0; j < order; j++) {
        sum += matrix.at(i, j) * vector[j];
      }
      assertThat(product[i]).isCloseTo(sum, within(1e-12));
    }
  }

  @Test
  void missingTilesAreNoticed() throws IOException {
    SymmetricMatrix matrix = Matrices.of(600, (i, j) -> 1);
    Tiles.write(new org.apache.hadoop.fs.Path(temporary + "/m"), new Configuration(), matrix);
    LocalSpark.session()
        .read()
        .parquet(temporary + "/m")
        .where("row > 0 OR col = 0")
        .write()
        .parquet(temporary + "/some");
    assertThatThrownBy(() -> TiledMatrix.open(LocalSpark.session(), temporary + "/some"))
        .isInstanceOf(JobException.class)
        .hasMessageContaining("matrix of order 600");
  }
}
