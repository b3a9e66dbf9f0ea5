package org.sparkcurvature.backend;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.function.Function;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A run of numbers outside the Java heap: an ND4J array to matrix products, a buffer to everything
 * else. Where products have memory of their own, on a GPU, numbers move when the other side asks
 * for them, and whoever writes some of the numbers after the other side wrote, writes all that will
 * be read: the rest is not kept. On the processor the two are one.
 */
abstract sealed class Storage implements OutputSink, AutoCloseable {
  private final INDArray array;
  private final HostDeviceBuffer hostDevice;
  private final boolean separate;

  /** Where the strip of samples begins that is being computed; indices count from there. */
  private int base;

  /** Whether a product has written what the host has not seen. */
  private boolean away;

  /** Whether the host has written what products have not seen. */
  private boolean written;

  private Storage(DataType type, long length, Function<INDArray, HostDeviceBuffer> mirrors) {
    OpenBlas.chooseKernels();
    array = Nd4j.createUninitializedDetached(type, 'c', length);
    hostDevice = mirrors.apply(array);
    separate = hostDevice.isSeparate();
  }

  static Storage doubles(long length) {
    return doubles(length, HostDeviceBuffer::of);
  }

  static Storage doubles(long length, Function<INDArray, HostDeviceBuffer> mirrors) {
    return new Doubles(length, mirrors);
  }

  static Storage floats(long length) {
    return floats(length, HostDeviceBuffer::of);
  }

  static Storage floats(long length, Function<INDArray, HostDeviceBuffer> mirrors) {
    return new Floats(length, mirrors);
  }

  /** From now on numbers are counted from this one on. */
  final void moveTo(int base) {
    this.base = base;
  }

  /** The number from which numbers are counted. */
  final int base() {
    return base;
  }

  /** To be called before a product reads these numbers. */
  final void beforeProduct() {
    if (separate && written) {
      hostDevice.toProducts();
      written = false;
    }
  }

  /** To be called after a product wrote these numbers. */
  final void afterProduct() {
    away = separate;
    written = false;
  }

  private void fetch() {
    hostDevice.toHost();
    away = false;
  }

  /** To be called before the host reads. */
  final void beforeReading() {
    if (away) {
      fetch();
    }
  }

  /** To be called before the host writes. */
  final void beforeWriting() {
    away = false;
    written = true;
  }

  /** Whether products have memory of their own. */
  final boolean isSeparate() {
    return separate;
  }

  final boolean isDouble() {
    return array.dataType() == DataType.DOUBLE;
  }

  /** The numbers as products see them, where that is the host's memory. */
  final Pointer pointer() {
    return array.data().pointer();
  }

  /** The {@code rows * columns} numbers from the very first plus {@code from} on, column-major. */
  INDArray matrix(long from, long rows, long columns) {
    return Nd4j.create(array.data(), new long[] {rows, columns}, new long[] {1, rows}, from, 'f');
  }

  /** Adds to one number. */
  abstract void add(int index, double value);

  /** Reads {@code length} numbers from {@code from} on. */
  abstract void load(int from, int length, double[] into, int at);

  @Override
  public void close() {
    array.close();
  }

  private static final class Doubles extends Storage {
    private final DoubleBuffer buffer;

    Doubles(long length, Function<INDArray, HostDeviceBuffer> mirrors) {
      super(DataType.DOUBLE, length, mirrors);
      buffer = super.hostDevice.doubles();
    }

    @Override
    public double at(int index) {
      beforeReading();
      return buffer.get(base() + index);
    }

    @Override
    void add(int index, double value) {
      beforeReading();
      beforeWriting();
      buffer.put(base() + index, buffer.get(base() + index) + value);
    }

    @Override
    void load(int from, int length, double[] into, int at) {
      beforeReading();
      buffer.get(base() + from, into, at, length);
    }

    @Override
    public void store(int from, int length, double[] values, int at) {
      beforeWriting();
      buffer.put(base() + from, values, at, length);
    }
  }

  private static final class Floats extends Storage {
    private static final int CHUNK = 1024;
    private final FloatBuffer buffer;
    private final float[] chunk = new float[CHUNK];

    Floats(long length, Function<INDArray, HostDeviceBuffer> mirrors) {
      super(DataType.FLOAT, length, mirrors);
      buffer = super.hostDevice.floats();
    }

    @Override
    public double at(int index) {
      beforeReading();
      return buffer.get(base() + index);
    }

    @Override
    void add(int index, double value) {
      beforeReading();
      beforeWriting();
      buffer.put(base() + index, (float) (buffer.get(base() + index) + value));
    }

    @Override
    void load(int from, int length, double[] into, int at) {
      beforeReading();
      for (int done = 0; done < length; done += CHUNK) {
        int count = Math.min(CHUNK, length - done);
        buffer.get(base() + from + done, chunk, 0, count);
        for (int k = 0; k < count; k++) {
          into[at + done + k] = chunk[k];
        }
      }
    }

    @Override
    public void store(int from, int length, double[] values, int at) {
      beforeWriting();
      for (int done = 0; done < length; done += CHUNK) {
        int count = Math.min(CHUNK, length - done);
        for (int k = 0; k < count; k++) {
          chunk[k] = (float) values[at + done + k];
        }
        buffer.put(base() + from + done, chunk, 0, count);
      }
    }
  }
}
