package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;

/**
 * Reads local files directly and everything with a scheme through Hadoop. A path without a scheme
 * is a local file, relative to the working directory; where there is none, it is looked for on
 * Hadoop's default file system, which is where Spark looks for it.
 */
public final class HadoopUriReader implements UriReader {
  /** At least two letters, so that {@code C:\} is none. */
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

  private final Supplier<Configuration> hadoop;

  /**
   * @param hadoop asked for only when a file is not local, because making one takes a while
   */
  public HadoopUriReader(Supplier<Configuration> hadoop) {
    this.hadoop = requireNonNull(hadoop);
  }

  /** Whether a location names its file system. */
  static boolean hasScheme(String location) {
    return SCHEME.matcher(location).matches();
  }

  @Override
  public byte[] read(String location) throws IOException {
    boolean fileUri = location.startsWith("file:");
    if (fileUri || !hasScheme(location)) {
      java.nio.file.Path local = local(fileUri ? new Path(location).toUri().getPath() : location);
      if (Files.isDirectory(local)) {
        throw new IOException("it is a folder");
      }
      if (Files.exists(local)) {
        return Files.readAllBytes(local);
      }
    }
    try {
      Path path = new Path(location);
      FileSystem files = path.getFileSystem(hadoop.get());
      try (InputStream stream = files.open(path)) {
        return stream.readAllBytes();
      }
    } catch (FileNotFoundException e) {
      NoSuchFileException missing = new NoSuchFileException(location);
      missing.initCause(e);
      throw missing;
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    } catch (IOException e) {
      // What is in it may be as it should be: that is not for a list of what is wrong in it.
      if (Failures.isUnreachable(e)) {
        throw Errors.fileNotReachable(location, Failures.reason(e), e);
      }
      throw e;
    }
  }

  private static java.nio.file.Path local(String location) throws IOException {
    try {
      return java.nio.file.Path.of(location);
    } catch (InvalidPathException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
