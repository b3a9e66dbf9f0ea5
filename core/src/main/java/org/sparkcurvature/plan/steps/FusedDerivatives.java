package org.sparkcurvature.plan.steps;

import java.util.List;
import java.util.stream.Collectors;
import org.sparkcurvature.graph.Node;

/**
 * An elementwise function and derivatives of it, of one operand, computed together.
 *
 * @param members of one family; the first in the order of steps comes first
 */
public record FusedDerivatives(List<Lanes> members) implements Step {
  public FusedDerivatives {
    members = List.copyOf(members);
  }

  /** The operand. */
  public Buffer operand() {
    return members.get(0).operand().orElseThrow();
  }

  /** Of the first member; each of them has its own. */
  @Override
  public Node node() {
    return members.get(0).node();
  }

  @Override
  public Buffer out() {
    return members.get(0).out();
  }

  @Override
  public List<Buffer> inputs() {
    return List.of(operand());
  }

  @Override
  public String describe() {
    return members.stream()
            .map(member -> member.function().name())
            .collect(Collectors.joining(", "))
        + " on "
        + out().describe();
  }

  @Override
  public double operations(long rows) {
    return members.stream().mapToDouble(member -> member.operations(rows)).sum();
  }
}
