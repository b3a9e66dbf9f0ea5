package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HypothesesTest {

  /** A term is not the interactions that begin with it, however a formula orders them. */
  @ParameterizedTest
  @CsvSource({
    "a, b_a, a[T.q], true",
    "a, b_a_x, a[T.q]:x, false",
    "a, b_x_a, x:a[T.q], false",
    "a:x, b_a_x, a[T.q]:x, true",
    "a:C(b), b_a_b, a[T.q]:C(b)[T.2], true",
    "C(b), b_b, C(b)[T.x[1]], true",
    "b_a, b_a, a[T.q], true",
    "beta, beta, beta[income], true",
    "x, beta, x, true",
    "car, Intercept, car[Intercept], true",
    "x, beta, x2, false",
  })
  void namesMeanElementsTermsAndParameters(
      String name, String parameter, String element, boolean means) {
    assertThat(Hypotheses.means(name, parameter, element)).isEqualTo(means);
  }
}
