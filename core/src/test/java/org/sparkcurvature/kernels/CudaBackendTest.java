package org.sparkcurvature.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A GPU, where there is one and its backend. */
class CudaBackendTest extends BackendConformance {
  @BeforeEach
  void onAGpu() {
    assumeTrue(
        Backend.isGpuOnClassPath(), "nd4j-cuda is not on the class path: mvn -Pcuda brings it");
    assumeTrue(Backend.here().isGpu(), "nd4j-cuda found no GPU that it can use");
    Backend.here().use(0);
  }

  @Test
  void saysWhatItIs() {
    Backend backend = Backend.here();
    assertThat(backend.library()).isEqualTo("nd4j-cuda");
    assertThat(backend.device()).startsWith("gpu (");
    assertThat(backend.gpus()).isPositive();
    assertThatThrownBy(() -> backend.use(backend.gpus())).hasMessageStartingWith("there is no GPU");
  }
}
