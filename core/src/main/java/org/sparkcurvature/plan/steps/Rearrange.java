package org.sparkcurvature.plan.steps;

import java.util.Arrays;
import java.util.List;

/**
 * Element i of the result is element {@code map[i]} of the operand, or 0 where that is negative.
 */
public record Rearrange(Buffer in, int[] map, Accumulate into, Buffer out) implements Addable {
  /** Whether less than a quarter of the result is of the operand. */
  public boolean isSparse() {
    return 4 * Arrays.stream(map).filter(k -> k >= 0).count() < map.length;
  }

  @Override
  public Rearrange addedTo(Buffer to) {
    return new Rearrange(in, map, Accumulate.ADD, to);
  }

  @Override
  public String describe() {
    return "rearrangement " + in.describe() + " -> " + out.describe() + into.suffix();
  }

  @Override
  public List<Buffer> operands() {
    return List.of(in);
  }

  @Override
  public double operations(long rows) {
    return 0;
  }
}
