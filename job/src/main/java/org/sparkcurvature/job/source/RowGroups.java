package org.sparkcurvature.job.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.sparkcurvature.job.errors.Failures;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The row groups of the largest Parquet files that a table is read from. A row group is the one
 * thing of a partition that is in memory as a whole: all chunks of the columns that are read, as
 * they are in the file. Uses Spark's plans, which are not a stable interface.
 */
final class RowGroups {
  private RowGroups() {}

  /** Files to look into: where the largest have small row groups, the others do, too. */
  private static final int FILES = 8;

  /** A file, and how many bytes of it are read. */
  private record Parquet(Path path, long length, Set<String> columns) {}

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

  private static List<Parquet> files(SparkPlan plan, long atLeast) {
    List<Parquet> files = new ArrayList<>();
    for (SparkPlan leaf : CollectionConverters.asJava(plan.collectLeaves())) {
      if (leaf instanceof FileSourceScanExec scan
          && scan.relation().fileFormat() instanceof ParquetFileFormat) {
        Set<String> columns =
            Set.of(scan.requiredSchema().fieldNames()).stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        CollectionConverters.asJava(
                scan.relation().location().listFiles(scan.partitionFilters(), scan.dataFilters()))
            .forEach(
                directory ->
                    CollectionConverters.asJava(directory.files())
                        .forEach(
                            file -> {
                              FileStatus status = file.fileStatus();
                              files.add(new Parquet(status.getPath(), status.getLen(), columns));
                            }));
      }
    }
    return files.stream()
        .filter(file -> file.length() >= atLeast)
        .sorted(Comparator.comparingLong(Parquet::length).reversed())
        .limit(FILES)
        .toList();
  }

  private static List<RowGroup> groups(Parquet file, Configuration hadoop) {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(file.path(), hadoop))) {
      return reader.getFooter().getBlocks().stream()
          .map(group -> new RowGroup(file.path().toString(), bytes(group, file.columns())))
          .toList();
    } catch (IOException | RuntimeException e) {
      // Whoever reads the rows says what is wrong with the file.
      return List.of();
    }
  }

  private static long bytes(BlockMetaData group, Set<String> columns) {
    return group.getColumns().stream()
        .filter(chunk -> columns.contains(chunk.getPath().toArray()[0].toLowerCase(Locale.ROOT)))
        .mapToLong(chunk -> chunk.getTotalSize())
        .sum();
  }
}
