package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Coupled;
import org.sparkcurvature.ops.Differentiable;
import org.sparkcurvature.ops.Einsum;

/**
 * One reverse sweep over a graph: first derivatives (adjoints), second derivatives between targets,
 * and Jacobians of chosen nodes, all per sample and exact. Edge pushing (Gower and Mello 2012) with
 * tensors for nodes.
 *
 * <p>For a node v with operands u, latest first: adj[u] += J_u' adj[v]; S[u, x] += J_u' S[v, x] for
 * every other live x; S[u, u'] += J_u' S[v, v] J_u' + adj[v] d2v/du du'. A target that was passed
 * stays live, as a frozen head.
 */
final class EdgePushing {

  /**
   * A node as the row side of second derivatives; frozen once the sweep has passed it, which only
   * targets survive.
   */
  private record Head(Node node, boolean frozen) {}

  private record Pair(int head, int active) {}

  private final Algebra algebra;
  private final StructuredMatrices forms;
  private final Set<Edge> cut;
  private final boolean[] depends;
  private final Set<Node> targets;

  private final Map<Integer, Node> adjoints = new HashMap<>();
  private final Map<Integer, Map<Head, StructuredMatrix>> second = new HashMap<>();
  private final Map<Integer, Map<Node, StructuredMatrix>> jacobians = new HashMap<>();
  private final Map<Pair, StructuredMatrix> secondOfTargets = new HashMap<>();
  private final Map<Pair, StructuredMatrix> jacobiansOfTargets = new HashMap<>();
  private final Map<Node, Provenance> provenances;
  private final Set<Node> symmetric = new HashSet<>();

  /**
   * @param output the scalar whose derivatives are taken
   * @param heads nodes whose Jacobians with respect to the targets are taken
   * @param targets nodes with respect to which second derivatives and Jacobians are taken
   * @param further nodes of which only adjoints are wanted
   * @param cut uses through which no derivative flows
   * @param withSecond whether second derivatives are taken
   * @param provenances receives what the nodes made here stand for
   */
  EdgePushing(
      Algebra algebra,
      Node output,
      Set<Node> heads,
      Set<Node> targets,
      Set<Node> further,
      Set<Edge> cut,
      boolean withSecond,
      Map<Node, Provenance> provenances) {
    this.algebra = algebra;
    this.forms = new StructuredMatrices(algebra);
    this.cut = cut;
    this.targets = targets;
    this.provenances = provenances;
    int last = output.id();
    for (Node head : heads) {
      last = Math.max(last, head.id());
    }
    List<Node> nodes = new ArrayList<>(algebra.graph().nodes().subList(0, last + 1));
    List<Node> roots = new ArrayList<>(heads);
    roots.add(output);
    // The graph may hold derivatives by now: what the roots are not made of plays no part.
    this.depends = depends(nodes, Model.reachable(roots), targets, further);
    if (depends[output.id()]) {
      adjoints.put(output.id(), algebra.graph().fill(1, output.shape()));
    }
    for (Node head : heads) {
      if (depends[head.id()]) {
        jacobians
            .computeIfAbsent(head.id(), id -> new LinkedHashMap<>())
            .put(head, forms.identity(head.shape()));
      }
    }
    for (int id = last; id >= 0; id--) {
      if (depends[id]) {
        process(nodes.get(id), withSecond);
      }
    }
  }

  private boolean[] depends(
      List<Node> nodes, BitSet reachable, Set<Node> targets, Set<Node> further) {
    boolean[] depends = new boolean[nodes.size()];
    for (Node node : nodes) {
      if (!reachable.get(node.id())) {
        continue;
      }
      boolean any = targets.contains(node) || further.contains(node);
      for (int k = 0; k < node.operands().size() && !any; k++) {
        any = depends[node.operand(k).id()] && flows(node, k);
      }
      depends[node.id()] = any;
    }
    return depends;
  }

  private boolean flows(Node node, int operand) {
    return !cut.contains(new Edge(node.id(), operand))
        && node.op() instanceof Differentiable op
        && op.differentiableIn(operand);
  }

  /** Nodes that are second derivatives of a node by itself: symmetric matrices. */
  Set<Node> symmetric() {
    return symmetric;
  }

