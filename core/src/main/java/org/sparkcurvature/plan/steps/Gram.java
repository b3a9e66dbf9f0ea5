package org.sparkcurvature.plan.steps;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;

/**
 * The sum over samples of scale x x', of which only the elements on and above the diagonal are
 * meant: half the multiply-adds of the product.
 *
 * @param x a vector of n elements for every sample
 * @param scale a number for every sample
 * @param room for scaled rows, as many as are multiplied at once
 * @param out [n, n]
 */
public record Gram(Node node, Buffer x, Buffer scale, Buffer room, Buffer out) implements Step {
  @Override
  public boolean isOnHost() {
    return false;
  }

  @Override
  public String describe() {
    return "symmetric product [%d, M] [M, %d]".formatted(x.size(), x.size());
  }

  @Override
  public List<Buffer> inputs() {
    return List.of(x, scale);
  }

  @Override
  public Optional<Buffer> workspace() {
    return Optional.of(room);
  }

  @Override
  public double operations(long m) {
    return 0.5 * x.size() * (x.size() + 1.0) * m;
  }
}
