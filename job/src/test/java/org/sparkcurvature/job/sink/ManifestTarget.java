package org.sparkcurvature.job.sink;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** The reader of manifests, for the fuzzers. */
public final class ManifestTarget {
  private ManifestTarget() {}

  /** Reads a manifest; what it takes for one, it must read again as it writes it. */
  public static void read(byte[] bytes) {
    Optional<Manifest> read = Manifest.of(bytes);
    if (read.isEmpty()) {
      return;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      read.get().write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!read.equals(Manifest.of(out.toByteArray()))) {
      throw new AssertionError("is written as " + out);
    }
  }
}