  /** d output / d node, if the output depends on it. */
  Optional<Node> adjoint(Node node) {
    return Optional.ofNullable(adjoints.get(node.id()));
  }

  /** Whether anything flows from the targets to a node through this operand. */
  boolean carries(Node node, int operand) {
    return depends[node.id()] && flows(node, operand) && depends[node.operand(operand).id()];
  }

  /**
   * The second derivatives between two targets, rows those of {@code head}; absent where zero, or
   * where they are there with rows and columns exchanged.
   */
  Optional<StructuredMatrix> second(Node head, Node active) {
    return Optional.ofNullable(secondOfTargets.get(new Pair(head.id(), active.id())));
  }

  /** The Jacobian of a head with respect to a target; absent where zero. */
  Optional<StructuredMatrix> jacobian(Node head, Node target) {
    return Optional.ofNullable(jacobiansOfTargets.get(new Pair(head.id(), target.id())));
  }

  private void process(Node node, boolean withSecond) {
    Optional<Node> adjoint = adjoint(node);
    adjoint.ifPresent(a -> provenances.putIfAbsent(a, Provenance.adjoint(node)));
    Map<Head, StructuredMatrix> rows = second.getOrDefault(node.id(), new LinkedHashMap<>());
    second.remove(node.id());
    Optional<StructuredMatrix> own =
        Optional.ofNullable(rows.remove(new Head(node, false)))
            .map(form -> isCurved(node) ? form : forms.joined(form, node.shape()));
    Map<Node, StructuredMatrix> jacobianRows = jacobians.getOrDefault(node.id(), Map.of());
    jacobians.remove(node.id());
    own.ifPresent(form -> note(form, Provenance.second(node, node)));
    own.flatMap(StructuredMatrix::dense)
        .ifPresent(
            dense -> {
              symmetric.add(dense);
              forms.symmetric(dense);
            });
    rows.forEach((head, form) -> note(form, Provenance.second(head.node(), node)));
    jacobianRows.forEach((head, form) -> note(form, Provenance.jacobian(head, node)));

    if (targets.contains(node)) {
      freeze(node, own, rows, jacobianRows);
    }
    for (int k = 0; k < node.operands().size(); k++) {
      if (!flows(node, k) || !depends[node.operand(k).id()]) {
        continue;
      }
      int operand = k;
      Node to = node.operand(k);
      adjoint.ifPresent(
          a ->
              adjoints.merge(
                  to.id(),
                  ((Differentiable) node.op()).pullback(algebra, node, operand, a, 0),
                  algebra::add));
      rows.forEach(
          (head, form) -> {
            StructuredMatrix pulled = forms.pull(node, operand, form);
            if (!head.frozen() && head.node() == to) {
              add(head, to, forms.add(pulled, forms.transpose(pulled, to.shape(), to.shape())));
            } else {
              add(head, to, pulled);
            }
          });
      jacobianRows.forEach(
          (head, form) ->
              jacobians
                  .computeIfAbsent(to.id(), id -> new LinkedHashMap<>())
                  .merge(head, forms.pull(node, operand, form), forms::add));
      if (withSecond) {
        for (int l = k; l < node.operands().size(); l++) {
          if (flows(node, l) && depends[node.operand(l).id()]) {
            pushPair(node, k, l, own, adjoint);
          }
        }
      }
    }
  }

  /** Whether it is a function of each element that is not linear: those keep diagonals apart. */
  private static boolean isCurved(Node node) {
    int operands = node.operands().size();
    return node.op() instanceof Apply apply
        && IntStream.range(0, operands * operands)
            .anyMatch(k -> !apply.isFlat(k / operands, k % operands));
  }

  private void note(StructuredMatrix form, Provenance provenance) {
    form.dense().ifPresent(node -> provenances.putIfAbsent(node, provenance));
    form.diagonal().ifPresent(node -> provenances.putIfAbsent(node, provenance));
  }

