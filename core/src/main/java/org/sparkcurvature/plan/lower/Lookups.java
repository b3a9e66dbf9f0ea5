package org.sparkcurvature.plan.lower;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Structural;
import org.sparkcurvature.plan.steps.Costs;

/**
 * A contraction with one-hot vectors among its factors that do nothing but say where in the result
 * the product of the others goes: {@code sum_m 1[i = i_m] 1[j = j_m] t_mk}. That is put, or added,
 * there, and no one-hot vector is made. Likewise with a one-hot row for each element of a vector of
 * indices, whose label r the product of the others has: {@code sum_mr 1[i = i_mr] t_mrk}.
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
   * @param row the axis of the vector of indices; empty for a single index
   */
  record Lookup(Node index, int extent, int from, int length, int label, Optional<Integer> row) {}

  /** These lookups in a contraction; empty if there are none, or matrix products cost less. */
  static Optional<Lookups> of(Node node) {
    if (!(node.op() instanceof Einsum contract)) {
      return Optional.empty();
    }
    List<Integer> rest = new ArrayList<>();
    List<Integer> vectors = new ArrayList<>();
    for (int k = 0; k < contract.in().size(); k++) {
      boolean vector = lookup(node.operand(k), contract.in().get(k)).isPresent();
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
            .map(k -> lookup(node.operand(k), contract.in().get(k)).orElseThrow())
            .toList();
    Lookups found = new Lookups(lookups, rest);
    return contract.overSamples() && !found.isWorth(node.shape().size())
        ? Optional.empty()
        : Optional.of(found);
  }

  private static Optional<Lookup> lookup(Node factor, List<Integer> labels) {
    int last = factor.shape().rank() - 1;
    if (factor.op() instanceof Structural.Slice slice && slice.axis() == last) {
      return lookup(factor.operand(0), labels)
          .map(
              of ->
                  new Lookup(
                      of.index(),
                      of.extent(),
                      of.from() + slice.from(),
                      slice.length(),
                      of.label(),
                      of.row()));
    }
    if (!Structural.isOneHot(factor) || !factor.operand(1).sampled()) {
      return Optional.empty();
    }
    int extent = factor.shape().extent(last);
    Optional<Integer> row = last == 0 ? Optional.empty() : Optional.of(labels.get(0));
    return Optional.of(new Lookup(factor.operand(1), extent, 0, extent, labels.get(last), row));
  }

  /**
   * Those of the vectors whose axis the result does not have, or another factor has; of rows of
   * them those whose first axis is not summed over with another factor.
   */
  private static List<Integer> summedOrShared(
      Einsum contract, List<Integer> vectors, List<Integer> others) {
    Set<Integer> taken = new HashSet<>();
    others.forEach(k -> taken.addAll(contract.in().get(k)));
    return vectors.stream()
        .filter(
            k -> {
              List<Integer> labels = contract.in().get(k);
              int label = labels.get(labels.size() - 1);
              boolean rows =
                  labels.size() == 1
                      || taken.contains(labels.get(0)) && !contract.out().contains(labels.get(0));
              return !contract.out().contains(label) || taken.contains(label) || !rows;
            })
        .toList();
  }

  /** Whether adding costs less than a matrix product with the vectors. */
  private boolean isWorth(int size) {
    double positions = 1;
    double written = 0;
    double repeated = 1;
    Set<Integer> labels = new HashSet<>();
    for (Lookup lookup : lookups) {
      positions *= labels.add(lookup.label()) ? lookup.length() : 1;
      int rows = lookup.index().shape().size();
      repeated *= rows;
      written += (double) rows * lookup.extent();
    }
    return Costs.MOVE * size / positions * repeated
        < Costs.IN_MATRIX_PRODUCT * size * repeated + Costs.PASS * written;
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
