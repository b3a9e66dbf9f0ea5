package org.sparkcurvature.job.derive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.job.source.CachedSamples;
import org.sparkcurvature.job.source.Samples;
import org.sparkcurvature.job.source.Source;

/** Passes over samples that executors keep give what passes over the input give, bit by bit. */
class CachedSamplesTest {

  private static final Map<String, String> LITTLE_MEMORY =
      Map.of(
          "spark.serializer", "org.apache.spark.serializer.KryoSerializer",
          "spark.testing.memory", "480000000",
          "spark.memory.fraction", "0.02");

  @TempDir Path folder;

  @AfterEach
  void stop() {
    LocalSpark.stop();
  }

  private static byte[] sums(Samples samples) {
    return Wire.bytes(result(samples).sums());
  }

  private static GlobalResult result(Samples samples) {
    DerivativeSpec spec = Problems.spec(Problems.poisson(), Problems.EVERYTHING, 1 << 14);
    return GlobalPass.run(samples, spec, Problems.PARAMETERS, Device.AUTO);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "101, 7", "3, 40", "200000, 2"})
  void sumsHaveTheSameBitsAsThoseOfTheInput(int rows, int partitions) throws IOException {
    Source source =
        Source.open(
            LocalSpark.session(), Problems.input(folder, Problems.observations(rows), partitions));
    try (CachedSamples kept = source.keep()) {
      assertThat(sums(kept)).isEqualTo(sums(source));
      assertThat(source.spark().sparkContext().getPersistentRDDs().size()).isEqualTo(1);
      assertThat(sums(kept)).isEqualTo(sums(source));
      assertThat(result(kept).counts()).isEqualTo(result(source).counts());
    }
    assertThat(source.spark().sparkContext().getPersistentRDDs().isEmpty()).isTrue();
  }

  @Test
  void aSecondPassDoesNotReadTheInput() throws IOException {
    Source source =
        Source.open(LocalSpark.session(), Problems.input(folder, Problems.observations(500), 3));
    try (CachedSamples kept = source.keep()) {
      byte[] first = sums(kept);
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      assertThat(sums(kept)).isEqualTo(first);
    }
  }

  @Test
  void whatMemoryDoesNotHoldGoesToDisk() throws IOException {
    LocalSpark.stop();
    SparkSession spark = LocalSpark.on("local[2]", LITTLE_MEMORY);
    Source source = Source.open(spark, Problems.input(folder, Problems.observations(300_000), 2));
    try (CachedSamples kept = source.keep()) {
      byte[] first = sums(kept);
      assertThat(spark.sparkContext().getRDDStorageInfo()[0].diskSize()).isPositive();
      assertThat(sums(kept)).isEqualTo(first);
      assertThat(first).isEqualTo(sums(source));
    }
  }

  @Test
  void invalidRowsAreCountedAndNamedInEachPass() throws IOException {
    Path path =
        Files.writeString(
            folder.resolve("a.csv"), "a,b,c,y,id\n1,2,3,1,p\n1,x,3,1,q\n1,2,3,1,r\n1,2,3,,s\n");
    InputConfig input =
        Inputs.id(Inputs.tensor(Inputs.list(Inputs.csv(path), "x", "a", "b", "c"), "y", "y"), "id");
    try (CachedSamples kept =
        Source.open(LocalSpark.session(), Inputs.invalid(input, InvalidRows.DROP)).keep()) {
      RowCounts expected =
          new RowCounts(
              4, 2, 0, 2.0, Map.of("x[1] (b) is text that is no number", 1L, "y is null", 1L));
      assertThat(result(kept).counts()).isEqualTo(expected);
      assertThat(result(kept).counts()).isEqualTo(expected);
    }
    Source failing = Source.open(LocalSpark.session(), input);
    try (CachedSamples kept = failing.keep()) {
      for (int pass = 0; pass < 2; pass++) {
        assertThat(catchThrowableOfType(JobException.class, () -> result(kept)))
            .hasMessage(
                catchThrowableOfType(JobException.class, () -> result(failing)).getMessage())
            .hasMessageContaining("row 3 (id s): y is null");
      }
    }
  }

  @Test
  void rowsThatAreNotFiniteAreNamed() throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), "a,b,c,y,id\n1,1,1,1,p\n9,9,9999,1,q\n");
    InputConfig input =
        Inputs.id(Inputs.tensor(Inputs.list(Inputs.csv(path), "x", "a", "b", "c"), "y", "y"), "id");
    try (CachedSamples kept = Source.open(LocalSpark.session(), input).keep()) {
      assertThat(catchThrowableOfType(JobException.class, () -> result(kept)).where())
          .isEqualTo("row 1 (id q)");
    }
  }
}
