package org.sparkcurvature.job.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.sparkcurvature.job.sink.Matrices;
import org.sparkcurvature.job.solve.HessianFacts.Definiteness;

class HessianFactsTest {

  @Test
  void aDefiniteMatrix() {
    // [[2, 1], [1, 2]] has the eigenvalues 1 and 3.
    HessianFacts facts = HessianFacts.of(SymmetricMatrix.ofPacked(2, new double[] {2, 1, 2}));
    assertThat(facts.definiteness()).isEqualTo(Definiteness.POSITIVE_DEFINITE);
    assertThat(facts.smallest()).isCloseTo(1, within(1e-14));
    assertThat(facts.largest()).isCloseTo(3, within(1e-14));
    assertThat(facts.conditionNumber()).isCloseTo(3, within(1e-13));
    assertThat(facts.negative()).isZero();
    assertThat(facts.zero()).isZero();
    assertThat(facts.positive()).isEqualTo(2);
  }

  @Test
  void anIndefiniteMatrix() {
    // [[1, 2], [2, 1]] has the eigenvalues -1 and 3.
    HessianFacts facts = HessianFacts.of(SymmetricMatrix.ofPacked(2, new double[] {1, 2, 1}));
    assertThat(facts.definiteness()).isEqualTo(Definiteness.INDEFINITE);
    assertThat(facts.smallest()).isCloseTo(-1, within(1e-14));
    assertThat(facts.conditionNumber()).isCloseTo(3, within(1e-13));
    assertThat(facts.negative()).isEqualTo(1);
  }

  @Test
  void aSingularMatrixIsSemidefinite() {
    // 2 b b' for b = 1..5: rank 1, its one eigenvalue 2 b'b = 110.
    HessianFacts facts = HessianFacts.of(Matrices.of(5, (i, j) -> 2.0 * (i + 1) * (j + 1)));
    assertThat(facts.definiteness()).isEqualTo(Definiteness.POSITIVE_SEMIDEFINITE);
    assertThat(facts.largest()).isCloseTo(110, within(1e-12));
    assertThat(facts.zero()).isEqualTo(4);
    assertThat(facts.conditionNumber()).isGreaterThan(1e13);
  }

  @Test
  void signsDecide() {
    assertThat(definiteness(3, 1e-3)).isEqualTo(Definiteness.POSITIVE_DEFINITE);
    assertThat(definiteness(3, 0)).isEqualTo(Definiteness.POSITIVE_SEMIDEFINITE);
    assertThat(definiteness(3, -1e-20)).isEqualTo(Definiteness.POSITIVE_SEMIDEFINITE);
    assertThat(definiteness(3, -1e-3)).isEqualTo(Definiteness.INDEFINITE);
    assertThat(definiteness(3, 0, -1)).isEqualTo(Definiteness.INDEFINITE);
    assertThat(definiteness(-3, 0)).isEqualTo(Definiteness.NEGATIVE_SEMIDEFINITE);
    assertThat(definiteness(-3, -1)).isEqualTo(Definiteness.NEGATIVE_DEFINITE);
    assertThat(definiteness(0, 0)).isEqualTo(Definiteness.ZERO);
    assertThat(HessianFacts.ofEigenvalues(new double[] {0, 0}).conditionNumber()).isInfinite();
    assertThat(HessianFacts.ofEigenvalues(new double[] {2, 0}).conditionNumber()).isInfinite();
  }

  @Test
  void theLargestOrderIsComputedAndNoLarger() {
    HessianFacts facts = HessianFacts.of(Matrices.of(500, (i, j) -> i == j ? i + 1 : 0));
    assertThat(facts.smallest()).isCloseTo(1, within(1e-10));
    assertThat(facts.largest()).isCloseTo(500, within(1e-10));
    SymmetricMatrix larger = Matrices.of(501, (i, j) -> 0);
    assertThatThrownBy(() -> HessianFacts.of(larger))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("501");
  }

  private static Definiteness definiteness(double... eigenvalues) {
    return HessianFacts.ofEigenvalues(eigenvalues).definiteness();
  }
}
