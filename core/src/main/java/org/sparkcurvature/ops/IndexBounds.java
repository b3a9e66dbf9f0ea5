package org.sparkcurvature.ops;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/** What values an input tensor may have where it is used as an index. */
public final class IndexBounds {
  private IndexBounds() {}

  /**
   * The input tensors that a model uses as an index, as a whole or each element by itself, with the
   * number of values that they may take: they must hold integers from 0 to one less.
   */
  public static Map<String, Integer> of(Model model) {
    Map<String, Integer> bounds = new TreeMap<>();
    Map<String, BitSet> used = new HashMap<>();
    for (Node node : model.graph().nodes()) {
      int extent =
          node.op() instanceof Structural.Gather gather
              ? node.operand(0).shape().extent(gather.axis())
              : node.op() instanceof Structural.Scatter scatter ? scatter.extent() : 0;
      Node index = extent > 0 ? node.operand(1) : node;
      int element = 0;
      int count = index.shape().size();
      while (index.op() instanceof Structural.Reshape
          || index.op() instanceof Structural.Slice slice && slice.axis() == 0) {
        if (index.op() instanceof Structural.Slice slice) {
          element += slice.from() * (index.shape().size() / slice.length());
        }
        index = index.operand(0);
      }
      if (extent > 0 && index.op() instanceof Leaf.Input input) {
        bounds.merge(input.name(), extent, Math::min);
        used.computeIfAbsent(input.name(), name -> new BitSet()).set(element, element + count);
      }
    }
    bounds
        .keySet()
        .removeIf(name -> used.get(name).cardinality() < model.named(name).shape().size());
    return bounds;
  }
}
