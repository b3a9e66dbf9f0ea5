package org.sparkcurvature.job.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.datasources.TextBasedFileFormat;
import scala.jdk.javaapi.CollectionConverters;

/** Files of text of which each line is a row, and about how many they have. */
final class TextFiles {
  private TextFiles() {}

  /** Bytes of a file that tell the length of its lines. */
  private static final int LOOKED_AT = 1 << 16;

  /** Whether a scan reads such files. */
  static boolean areReadBy(FileSourceScanExec scan) {
    return scan.relation().fileFormat() instanceof TextBasedFileFormat
        && CollectionConverters.asJava(scan.relation().options()).entrySet().stream()
            .noneMatch(
                option ->
                    option.getKey().equalsIgnoreCase("multiLine")
                        && option.getValue().equalsIgnoreCase("true"));
  }

  /** The bytes of a file, uncompressed where its name says that they are compressed. */
  static InputStream open(Path file, Configuration hadoop) throws IOException {
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
    InputStream bytes = file.getFileSystem(hadoop).open(file);
    if (codec == null) {
      return bytes;
    }
    try {
      return codec.createInputStream(bytes);
    } catch (IOException | RuntimeException e) {
      bytes.close();
      throw e;
    }
  }

  /**
   * About how many lines there are, by the first of the longest file; empty where files are
   * compressed.
   */
  static OptionalLong lines(List<FileStatus> files, Configuration hadoop) throws IOException {
    CompressionCodecFactory codecs = new CompressionCodecFactory(hadoop);
    if (files.stream().anyMatch(file -> codecs.getCodec(file.getPath()) != null)) {
      return OptionalLong.empty();
    }
    Optional<FileStatus> longest = files.stream().max(Comparator.comparingLong(FileStatus::getLen));
    if (longest.isEmpty() || longest.get().getLen() == 0) {
      return OptionalLong.of(0);
    }
    byte[] begin;
    try (InputStream in =
        longest.get().getPath().getFileSystem(hadoop).open(longest.get().getPath())) {
      begin = in.readNBytes(LOOKED_AT);
    }
    long lines = 0;
    for (byte b : begin) {
      lines += b == '\n' ? 1 : 0;
    }
    double bytes = files.stream().mapToDouble(FileStatus::getLen).sum();
    return OptionalLong.of((long) (bytes / begin.length * Math.max(1, lines)));
  }
}
