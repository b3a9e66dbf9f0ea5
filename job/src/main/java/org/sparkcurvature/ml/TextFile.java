package org.sparkcurvature.ml;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** A file of text on any file system that a session reaches. */
final class TextFile {
  private TextFile() {}

  static void write(SparkSession spark, String path, String text) throws IOException {
    Path file = new Path(path);
    try (FSDataOutputStream out = files(spark, file).create(file, false)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  static String read(SparkSession spark, String path) throws IOException {
    Path file = new Path(path);
    try (FSDataInputStream in = files(spark, file).open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static FileSystem files(SparkSession spark, Path file) throws IOException {
    return file.getFileSystem(
        ((org.apache.spark.sql.classic.SparkSession) spark).sessionState().newHadoopConf());
  }
}
