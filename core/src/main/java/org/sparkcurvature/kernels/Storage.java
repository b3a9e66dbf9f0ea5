package org.sparkcurvature.kernels;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A run of numbers outside the Java heap: an ND4J array to matrix products, a buffer to everything
 * else. On a GPU the array has a copy in the device's memory and the buffer is the host's; numbers
 * move when the other side asks for them. On the processor they are one.
 */
abstract sealed class Storage implements AutoCloseable {
  private final INDArray array;
  private final boolean mirrored = Backend.here().isGpu();

  /** Whether the device has newer numbers than the host. */
  private boolean away;

  /** Whether the host has newer numbers than the device. */
  private boolean written;

  private Storage(DataType type, long length) {
    array = Nd4j.createUninitializedDetached(type, 'c', length);
    // The host's half is there before anyone asks for the buffer; on the processor this does
    // nothing.
    Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
  }

  /** To be called before a product reads these numbers. */
  final void beforeProduct() {
    if (mirrored && written) {
      Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
      written = false;
    }
  }

  /** To be called after a product wrote these numbers. */
  final void afterProduct() {
    away = mirrored;
    written = false;
  }

  private void fetch() {
    Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
    away = false;
  }

  /** The host is about to read. */
  final void reading() {
    if (away) {
      fetch();
    }
  }

  /** The host is about to write, perhaps not everything. */
  final void writing() {
    if (away) {
      fetch();
    }
    written = true;
  }

  static Storage doubles(long length) {
    return new Doubles(length);
  }

  static Storage floats(long length) {
    return new Floats(length);
  }

  /** The first {@code rows * columns} numbers as a column-major matrix. */
  INDArray matrix(long rows, long columns) {
    return Nd4j.create(array.data(), new long[] {rows, columns}, new long[] {1, rows}, 0, 'f');
  }

  abstract double at(int index);

  /** Reads {@code length} numbers from {@code from} on. */
  abstract void load(int from, int length, double[] into, int at);

  /** Writes {@code length} numbers from {@code from} on. */
  abstract void store(int from, int length, double[] values, int at);

  @Override
  public void close() {
    array.close();
  }

  private static final class Doubles extends Storage {
    private final DoubleBuffer buffer;

    Doubles(long length) {
      super(DataType.DOUBLE, length);
      buffer = super.array.data().asNioDouble();
    }

    @Override
    double at(int index) {
      reading();
      return buffer.get(index);
    }

    @Override
    void load(int from, int length, double[] into, int at) {
      reading();
      buffer.get(from, into, at, length);
    }

    @Override
    void store(int from, int length, double[] values, int at) {
      writing();
      buffer.put(from, values, at, length);
    }
  }

  private static final class Floats extends Storage {
    private static final int CHUNK = 1024;
    private final FloatBuffer buffer;
    private final float[] chunk = new float[CHUNK];

    Floats(long length) {
      super(DataType.FLOAT, length);
      buffer = super.array.data().asNioFloat();
    }

    @Override
    double at(int index) {
      reading();
      return buffer.get(index);
    }

    @Override
    void load(int from, int length, double[] into, int at) {
      reading();
      for (int done = 0; done < length; done += CHUNK) {
        int count = Math.min(CHUNK, length - done);
        buffer.get(from + done, chunk, 0, count);
        for (int k = 0; k < count; k++) {
          into[at + done + k] = chunk[k];
        }
      }
    }

    @Override
    void store(int from, int length, double[] values, int at) {
      writing();
      for (int done = 0; done < length; done += CHUNK) {
        int count = Math.min(CHUNK, length - done);
        for (int k = 0; k < count; k++) {
          chunk[k] = (float) values[at + done + k];
        }
        buffer.put(from + done, chunk, 0, count);
      }
    }
  }
}
