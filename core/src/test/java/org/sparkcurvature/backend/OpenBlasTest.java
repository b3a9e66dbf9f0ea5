package org.sparkcurvature.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenBlasTest {
  private static final String SKYLAKE =
      "fpu sse2 avx avx2 fma avx512f avx512dq avx512cd avx512bw avx512vl";

  @TempDir private Path folder;

  private Path processor(String vendor, String flags) throws IOException {
    return Files.writeString(
        folder.resolve("cpuinfo"),
        "processor\t: 0\nvendor_id\t: %s\nmodel\t: 143\nflags\t\t: %s\n\nprocessor\t: 1\n"
            .formatted(vendor, flags));
  }

  @Test
  void kernelsOfSkylakeAreAskedForWhereOpenBlasWouldTakeThoseItWasBuiltWithout()
      throws IOException {
    assertThat(OpenBlas.kernels(processor("GenuineIntel", SKYLAKE + " avx512_bf16 amx_tile")))
        .contains("SKYLAKEX");
  }

  @Test
  void kernelsOfSkylakeAreAskedForWhereOpenBlasWouldTakeThoseOfTheFirstZen() throws IOException {
    assertThat(OpenBlas.kernels(processor("AuthenticAMD", SKYLAKE + " avx512_bf16")))
        .contains("SKYLAKEX");
  }

  @Test
  void otherProcessorsAreLeftToOpenBlas() throws IOException {
    assertThat(OpenBlas.kernels(processor("GenuineIntel", SKYLAKE))).isEmpty();
    assertThat(OpenBlas.kernels(processor("GenuineIntel", "fpu sse2 avx2 fma"))).isEmpty();
    assertThat(OpenBlas.kernels(processor("AuthenticAMD", "fpu sse2 avx avx2 fma"))).isEmpty();
    assertThat(OpenBlas.kernels(folder.resolve("absent"))).isEmpty();
  }
}
