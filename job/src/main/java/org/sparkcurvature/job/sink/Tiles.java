package org.sparkcurvature.job.sink;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.solve.Tiling;

/**
 * A symmetric matrix as a Parquet table of tiles of its upper triangle: {@code row, col} (the
 * tile's first), {@code rows, cols} (its extents, at most 512) and {@code values}, row-major. Tiles
 * on the diagonal are whole.
 *
 * <p>The driver holds the matrix, so the driver writes it, one tile after the other: shipping it to
 * executors would send and hold it a second time. A matrix that no process holds is written by
 * {@link org.sparkcurvature.job.derive.TiledPass}, in the same form.
 */
final class Tiles {
  private Tiles() {}

  static final int WIDTH = Tiling.WIDTH;

  private static final long ROW_GROUP_BYTES = 32L << 20;

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message tile {
            required int32 row;
            required int32 col;
            required int32 rows;
            required int32 cols;
            required group values (LIST) {
              repeated group list {
                required double element;
              }
            }
          }
          """);

  /**
   * @param row first row
   * @param col first column
   * @param rows number of rows
   * @param cols number of columns
   * @param values row-major; may be longer
   */
  private record Tile(int row, int col, int rows, int cols, double[] values) {}

  /**
   * Writes all tiles of {@code matrix} into one file of {@code folder}.
   *
   * @throws IOException if the file system refuses
   */
  static void write(Path folder, Configuration configuration, SymmetricMatrix matrix)
      throws IOException {
    try (ParquetWriter<Tile> writer = writer(folder, configuration)) {
      int n = matrix.order();
      double[] values = new double[Math.min(WIDTH, n) * Math.min(WIDTH, n)];
      for (int row = 0; row < n; row += WIDTH) {
        for (int col = row; col < n; col += WIDTH) {
          Tile tile =
              new Tile(row, col, Math.min(WIDTH, n - row), Math.min(WIDTH, n - col), values);
          matrix.copyBlock(tile.row(), tile.col(), tile.rows(), tile.cols(), values);
          writer.write(tile);
        }
      }
    }
  }

  private static ParquetWriter<Tile> writer(Path folder, Configuration configuration)
      throws IOException {
    OutputFile file =
        HadoopOutputFile.fromPath(new Path(folder, "part-00000.snappy.parquet"), configuration);
    return new Builder(file)
        .withConf(configuration)
        .withCompressionCodec(CompressionCodecName.SNAPPY)
        .withDictionaryEncoding(false)
        .withRowGroupSize(ROW_GROUP_BYTES)
        // A tile is up to 2 MiB; by default Parquet looks at its memory after 100 rows.
        .withMinRowCountForPageSizeCheck(1)
        .build();
  }

  private static final class Builder extends ParquetWriter.Builder<Tile, Builder> {
    Builder(OutputFile file) {
      super(file);
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract, unlike what has taken its place
    protected WriteSupport<Tile> getWriteSupport(Configuration configuration) {
      return new TileSupport();
    }
  }

  /** Turns a tile into Parquet's events. */
  private static final class TileSupport extends WriteSupport<Tile> {
    private RecordConsumer consumer;

    @Override
    @SuppressWarnings("deprecation") // abstract, unlike what has taken its place
    public WriteContext init(Configuration configuration) {
      return new WriteContext(SCHEMA, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
      consumer = recordConsumer;
    }

    @Override
    public void write(Tile tile) {
      consumer.startMessage();
      List<Integer> numbers = List.of(tile.row(), tile.col(), tile.rows(), tile.cols());
      for (int k = 0; k < numbers.size(); k++) {
        consumer.startField(SCHEMA.getFieldName(k), k);
        consumer.addInteger(numbers.get(k));
        consumer.endField(SCHEMA.getFieldName(k), k);
      }
      consumer.startField("values", numbers.size());
      consumer.startGroup();
      consumer.startField("list", 0);
      for (int k = 0; k < tile.rows() * tile.cols(); k++) {
        consumer.startGroup();
        consumer.startField("element", 0);
        consumer.addDouble(tile.values()[k]);
        consumer.endField("element", 0);
        consumer.endGroup();
      }
      consumer.endField("list", 0);
      consumer.endGroup();
      consumer.endField("values", numbers.size());
      consumer.endMessage();
    }
  }
}
