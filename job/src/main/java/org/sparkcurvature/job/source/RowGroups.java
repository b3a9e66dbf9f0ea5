package org.sparkcurvature.job.source;

import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.orc.ColumnStatistics;
import org.apache.orc.OrcFile;
import org.apache.orc.Reader;
import org.apache.orc.TypeDescription;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.SparkPlan;
import org.sparkcurvature.job.errors.Failures;

/**
 * The row groups of the largest Parquet files, or the stripes of the largest ORC files, that a
 * table is read from: the one thing of a partition that is in memory as a whole, all that there is
 * of the columns that are read, as it is in the file.
 */
final class RowGroups {
  private RowGroups() {}

  /** Files to look into: where the largest have small row groups, the others do, too. */
  private static final int FILES = 8;

  /**
   * The largest row groups, in descending order.
   *
   * @param table what is read
   * @param atLeast smaller files cannot have a row group that matters, and are not looked into
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3 if a file cannot be read
   */
  static List<RowGroup> of(Dataset<Row> table, long atLeast) {
    Configuration hadoop = ((SparkSession) table.sparkSession()).sessionState().newHadoopConf();
    return Failures.translate(
        () ->
            files(table.queryExecution().executedPlan(), atLeast).stream()
                .flatMap(file -> groups(file, hadoop).stream())
                .sorted(Comparator.comparingLong(RowGroup::bytes).reversed())
                .toList());
  }

  private static List<ColumnarFile> files(SparkPlan plan, long atLeast) {
    return ColumnarFile.under(plan).stream()
        .filter(file -> file.length() >= atLeast)
        .limit(FILES)
        .toList();
  }

  private static List<RowGroup> groups(ColumnarFile file, Configuration hadoop) {
    try {
      return switch (file.kind()) {
        case PARQUET -> rowGroups(file, hadoop);
        case ORC -> stripes(file, hadoop);
      };
    } catch (IOException | RuntimeException e) {
      // Whoever reads the rows says what is wrong with the file.
      return List.of();
    }
  }

  private static List<RowGroup> rowGroups(ColumnarFile file, Configuration hadoop)
      throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(file.path(), hadoop))) {
      return reader.getFooter().getBlocks().stream()
          .map(group -> group(file, bytes(group, file)))
          .toList();
    }
  }

  private static RowGroup group(ColumnarFile file, long bytes) {
    return new RowGroup(file.kind(), file.path().toString(), bytes);
  }

  private static long bytes(BlockMetaData group, ColumnarFile file) {
    return group.getColumns().stream()
        .filter(chunk -> file.reads(chunk.getPath().toArray()[0]))
        .mapToLong(chunk -> chunk.getTotalSize())
        .sum();
  }

  /** A footer has bytes by stripe and by column: each column's share is taken as the file's. */
  private static List<RowGroup> stripes(ColumnarFile file, Configuration hadoop)
      throws IOException {
    try (Reader reader = OrcFile.createReader(file.path(), OrcFile.readerOptions(hadoop))) {
      ColumnStatistics[] columns = reader.getStatistics();
      long all = Arrays.stream(columns).mapToLong(ColumnStatistics::getBytesOnDisk).sum();
      TypeDescription schema = reader.getSchema();
      long read = 0;
      for (int k = 0; k < schema.getChildren().size(); k++) {
        TypeDescription column = schema.getChildren().get(k);
        if (file.reads(schema.getFieldNames().get(k))) {
          for (int id = column.getId(); id <= column.getMaximumId(); id++) {
            read += columns[id].getBytesOnDisk();
          }
        }
      }
      double share = all == 0 ? 0 : (double) read / all;
      return reader.getStripes().stream()
          .map(stripe -> group(file, (long) (share * stripe.getDataLength())))
          .toList();
    }
  }
}
