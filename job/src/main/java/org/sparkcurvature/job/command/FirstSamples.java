package org.sparkcurvature.job.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructField;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.job.config.OutputFormat;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.report.ShownSample;
import org.sparkcurvature.job.source.LiteralPath;

/** The first rows of a per-sample table as it was written, to be shown. */
final class FirstSamples {
  private FirstSamples() {}

  private static final String ROW = "row";
  private static final String ID = "id";

  /**
   * Reads the first rows in the order of the input, from as few files as hold them.
   *
   * @param folder the table
   * @param columns the results
   * @param shown which of them are shown; of the others only the length is
   * @param count how many
   */
  static List<ShownSample> read(
      SparkSession spark,
      Path folder,
      OutputFormat format,
      List<DerivativeSpec.Column> columns,
      Predicate<String> shown,
      int count) {
    Set<String> results =
        columns.stream().map(DerivativeSpec.Column::name).filter(shown).collect(Collectors.toSet());
    List<ShownSample> samples = new ArrayList<>();
    for (Path file : files(spark, folder)) {
      if (samples.size() >= count) {
        break;
      }
      List<Row> rows =
          Failures.translateWriting(
              folder.toString(),
              () -> {
                Dataset<Row> table =
                    spark
                        .read()
                        .format(format.name().toLowerCase(Locale.ROOT))
                        .load(LiteralPath.of(file.toString()));
                return table
                    .select(
                        Arrays.stream(table.columns())
                            .filter(name -> wanted(name, results))
                            .map(table::col)
                            .toArray(Column[]::new))
                    .limit(count - samples.size())
                    .collectAsList();
              });
      rows.forEach(row -> samples.add(sample(row, columns)));
    }
    samples.sort(Comparator.comparingLong(ShownSample::row));
    return samples;
  }

  /** What is not shown is not read: a Hessian may take more memory than there is. */
  private static boolean wanted(String column, Set<String> results) {
    return column.equals(ROW) || column.equals(ID) || results.contains(column);
  }

  /** Spark numbers a table's files as it numbers the partitions that they come from. */
  private static List<Path> files(SparkSession spark, Path folder) {
    try {
      FileSystem files = folder.getFileSystem(spark.sessionState().newHadoopConf());
      return Arrays.stream(files.listStatus(folder))
          .filter(FileStatus::isFile)
          .map(FileStatus::getPath)
          .filter(path -> path.getName().startsWith("part-"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ShownSample sample(Row row, List<DerivativeSpec.Column> all) {
    Set<String> results = all.stream().map(DerivativeSpec.Column::name).collect(Collectors.toSet());
    Map<String, double[]> columns = new LinkedHashMap<>();
    Optional<String> id = Optional.empty();
    for (StructField field : row.schema().fields()) {
      Object value = row.getAs(field.name());
      if (field.name().equals(ID)) {
        id = Optional.of(String.valueOf(value));
      } else if (results.contains(field.name()) && field.dataType() instanceof ArrayType) {
        columns.put(
            field.name(),
            row.<Double>getList(row.fieldIndex(field.name())).stream()
                .mapToDouble(Double::doubleValue)
                .toArray());
      } else if (results.contains(field.name())) {
        columns.put(field.name(), new double[] {(Double) value});
      }
    }
    Map<String, Integer> lengths = new LinkedHashMap<>();
    all.forEach(column -> lengths.put(column.name(), column.length()));
    return new ShownSample(row.<Long>getAs(ROW), id, columns, lengths);
  }
}
