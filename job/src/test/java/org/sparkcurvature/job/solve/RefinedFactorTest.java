package org.sparkcurvature.job.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What products tell of Hessians J'J whose elements leave it open. */
class RefinedFactorTest {
  private static final int ROWS = 300;

  /** Rows of 1, a, 2 a and a column that lies far from 0. */
  private static double[][] rows(double offset, double factor) {
    Random random = new Random(3);
    double[][] rows = new double[ROWS][];
    for (int i = 0; i < ROWS; i++) {
      double a = 40 + 10 * random.nextGaussian();
      rows[i] =
          new double[] {
            1, a, 2 * a + factor * random.nextGaussian(), offset + random.nextGaussian()
          };
    }
    return rows;
  }

  private static ScaledHessian hessian(double[][] rows) {
    double[] packed = new double[10];
    int at = 0;
    for (int i = 0; i < 4; i++) {
      for (int j = i; j < 4; j++) {
        for (double[] row : rows) {
          packed[at] += row[i] * row[j];
        }
        at++;
      }
    }
    return ScaledHessian.of(SymmetricMatrix.ofPacked(4, packed));
  }

  private static RefinedFactor.Products products(double[][] rows) {
    return (vectors, count) -> {
      double[] products = new double[vectors.length];
      for (int k = 0; k < count; k++) {
        for (double[] row : rows) {
          double sum = 0;
          for (int i = 0; i < 4; i++) {
            sum += row[i] * vectors[4 * k + i];
          }
          for (int i = 0; i < 4; i++) {
            products[4 * k + i] += sum * row[i];
          }
        }
      }
      return products;
    };
  }

  /**
   * Of the eigenvector that is flat a part is along that of the column and the constant, and has
   * curvature there: it does not make a repeated column tell anything.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1e2, 1e3, 1e4, 1e5, 1e6})
  void aRepeatedColumnStaysFlatBesideOneFarFromZero(double offset) {
    double[][] rows = rows(offset, 0);
    ScaledHessian hessian = hessian(rows);
    assertThat(hessian.flat()).isEqualTo(1);
    assertThat(RefinedFactor.whereFlat(hessian, products(rows))).isEmpty();
    List<double[]> flat = RefinedFactor.flatDirections(hessian, products(rows));
    assertThat(flat).hasSize(1);
    double[] direction = flat.get(0);
    assertThat(direction[1] / direction[2]).isCloseTo(-2, within(1e-9));
    // On the scale of its column each of the others is rounding.
    double scale = hessian.scales()[2] * direction[2];
    assertThat(direction[0] * hessian.scales()[0] / scale).isCloseTo(0, within(1e-8));
    assertThat(direction[3] * hessian.scales()[3] / scale).isCloseTo(0, within(1e-8));
  }

  /** A column that differs from a multiple of another one by 1e-8 of it is told from it. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1e2, 1e3})
  void whatProductsTellIsNotFlat(double offset) {
    double[][] rows = rows(offset, 4e-7);
    ScaledHessian hessian = hessian(rows);
    assertThat(hessian.flat()).isEqualTo(1);
    assertThat(RefinedFactor.whereFlat(hessian, products(rows))).isPresent();
  }
}
