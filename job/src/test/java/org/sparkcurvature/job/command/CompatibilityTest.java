package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;

class CompatibilityTest {

  @AfterEach
  void clear() {
    System.clearProperty("spark.jars.packages");
  }

  @ParameterizedTest
  @CsvSource({
    "io.delta:delta-spark_4.1_2.13:4.1.0,",
    "io.delta:delta-spark_2.13:4.1.0,",
    "org.apache.hadoop:hadoop-aws:3.4.2,",
    "/libraries/lib_2.12/spark-extra_2.13-1.0.jar,",
    "org.postgresql:postgresql:42.7.2,",
    "io.delta:delta-spark_2.12:3.2.0, Scala 2.12",
    "io.delta:delta-spark_4.0_2.13:4.1.0, Spark 4.0",
    "org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.7.0, 'Spark 3.5, Scala 2.12'",
    "/opt/jars/spark-avro_2.12-3.5.1.jar, Scala 2.12",
  })
  void librariesNameWhatTheyAreBuiltFor(String library, String misfit) {
    assertThat(
            Compatibility.misfit(library, "4.1", "2.13")
                .map(text -> text.replaceFirst(".*\\((.*)\\)", "$1")))
        .isEqualTo(java.util.Optional.ofNullable(misfit));
  }

  @Test
  void theyAreRefusedBeforeSparkStarts() {
    Compatibility.check();
    System.setProperty("spark.jars.packages", "a:b:1,io.delta:delta-spark_2.12:3.2.0");
    JobException error = catchThrowableOfType(JobException.class, Compatibility::check);
    assertThat(error.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(error.what())
        .contains("do not fit Spark 4.2 with Scala 2.13")
        .contains("delta-spark_2.12:3.2.0 (Scala 2.12)");
  }

  @Test
  void sparkIsOneOfThoseThatAreNamed() {
    for (String spark : List.of("4.0", "4.1", "4.2")) {
      Compatibility.checkSpark(spark);
    }
    JobException error =
        catchThrowableOfType(JobException.class, () -> Compatibility.checkSpark("3.5"));
    assertThat(error.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(error.what())
        .isEqualTo("this is Spark 3.5, and the program runs on Spark 4.0, 4.1 and 4.2");
  }
}
