package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Labels;

/**
 * What two uses of tensors contribute to a matrix between them: each term is a contraction of what
 * the sweep found with the factors that the uses lift it by.
 */
final class PairTerms {
  private final Algebra algebra;
  private final EdgePushing edgePushing;
  private final Optional<ForwardHessian> curved;

  /**
   * @param curved the Hessian in forward mode, where that is the mode
   */
  PairTerms(Algebra algebra, EdgePushing edgePushing, Optional<ForwardHessian> curved) {
    this.algebra = algebra;
    this.edgePushing = edgePushing;
    this.curved = curved;
  }

  List<Terms.Term> hessian(ParameterUse row, ParameterUse column) {
    if (curved.isPresent()) {
      return curved.get().terms(row, column);
    }
    List<Terms.Term> result = new ArrayList<>();
    Optional<StructuredMatrix> form = edgePushing.second(row.target(), column.target());
    boolean turned = form.isEmpty();
    ParameterUse head = turned ? column : row;
    ParameterUse active = turned ? row : column;
    form.or(() -> edgePushing.second(column.target(), row.target()))
        .ifPresent(
            f ->
                result.addAll(
                    between(
                        f,
                        head.target(),
                        head.targetLabels(),
                        active.target(),
                        active.targetLabels(),
                        row.labels(),
                        column,
                        List.of(row, column))));
    result.addAll(bracket(row, column, row.labels(), column.labels()));
    result.addAll(bracket(column, row, row.labels(), column.labels()));
    return result;
  }

  /**
   * The part that comes of one linear use's factors depending on the other's target: delta_o c_j
   * da_i/du_p.
   */
  private List<Terms.Term> bracket(
      ParameterUse later, ParameterUse earlier, List<Integer> rows, List<Integer> columns) {
    Optional<Node> delta = edgePushing.adjoint(later.target());
    List<Terms.Term> result = new ArrayList<>();
    for (ParameterUse.Factor factor :
        delta.isPresent() ? later.factors() : List.<ParameterUse.Factor>of()) {
      Optional<StructuredMatrix> jacobian = edgePushing.jacobian(factor.node(), earlier.target());
      if (jacobian.isEmpty()) {
        continue;
      }
      List<ParameterUse.Factor> rest = new ArrayList<>(later.factors());
      rest.remove(factor);
      rest.addAll(earlier.factors());
      List<Node> factors = new ArrayList<>(List.of(delta.get()));
      List<List<Integer>> labels = new ArrayList<>(List.of(later.targetLabels()));
      add(rest, factors, labels);
      addDense(
          result,
          jacobian.get(),
          factor.node(),
          factor.labels(),
          earlier.target(),
          earlier.targetLabels(),
          new Terms.Term(
              factors, labels, rows, columns, later.coefficient() * earlier.coefficient()));
    }
    return result;
  }

  /** The terms of a form between two nodes, times the other factors of these entries. */
  List<Terms.Term> between(
      StructuredMatrix form,
      Node head,
      List<Integer> headLabels,
      Node active,
      List<Integer> activeLabels,
      List<Integer> rows,
      ParameterUse column,
      List<ParameterUse> lifts) {
    List<Node> factors = new ArrayList<>();
    List<List<Integer>> labels = new ArrayList<>();
    double coefficient = 1;
    for (ParameterUse use : lifts) {
      add(use.factors(), factors, labels);
      coefficient *= use.coefficient();
    }
    List<Terms.Term> result = new ArrayList<>();
    addDense(
        result,
        form,
        head,
        headLabels,
        active,
        activeLabels,
        new Terms.Term(factors, labels, rows, column.labels(), coefficient));
    return result;
  }

