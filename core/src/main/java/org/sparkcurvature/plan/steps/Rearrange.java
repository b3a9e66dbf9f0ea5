package org.sparkcurvature.plan.steps;

import java.util.Arrays;
import java.util.List;
import org.sparkcurvature.graph.Node;

/**
 * Element i of the result is element {@code map[i]} of the operand, or 0 where that is negative.
 */
public record Rearrange(Node node, Buffer in, int[] map, Accumulate into, Buffer out)
    implements Addable {
  /** Whether less than a quarter of the result is of the operand. */
  public boolean isSparse() {
    return 4 * Arrays.stream(map).filter(k -> k >= 0).count() < map.length;
  }

  @Override
  public Rearrange addedTo(Buffer to, Node sum) {
    return new Rearrange(sum, in, map, Accumulate.ADD, to);
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
