package org.sparkcurvature.plan.lower;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Labels;
import org.sparkcurvature.plan.steps.Costs;

/**
 * Products of products as one product of all factors, where multiplying those in another order
 * costs less: {@code W1 (D W0)} with a diagonal D for every sample is D times what W0 and W1 make
 * once, and nothing of the size of {@code D W0} is written for any sample.
 */
final class Fusion {

  /**
   * A contraction with the factors of those that were taken into it.
   *
   * @param contract the indices of all factors
   * @param operands the factors
   */
  record Fused(Einsum contract, List<Node> operands) {}

  /** More factors than this are not multiplied in all orders. */
  private static final int MOST_FACTORS = 6;

  /** What all samples share may be multiplied out up to so many elements: half a core's cache. */
  private static final double LARGEST_SHARED = 1 << 17;

  /** By how much it must cost less. */
  private static final double WORTH = 0.95;

  private final Map<Node, Fused> fused = new HashMap<>();
  private final Set<Node> taken = new HashSet<>();

  /**
   * @param nodes the nodes of the plan, operands first
   * @param canBeTaken whether nothing but the one contraction that reads a node needs it
   */
  Fusion(List<Node> nodes, Predicate<Node> canBeTaken) {
    for (Node node : nodes) {
      if (node.op() instanceof Einsum contract && !contract.overSamples() && node.sampled()) {
        fused.put(node, fuse(new Fused(contract, node.operands()), canBeTaken));
      }
    }
  }

  /** Whether a node is computed only as part of the one that reads it. */
  boolean isTaken(Node node) {
    return taken.contains(node);
  }

  /** A contraction with all that was taken into it. */
  Fused of(Node node) {
    Fused known = fused.get(node);
    return known == null ? new Fused((Einsum) node.op(), node.operands()) : known;
  }

  private Fused fuse(Fused own, Predicate<Node> canBeTaken) {
    Fused result = own;
    for (Node operand : own.operands()) {
      Fused inner = fused.get(operand);
      if (inner != null
          && canBeTaken.test(operand)
          && inner.operands().size() > 1
          && inner.operands().size() + result.operands().size() - 1 <= MOST_FACTORS
          && isCovered(inner.contract())) {
        Fused both = substitute(result, operand, inner);
        Contraction order = order(both);
        if (order.largestShared() <= LARGEST_SHARED
            && order.cost() < WORTH * (order(result).cost() + order(inner).cost())) {
          result = both;
          taken.add(operand);
        }
      }
    }
    return result;
  }

  /** Whether every index of the result is one of a factor's. */
  private static boolean isCovered(Einsum contract) {
    Set<Integer> labels = new HashSet<>();
    contract.in().forEach(labels::addAll);
    return labels.containsAll(contract.out());
  }

  private static Fused substitute(Fused outer, Node operand, Fused inner) {
    List<Node> operands = new ArrayList<>(outer.operands());
    List<List<Integer>> in = new ArrayList<>(outer.contract().in());
    int at = operands.indexOf(operand);
    operands.remove(at);
    List<Integer> axes = in.remove(at);
    int shift = Labels.fresh(1, outer.contract()).get(0);
    for (int k = 0; k < inner.operands().size(); k++) {
      operands.add(inner.operands().get(k));
      in.add(
          inner.contract().in().get(k).stream()
              .map(
                  label ->
                      inner.contract().out().contains(label)
                          ? axes.get(inner.contract().out().indexOf(label))
                          : label + shift)
              .toList());
    }
    Einsum contract = outer.contract();
    return new Fused(
        new Einsum(
            in,
            contract.out(),
            contract.shape(),
            false,
            contract.coefficient() * inner.contract().coefficient()),
        operands);
  }

  private static Contraction order(Fused contraction) {
    List<Set<Integer>> factors = new ArrayList<>();
    for (int k = 0; k < contraction.operands().size(); k++) {
      Set<Integer> labels = new LinkedHashSet<>(contraction.contract().in().get(k));
      if (contraction.operands().get(k).sampled()) {
        labels.add(Contraction.SAMPLE);
      }
      factors.add(labels);
    }
    Set<Integer> out = new LinkedHashSet<>(contraction.contract().out());
    out.add(Contraction.SAMPLE);
    Map<Integer, Integer> extents =
        new HashMap<>(contraction.contract().extents(contraction.operands()));
    extents.put(Contraction.SAMPLE, Costs.TYPICAL_ROWS);
    return new Contraction(factors, out, extents);
  }
}
