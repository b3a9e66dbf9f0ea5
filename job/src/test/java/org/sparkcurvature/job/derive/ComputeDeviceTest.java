package org.sparkcurvature.job.derive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.backend.Backend;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;

class ComputeDeviceTest {
  private static final Path GPU = Path.of(System.getenv("SPARK_CURVATURE_HOME"), "deploy", "gpu");

  @TempDir Path temporary;

  @Test
  void aGpuThatThereIsNotIsRefusedWithTheReason() {
    assumeFalse(Backend.isGpuOnClassPath(), "nd4j-cuda is on the class path");
    for (Optional<String> master :
        java.util.List.of(Optional.<String>empty(), Optional.of("yarn"))) {
      JobException refused =
          catchThrowableOfType(
              JobException.class, () -> ComputeDevice.refuseMissing(Device.GPU, master));
      assertThat(refused)
          .hasMessageContaining("there is no gpu here")
          .hasMessageContaining("nd4j-cuda is not on the class path")
          .hasMessageContaining("mvn -Pcuda");
    }
    assertThat(catchThrowableOfType(JobException.class, () -> ComputeDevice.take(Device.GPU)))
        .hasMessageContaining("there is no gpu here");
  }

  @Test
  void theProcessorIsTaken() {
    assumeFalse(Backend.here().isGpu(), "ND4J computes on a GPU here");
    for (Device asked : new Device[] {Device.AUTO, Device.CPU}) {
      assertThatCode(() -> ComputeDevice.refuseMissing(asked, Optional.of("local[2]")))
          .doesNotThrowAnyException();
      assertThat(ComputeDevice.take(asked)).isEqualTo(new ComputeDevice("nd4j-native", "cpu"));
    }
  }

  @Test
  void anAddressIsTheNumberOfAGpu() {
    assertThat(ComputeDevice.number("0", 1)).isZero();
    assertThat(ComputeDevice.number("3", 4)).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4", "-1", "GPU-3f1c", "", "99999999999"})
  void anAddressThatIsNoneIsRefused(String address) {
    JobException refused =
        catchThrowableOfType(JobException.class, () -> ComputeDevice.number(address, 4));
    assertThat(refused.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(refused).hasMessageContaining("'" + address + "'").hasMessageContaining("sees 4");
  }

  // ---------------------------------------------------------------- deploy/gpu

  private String discover(String path) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(GPU.resolve("discover").toString());
    builder.redirectErrorStream(true).environment().put("PATH", path);
    Process process = builder.start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return process.waitFor() + " " + output;
  }

  @Test
  void theScriptSaysWhatNvidiaSmiCounts() throws IOException, InterruptedException {
    Path smi = Files.writeString(temporary.resolve("nvidia-smi"), "#!/bin/sh\necho 0\necho 1\n");
    assertThat(smi.toFile().setExecutable(true)).isTrue();
    assertThat(discover(temporary + ":" + System.getenv("PATH")))
        .isEqualTo("0 {\"name\": \"gpu\", \"addresses\": [\"0\", \"1\"]}");
  }

  @Test
  void thePropertiesAreThoseOfSparksScheduling() throws IOException {
    Properties properties = new Properties();
    try (var in = Files.newInputStream(GPU.resolve("spark-gpu.properties"))) {
      properties.load(in);
    }
    assertThat(properties.stringPropertyNames()).allMatch(name -> name.startsWith("spark."));
    assertThat(properties)
        .containsEntry("spark.executor.resource.gpu.amount", "1")
        .containsKeys(
            "spark.task.resource.gpu.amount", "spark.executor.resource.gpu.discoveryScript");
    assertThat(properties.getProperty("spark.executor.resource.gpu.discoveryScript"))
        .endsWith("/deploy/gpu/discover");
  }
}
