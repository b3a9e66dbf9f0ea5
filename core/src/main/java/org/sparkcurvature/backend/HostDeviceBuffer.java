package org.sparkcurvature.backend;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** How the numbers that the host reads and writes reach an array's products, and come back. */
interface HostDeviceBuffer {

  /** Whether products work on memory of their own. */
  boolean isSeparate();

  /** The host's numbers. */
  DoubleBuffer doubles();

  /** The host's numbers. */
  FloatBuffer floats();

  /** Lets the next product see what the host wrote. */
  void toProducts();

  /** Lets the host see what a product wrote. */
  void toHost();

  /** What the backend of this process needs. */
  static HostDeviceBuffer of(INDArray array) {
    return new OfBackend(array, Backend.here().isGpu());
  }

  /** ND4J's own pair of memories, which are one on the processor. */
  record OfBackend(INDArray array, boolean isSeparate) implements HostDeviceBuffer {
    public OfBackend {
      if (isSeparate) {
        // The host's half is made when first asked for.
        Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
      }
    }

    @Override
    public DoubleBuffer doubles() {
      return array.data().asNioDouble();
    }

    @Override
    public FloatBuffer floats() {
      return array.data().asNioFloat();
    }

    @Override
    public void toProducts() {
      Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    }

    @Override
    public void toHost() {
      Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
    }
  }
}
