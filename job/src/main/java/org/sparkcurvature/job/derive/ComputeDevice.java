package org.sparkcurvature.job.derive;

import java.io.Serializable;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sparkcurvature.backend.Backend;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.errors.Errors;

/**
 * What blocks of samples are computed on.
 *
 * @param backend the library under ND4J
 * @param device {@code cpu}, or {@code gpu} and which
 */
public record ComputeDevice(String backend, String device)
    implements Serializable, Comparable<ComputeDevice> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ComputeDevice.class);
  private static final String KEY = "curvature.device";

  /** What this process, or this thread of it, computes on. */
  public static ComputeDevice here() {
    return new ComputeDevice(Backend.here().library(), Backend.here().device());
  }

  /**
   * Refuses a device that there is not, as far as it can be told before Spark starts: executors of
   * a cluster have devices that the driver knows nothing of.
   *
   * @param master where tasks will run, if that is known
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2
   */
  public static void refuseMissing(Device asked, Optional<String> master) {
    boolean here = master.map(m -> m.equals("local") || m.startsWith("local[")).orElse(true);
    if (asked == Device.GPU && !Backend.isGpuOnClassPath()) {
      throw missing(asked, "ND4J's backend is nd4j-native, and nd4j-cuda is not on the class path");
    } else if (asked != Device.AUTO && here && Backend.isGpuOnClassPath()) {
      refuse(asked);
    }
  }

  /**
   * Takes the device for the running task: the GPU that Spark assigned to it, where ND4J computes
   * on GPUs; elsewhere the task's own thread, so that products have the same bits however many
   * threads an executor's environment gives to BLAS.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if {@code asked} names a
   *     device that the task does not have
   */
  public static ComputeDevice take(Device asked) {
    refuse(asked);
    Backend.useOneThread();
    Backend backend = Backend.here();
    if (backend.isGpu()) {
      assigned().ifPresent(address -> backend.use(number(address, backend.gpus())));
    }
    ComputeDevice taken = here();
    LOG.info("computing with {} on {}", taken.backend, taken.device);
    return taken;
  }

  private static void refuse(Device asked) {
    boolean gpu = Backend.here().isGpu();
    if (asked == Device.GPU && !gpu) {
      throw missing(
          asked,
          Backend.isGpuOnClassPath()
              ? "nd4j-cuda found no GPU that it can use (no driver, or none that CUDA 11.6 knows)"
              : "ND4J's backend is nd4j-native, and nd4j-cuda is not on the class path");
    } else if (asked == Device.CPU && gpu) {
      throw Errors.configuration(
          "ND4J computes on a GPU here: it prefers nd4j-cuda where that is on the class path",
          KEY,
          "set device = auto, or the environment variable BACKEND_PRIORITY_CPU=200 for the driver"
              + " and its executors");
    }
  }

  private static RuntimeException missing(Device asked, String reason) {
    return Errors.configuration(
        "there is no %s here: %s".formatted(asked.name().toLowerCase(Locale.ROOT), reason),
        KEY,
        "set device = auto, or build with mvn -Pcuda and run where there is an NVIDIA GPU");
  }

  private static Optional<String> assigned() {
    return Optional.ofNullable(TaskContext.get())
        .map(context -> context.resourcesJMap().get("gpu"))
        .map(ResourceInformation::addresses)
        .filter(addresses -> addresses.length > 0)
        .map(addresses -> addresses[0]);
  }

  /** Which of a process's GPUs the address means that Spark gives to a task. */
  static int number(String address, int gpus) {
    if (address.matches("\\d{1,9}") && Integer.parseInt(address) < gpus) {
      return Integer.parseInt(address);
    }
    throw Errors.configuration(
        "Spark assigned the GPU '%s' to a task, and its process sees %d, numbered from 0"
            .formatted(address, gpus),
        "spark.executor.resource.gpu.discoveryScript",
        "let the script print what nvidia-smi counts in the executor, as deploy/gpu/discover does");
  }

  @Override
  public int compareTo(ComputeDevice other) {
    return Comparator.comparing(ComputeDevice::backend)
        .thenComparing(ComputeDevice::device)
        .compare(this, other);
  }
}
