package org.sparkcurvature.job.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
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
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.orc.OrcFileFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.sparkcurvature.job.errors.Failures;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The row groups of the largest Parquet files, or the stripes of the largest ORC files, that a
 * table is read from: the one thing of a partition that is in memory as a whole, all that there is
 * of the columns that are read, as it is in the file. Uses Spark's plans, which are not a stable
 * interface.
 */
final class RowGroups {
  private RowGroups() {}

  /** Files to look into: where the largest have small row groups, the others do, too. */
  private static final int FILES = 8;

  /** A file, its length in bytes, and which of its columns are read, in lower case. */
  private record Candidate(RowGroup.Kind kind, Path path, long length, Set<String> columns) {
    boolean reads(String column) {
      return columns.contains(column.toLowerCase(Locale.ROOT));
    }

    RowGroup group(long bytes) {
      return new RowGroup(kind, path.toString(), bytes);
    }
  }

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

  private static List<Candidate> files(SparkPlan plan, long atLeast) {
    List<Candidate> files = new ArrayList<>();
    for (SparkPlan leaf : CollectionConverters.asJava(plan.collectLeaves())) {
      if (leaf instanceof FileSourceScanExec scan) {
        kind(scan.relation().fileFormat())
            .ifPresent(kind -> files.addAll(files(kind, scan, columns(scan))));
      }
    }
    return files.stream()
        .filter(file -> file.length() >= atLeast)
        .sorted(Comparator.comparingLong(Candidate::length).reversed())
        .limit(FILES)
        .toList();
  }

  private static Optional<RowGroup.Kind> kind(FileFormat format) {
    return format instanceof ParquetFileFormat
        ? Optional.of(RowGroup.Kind.PARQUET)
        : format instanceof OrcFileFormat ? Optional.of(RowGroup.Kind.ORC) : Optional.empty();
  }

  private static Set<String> columns(FileSourceScanExec scan) {
    return Arrays.stream(scan.requiredSchema().fieldNames())
        .map(name -> name.toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  private static List<Candidate> files(
      RowGroup.Kind kind, FileSourceScanExec scan, Set<String> columns) {
    List<Candidate> files = new ArrayList<>();
    CollectionConverters.asJava(
            scan.relation().location().listFiles(scan.partitionFilters(), scan.dataFilters()))
        .forEach(
            directory ->
                CollectionConverters.asJava(directory.files())
                    .forEach(
                        file -> {
                          FileStatus status = file.fileStatus();
                          files.add(
                              new Candidate(kind, status.getPath(), status.getLen(), columns));
                        }));
    return files;
  }

  private static List<RowGroup> groups(Candidate file, Configuration hadoop) {
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

  private static List<RowGroup> rowGroups(Candidate file, Configuration hadoop) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(file.path(), hadoop))) {
      return reader.getFooter().getBlocks().stream()
          .map(group -> file.group(bytes(group, file)))
          .toList();
    }
  }

  private static long bytes(BlockMetaData group, Candidate file) {
    return group.getColumns().stream()
        .filter(chunk -> file.reads(chunk.getPath().toArray()[0]))
        .mapToLong(chunk -> chunk.getTotalSize())
        .sum();
  }

  /** A footer has bytes by stripe and by column: each column's share is taken as the file's. */
  private static List<RowGroup> stripes(Candidate file, Configuration hadoop) throws IOException {
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
          .map(stripe -> file.group((long) (share * stripe.getDataLength())))
          .toList();
    }
  }
}
