package org.sparkcurvature.job.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.solve.SymmetricMatrix;

class NpyTest {

  @Test
  void aVectorHasTheBytesThatNumPyWrites() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, new double[] {0.1, -2.5, 1e300, 0.0, -0.0});
    assertThat(out.toByteArray()).isEqualTo(resource("vector.npy"));
  }

  @Test
  void aMatrixHasTheBytesThatNumPyWrites() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, Matrices.of(37, (i, j) -> (i + 1) * (j + 1) + 0.25 * (i + j)));
    assertThat(out.toByteArray()).isEqualTo(resource("matrix.npy"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 130, 999})
  void aMatrixIsReadBackWhole(int order) throws IOException {
    SymmetricMatrix matrix = Matrices.of(order, (i, j) -> i * 1000.0 + j);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, matrix);
    NpyFile file = NpyFile.parse(out.toByteArray());
    assertThat(file.shape()).containsExactly(order, order);
    assertThat(file.values()).isEqualTo(matrix.toSquare());
    for (int i = 0; i < order; i++) {
      for (int j = i; j < order; j++) {
        assertThat(file.values()[i * order + j]).isEqualTo(i * 1000.0 + j);
        assertThat(file.values()[j * order + i]).isEqualTo(i * 1000.0 + j);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8191, 8192, 8193, 100_000})
  void aVectorIsReadBackWhole(int length) throws IOException {
    double[] vector = new double[length];
    Arrays.setAll(vector, k -> Math.sin(k));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, vector);
    assertThat(out.size() % 64).isEqualTo(length * 8 % 64);
    NpyFile file = NpyFile.parse(out.toByteArray());
    assertThat(file.shape()).containsExactly(length);
    assertThat(file.values()).isEqualTo(vector);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = NpyTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
