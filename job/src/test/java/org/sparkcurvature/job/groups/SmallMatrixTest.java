package org.sparkcurvature.job.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmallMatrixTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 12})
  void inverseTimesMatrixIsOne(int k) {
    double[] a = positive(k);
    double[] factor = new double[k * k];
    assertTrue(SmallMatrix.factor(a, 0, new double[k], k, factor));
    double[] inverse = SmallMatrix.inverse(factor, k);
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        double sum = 0;
        for (int m = 0; m < k; m++) {
          sum += inverse[i * k + m] * a[m * k + j];
        }
        assertEquals(i == j ? 1 : 0, sum, 1e-12);
        assertEquals(inverse[j * k + i], inverse[i * k + j]);
      }
    }
  }

  @Test
  void formOfAVector() {
    assertEquals(1 + 2 * 3 * 2 + 4 * 5, SmallMatrix.form(new double[] {1, 3, 3, 5}, v(1, 2), 2));
  }

  @Test
  void singularMatrixHasNoFactor() {
    assertFalse(SmallMatrix.factor(new double[] {1, 2, 2, 4}, 0, new double[2], 2, new double[4]));
  }

  private static double[] v(double... elements) {
    return elements;
  }

  private static double[] positive(int k) {
    Random random = new Random(k);
    double[] b = random.doubles((long) k * k, -1, 1).toArray();
    double[] a = new double[k * k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        a[i * k + j] = i == j ? 1 : 0;
        for (int m = 0; m < k; m++) {
          a[i * k + j] += b[i * k + m] * b[j * k + m];
        }
      }
    }
    return a;
  }
}
