package org.sparkcurvature.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The processor. */
class NativeBackendTest extends BackendConformance {
  @BeforeEach
  void onTheProcessor() {
    assumeFalse(Backend.here().isGpu(), "ND4J chose nd4j-cuda in this process");
  }

  @Test
  void saysWhatItIs() {
    Backend backend = Backend.here();
    assertThat(backend.library()).isEqualTo("nd4j-native");
    assertThat(backend.device()).isEqualTo("cpu");
    assertThat(backend.gpus()).isZero();
    assertThatThrownBy(() -> backend.use(0)).hasMessage("there is no GPU 0: this process sees 0");
  }
}
