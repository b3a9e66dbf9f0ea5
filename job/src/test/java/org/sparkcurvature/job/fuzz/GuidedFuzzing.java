package org.sparkcurvature.job.fuzz;

/** Where Jazzer enters: one target, named by the environment variable {@code FUZZ_TARGET}. */
public final class GuidedFuzzing {
  private static final Targets.Target TARGET = Targets.all().get(System.getenv("FUZZ_TARGET"));

  private GuidedFuzzing() {}

  /** Called by Jazzer for every input. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    TARGET.read(bytes);
  }
}
