package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.orc.OrcFileFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A Parquet or ORC file that a table is read from. Uses Spark's plans, which are not a stable
 * interface.
 *
 * @param kind what its format calls rows that are read at once
 * @param path where it is
 * @param length in bytes
 * @param columns which of its columns are read, in lower case
 */
record ColumnarFile(RowGroup.Kind kind, Path path, long length, Set<String> columns) {

  /** The files that a plan reads, the longest first. */
  static List<ColumnarFile> under(SparkPlan plan) {
    List<ColumnarFile> files = new ArrayList<>();
    for (SparkPlan leaf : CollectionConverters.asJava(plan.collectLeaves())) {
      if (leaf instanceof FileSourceScanExec scan) {
        Set<String> columns = columns(scan);
        kind(scan)
            .ifPresent(
                kind ->
                    files(scan)
                        .forEach(
                            file ->
                                files.add(
                                    new ColumnarFile(
                                        kind, file.getPath(), file.getLen(), columns))));
      }
    }
    files.sort(Comparator.comparingLong(ColumnarFile::length).reversed());
    return files;
  }

  /** Of which of these formats the files of a scan are. */
  static Optional<RowGroup.Kind> kind(FileSourceScanExec scan) {
    FileFormat format = scan.relation().fileFormat();
    return format instanceof ParquetFileFormat
        ? Optional.of(RowGroup.Kind.PARQUET)
        : format instanceof OrcFileFormat ? Optional.of(RowGroup.Kind.ORC) : Optional.empty();
  }

  private static Set<String> columns(FileSourceScanExec scan) {
    return Arrays.stream(scan.requiredSchema().fieldNames())
        .map(name -> name.toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  /** The files that a scan reads, of whatever format. */
  static List<FileStatus> files(FileSourceScanExec scan) {
    List<FileStatus> files = new ArrayList<>();
    CollectionConverters.asJava(
            scan.relation().location().listFiles(scan.partitionFilters(), scan.dataFilters()))
        .forEach(
            directory ->
                CollectionConverters.asJava(directory.files())
                    .forEach(file -> files.add(file.fileStatus())));
    return files;
  }

  boolean reads(String column) {
    return columns.contains(column.toLowerCase(Locale.ROOT));
  }
}
