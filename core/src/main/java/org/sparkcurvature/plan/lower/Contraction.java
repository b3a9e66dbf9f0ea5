package org.sparkcurvature.plan.lower;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparkcurvature.plan.steps.Costs;

/**
 * The order in which the factors of a contraction are multiplied: the cheapest over all trees of
 * pairs, by dynamic programming over subsets of the factors, at the {@link Costs} of the kernels.
 */
final class Contraction {
  /** The sample axis as a label. */
  static final int SAMPLE = -1;

  /** A tree of pairs; a leaf is a factor. */
  sealed interface Order {}

  /** The factor of this number. */
  record Factor(int index) implements Order {}

  /**
   * The product of two, with only {@code kept} labels left, the sample axis among them where it is
   * kept.
   */
  record Pair(Order left, Order right, Set<Integer> kept) implements Order {}

  private record Best(double cost, Order order) {}

  private final List<Set<Integer>> factors;
  private final Set<Integer> out;
  private final Map<Integer, Integer> extents;
  private final Map<Integer, Best> best = new HashMap<>();

  /**
   * @param factors the labels of each factor, {@link #SAMPLE} among them where it is sampled
   * @param out the labels of the result
   * @param extents the extent of every label; of the sample axis the size of a typical block
   */
  Contraction(List<Set<Integer>> factors, Set<Integer> out, Map<Integer, Integer> extents) {
    this.factors = factors;
    this.out = out;
    this.extents = extents;
  }

  Order order() {
    if (factors.size() == 2) {
      // There is no other, whatever it costs.
      return new Pair(new Factor(0), new Factor(1), kept((1 << 2) - 1));
    }
    return best((1 << factors.size()) - 1).order();
  }

  /** Of that order, in nanoseconds for a typical block. */
  double cost() {
    return best((1 << factors.size()) - 1).cost();
  }

  /** Elements of the largest product that is the same for all samples, in that order. */
  double largestShared() {
    return largestShared(order());
  }

  private double largestShared(Order order) {
    if (!(order instanceof Pair pair)) {
      return 0;
    }
    double own = pair.kept().contains(SAMPLE) ? 0 : size(pair.kept());
    return Math.max(own, Math.max(largestShared(pair.left()), largestShared(pair.right())));
  }

  private Best best(int subset) {
    Best known = best.get(subset);
    if (known != null) {
      return known;
    }
    Best result = null;
    if (Integer.bitCount(subset) == 1) {
      result = new Best(0, new Factor(Integer.numberOfTrailingZeros(subset)));
    } else {
      Set<Integer> kept = kept(subset);
      for (int left = (subset - 1) & subset; left > 0; left = (left - 1) & subset) {
        int right = subset & ~left;
        if (left > right) {
          continue;
        }
        Best a = best(left);
        Best b = best(right);
        double cost = a.cost() + b.cost() + cost(kept(left), kept(right), kept);
        if (result == null || cost < result.cost()) {
          result = new Best(cost, new Pair(a.order(), b.order(), kept));
        }
      }
    }
    best.put(subset, result);
    return result;
  }

  /**
   * The labels that the product of a subset must keep: those that the result or another factor has.
   */
  private Set<Integer> kept(int subset) {
    Set<Integer> inside = new LinkedHashSet<>();
    Set<Integer> needed = new HashSet<>(out);
    for (int k = 0; k < factors.size(); k++) {
      if ((subset & 1 << k) != 0) {
        inside.addAll(factors.get(k));
      } else {
        needed.addAll(factors.get(k));
      }
    }
    if (Integer.bitCount(subset) > 1) {
      inside.retainAll(needed);
    }
    return inside;
  }

  private double cost(Set<Integer> a, Set<Integer> b, Set<Integer> kept) {
    Set<Integer> all = new HashSet<>(a);
    all.addAll(b);
    double products = size(all);
    double passes = Costs.PASS * (size(a) + size(b) + size(kept));
    // What is the same for all blocks is computed once.
    double share = all.contains(SAMPLE) ? 1 : 1e-3;
    boolean contracts = !kept.containsAll(all);
    if (!contracts) {
      return share * (passes + Costs.PASS * products);
    }
    Set<Integer> batch = new HashSet<>(a);
    batch.retainAll(b);
    batch.retainAll(kept);
    return share
        * (passes
            + products * (batch.isEmpty() ? Costs.IN_MATRIX_PRODUCT : Costs.IN_SMALL_PRODUCT));
  }

  private double size(Set<Integer> labels) {
    double size = 1;
    for (int label : labels) {
      size *= extents.get(label);
    }
    return size;
  }

  /** Labels of {@code labels} that are in {@code wanted}, in their order. */
  static List<Integer> in(List<Integer> labels, Set<Integer> wanted) {
    List<Integer> result = new ArrayList<>();
    for (int label : labels) {
      if (wanted.contains(label) && !result.contains(label)) {
        result.add(label);
      }
    }
    return result;
  }

  /** Labels of {@code labels} that are not in {@code unwanted}, in their order. */
  static List<Integer> notIn(List<Integer> labels, Set<Integer> unwanted) {
    List<Integer> result = new ArrayList<>();
    for (int label : labels) {
      if (!unwanted.contains(label) && !result.contains(label)) {
        result.add(label);
      }
    }
    return result;
  }
}
