package org.sparkcurvature.job.source;

import com.univocity.parsers.csv.CsvParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
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
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

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
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
    try (InputStream raw = file.getFileSystem(hadoop).open(file);
        InputStream bytes = codec == null ? raw : codec.createInputStream(raw);
        LineReader lines = new LineReader(withoutMark(bytes), hadoop)) {
      Text line = new Text();
      while (lines.readLine(line) > 0) {
        String text = new String(line.getBytes(), 0, line.getLength(), StandardCharsets.UTF_8);
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

  /** The bytes behind a mark of their order, which Hadoop's reader of lines passes over, too. */
  private static InputStream withoutMark(InputStream bytes) throws IOException {
    byte[] first = bytes.readNBytes(BYTE_ORDER_MARK.length);
    return Arrays.equals(first, BYTE_ORDER_MARK)
        ? bytes
        : new SequenceInputStream(new ByteArrayInputStream(first), bytes);
  }
}
