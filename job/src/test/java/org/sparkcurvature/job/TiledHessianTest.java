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

/** A Hessian that fits into no process. */
class TiledHessianTest {
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

  @Test
  void isWrittenInTilesGroupByGroup() throws IOException {
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
              output { path = "%1$s/out" }
            }
            """
                .formatted(folder, CLASSES, WIDTH, WEIGHT));
    Console console = Console.run("derive", "--config", config.toString());
    assertThat(console.exitCode()).as(console.err()).isZero();

    int p = CLASSES * WIDTH;
    assertThat(folder.resolve("out/hessian.npy")).doesNotExist();
    List<Row> tiles =
        LocalSpark.session()
            .read()
            .parquet(folder + "/out/hessian")
            .selectExpr("row", "col", "rows", "cols", "values[5]", "element_at(values, -1)")
            .collectAsList();
    int bands = (p + 511) / 512;
    assertThat(tiles).hasSize(bands * (bands + 1) / 2);
    for (Row tile : tiles) {
      int row = tile.getInt(0);
      int col = tile.getInt(1);
      int cols = tile.getInt(3);
      assertThat(tile.getDouble(4))
          .isCloseTo(hessian(row + 5 / cols, col + 5 % cols), within(1e-14));
      assertThat(tile.getDouble(5))
          .isCloseTo(hessian(row + tile.getInt(2) - 1, col + cols - 1), within(1e-14));
    }
    double[] diagonal = NpyFile.read(folder.resolve("out/hessian_diagonal.npy")).values();
    assertThat(diagonal).hasSize(p);
    assertThat(diagonal[4321]).isCloseTo(hessian(4321, 4321), within(1e-14));
    JsonNode summary = new ObjectMapper().readTree(folder.resolve("out/summary.json").toFile());
    assertThat(summary.get("hessian").get("not_computed").asText()).contains("written in tiles");
    assertThat(summary.get("stages").get("hessian_tiles").get("tasks").asInt())
        .isGreaterThanOrEqualTo(bands);
  }
}
