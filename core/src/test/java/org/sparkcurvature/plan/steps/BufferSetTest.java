package org.sparkcurvature.plan.steps;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BufferSetTest {
  private final Buffer first = new Buffer(0, true, 3);
  private final Buffer second = new Buffer(7, false, 1);
  private final Buffer far = new Buffer(1000, true, 2);

  @Test
  void holdsWhatWasAddedInTheOrderOfNumbers() {
    Set<Buffer> set = new BufferSet(List.of(far, first));

    assertThat(set.add(second)).isTrue();
    assertThat(set.add(far)).isFalse();
    assertThat(set).containsExactly(first, second, far);
    assertThat(set.contains(new Buffer(8, true, 1))).isFalse();
    assertThat(set.contains(new Buffer(100_000, true, 1))).isFalse();
  }

  @Test
  void losesWhatIsRemoved() {
    Set<Buffer> set = new BufferSet(List.of(first, second, far));

    assertThat(set.remove(second)).isTrue();
    assertThat(set.remove(second)).isFalse();
    assertThat(set.removeAll(Set.of(far, second))).isTrue();
    assertThat(set).containsExactly(first).hasSize(1);
  }
}
