package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.rules.Contract;
import org.sparkcurvature.rules.Structural;

/**
 * A contraction with one-hot vectors among its factors that do nothing but say where in the result
 * the product of the others goes: {@code sum_m 1[i = i_m] 1[j = j_m] t_mk}. That is put, or added,
 * there, and no one-hot vector is made.
 *
 * @param lookups the one-hot vectors
 * @param rest which of the operands are the others
 */
record Lookups(List<Lookup> lookups, List<Integer> rest) {

  /**
   * Elements {@code from .. from + length} of the one-hot vector of an index.
   *
   * @param index the index of each sample
   * @param extent the length of the whole vector
   * @param label the axis of the result
   */
  record Lookup(Node index, int extent, int from, int length, int label) {}

  /** These lookups in a contraction; empty if there are none, or matrix products cost less. */
  static Optional<Lookups> of(Node node) {
    if (!(node.op() instanceof Contract contract)) {
      return Optional.empty();
    }
    List<Integer> rest = new ArrayList<>();
    List<Integer> vectors = new ArrayList<>();
    for (int k = 0; k < contract.in().size(); k++) {
      boolean vector =
          contract.in().get(k).size() == 1
              && lookup(node.operand(k), contract.in().get(k).get(0)).isPresent();
      (vector ? vectors : rest).add(k);
    }
    List<Integer> staying = summedOrShared(contract, vectors, rest);
    while (!staying.isEmpty()) {
      // One that stays a factor may share its axis with another one.
      vectors.removeAll(staying);
      rest.addAll(staying);
      staying = summedOrShared(contract, vectors, rest);
    }
    if (vectors.isEmpty()) {
      return Optional.empty();
    }
    rest.sort(null);
    List<Lookup> lookups =
        vectors.stream()
            .map(k -> lookup(node.operand(k), contract.in().get(k).get(0)).orElseThrow())
            .toList();
    Lookups found = new Lookups(lookups, rest);
    return contract.overSamples() && !found.isWorth(node.shape().size())
        ? Optional.empty()
        : Optional.of(found);
  }

  private static Optional<Lookup> lookup(Node factor, int label) {
    if (factor.op() instanceof Structural.Slice slice && slice.axis() == 0) {
      return lookup(factor.operand(0), label)
          .map(
              of ->
                  new Lookup(
                      of.index(), of.extent(), of.from() + slice.from(), slice.length(), label));
    }
    int extent = factor.shape().size();
    return Structural.isOneHot(factor) && factor.operand(1).sampled()
        ? Optional.of(new Lookup(factor.operand(1), extent, 0, extent, label))
        : Optional.empty();
  }

  /** Those of the vectors whose axis the result does not have, or another factor has. */
  private static List<Integer> summedOrShared(
      Contract contract, List<Integer> vectors, List<Integer> others) {
    Set<Integer> taken = new HashSet<>();
    others.forEach(k -> taken.addAll(contract.in().get(k)));
    return vectors.stream()
        .filter(
            k -> {
              int label = contract.in().get(k).get(0);
              return !contract.out().contains(label) || taken.contains(label);
            })
        .toList();
  }

  /** Whether adding costs less than a matrix product with the vectors. */
  private boolean isWorth(int size) {
    double positions = 1;
    double written = 0;
    Set<Integer> labels = new HashSet<>();
    for (Lookup lookup : lookups) {
      positions *= labels.add(lookup.label()) ? lookup.length() : 1;
      written += lookup.extent();
    }
    return Costs.MOVE * size / positions < Costs.IN_MATRIX_PRODUCT * size + Costs.PASS * written;
  }

  /** The axes of the result that the lookups have. */
  Set<Integer> labels() {
    return lookups.stream().map(Lookup::label).collect(Collectors.toSet());
  }

  /** What is read to compute a node. */
  static List<Node> operands(Node node) {
    return of(node)
        .map(
            found ->
                Stream.concat(
                        found.rest().stream().map(node::operand),
                        found.lookups().stream().map(Lookup::index))
                    .toList())
        .orElseGet(node::operands);
  }
}
