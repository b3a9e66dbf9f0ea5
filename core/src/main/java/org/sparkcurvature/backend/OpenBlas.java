package org.sparkcurvature.backend;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * OpenBLAS chooses its kernels for the processor when it is loaded. On Intel's processors with
 * bfloat16 (Cooper Lake, Sapphire Rapids and later) it chooses those named Cooperlake, and the
 * build that ND4J brings, made by a compiler too old for them, has nothing but plain C there:
 * matrix products take four times as long as with the kernels for Skylake, which such a processor
 * runs as well. On AMD's processors with AVX-512 (Zen 4 and later) it chooses those of the first
 * Zen, which have vectors of half the length: Skylake's take two thirds of their time, half of it
 * for small matrices. So Skylake's are asked for, by the variable that OpenBLAS reads, before it is
 * loaded.
 */
final class OpenBlas {
  private static final Logger LOG = LoggerFactory.getLogger(OpenBlas.class);
  private static final String VARIABLE = "OPENBLAS_CORETYPE";
  private static final String SKYLAKE = "SKYLAKEX";

  /** What OpenBLAS's kernels for Skylake need of a processor. */
  private static final List<String> NEEDED =
      List.of("avx2", "fma", "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl");

  /** Part of the C library. */
  interface C extends Library {
    int setenv(String name, String value, int overwrite);
  }

  /** Asking for it chooses. */
  private static final class Chosen {
    static final boolean DONE = choose();

    private static boolean choose() {
      if (System.getenv(VARIABLE) == null && isLinux()) {
        kernels(Path.of("/proc/cpuinfo")).ifPresent(OpenBlas::set);
      }
      return true;
    }

    private static boolean isLinux() {
      return System.getProperty("os.name").equals("Linux");
    }
  }

  private OpenBlas() {}

  /** To be called before anything loads ND4J or OpenBLAS. */
  static void chooseKernels() {
    if (!Chosen.DONE) {
      throw new IllegalStateException("no choice was made");
    }
  }

  /** The kernels to ask for on the processor that this file describes, if its own choice is bad. */
  static Optional<String> kernels(Path description) {
    try (Stream<String> lines = Files.lines(description)) {
      List<String> known =
          lines
              .filter(line -> line.startsWith("vendor_id") || line.startsWith("flags"))
              .limit(2)
              .flatMap(line -> Arrays.stream(line.split("\\s+")))
              .toList();
      boolean slow =
          known.contains("GenuineIntel") && known.contains("avx512_bf16")
              || known.contains("AuthenticAMD");
      return slow && known.containsAll(NEEDED) ? Optional.of(SKYLAKE) : Optional.empty();
    } catch (IOException | java.io.UncheckedIOException unreadable) {
      return Optional.empty();
    }
  }

  private static void set(String kernels) {
    try {
      Native.load("c", C.class).setenv(VARIABLE, kernels, 0);
    } catch (LinkageError failed) {
      LOG.warn(
          "OpenBLAS will choose slow kernels for this processor; set {}={} where the JVM is started"
              + " ({})",
          VARIABLE,
          kernels,
          failed.toString());
    }
  }
}
