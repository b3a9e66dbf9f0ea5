package org.sparkcurvature.job.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.soak.Trials.Command;
import org.sparkcurvature.job.soak.Trials.Fault;
import org.sparkcurvature.job.soak.Trials.Outcome;
import org.sparkcurvature.job.soak.Trials.Trial;

/** Something is broken in each stage of a run on a real cluster; {@code deploy/soak} has more. */
class KillsTest {
  @TempDir Path folder;

  @Test
  void nothingHalfTrueIsSigned() throws Exception {
    List<Trial> all =
        List.of(
            new Trial(Command.DERIVE, Fault.EXECUTOR, "reading rows", 300),
            new Trial(Command.DERIVE, Fault.WORKER, "writing per-sample", 300),
            new Trial(Command.DERIVE, Fault.DRIVER, "writing per-sample", 500),
            new Trial(Command.DERIVE, Fault.DRIVER, "writing the result", 0),
            new Trial(Command.DERIVE, Fault.PAUSED_EXECUTOR, "reading rows", 200),
            new Trial(Command.FIT, Fault.EXECUTOR, "minimising", 900),
            new Trial(Command.FIT, Fault.DRIVER, "iteration 2", 100),
            new Trial(Command.FIT, Fault.LOST_FILES, "iteration 1", 50));
    List<Outcome> outcomes = new ArrayList<>();
    try (Trials trials = new Trials(folder)) {
      for (Trial trial : all) {
        outcomes.add(trials.run("trial-" + outcomes.size(), trial));
      }
    }
    assertThat(outcomes).hasSize(all.size());
    // Some must have hit: a suite that comes always too late says nothing.
    assertThat(outcomes).contains(Outcome.RIGHT, Outcome.RIGHT_AT_THE_NEXT_RUN);
  }
}
