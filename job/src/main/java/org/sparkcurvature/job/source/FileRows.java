package org.sparkcurvature.job.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.orc.OrcFile;
import org.apache.orc.Reader;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.ColumnarToRowExec;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.FilterExec;
import org.apache.spark.sql.execution.InputAdapter;
import org.apache.spark.sql.execution.ProjectExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.UnionExec;
import org.apache.spark.sql.execution.WholeStageCodegenExec;
import org.sparkcurvature.job.errors.Failures;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How many rows a table has, as far as its files tell without being read: footers of Parquet and
 * ORC files say it, the lengths of text files and of some lines say about how many. Where rows are
 * filtered there may be fewer; where they are joined, grouped or the like nothing is known.
 */
final class FileRows {
  private FileRows() {}

  /** Footers to read; of more files the longest are taken for all. */
  private static final int FILES = 32;

  /** Steps of a plan behind which there are as many rows as before. */
  private static final Set<Class<?>> ROW_FOR_ROW =
      Set.of(
          ProjectExec.class,
          ColumnarToRowExec.class,
          InputAdapter.class,
          WholeStageCodegenExec.class,
          UnionExec.class);

  /** What is known of a table's rows, the more the earlier. */
  private enum Known {
    ALL_OF_FILES,
    SOME_OF_FILES,
    LINES,
    NOTHING
  }

  /** The rows of {@code table}; empty where its files do not tell. Runs no task. */
  static Optional<RowBounds> of(Dataset<Row> table) {
    Configuration hadoop = ((SparkSession) table.sparkSession()).sessionState().newHadoopConf();
    return Failures.translate(
        () -> {
          SparkPlan plan = table.queryExecution().executedPlan();
          Known known = known(plan);
          try {
            return known == Known.NOTHING ? Optional.empty() : counted(plan, known, hadoop);
          } catch (IOException | RuntimeException e) {
            // Whoever reads the rows says what is wrong with the file.
            return Optional.empty();
          }
        });
  }

  private static Known known(SparkPlan plan) {
    Known known = own(plan);
    for (SparkPlan child : CollectionConverters.asJava(plan.children())) {
      Known below = known(child);
      known = below.compareTo(known) > 0 ? below : known;
    }
    return known;
  }

  private static Known own(SparkPlan step) {
    if (step instanceof FileSourceScanExec scan) {
      return ColumnarFile.kind(scan).isPresent()
          ? Known.ALL_OF_FILES
          : TextFiles.areReadBy(scan) ? Known.LINES : Known.NOTHING;
    } else if (step instanceof FilterExec) {
      return Known.SOME_OF_FILES;
    }
    return ROW_FOR_ROW.contains(step.getClass()) ? Known.ALL_OF_FILES : Known.NOTHING;
  }

  private static Optional<RowBounds> counted(SparkPlan plan, Known known, Configuration hadoop)
      throws IOException {
    List<ColumnarFile> files = ColumnarFile.under(plan);
    long rows = 0;
    long bytes = 0;
    for (ColumnarFile file : files.subList(0, Math.min(FILES, files.size()))) {
      rows += rows(file, hadoop);
      bytes += file.length();
    }
    long all = files.stream().mapToLong(ColumnarFile::length).sum();
    long most = bytes == all ? rows : (long) ((double) all / bytes * rows);
    if (known == Known.LINES) {
      OptionalLong lines = TextFiles.lines(text(plan), hadoop);
      return lines.isPresent()
          ? Optional.of(new RowBounds(0, most + lines.getAsLong()))
          : Optional.empty();
    }
    return Optional.of(new RowBounds(known == Known.ALL_OF_FILES ? rows : 0, most));
  }

  private static List<FileStatus> text(SparkPlan plan) {
    List<FileStatus> files = new ArrayList<>();
    for (SparkPlan leaf : CollectionConverters.asJava(plan.collectLeaves())) {
      if (leaf instanceof FileSourceScanExec scan && TextFiles.areReadBy(scan)) {
        files.addAll(ColumnarFile.files(scan));
      }
    }
    return files;
  }

  private static long rows(ColumnarFile file, Configuration hadoop) throws IOException {
    return switch (file.kind()) {
      case PARQUET -> {
        try (ParquetFileReader reader =
            ParquetFileReader.open(HadoopInputFile.fromPath(file.path(), hadoop))) {
          yield reader.getRecordCount();
        }
      }
      case ORC -> {
        try (Reader reader = OrcFile.createReader(file.path(), OrcFile.readerOptions(hadoop))) {
          yield reader.getNumberOfRows();
        }
      }
    };
  }
}
