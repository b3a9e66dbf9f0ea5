package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Labels;

/**
 * Products with labelled axes, and the tensors that they become: per sample, summed over samples,
 * or only the diagonal of either.
 */
final class Terms {

  /**
   * A product of tensors, summed over the labels that neither rows nor columns have. A label that
   * both have makes the result zero where the two coordinates differ.
   *
   * @param factors the tensors
   * @param labels the labels of each factor's axes
   * @param rows the labels of the result's first axes
   * @param columns the labels of the result's last axes
   * @param coefficient a constant factor
   */
  record Term(
      List<Node> factors,
      List<List<Integer>> labels,
      List<Integer> rows,
      List<Integer> columns,
      double coefficient) {

    /**
     * This term with every use of the labels {@code from} replaced, in their order, by {@code to}.
     */
    Term identify(List<Integer> from, List<Integer> to) {
      Map<Integer, Integer> names = new HashMap<>();
      for (int k = 0; k < from.size(); k++) {
        unite(names, from.get(k), to.get(k));
      }
      return new Term(
          factors,
          labels.stream().map(l -> rename(l, names)).toList(),
          rename(rows, names),
          rename(columns, names),
          coefficient);
    }

    private static void unite(Map<Integer, Integer> names, int from, int to) {
      int a = root(names, from);
      int b = root(names, to);
      if (a != b) {
        names.put(a, b);
      }
    }

    private static int root(Map<Integer, Integer> names, int label) {
      int root = label;
      while (names.containsKey(root)) {
        root = names.get(root);
      }
      return root;
    }

    private static List<Integer> rename(List<Integer> labels, Map<Integer, Integer> names) {
      return labels.stream().map(label -> root(names, label)).toList();
    }
  }

  private final Algebra algebra;

  Terms(Algebra algebra) {
    this.algebra = algebra;
  }

  /** The term for each sample: the shape of the rows followed by that of the columns. */
  Node perSample(Term term, Shape rows, Shape columns) {
    return build(term, rows, columns, false);
  }

  /** The term summed over samples with their weights. */
  Node summed(Term term, Shape rows, Shape columns) {
    return build(term, rows, columns, true);
  }

  /**
   * Some rows and columns of a term; none where all their elements are zero.
   *
   * @param rows a box of the term's rows
   * @param columns a box of its columns
   * @param overSamples whether the term is summed over samples with their weights
   */
  Optional<Node> part(Term term, IndexRange rows, IndexRange columns, boolean overSamples) {
    List<Integer> wanted = Labels.concat(term.rows(), term.columns());
    List<Integer> from = Labels.concat(rows.from(), columns.from());
    List<Integer> extents = Labels.concat(rows.shape().extents(), columns.shape().extents());
    Map<Integer, Integer> begins = new HashMap<>();
    Map<Integer, Integer> ends = new HashMap<>();
    for (int axis = 0; axis < wanted.size(); axis++) {
      begins.merge(wanted.get(axis), from.get(axis), Math::max);
      ends.merge(wanted.get(axis), from.get(axis) + extents.get(axis), Math::min);
    }
    if (wanted.stream().anyMatch(label -> begins.get(label) >= ends.get(label))) {
      return Optional.empty();
    }
    List<Node> factors = new ArrayList<>();
    for (int k = 0; k < term.factors().size(); k++) {
      Node factor = term.factors().get(k);
      for (int axis = 0; axis < factor.shape().rank(); axis++) {
        int label = term.labels().get(k).get(axis);
        if (begins.containsKey(label)) {
          int length = ends.get(label) - begins.get(label);
          factor = algebra.slice(factor, axis, begins.get(label), length);
        }
      }
      factors.add(factor);
    }
    List<Integer> shared =
        wanted.stream().map(label -> ends.get(label) - begins.get(label)).toList();
    Node node =
        build(
            new Term(factors, term.labels(), term.rows(), term.columns(), term.coefficient()),
            new Shape(shared.subList(0, term.rows().size())),
            new Shape(shared.subList(term.rows().size(), shared.size())),
            overSamples);
    // Beside an index that rows and columns share lie zeros where only one of them has it.
    for (int axis = 0; axis < wanted.size(); axis++) {
      node =
          algebra.pad(node, axis, begins.get(wanted.get(axis)) - from.get(axis), extents.get(axis));
    }
    return Optional.of(node);
  }

  /** The elements of the term at which rows and columns are the same position. */
  Term diagonal(Term term) {
    Term joined = term.identify(term.columns(), term.rows());
    return new Term(
        joined.factors(), joined.labels(), joined.rows(), List.of(), joined.coefficient());
  }

  private Node build(Term term, Shape rows, Shape columns, boolean overSamples) {
    List<Integer> wanted = Labels.concat(term.rows(), term.columns());
    Shape full = new Shape(Labels.concat(rows.extents(), columns.extents()));
    Set<Integer> distinct = new LinkedHashSet<>(wanted);
    List<Integer> out = new ArrayList<>(distinct);
    Shape shape = new Shape(out.stream().map(label -> full.extent(wanted.indexOf(label))).toList());
    Node product =
        overSamples
            ? algebra.contractOverSamples(
                term.factors(), term.labels(), out, shape, term.coefficient())
            : algebra.contract(term.factors(), term.labels(), out, shape, term.coefficient());
    return algebra.spread(product, wanted.stream().map(out::indexOf).toList());
  }

  /** The sum of nodes of one shape; a zero of that shape if there are none. */
  Node sum(List<Node> nodes, Shape shape) {
    Optional<Node> sum = nodes.stream().reduce(algebra::add);
    return sum.orElseGet(() -> algebra.graph().fill(0, shape));
  }
}
