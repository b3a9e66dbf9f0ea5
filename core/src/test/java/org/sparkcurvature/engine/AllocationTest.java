package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.factory.Nd4j;
import org.sparkcurvature.graph.Model;

/** What the loop over blocks allocates: nothing outside the heap, next to nothing on it. */
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int BLOCK = 1000;
  private static final int WARM_UP = 100;
  private static final int BLOCKS = 100;

  static Stream<Arguments> cases() {
    return SpecModels.cases();
  }

  private static Request everything(Model model) {
    return Request.by(List.copyOf(model.parameters().keySet()))
        .withSums(Request.Global.NONE.withValue().withGradient().withHessian().withOpg())
        .withSamples(
            Request.PerSample.NONE
                .withValue()
                .withGradient()
                .withHessian(Request.SampleHessianForm.PACKED));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void aBlockAllocatesNothingThatGrows(String name, Model model) {
    DerivativeSpec spec = new DerivativeSpec(model, everything(model), Precision.DOUBLE, 1 << 26);
    Samples samples = Samples.random(model, BLOCK, 3);
    try (Engine engine = spec.open(samples.parameters())) {
      samples.inputs().forEach((n, v) -> System.arraycopy(v, 0, engine.input(n), 0, v.length));
      Sums sums = Sums.zero(spec);
      for (int k = 0; k < WARM_UP; k++) {
        run(engine, sums, BLOCK);
        run(engine, sums, 10);
      }
      long natives = Nd4j.getDeallocatorService().nextValue();
      long pointers = Pointer.totalCount();
      long few = allocated(engine, sums, 10);
      long many = allocated(engine, sums, BLOCK);

      // Each of ND4J's buffers and contexts takes a number, as do these two questions.
      assertThat(Nd4j.getDeallocatorService().nextValue()).isEqualTo(natives + 1);
      assertThat(Pointer.totalCount()).as("JavaCPP pointers").isLessThanOrEqualTo(pointers);
      int steps = spec.cost().steps().size();
      assertThat(few).as("%s steps", steps).isLessThan(2048 + 400L * steps);
      assertThat(many).isCloseTo(few, org.assertj.core.data.Offset.offset(1024L));
    }
  }

  private static void run(Engine engine, Sums sums, int rows) {
    engine.evaluate(rows);
    engine.addTo(sums);
  }

  /** Bytes on the heap for each block. */
  private static long allocated(Engine engine, Sums sums, int rows) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int k = 0; k < BLOCKS; k++) {
      run(engine, sums, rows);
    }
    return (THREADS.getCurrentThreadAllocatedBytes() - before) / BLOCKS;
  }
}
