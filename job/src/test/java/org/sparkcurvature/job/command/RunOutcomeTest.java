package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.ServiceConfigurationError;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.job.errors.Errors;

class RunOutcomeTest {

  @Test
  void aMessageOfOursIsFoundInsideSparks() {
    RunOutcome outcome =
        RunOutcome.of(
            new SparkException("Job aborted", new RuntimeException(Errors.zeroWeight(3))));
    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.message()).contains("add up to 0").contains("curvature.input.weight");
  }

  @Test
  void disksMemoryAndExecutorsAreTheCluster() {
    assertThat(
            RunOutcome.of(
                    new UncheckedIOException(
                        "cannot write", new IOException("No space left on device")))
                .exitCode())
        .isEqualTo(5);
    assertThat(
            RunOutcome.of(new UncheckedIOException(new IOException("Connection reset"))).exitCode())
        .isEqualTo(5);
    assertThat(RunOutcome.of(new OutOfMemoryError("Java heap space")).exitCode()).isEqualTo(5);
    assertThat(
            RunOutcome.of(
                    new SparkException(
                        "Job aborted due to stage failure: ExecutorLostFailure (executor 1 exited)"))
                .exitCode())
        .isEqualTo(5);
  }

  @Test
  void aStoppedApplicationIsNoDefect() {
    RunOutcome outcome = RunOutcome.of(new IllegalStateException("SparkContext has been shutdown"));
    assertThat(outcome.exitCode()).isEqualTo(5);
    assertThat(outcome.message()).contains("stopped from outside");
  }

  @Test
  void expressionsAreConfiguration() {
    assertThat(RunOutcome.of(new ExpressionException("shapes [2] and [3] differ")).exitCode())
        .isEqualTo(2);
  }

  @Test
  void librariesThatDoNotFitAreNoDefect() {
    for (Throwable misfit :
        List.of(
            new NoSuchMethodError("scala.collection.Seq org.apache.spark.sql.Foo.bar()"),
            new NoClassDefFoundError("scala/Serializable"),
            new ServiceConfigurationError(
                "org.apache.spark.sql.sources.DataSourceRegister: Provider x.Y not found"))) {
      RunOutcome outcome = RunOutcome.of(new IllegalStateException(misfit));
      assertThat(outcome.exitCode()).isEqualTo(2);
      assertThat(outcome.message()).contains("do not fit together: " + misfit.getMessage());
    }
    assertThat(
            RunOutcome.of(new NoSuchMethodError("org.sparkcurvature.job.cli.Main.x()")).exitCode())
        .isEqualTo(1);
  }

  @Test
  void anythingElseIsADefectAndSaysSo() {
    RunOutcome outcome = RunOutcome.of(new NullPointerException("x is null"));
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.message())
        .contains("x is null")
        .contains("defect of spark-curvature")
        .contains("--debug");
  }
}
