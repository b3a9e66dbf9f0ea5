package org.sparkcurvature.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes arrays as NumPy reads them:
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
 */
final class Npy {
  private static final int CHUNK = 1 << 16;

  private Npy() {}

  /** Writes float64 numbers, row-major. */
  static void write(Path file, List<Integer> extents, double[] values) throws IOException {
    String shape = extents.stream().map(e -> e + ",").collect(Collectors.joining());
    String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + shape + "), }";
    int padding = 64 - (10 + header.length() + 1) % 64;
    byte[] text = (header + " ".repeat(padding) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK * Double.BYTES);
      buffer.order(ByteOrder.LITTLE_ENDIAN);
      buffer.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
      buffer.putShort((short) text.length).put(text);
      drain(channel, buffer);
      for (int from = 0; from < values.length; from += CHUNK) {
        int count = Math.min(CHUNK, values.length - from);
        buffer.asDoubleBuffer().put(values, from, count);
        buffer.position(count * Double.BYTES);
        drain(channel, buffer);
      }
    }
  }

  private static void drain(FileChannel channel, ByteBuffer buffer) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }
}
