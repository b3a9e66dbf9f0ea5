package org.sparkcurvature.plan.steps;

import java.util.List;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Lines;

/**
 * A function of lines.
 *
 * @param heads how many leading positions the first operand has
 * @param axis the axis of the lines
 */
public record OfLines(
    Node node, Lines function, List<Buffer> operands, int heads, Axis axis, Buffer out)
    implements Step {
  public OfLines {
    operands = List.copyOf(operands);
  }

  @Override
  public String describe() {
    return function.name() + " along an axis of " + axis.extent() + " -> " + out.describe();
  }

  @Override
  public List<Buffer> inputs() {
    return operands;
  }

  @Override
  public double operations(long rows) {
    return (double) out.size() * (out.sampled() ? rows : 1);
  }
}
