package org.sparkcurvature.plan.steps;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Node;

/**
 * Steps while they are planned: those that run once and those of every block, with the buffers that
 * they leave their results in.
 */
public class StepBuilder {
  private final StepList once = new StepList();
  private final StepList perBlock = new StepList();
  private final List<Buffer> buffers = new ArrayList<>();
  private final Set<Buffer> changing = new BufferSet();
  private final Map<Node, Buffer> inputs = new LinkedHashMap<>();
  private final Map<Buffer, Double> constants = new LinkedHashMap<>();

  /** The moves whose results are still what they moved there. */
  private final Map<Buffer, Rearrange> moved = new HashMap<>();

  /** A buffer that holds one number throughout. */
  public Buffer constant(boolean sampled, int size, double value) {
    Buffer buffer = buffer(sampled, size, false);
    constants.put(buffer, value);
    return buffer;
  }

  /** A buffer for what is given from outside. */
  public Buffer input(Node node) {
    Buffer buffer = buffer(node.sampled(), node.shape().size(), node.sampled());
    inputs.put(node, buffer);
    return buffer;
  }

  /** Whether its contents change from block to block. */
  public boolean changes(Buffer buffer) {
    return changing.contains(buffer);
  }

  /** Steps that depend on parameters alone. */
  public StepList once() {
    return once;
  }

  /** Steps of every block. */
  public StepList perBlock() {
    return perBlock;
  }

  /** Where each leaf's values are put. */
  public Map<Node, Buffer> inputs() {
    return inputs;
  }

  /** Buffers that hold one number in every element. */
  public Map<Buffer, Double> constants() {
    return constants;
  }

  /** All buffers, by their numbers. */
  public List<Buffer> buffers() {
    return buffers;
  }

  /** Those whose contents change from block to block. */
  public Set<Buffer> changing() {
    return changing;
  }

  /** A new buffer. */
  public Buffer buffer(boolean sampled, int size, boolean changes) {
    Buffer buffer = new Buffer(buffers.size(), sampled, size);
    buffers.add(buffer);
    if (changes) {
      changing.add(buffer);
    }
    return buffer;
  }

  /**
   * A buffer for a step's result: it changes from block to block if it is sampled or made of what
   * changes.
   */
  public Buffer result(boolean sampled, int size, List<Buffer> from) {
    return buffer(sampled, size, sampled || from.stream().anyMatch(changing::contains));
  }

  /** Adds a step, to those of every block if its result changes; returns where its result is. */
  public Buffer emit(Step step) {
    (changing.contains(step.out()) ? perBlock : once).add(step);
    moved.remove(step.out());
    if (step instanceof Rearrange rearrange && rearrange.into() == Accumulate.REPLACE) {
      moved.put(step.out(), rearrange);
    }
    return step.out();
  }

  /** Rearranges a tensor, for a node; consecutive rearrangements are composed into one. */
  public Buffer rearrange(Node node, Buffer in, int[] map, int size) {
    Rearrange before = moved.get(in);
    if (before == null) {
      return emit(
          new Rearrange(
              node, in, map, Accumulate.REPLACE, result(in.sampled(), size, List.of(in))));
    }
    int[] both = new int[map.length];
    for (int k = 0; k < map.length; k++) {
      both[k] = map[k] < 0 ? -1 : before.map()[map[k]];
    }
    return rearrange(node, before.in(), both, size);
  }

  /** Rearranges a tensor that is the same for all samples and blocks; empty for any other. */
  public Optional<Buffer> movedOnce(Node node, Buffer matrix, int[] map) {
    return isSameForAll(matrix)
        ? Optional.of(rearrange(node, matrix, map, map.length))
        : Optional.empty();
  }

  /** Whether it is the same for all samples, and from block to block. */
  public boolean isSameForAll(Buffer buffer) {
    return !buffer.sampled() && !changing.contains(buffer);
  }
}
