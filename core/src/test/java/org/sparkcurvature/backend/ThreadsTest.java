package org.sparkcurvature.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.SummedProduct;

/** With OMP_NUM_THREADS=1, as Spark's tasks have it, products use the thread that asks for them. */
class ThreadsTest {
  /** What the steps compute, for messages. */
  private static final Node NODE = new Graph().input("node", Shape.SCALAR);

  private static final int SIZE = 600;
  private static final int TIMES = 30;

  /** Processor time of the process over that of one thread, where that thread computes alone. */
  private static final double ALONE = 1.3;

  @Test
  void aProductUsesOneThreadWhereOneIsGiven() {
    assumeTrue("1".equals(System.getenv("OMP_NUM_THREADS")), "OMP_NUM_THREADS is not 1");
    assumeTrue(!Backend.here().isGpu(), "products run on a GPU");
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    Buffer rows = new Buffer(0, true, SIZE);
    Buffer square = new Buffer(1, false, SIZE * SIZE);
    SummedProduct step =
        new SummedProduct(NODE, rows, rows, 1, SIZE, SIZE, 1, Accumulate.REPLACE, square);
    try (Storage left = Storage.doubles(SIZE * SIZE);
        Storage right = Storage.doubles(SIZE * SIZE);
        Storage out = Storage.doubles(SIZE * SIZE);
        MatrixKernel kernel = MatrixKernel.summed(step, left, right, out, () -> true)) {
      double[] ones = new double[SIZE * SIZE];
      java.util.Arrays.fill(ones, 1);
      left.store(0, ones.length, ones, 0);
      right.store(0, ones.length, ones, 0);
      // Compilers and the collector work beside, for as long as the tests before this one left them
      // work; threads of BLAS would be there in every try.
      double fewest = Double.POSITIVE_INFINITY;
      long until = System.nanoTime() + 60_000_000_000L;
      while (fewest >= ALONE && System.nanoTime() < until) {
        long all = process.getProcessCpuTime();
        long own = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (int i = 0; i < TIMES; i++) {
          kernel.run(SIZE);
        }
        own = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - own;
        all = process.getProcessCpuTime() - all;
        fewest = Math.min(fewest, (double) all / own);
      }
      assertThat(out.at(0)).isEqualTo(SIZE);
      assertThat(fewest)
          .as("processor time of the process, over that of the thread")
          .isLessThan(ALONE);
    }
  }
}
