package org.sparkcurvature.plan.steps;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sparkcurvature.graph.Node;

/**
 * One thing that a kernel does. Tensors are row-major, sample after sample; sizes and strides are
 * in elements. A step whose result is sampled runs over the samples of a block; operands that are
 * not sampled are the same for each.
 */
public sealed interface Step
    permits Addable, Along, FusedDerivatives, Gram, Join, Lanes, OfLines, OfMatrices {

  /**
   * What it computes, or a part of whose computation it is: where it comes from, for messages. The
   * one who made a derivative knows which one its node is.
   */
  Node node();

  /** Where the result goes. */
  Buffer out();

  /** What is read. */
  List<Buffer> inputs();

  /** The steps that this one does together, each of which leaves a result; else itself. */
  default List<? extends Step> members() {
    return List.of(this);
  }

  /** Room that the kernel uses while it runs. */
  default Optional<Buffer> workspace() {
    return Optional.empty();
  }

  /** Whether the host writes the result, whatever products run on. */
  default boolean isOnHost() {
    return true;
  }

  /** Multiply-adds, or evaluations of a function, for a block of this many samples. */
  double operations(long rows);

  /** The kernel and the shapes that it works on, M for the samples of a block. */
  default String describe() {
    return getClass().getSimpleName()
        + " "
        + inputs().stream().map(Buffer::describe).collect(Collectors.joining(" "))
        + " -> "
        + out().describe();
  }
}
