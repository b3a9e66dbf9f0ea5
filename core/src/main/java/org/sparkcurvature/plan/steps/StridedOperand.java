package org.sparkcurvature.plan.steps;

import java.util.List;
import java.util.stream.Collectors;

/**
 * How a factor is walked: its stride along each axis of the result and along each summed index; 0
 * where it does not have it.
 */
public record StridedOperand(Buffer buffer, List<Integer> outStrides, List<Integer> sumStrides) {
  public StridedOperand {
    outStrides = List.copyOf(outStrides);
    sumStrides = List.copyOf(sumStrides);
  }

  /** What factors are read from. */
  static List<Buffer> buffers(List<StridedOperand> factors) {
    return factors.stream().map(StridedOperand::buffer).toList();
  }

  /** Factors, and where their product goes. */
  static String describe(List<StridedOperand> factors, Buffer out, Accumulate into) {
    return factors.stream().map(f -> f.buffer().describe()).collect(Collectors.joining(" "))
        + " -> "
        + out.describe()
        + into.suffix();
  }
}
