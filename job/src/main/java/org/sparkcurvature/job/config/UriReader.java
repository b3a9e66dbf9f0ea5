package org.sparkcurvature.job.config;

import java.io.IOException;

/** Reads a whole file, so that loading a configuration depends on no file system. */
@FunctionalInterface
public interface UriReader {

  /**
   * Reads a file.
   *
   * @param location a path, or a URI such as {@code s3a://bucket/run.conf}
   * @return the file's bytes
   * @throws java.nio.file.NoSuchFileException when there is no such file
   * @throws IOException when the file cannot be read
   */
  byte[] read(String location) throws IOException;
}
