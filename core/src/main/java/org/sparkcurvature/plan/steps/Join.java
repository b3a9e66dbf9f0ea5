package org.sparkcurvature.plan.steps;

import java.util.List;
import org.sparkcurvature.graph.Node;

/**
 * Parts one behind the other: for each of {@code outer} positions a run of {@code runs[k]} elements
 * of part k.
 */
public record Join(Node node, List<Buffer> parts, int outer, List<Integer> runs, Buffer out)
    implements Step {
  public Join {
    parts = List.copyOf(parts);
    runs = List.copyOf(runs);
  }

  @Override
  public List<Buffer> inputs() {
    return parts;
  }

  @Override
  public double operations(long rows) {
    return 0;
  }
}
