package org.sparkcurvature.job.command;

import java.util.Locale;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.errors.Errors;

/** What ND4J computes on: decided by which of its backends is on the class path. */
enum Backend {
  NATIVE("nd4j-native", "cpu"),
  CUDA("nd4j-cuda", "gpu");

  private final String library;
  private final String device;

  Backend(String library, String device) {
    this.library = library;
    this.device = device;
  }

  /**
   * The backend of this process.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if {@code asked} names a
   *     device that it does not have
   */
  static Backend forDevice(Device asked) {
    boolean cuda =
        Backend.class.getResource("/org/nd4j/linalg/jcublas/JCublasBackend.class") != null;
    Backend backend = cuda ? CUDA : NATIVE;
    if (asked != Device.AUTO && !asked.name().equalsIgnoreCase(backend.device)) {
      throw Errors.configuration(
          "there is no %s here: ND4J's backend is %s"
              .formatted(asked.name().toLowerCase(Locale.ROOT), backend.library),
          "curvature.device",
          "set device = auto, or put the other backend on the class path");
    }
    return backend;
  }

  /** The library's name. */
  String library() {
    return library;
  }

  /** {@code cpu} or {@code gpu}. */
  String device() {
    return device;
  }
}
