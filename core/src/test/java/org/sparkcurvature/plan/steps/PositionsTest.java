package org.sparkcurvature.plan.steps;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PositionsTest {

  @Test
  void areInAscendingOrderEachOnce() {
    Positions positions = new Positions();
    List.of(5, 9, 1, 7, 5).forEach(positions::add);

    assertThat(positions.stream()).containsExactly(1, 5, 7, 9);
    assertThat(positions.first()).isEqualTo(1);
    assertThat(positions.isAnyAbove(8)).isTrue();
    assertThat(positions.isAnyAbove(9)).isFalse();
  }

  @Test
  void loseWhatIsRemoved() {
    Positions positions = new Positions();
    List.of(1, 5, 9).forEach(positions::add);
    positions.remove(9);
    positions.remove(4);

    assertThat(positions.stream()).containsExactly(1, 5);
    assertThat(positions.isAnyAbove(5)).isFalse();
    assertThat(Positions.NONE.size()).isZero();
    assertThat(Positions.NONE.isAnyAbove(-1)).isFalse();
  }
}
