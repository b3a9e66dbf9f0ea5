package org.sparkcurvature.backend;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.nd4j.linalg.api.environment.Nd4jEnvironment;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What matrix products run on: the one of ND4J's backends on the class path that ND4J chose for
 * this process, a GPU's before the processor's.
 */
public final class Backend {
  private static final String CUDA_CLASS = "/org/nd4j/linalg/jcublas/JCublasBackend.class";

  /** Asking for it loads ND4J. */
  private static final class Loaded {
    static final Backend HERE = load();

    private static Backend load() {
      OpenBlas.chooseKernels();
      return new Backend(Nd4j.getBackend().getClass().getSimpleName().contains("Cublas"));
    }
  }

  /** Asking for it sets the number of threads, once. */
  private static final class OneThread {
    static final boolean SET = set();

    private static boolean set() {
      if (!here().gpu) {
        openblas_nolapack.blas_set_num_threads(1);
      }
      return true;
    }
  }

  private final boolean gpu;

  private Backend(boolean gpu) {
    this.gpu = gpu;
  }

  /** The backend of this process; loads ND4J. */
  public static Backend here() {
    return Loaded.HERE;
  }

  /**
   * From here on, BLAS computes matrix products on the calling thread; OMP_NUM_THREADS no longer
   * counts in this process. Products over several threads round differently.
   */
  public static void useOneThread() {
    if (!OneThread.SET) {
      throw new IllegalStateException("the number of threads was not set");
    }
  }

  /** Whether a GPU's backend is on the class path, be there a GPU or not; does not load ND4J. */
  public static boolean isGpuOnClassPath() {
    return Backend.class.getResource(CUDA_CLASS) != null;
  }

  /** The library's name: {@code nd4j-native} or {@code nd4j-cuda}. */
  public String library() {
    return gpu ? "nd4j-cuda" : "nd4j-native";
  }

  /** Whether products run on a GPU, which has memory of its own. */
  public boolean isGpu() {
    return gpu;
  }

  /** GPUs that this process sees; 0 where products run on the processor. */
  public int gpus() {
    return gpu ? Nd4j.getAffinityManager().getNumberOfDevices() : 0;
  }

  /**
   * Lets what this thread opens from now on run on one of the process's GPUs.
   *
   * @param number from 0 to {@link #gpus} - 1
   * @throws IllegalArgumentException if there is no such GPU
   */
  public void use(int number) {
    if (number < 0 || number >= gpus()) {
      throw new IllegalArgumentException(
          "there is no GPU " + number + ": this process sees " + gpus());
    }
    Nd4j.getAffinityManager().unsafeSetDevice(number);
  }

  /** {@code cpu}, or {@code gpu} with the name of the one that this thread uses. */
  public String device() {
    if (!gpu) {
      return "cpu";
    }
    Properties properties = Nd4j.getExecutioner().getEnvironmentInformation();
    int number = Nd4j.getAffinityManager().getDeviceForCurrentThread();
    if (properties.get(Nd4jEnvironment.CUDA_DEVICE_INFORMATION_KEY) instanceof List<?> all
        && number < all.size()
        && all.get(number) instanceof Map<?, ?> one) {
      return "gpu (" + one.get(Nd4jEnvironment.CUDA_DEVICE_NAME_KEY) + ")";
    }
    return "gpu";
  }
}
