package org.sparkcurvature.job.source;

import com.univocity.parsers.csv.CsvParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.util.LineReader;
import org.apache.spark.sql.catalyst.csv.CSVOptions;
import org.apache.spark.sql.execution.datasources.csv.CSVUtils$;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of text that the first line of a CSV file names, or counts. Spark finds the same ones
 * by a job over the file, which takes most of a second where it is the first job of a process.
 */
final class CsvHeader {
  private static final String BYTE_ORDER_MARK = "\ufeff";

  private CsvHeader() {}

  /**
   * The columns of a file; none where it has no line.
   *
   * @param caseSensitive whether names that differ in case alone are different ones
   */
  static StructType of(Path file, CSVOptions options, boolean caseSensitive, Configuration hadoop)
      throws IOException {
    String[] cells =
        firstLine(file, options, hadoop)
            .map(line -> new CsvParser(options.asParserSettings()).parseLine(line))
            .orElseGet(() -> new String[0]);
    return new StructType(
        Arrays.stream(CSVUtils$.MODULE$.makeSafeHeader(cells, caseSensitive, options))
            .map(name -> DataTypes.createStructField(name, DataTypes.StringType, true))
            .toArray(StructField[]::new));
  }

  /** The first line that is neither blank nor a comment. */
  private static Optional<String> firstLine(Path file, CSVOptions options, Configuration hadoop)
      throws IOException {
    try (LineReader lines = new LineReader(TextFiles.open(file, hadoop), hadoop)) {
      Text line = new Text();
      for (boolean first = true; lines.readLine(line) > 0; first = false) {
        String text = new String(line.getBytes(), 0, line.getLength(), StandardCharsets.UTF_8);
        if (first && text.startsWith(BYTE_ORDER_MARK)) {
          text = text.substring(1);
        }
        boolean comment =
            options.isCommentSet() && text.startsWith(String.valueOf(options.comment()));
        // Of SQL's trim, which Spark takes here, other characters than the blank are left.
        if (!text.chars().allMatch(c -> c == ' ') && !comment) {
          return Optional.of(text);
        }
      }
      return Optional.empty();
    }
  }
}