  /** Adds {@code rest} times each part of a form whose rows and columns have these labels. */
  private void addDense(
      List<Terms.Term> result,
      StructuredMatrix form,
      Node head,
      List<Integer> headLabels,
      Node active,
      List<Integer> activeLabels,
      Terms.Term rest) {
    Optional<Node> dense = form.dense();
    if (form.diagonal().isPresent()) {
      if (head.shape().equals(active.shape())) {
        result.add(
            with(rest, form.diagonal().get(), activeLabels).identify(activeLabels, headLabels));
      } else {
        dense = Optional.of(new StructuredMatrices(algebra).densify(form, active.shape()));
      }
    }
    dense.ifPresent(
        node -> {
          Shape shape = new Shape(Labels.concat(head.shape().extents(), active.shape().extents()));
          result.add(
              with(rest, algebra.reshape(node, shape), Labels.concat(headLabels, activeLabels)));
        });
  }

  private static Terms.Term with(Terms.Term term, Node factor, List<Integer> axes) {
    List<Node> factors = new ArrayList<>(List.of(factor));
    factors.addAll(term.factors());
    List<List<Integer>> labels = new ArrayList<>();
    labels.add(axes);
    labels.addAll(term.labels());
    return new Terms.Term(factors, labels, term.rows(), term.columns(), term.coefficient());
  }

  List<Terms.Term> opg(ParameterUse row, ParameterUse column) {
    Optional<Node> left = edgePushing.adjoint(row.target());
    Optional<Node> right = edgePushing.adjoint(column.target());
    if (left.isEmpty() || right.isEmpty()) {
      return List.of();
    }
    Terms.Term a = lifted(row, left.get());
    Terms.Term b = lifted(column, right.get());
    List<Node> factors = new ArrayList<>(a.factors());
    factors.addAll(b.factors());
    List<List<Integer>> labels = new ArrayList<>(a.labels());
    labels.addAll(b.labels());
    return List.of(
        new Terms.Term(
            factors, labels, row.labels(), column.labels(), a.coefficient() * b.coefficient()));
  }

  List<Terms.Term> ggn(
      Node output, Optional<StructuredMatrix> curvature, ParameterUse row, ParameterUse column) {
    Optional<StructuredMatrix> left = edgePushing.jacobian(output, row.target());
    Optional<StructuredMatrix> right = edgePushing.jacobian(output, column.target());
    if (curvature.isEmpty() || left.isEmpty() || right.isEmpty()) {
      return List.of();
    }
    StructuredMatrices forms = new StructuredMatrices(algebra);
    int k = output.shape().size();
    int p = row.target().shape().size();
    int q = column.target().shape().size();
    Node inner = algebra.reshape(forms.densify(curvature.get(), output.shape()), Shape.of(k, k));
    Node a = algebra.reshape(forms.densify(left.get(), row.target().shape()), Shape.of(k, p));
    Node b = algebra.reshape(forms.densify(right.get(), column.target().shape()), Shape.of(k, q));
    Node product =
        algebra.contract(
            List.of(a, inner, b),
            List.of(List.of(0, 1), List.of(0, 2), List.of(2, 3)),
            List.of(1, 3),
            Shape.of(p, q),
            1);
    StructuredMatrix form =
        StructuredMatrix.dense(algebra.reshape(product, column.target().shape().behind(p)));
    return between(
        form,
        row.target(),
        row.targetLabels(),
        column.target(),
        column.targetLabels(),
        row.labels(),
        column,
        List.of(row, column));
  }

  static Terms.Term lifted(ParameterUse use, Node delta) {
    List<Node> factors = new ArrayList<>(List.of(delta));
    List<List<Integer>> labels = new ArrayList<>(List.of(use.targetLabels()));
    add(use.factors(), factors, labels);
    return new Terms.Term(factors, labels, use.labels(), List.of(), use.coefficient());
  }

  /** Adds an entry's factors to those of a term. */
  private static void add(
      List<ParameterUse.Factor> added, List<Node> factors, List<List<Integer>> labels) {
    added.forEach(
        factor -> {
          factors.add(factor.node());
          labels.add(factor.labels());
        });
  }
}
