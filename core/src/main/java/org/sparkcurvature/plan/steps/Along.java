package org.sparkcurvature.plan.steps;

import java.util.List;
import org.sparkcurvature.graph.Node;

/**
 * An operation along one axis; {@code operands} are the tensor and, to gather and scatter, the
 * index or indices.
 */
public record Along(Node node, Kind kind, List<Buffer> operands, Axis axis, Buffer out)
    implements Step {

  /** Which operation. */
  public enum Kind {
    /** Takes the element that the index names. */
    GATHER,
    /** Puts the operand where the index says, zero elsewhere. */
    SCATTER,
    CUMULATE,
    CUMULATE_BACKWARDS,
    LARGEST
  }

  public Along {
    operands = List.copyOf(operands);
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
