package org.sparkcurvature.job.fit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Tables of numbers beside the tests. */
final class Tables {
  private Tables() {}

  /** The rows of a CSV file of numbers with a header. */
  static double[][] read(String name) throws IOException {
    try (InputStream in = Tables.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .skip(1)
          .map(line -> Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray())
          .toArray(double[][]::new);
    }
  }
}
