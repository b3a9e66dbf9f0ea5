package org.sparkcurvature.plan.steps;

import java.util.List;
import org.sparkcurvature.graph.Node;

/**
 * A product of one or more factors, broadcast against each other, summed over the indices that the
 * result does not have.
 */
public record Product(
    Node node,
    List<StridedOperand> factors,
    List<Integer> outExtents,
    List<Integer> sumExtents,
    double coefficient,
    Accumulate into,
    Buffer out)
    implements Addable {
  public Product {
    factors = List.copyOf(factors);
    outExtents = List.copyOf(outExtents);
    sumExtents = List.copyOf(sumExtents);
  }

  @Override
  public Product addedTo(Buffer to, Node sum) {
    return new Product(sum, factors, outExtents, sumExtents, coefficient, Accumulate.ADD, to);
  }

  @Override
  public boolean isOnHost() {
    return sumExtents.isEmpty();
  }

  @Override
  public String describe() {
    return "product " + StridedOperand.describe(factors, out, into);
  }

  @Override
  public List<Buffer> operands() {
    return StridedOperand.buffers(factors);
  }

  @Override
  public double operations(long rows) {
    double inner = sumExtents.stream().mapToDouble(e -> e).reduce(1, (a, b) -> a * b);
    return inner * out.size() * (out.sampled() ? rows : 1) * factors.size();
  }
}
