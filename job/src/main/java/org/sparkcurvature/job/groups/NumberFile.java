package org.sparkcurvature.job.groups;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Numbers in a file that is gone when it is closed. */
final class NumberFile implements AutoCloseable {
  private static final int CHUNK = 1 << 16;

  private final FileChannel channel;
  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(CHUNK * Double.BYTES).order(ByteOrder.nativeOrder());
  private long length;

  NumberFile(Path folder) {
    try {
      Path path = Files.createTempFile(folder, "group", ".rows");
      channel =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many numbers were appended. */
  long length() {
    return length;
  }

  /** Writes the first {@code many} of some numbers behind those that were appended before. */
  void append(double[] values, int many) {
    write(length, values, many);
    length += many;
  }

  /** Reads {@code many} numbers from number {@code from} on. */
  void read(long from, double[] into, int many) {
    try {
      for (int done = 0; done < many; done += CHUNK) {
        int count = Math.min(CHUNK, many - done);
        bytes.clear().limit(count * Double.BYTES);
        long at = (from + done) * Double.BYTES;
        while (bytes.hasRemaining()) {
          int read = channel.read(bytes, at + bytes.position());
          if (read < 0) {
            throw new IOException("a file of rows is shorter than what was written");
          }
        }
        bytes.flip();
        bytes.asDoubleBuffer().get(into, done, count);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes the first {@code length} of some numbers, as number {@code from} and those behind it.
   */
  void write(long from, double[] values, int many) {
    try {
      for (int done = 0; done < many; done += CHUNK) {
        int count = Math.min(CHUNK, many - done);
        bytes.clear();
        bytes.asDoubleBuffer().put(values, done, count);
        bytes.limit(count * Double.BYTES);
        long at = (from + done) * Double.BYTES;
        while (bytes.hasRemaining()) {
          channel.write(bytes, at + bytes.position());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
