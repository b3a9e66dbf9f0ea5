package org.sparkcurvature.job.sink;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.reduce.FixedTree;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.source.InternalRows;
import org.sparkcurvature.job.source.LiteralPath;

/**
 * A symmetric matrix that a run wrote in tiles of its upper triangle, such as {@code
 * <output>/hessian}: put together, or multiplied by where it lies.
 */
public final class TiledMatrix {
  /** The columns before the values. */
  private static final int HEADER = 4;

  private final Dataset<Row> tiles;
  private final int order;

  private TiledMatrix(Dataset<Row> tiles, int order) {
    this.tiles = tiles;
    this.order = order;
  }

  /**
   * Opens a folder of tiles.
   *
   * @param path the folder, a path or URI
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3 if there is none, or tiles
   *     are missing
   */
  public static TiledMatrix open(SparkSession spark, String path) {
    return Failures.translate(
        () -> {
          Dataset<Row> tiles =
              spark
                  .read()
                  .parquet(LiteralPath.of(path))
                  .select("row", "col", "rows", "cols", "values");
          Row found =
              tiles
                  .agg(
                      functions.expr("coalesce(max(col + cols), 0)"),
                      functions.expr(
                          "coalesce(sum(if(row = col, rows * (rows + 1L) div 2, 1L * rows * cols)), 0L)"))
                  .first();
          int order = found.getInt(0);
          long elements = found.getLong(1);
          if (elements == 0 || elements != SymmetricMatrix.packedLength(order)) {
            throw Errors.tilesMissing(path, elements, order);
          }
          return new TiledMatrix(tiles, order);
        });
  }

  /** P: the number of rows and of columns. */
  public int order() {
    return order;
  }

  /**
   * All of it, in this process: P(P+1)/2 doubles, and one tile more.
   *
   * @throws IllegalArgumentException if that is more than an array of Java can hold
   */
  public SymmetricMatrix toMatrix() {
    if (SymmetricMatrix.packedLength(order) > Integer.MAX_VALUE - 8L) {
      throw new IllegalArgumentException(
          "a matrix of order %,d is longer than Java's arrays; multiply by it instead"
              .formatted(order));
    }
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(order))];
    Iterator<double[]> values = Failures.translate(() -> headed().toLocalIterator());
    while (Failures.translate(values::hasNext)) {
      Tile tile = new Tile(values.next());
      for (int i = 0; i < tile.rows(); i++) {
        int row = tile.row() + i;
        int skipped = tile.isDiagonal() ? i : 0;
        System.arraycopy(
            tile.headed(),
            tile.at(i, skipped),
            packed,
            SymmetricMatrix.index(order, row, tile.column() + skipped),
            tile.columns() - skipped);
      }
    }
    return SymmetricMatrix.ofPacked(order, packed);
  }

  /**
   * The matrix times a vector, computed where the tiles lie; no process holds the matrix.
   *
   * @param vector length P
   * @return length P
   */
  public double[] times(double[] vector) {
    if (vector.length != order) {
      throw new IllegalArgumentException(
          "a vector of length %d for a matrix of order %d".formatted(vector.length, order));
    }
    Broadcast<double[]> sent =
        JavaSparkContext.fromSparkContext(tiles.sparkSession().sparkContext()).broadcast(vector);
    try {
      JavaRDD<double[]> partials =
          headed().mapPartitions(held -> List.of(product(held, sent.value())).iterator());
      return FixedTree.reduce(partials, (long) order * Double.BYTES, TiledMatrix::add)
          .orElseThrow();
    } finally {
      sent.destroy();
    }
  }

  private static double[] product(Iterator<double[]> held, double[] x) {
    double[] y = new double[x.length];
    while (held.hasNext()) {
      Tile tile = new Tile(held.next());
      for (int i = 0; i < tile.rows(); i++) {
        double sum = 0;
        for (int j = 0; j < tile.columns(); j++) {
          double element = tile.headed()[tile.at(i, j)];
          sum += element * x[tile.column() + j];
          if (!tile.isDiagonal()) {
            y[tile.column() + j] += element * x[tile.row() + i];
          }
        }
        y[tile.row() + i] += sum;
      }
    }
    return y;
  }

  private static void add(double[] into, double[] other) {
    for (int i = 0; i < into.length; i++) {
      into[i] += other[i];
    }
  }

  /** Each tile as one array: row, col, rows, cols and the values. */
  private JavaRDD<double[]> headed() {
    return InternalRows.of(tiles)
        .map(
            row -> {
              double[] values = row.getArray(HEADER).toDoubleArray();
              double[] headed = new double[HEADER + values.length];
              for (int k = 0; k < HEADER; k++) {
                headed[k] = row.getInt(k);
              }
              System.arraycopy(values, 0, headed, HEADER, values.length);
              return headed;
            });
  }

  /** Names what such an array holds. */
  private record Tile(double[] headed) {
    int row() {
      return (int) headed[0];
    }

    int column() {
      return (int) headed[1];
    }

    int rows() {
      return (int) headed[2];
    }

    int columns() {
      return (int) headed[3];
    }

    boolean isDiagonal() {
      return row() == column();
    }

    int at(int i, int j) {
      return HEADER + i * columns() + j;
    }
  }
}
