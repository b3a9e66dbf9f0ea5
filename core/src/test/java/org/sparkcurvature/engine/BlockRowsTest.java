package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.graph.Node;

/** How blocks use the memory that they are given. */
class BlockRowsTest {
  private static final int VECTORS = 4;

  /** Sums that are large beside what a sample adds to them: the working set is never enough. */
  private static DerivativeSpec spec(long bytes) {
    Expressions e = new Expressions();
    Node h = e.call("tanh", e.call("matmul", e.parameter("W", 120, 80), e.input("x", 80)));
    Node z = e.call("dot", e.parameter("b", 120), h);
    return new DerivativeSpec(
        e.model(e.call("square", z)),
        Request.by("W", "b")
            .withSums(Request.Global.NONE.withValue().withGradient().withProducts(VECTORS)),
        Precision.DOUBLE,
        bytes);
  }

  @ParameterizedTest
  @CsvSource({"1", "100000", "1000000", "5000000", "1000000000"})
  void theWorkingSetIsKept(long bytes) {
    DerivativeSpec.Cost cost = spec(bytes).cost();
    assertThat(cost.blockRows()).isPositive();
    if (cost.blockRows() > 1) {
      assertThat(cost.bytesPerSample() * (cost.blockRows() - 1)).isLessThanOrEqualTo(bytes);
    }
  }

  @ParameterizedTest
  @CsvSource({"100000, 1000000", "1000000, 5000000"})
  void moreMemoryMakesLargerBlocks(long less, long more) {
    assertThat(spec(less).cost().blockRows()).isLessThan(spec(more).cost().blockRows());
  }

  /** However blocks and strips are cut, and whether sums are formed of one or the other. */
  @ParameterizedTest
  @CsvSource({"100000", "1000000", "5000000"})
  void memoryChangesNothingButTheLastBits(long bytes) {
    DerivativeSpec whole = spec(1_000_000_000);
    Samples samples = Samples.random(whole.model(), 400, 3);
    double[] vectors = new Random(4).doubles((long) VECTORS * whole.layout().length()).toArray();
    double[] expected = samples.sums(whole, vectors).products();
    double[] actual = samples.sums(spec(bytes), vectors).products();
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertThat(largest).isPositive();
    assertThat(actual).containsExactly(expected, within(1e-13 * largest));
  }
}
