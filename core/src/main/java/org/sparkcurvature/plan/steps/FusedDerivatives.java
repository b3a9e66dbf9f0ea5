package org.sparkcurvature.plan.steps;

import java.util.List;
import java.util.stream.Collectors;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Elementwise;

/**
 * Elementwise functions and derivatives of them, of one operand or its opposite, computed together.
 *
 * @param operand of the family
 * @param members of one family; the first in the order of steps comes first
 */
public record FusedDerivatives(Buffer operand, List<Lanes> members) implements Step {
  public FusedDerivatives {
    members = List.copyOf(members);
  }

  /** Whether a member is of the opposite of the operand. */
  private boolean isOfOpposite(Lanes member) {
    return !operand.equals(member.operand().orElseThrow());
  }

  /** Where the family has a member. */
  public Elementwise.Member place(Lanes member) {
    return member
        .function()
        .row()
        .member(member.function().partial().size(), isOfOpposite(member))
        .orElseThrow();
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
    return List.of(operand);
  }

  @Override
  public String describe() {
    return members.stream()
            .map(
                member ->
                    member.function().name() + (isOfOpposite(member) ? " of the opposite" : ""))
            .collect(Collectors.joining(", "))
        + " on "
        + out().describe();
  }

  @Override
  public double operations(long rows) {
    return members.stream().mapToDouble(member -> member.operations(rows)).sum();
  }
}