  /**
   * A target's results are taken down; its column side goes on towards its operands as a head that
   * stays.
   */
  private void freeze(
      Node node,
      Optional<StructuredMatrix> own,
      Map<Head, StructuredMatrix> rows,
      Map<Node, StructuredMatrix> jacobianRows) {
    Head frozen = new Head(node, true);
    rows.forEach(
        (head, form) -> {
          if (head.frozen()) {
            secondOfTargets.put(new Pair(head.node().id(), node.id()), form);
          } else {
            add(frozen, head.node(), forms.transpose(form, head.node().shape(), node.shape()));
          }
        });
    own.ifPresent(
        form -> {
          secondOfTargets.put(new Pair(node.id(), node.id()), form);
          rows.put(frozen, form);
        });
    jacobianRows.forEach(
        (head, form) -> jacobiansOfTargets.put(new Pair(head.id(), node.id()), form));
  }

  private void pushPair(
      Node node, int k, int l, Optional<StructuredMatrix> own, Optional<Node> adjoint) {
    List<StructuredMatrix> parts = new ArrayList<>();
    own.ifPresent(form -> parts.add(forms.sandwich(node, k, l, form)));
    adjoint.flatMap(a -> curvature(node, k, l, a)).ifPresent(parts::add);
    if (parts.isEmpty()) {
      return;
    }
    StructuredMatrix sum = parts.stream().reduce(forms::add).orElseThrow();
    Node u = node.operand(k);
    Node other = node.operand(l);
    if (k != l && u == other) {
      sum = forms.add(sum, forms.transpose(sum, u.shape(), u.shape()));
    }
    add(new Head(u, false), other, sum);
  }

  /**
   * adj[v] d2v / du_k du_l: diagonal for elementwise operations, the cross term for products, a
   * matrix for coupled ones, nothing for linear ones.
   */
  private Optional<StructuredMatrix> curvature(Node node, int k, int l, Node adjoint) {
    return switch (((Differentiable) node.op()).kind()) {
      case LINEAR -> Optional.empty();
      case ELEMENTWISE -> {
        Apply apply = (Apply) node.op();
        yield apply.isFlat(k, l)
            ? Optional.empty()
            : Optional.of(
                StructuredMatrix.diagonal(
                    algebra.scale(adjoint, 0, apply.second(algebra, node, k, l))));
      }
      case MULTILINEAR ->
          k == l ? Optional.empty() : Optional.of(cross(node, (Einsum) node.op(), k, l, adjoint));
      case COUPLED ->
          ((Coupled) node.op())
              .curvature(algebra, node, k, l, adjoint).stream()
                  .map(c -> coupled(node.operand(k), node.operand(l), c))
                  .reduce(forms::add);
    };
  }

  private StructuredMatrix coupled(Node head, Node active, Coupled.Curvature curvature) {
    Node dense =
        new Terms(algebra)
            .perSample(
                new Terms.Term(
                    curvature.factors(),
                    curvature.labels(),
                    curvature.rows(),
                    curvature.columns(),
                    curvature.coefficient()),
                head.shape(),
                active.shape());
    return StructuredMatrix.dense(
        algebra.reshape(dense, active.shape().behind(head.shape().size())));
  }

  private StructuredMatrix cross(Node node, Einsum contract, int k, int l, Node adjoint) {
    if (contract.in().size() != 2) {
      throw new IllegalStateException(
          "the second derivative of a product of " + contract.in().size() + " factors");
    }
    List<Integer> rows = contract.in().get(k);
    List<Integer> columns = contract.in().get(l);
    Shape head = node.operand(k).shape();
    Shape active = node.operand(l).shape();
    if (rows.equals(columns)) {
      return StructuredMatrix.diagonal(
          algebra.contract(
              List.of(adjoint), List.of(contract.out()), rows, active, contract.coefficient()));
    }
    Terms terms = new Terms(algebra);
    Node dense =
        terms.perSample(
            new Terms.Term(
                List.of(adjoint), List.of(contract.out()), rows, columns, contract.coefficient()),
            head,
            active);
    return StructuredMatrix.dense(algebra.reshape(dense, active.behind(head.size())));
  }

  private void add(Head head, Node active, StructuredMatrix form) {
    if (!head.frozen() && head.node().id() > active.id()) {
      add(
          new Head(active, false),
          head.node(),
          forms.transpose(form, head.node().shape(), active.shape()));
    } else {
      second
          .computeIfAbsent(active.id(), id -> new LinkedHashMap<>())
          .merge(head, form, forms::add);
    }
  }
}
