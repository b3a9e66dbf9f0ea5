package org.sparkcurvature.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Products whose memory the host does not see, as a GPU's are, played on the processor: nothing is
 * right that was not moved. It tells whether numbers are moved when they must be, not whether a
 * GPU's library computes.
 */
class SeparateMemoryTest extends BackendConformance {
  private final AtomicInteger moves = new AtomicInteger();

  @Override
  HostDeviceBuffer hostDevice(INDArray array) {
    return new Apart(array);
  }

  private final class Apart implements HostDeviceBuffer {
    private final INDArray array;
    private final ByteBuffer host;

    Apart(INDArray array) {
      this.array = array;
      array.assign(Double.NaN);
      long bytes = array.length() * array.dataType().width();
      host = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
      toHost();
    }

    @Override
    public boolean isSeparate() {
      return true;
    }

    @Override
    public DoubleBuffer doubles() {
      return host.asDoubleBuffer();
    }

    @Override
    public FloatBuffer floats() {
      return host.asFloatBuffer();
    }

    @Override
    public void toProducts() {
      moves.incrementAndGet();
      if (array.dataType() == DataType.DOUBLE) {
        array.data().asNioDouble().put(doubles());
      } else {
        array.data().asNioFloat().put(floats());
      }
    }

    @Override
    public void toHost() {
      moves.incrementAndGet();
      if (array.dataType() == DataType.DOUBLE) {
        doubles().put(array.data().asNioDouble());
      } else {
        floats().put(array.data().asNioFloat());
      }
    }
  }

  @Test
  void numbersMoveOnlyWhenTheOtherSideHasNewOnes() {
    int length = 4;
    try (Storage storage = Storage.doubles(length, Apart::new)) {
      moves.set(0);
      storage.store(0, 2, new double[] {1, 2}, 0);
      storage.store(2, 2, new double[] {3, 4}, 0);
      assertThat(storage.at(3)).isEqualTo(4);
      assertThat(moves).hasValue(0);
      storage.beforeProduct();
      storage.beforeProduct();
      assertThat(moves).hasValue(1);
      storage.afterProduct();
      storage.beforeProduct();
      assertThat(moves).hasValue(1);
      assertThat(storage.at(0) + storage.at(1)).isEqualTo(3);
      assertThat(moves).hasValue(2);
    }
  }
}
