package org.sparkcurvature.plan.steps;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Apply;

/** An elementwise function, lane after lane. */
public record Lanes(Node node, Apply function, List<Source> sources, Buffer out) implements Step {

  /** Where a lane's operand comes from. */
  public sealed interface Source {}

  /** Element after element of a buffer. */
  public record Elements(Buffer buffer) implements Source {}

  /** The single element of a buffer, for every lane. */
  public record Scalar(Buffer buffer) implements Source {}

  /** A number. */
  public record Constant(double value) implements Source {}

  public Lanes {
    sources = List.copyOf(sources);
  }

  /** The first operand, where it is a buffer of the result's elements. */
  public Optional<Buffer> operand() {
    return sources.get(0) instanceof Elements elements
            && elements.buffer().sampled() == out.sampled()
        ? Optional.of(elements.buffer())
        : Optional.empty();
  }

  @Override
  public String describe() {
    return function.name() + " on " + out.describe();
  }

  @Override
  public List<Buffer> inputs() {
    List<Buffer> inputs = new ArrayList<>(sources.size());
    for (Source source : sources) {
      if (source instanceof Elements elements) {
        inputs.add(elements.buffer());
      } else if (source instanceof Scalar scalar) {
        inputs.add(scalar.buffer());
      }
    }
    return inputs;
  }

  @Override
  public double operations(long rows) {
    return (double) out.size() * (out.sampled() ? rows : 1);
  }
}
