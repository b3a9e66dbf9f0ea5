package org.sparkcurvature.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A GPU, where there is one and its backend. */
class CudaBackendTest extends BackendConformance {
  /** Why these tests cannot run here; empty where they can. */
  private static String obstacle() {
    if (!Backend.isGpuOnClassPath()) {
      return "nd4j-cuda is not on the class path: mvn -Pcuda brings it";
    }
    return Backend.here().isGpu() ? "" : "nd4j-cuda found no GPU that it can use";
  }

  @BeforeAll
  static void sayWhyNot() {
    if (!obstacle().isEmpty()) {
      System.out.println("CudaBackendTest is skipped: " + obstacle());
    }
  }

  @BeforeEach
  void onAGpu() {
    assumeTrue(obstacle().isEmpty(), CudaBackendTest::obstacle);
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
