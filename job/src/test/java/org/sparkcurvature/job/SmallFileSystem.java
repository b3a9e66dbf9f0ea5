package org.sparkcurvature.job;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FsStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk under the scheme {@code small}, which says that little of it is free. */
public class SmallFileSystem extends RawLocalFileSystem {
  /** The key under which Spark hands it to Hadoop. */
  static final String KEY = "spark.hadoop.fs.small.impl";

  private static volatile long remaining = Long.MAX_VALUE;

  /** From now on so many bytes are free. */
  static void leave(long bytes) {
    remaining = bytes;
  }

  @Override
  public void initialize(URI name, Configuration configuration) throws IOException {
    super.initialize(URI.create("file:///"), configuration);
  }

  @Override
  public URI getUri() {
    return URI.create("small:///");
  }

  @Override
  public FsStatus getStatus(Path path) throws IOException {
    if (!exists(path)) {
      throw new IOException("there is no " + path);
    }
    return new FsStatus(Long.MAX_VALUE, 0, remaining);
  }
}
