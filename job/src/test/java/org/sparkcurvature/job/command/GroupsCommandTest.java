package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many groups without estimates end a run: more than the share that is allowed. */
class GroupsCommandTest {
  @ParameterizedTest
  @CsvSource({
    "10, 7, 0.3, false", // exactly the share, though 1 - 0.7 is more than 0.3 in doubles
    "10, 6, 0.3, true",
    "10, 10, 0.3, false",
    "10, 1, 1, false",
    "10, 0, 1, true",
    "0, 0, 1, true"
  })
  void moreThanTheShare(long groups, long converged, double most, boolean fails) {
    assertThat(GroupsCommand.failure(groups, converged, most, () -> "").isPresent())
        .isEqualTo(fails);
  }
}
