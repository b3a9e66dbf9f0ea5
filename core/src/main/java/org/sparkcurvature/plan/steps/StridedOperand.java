package org.sparkcurvature.plan.steps;

import java.util.List;

/**
 * How a factor is walked: its stride along each axis of the result and along each summed index; 0
 * where it does not have it.
 */
public record StridedOperand(Buffer buffer, List<Integer> outStrides, List<Integer> sumStrides) {
  public StridedOperand {
    outStrides = List.copyOf(outStrides);
    sumStrides = List.copyOf(sumStrides);
  }
}
