package org.sparkcurvature.plan.steps;

import java.util.List;
import java.util.stream.Stream;
import org.sparkcurvature.graph.Node;

/** A step that can add to what its result held before. */
public sealed interface Addable extends Step
    permits Product, Rearrange, ScatterAdd, SharedProduct, SummedProduct, Triangle, WeightedGram {
  /** Whether it does. */
  Accumulate into();

  /** The same step, added to what {@code to} holds, which then is the contents of {@code sum}. */
  Addable addedTo(Buffer to, Node sum);

  /** What is read apart from what is added to. */
  List<Buffer> operands();

  /** The operands, and the result where it is added to. */
  @Override
  default List<Buffer> inputs() {
    return into() == Accumulate.ADD
        ? Stream.concat(operands().stream(), Stream.of(out())).toList()
        : List.copyOf(operands());
  }
}
