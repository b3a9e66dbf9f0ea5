package org.sparkcurvature.job.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A .npy file of float64 in C order, read back for comparison.
 *
 * @param shape extents
 * @param values row-major
 */
public record NpyFile(int[] shape, double[] values) {
  private static final Pattern SHAPE = Pattern.compile("'shape': \\(([0-9, ]*)\\)");

  public static NpyFile read(Path path) throws IOException {
    return parse(Files.readAllBytes(path));
  }

  public static NpyFile parse(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = buffer.getShort(8);
    String header = new String(bytes, 10, length, StandardCharsets.US_ASCII);
    Matcher matcher = SHAPE.matcher(header);
    if (!header.contains("'<f8'") || !header.contains("False") || !matcher.find()) {
      throw new IllegalArgumentException("not float64 in C order: " + header);
    }
    int[] shape =
        Arrays.stream(matcher.group(1).split(","))
            .map(String::strip)
            .filter(extent -> !extent.isEmpty())
            .mapToInt(Integer::parseInt)
            .toArray();
    double[] values = new double[(bytes.length - 10 - length) / Double.BYTES];
    buffer.position(10 + length);
    buffer.asDoubleBuffer().get(values);
    return new NpyFile(shape, values);
  }
}
