package org.sparkcurvature.job.sink;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/**
 * What a run wrote, for its manifest: length and checksum of files that it writes itself, length
 * and rows of those that tasks write.
 */
final class WrittenFiles {
  private final FileSystem files;
  private final Configuration configuration;
  private final Map<String, Manifest.Entry> entries = new TreeMap<>();

  WrittenFiles(FileSystem files, Configuration configuration) {
    this.files = files;
    this.configuration = configuration;
  }

  /** By path within the result. */
  Map<String, Manifest.Entry> entries() {
    return entries;
  }

  /**
   * Counts what is written.
   *
   * @param name of the file within the result
   */
  OutputStream counting(String name, OutputStream file) {
    return new FilterOutputStream(file) {
      private final Checksum checksum = new Checksum();
      private boolean closed;

      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] content, int from, int length) throws IOException {
        out.write(content, from, length);
        checksum.add(content, from, length);
      }

      @Override
      public void close() throws IOException {
        super.close();
        if (!closed) {
          closed = true;
          entries.put(
              name,
              new Manifest.Entry(
                  checksum.bytes(), Optional.of(checksum.hex()), OptionalLong.empty()));
        }
      }
    };
  }

  /**
   * Adds the files of a folder, all of which are written.
   *
   * @param name of the folder within the result
   * @param folder where it is now
   */
  void addFolder(String name, Path folder) throws IOException {
    for (Map.Entry<String, Long> file : OutputPlace.listing(files, folder).entrySet()) {
      entries.put(
          name + "/" + file.getKey(),
          new Manifest.Entry(
              file.getValue(), Optional.empty(), rows(new Path(folder, file.getKey()))));
    }
  }

  private OptionalLong rows(Path file) throws IOException {
    if (!file.getName().endsWith(".parquet")) {
      return OptionalLong.empty();
    }
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(file, configuration))) {
      return OptionalLong.of(reader.getRecordCount());
    }
  }
}
