package org.sparkcurvature.plan.steps;

import java.util.List;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.MatrixFunction;

/** A function of the matrices of each sample. */
public record OfMatrices(Node node, MatrixFunction function, List<Buffer> operands, Buffer out)
    implements Step {
  public OfMatrices {
    operands = List.copyOf(operands);
  }

  @Override
  public String describe() {
    return function.name() + " -> " + out.describe();
  }

  @Override
  public List<Buffer> inputs() {
    return operands;
  }

  @Override
  public double operations(long rows) {
    return function.operations() * (out.sampled() ? rows : 1);
  }
}
