package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.sink.NpyFile;
import org.sparkcurvature.job.sink.TiledMatrix;

/** Matrices that fit into no process. */
class TiledMatricesTest {
  private static final int CLASSES = 10;
  private static final int WIDTH = 1201;
  private static final int ROWS = 3;
  private static final double WEIGHT = 0.5;

  @TempDir Path folder;

  private static double x(int row, int i) {
    return Math.sin(row * 31 + i);
  }

  /** Softmax regression at W = 0: every class has the probability 1 / CLASSES. */
  private static double hessian(int r, int c) {
    double same = r / WIDTH == c / WIDTH ? 1.0 / CLASSES : 0;
    double sum = 0;
    for (int row = 0; row < ROWS; row++) {
      sum += x(row, r % WIDTH) * x(row, c % WIDTH) * (same - 1.0 / CLASSES / CLASSES);
    }
    return sum / ROWS + (r == c ? 2 * WEIGHT : 0);
  }

  /** The outer product of the gradients there; class y of a row is its number modulo CLASSES. */
  private static double opg(int r, int c) {
    double sum = 0;
    for (int row = 0; row < ROWS; row++) {
      double left = 1.0 / CLASSES - (row % CLASSES == r / WIDTH ? 1 : 0);
      double right = 1.0 / CLASSES - (row % CLASSES == c / WIDTH ? 1 : 0);
      sum += left * right * x(row, r % WIDTH) * x(row, c % WIDTH);
    }
    return sum / ROWS;
  }

  @Test
  void areSummedAndWrittenInTiles() throws IOException {
    LocalSpark.session()
        .range(ROWS)
        .selectExpr(
            "transform(sequence(0, %d), i -> sin(id * 31 + i)) AS x".formatted(WIDTH - 1),
            "id %% %d AS y".formatted(CLASSES))
        .write()
        .parquet(folder + "/rows");
    Path config =
        Files.writeString(
            folder.resolve("large.conf"),
            """
            curvature {
              input { path = "%1$s/rows", format = parquet, tensors { x = x, y = y } }
              model {
                parameters { W { shape = [%2$d, %3$d], fill = 0 } }
                loss = "cross_entropy(matmul(W, x), y)"
                penalty = "%4$s * sum(square(W))"
              }
              derive.global { opg = true }
              output { path = "%1$s/out" }
            }
            """
                .formatted(folder, CLASSES, WIDTH, WEIGHT));
    Console console = Console.run("derive", "--config", config.toString());
    assertThat(console.exitCode()).as(console.err()).isZero();

    int p = CLASSES * WIDTH;
    assertThat(folder.resolve("out/hessian.npy")).doesNotExist();
    int bands = (p + 511) / 512;
    assertTiles("hessian", bands, TiledMatricesTest::hessian);
    assertTiles("opg", bands, TiledMatricesTest::opg);
    double[] diagonal = NpyFile.read(folder.resolve("out/hessian_diagonal.npy")).values();
    assertThat(diagonal).hasSize(p);
    assertThat(diagonal[4321]).isCloseTo(hessian(4321, 4321), within(1e-14));
    JsonNode summary = new ObjectMapper().readTree(folder.resolve("out/summary.json").toFile());
    assertThat(summary.get("hessian").get("not_computed").asText()).contains("written in tiles");
    assertThat(summary.get("stages").get("global_pass").get("rows").asInt()).isEqualTo(ROWS);
    assertThat(summary.get("stages").get("tiles").get("rows").asInt() % ROWS).isZero();
    assertThat(summary.get("stages").get("tiles").get("tasks").asInt()).isGreaterThan(bands);

    TiledMatrix matrix = TiledMatrix.open(LocalSpark.session(), folder + "/out/hessian");
    assertThat(matrix.order()).isEqualTo(p);
    double[] vector = new double[p];
    vector[7000] = 1;
    vector[11] = 2;
    double[] product = matrix.times(vector);
    for (int i = 0; i < p; i += 97) {
      assertThat(product[i]).isCloseTo(hessian(i, 7000) + 2 * hessian(i, 11), within(1e-13));
    }
  }

  private void assertTiles(String name, int bands, IntToDoubleBiFunction expected) {
    List<Row> tiles =
        LocalSpark.session()
            .read()
            .parquet(folder + "/out/" + name)
            .selectExpr(
                "row", "col", "rows", "cols", "values[5]", "values[cols]", "element_at(values, -1)")
            .collectAsList();
    assertThat(tiles).hasSize(bands * (bands + 1) / 2);
    for (Row tile : tiles) {
      int row = tile.getInt(0);
      int col = tile.getInt(1);
      int rows = tile.getInt(2);
      int cols = tile.getInt(3);
      assertThat(tile.getDouble(4)).isCloseTo(expected.of(row, col + 5), within(1e-14));
      assertThat(tile.getDouble(5)).isCloseTo(expected.of(row + 1, col), within(1e-14));
      assertThat(tile.getDouble(6))
          .isCloseTo(expected.of(row + rows - 1, col + cols - 1), within(1e-14));
    }
  }

  @FunctionalInterface
  private interface IntToDoubleBiFunction {
    double of(int row, int column);
  }
}
