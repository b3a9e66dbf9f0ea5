package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Differentiable;
import org.sparkcurvature.ops.Labels;
import org.sparkcurvature.ops.Structural;

/**
 * The derivatives of a model's loss as nodes of the model's own graph, which grows by them.
 * Derivatives of parameters that enter through a product are lifted from those of the product:
 *
 * <pre>
 *   z_o = W_oi a_i :   dl/dW_oi        = delta_o a_i                                    delta = dl/dz
 *                      d2l/dW_oi dV_pj = a_i c_j S_op + delta_o c_j da_i/du_p           V's product u = V c, S = d2l/dz du
 * </pre>
 *
 * <p>(the bracket in the order in which the products depend on one another). A derivative can be
 * had per sample or summed over samples with their weights; the sum is taken inside the
 * contraction.
 */
public final class Differentiator {

  /** Up to which order derivatives are wanted. */
  public enum Order {
    FIRST,
    SECOND
  }

  /** Whether a derivative is given for each sample or summed over samples with their weights. */
  public enum Reduction {
    PER_SAMPLE,
    SUM
  }

  /** How second derivatives are taken; the results are the same. */
  public enum Mode {
    /**
     * Second derivatives between targets are pulled back through the loss, those of parameters that
     * enter through a product are lifted from the product's.
     */
    REVERSE,
    /**
     * H = sum over the curved operations v of J_v' C_v J_v, with the Jacobians J_v of their
     * operands carried forward: for few targets and wide intermediates.
     */
    FORWARD
  }

  private final Model model;
  private final int ownNodes;
  private final Algebra algebra;
  private final Terms terms;
  private final LiftedTerms lifted;
  private final Map<String, List<ParameterUse>> usesOf = new LinkedHashMap<>();

  /** The tensors with respect to which derivatives are taken. */
  private final Set<Node> tensors = new HashSet<>();

  /** Other nodes whose adjoints are wanted. */
  private final Set<Node> further = new LinkedHashSet<>();

  private final Map<Node, Provenance> provenances = new HashMap<>();
  private final Formulas formulas = new Formulas(this::symbol);
  private final Map<Integer, Pushforward> pushforwards = new HashMap<>();
  private final Map<String, Optional<StructuredMatrix>> curvatureOf = new HashMap<>();
  private final EdgePushing edgePushing;
  private final PairTerms pairTerms;

  /**
   * @param model the loss; its graph receives the nodes of the derivatives
   * @param wrt names of the tensors with respect to which derivatives are taken
   * @param jacobianOf nodes whose Jacobians are wanted
   * @param adjointOf names of the nodes z for which dl/dz is wanted
   * @param order whether second derivatives are wanted as well
   * @param mode how second derivatives are taken
   */
  public Differentiator(
      Model model,
      List<String> wrt,
      List<Node> jacobianOf,
      List<String> adjointOf,
      Order order,
      Mode mode) {
    this.model = model;
    this.ownNodes = model.graph().nodes().size();
    this.algebra = new Algebra(model.graph());
    this.terms = new Terms(algebra);
    this.lifted = new LiftedTerms(algebra, terms);
    Set<Node> roots = new LinkedHashSet<>(List.of(model.loss()));
    roots.addAll(jacobianOf);
    Set<Node> targets = new LinkedHashSet<>();
    Set<Node> factors = new LinkedHashSet<>();
    wrt.forEach(name -> tensors.add(model.named(name)));
    adjointOf.forEach(name -> further.add(model.named(name)));
    further.removeAll(tensors);
    TensorUses found =
        new TensorUses(algebra, tensors, further, order == Order.SECOND, mode == Mode.REVERSE);
    for (String name : wrt) {
      List<ParameterUse> uses = found.of(model.named(name), new ArrayList<>(roots));
      usesOf.put(name, uses);
      uses.forEach(use -> targets.add(use.target()));
      uses.forEach(use -> use.factors().forEach(f -> factors.add(f.node())));
    }
    Set<Node> heads = new LinkedHashSet<>(jacobianOf);
    boolean pulled = order == Order.SECOND && mode == Mode.REVERSE;
    if (pulled) {
      heads.addAll(factors);
    }
    edgePushing =
        new EdgePushing(
            algebra,
            model.loss(),
            heads,
            targets,
            further,
            found.linearUses(),
            pulled,
            provenances);
    Optional<ForwardHessian> curved =
        order == Order.SECOND && mode == Mode.FORWARD
            ? Optional.of(new ForwardHessian(algebra, edgePushing, ownNodes, provenances))
            : Optional.empty();
    pairTerms = new PairTerms(algebra, edgePushing, curved);
  }

  /** The derivatives made so far, in index notation; m is the sample, w its weight. */
  public List<String> formulas() {
    return formulas.lines();
  }

  /** A node as formulas write it: by name, as a derivative, or in full. */
  private String symbol(Node node) {
    Node base = node;
    while (base.op() instanceof Structural.Reshape) {
      base = base.operand(0);
    }
    Provenance provenance =
        base.id() < ownNodes ? null : provenances.getOrDefault(base, provenances.get(node));
    if (provenance != null) {
      return provenance.symbol(model::describe);
    }
    String text = model.describe(base);
    return text.matches("\\w+") ? text : "(" + text + ")";
  }

  /** What the nodes made for the derivatives stand for, for messages. */
  public String describe(Node node) {
    // A node of the loss may be a derivative as well, as exp is of itself: it is named for what it
    // is.
    Provenance provenance = node.id() < ownNodes ? null : provenances.get(node);
    return provenance == null ? model.describe(node) : provenance.describe(model::describe);
  }

  /**
   * Nodes that are symmetric matrices for every sample: the first half of their axes by the second.
   */
  public Set<Node> symmetric() {
    return edgePushing.symmetric();
  }

  /** The loss: a scalar. */
  public Node value(Reduction reduction) {
    Terms.Term term =
        new Terms.Term(List.of(model.loss()), List.of(List.of()), List.of(), List.of(), 1);
    return reduction == Reduction.SUM
        ? noted(
            terms.summed(term, Shape.SCALAR, Shape.SCALAR),
            new Provenance("the sum of the loss over samples", "loss", List.of()))
        : model.loss();
  }

  /** dl/dtheta: the shape of the tensor. */
  public Node gradient(String name, Reduction reduction) {
    List<LiftedTerms.Part> parts = new ArrayList<>();
    for (ParameterUse use : usesOf.get(name)) {
      edgePushing
          .adjoint(use.target())
          .ifPresent(
              delta -> parts.add(LiftedTerms.Part.ofRows(PairTerms.lifted(use, delta), use)));
    }
    return sum(
        parts,
        model.named(name).shape(),
        Shape.SCALAR,
        reduction,
        Provenance.adjoint(model.named(name)));
  }

  /** d2l/da db: the shape of a followed by that of b. */
  public Node hessian(String a, String b, Reduction reduction) {
    return hessian(whole(a), whole(b), reduction);
  }

  /** Some rows and columns of d2l/da db: the shape of the rows followed by that of the columns. */
  public Node hessian(TensorRange a, TensorRange b, Reduction reduction) {
    return block(
        a,
        b,
        reduction,
        pairTerms::hessian,
        Provenance.second(model.named(a.name()), model.named(b.name())));
  }

  /** A range of the elements of a tensor of wrt. */
  public record TensorRange(String name, IndexRange indices) {}

  private TensorRange whole(String name) {
    return new TensorRange(name, IndexRange.whole(model.named(name).shape()));
  }

  /** The upper triangle of d2l/da2, row by row: length n(n+1)/2 for a tensor of n elements. */
  public Node hessianUpper(String a, Reduction reduction) {
    return upper(
        a, reduction, pairTerms::hessian, Provenance.second(model.named(a), model.named(a)));
  }

  /**
   * The upper triangle of the outer product of per-sample gradients of a tensor by itself, row by
   * row.
   */
  public Node opgUpper(String a, Reduction reduction) {
    return upper(
        a,
        reduction,
        pairTerms::opg,
        new Provenance(
            "the outer product of the gradients by %s", "G[%s]", List.of(model.named(a))));
  }

  /** The diagonal of d2l/da2: the shape of a. */
  public Node hessianDiagonal(String a, Reduction reduction) {
    Shape shape = model.named(a).shape();
    List<LiftedTerms.Part> parts = new ArrayList<>();
    List<Node> rest = new ArrayList<>();
    for (ParameterUse row : usesOf.get(a)) {
      for (ParameterUse column : usesOf.get(a)) {
        boolean same =
            row.path().equals(column.path())
                && row.path().stream().allMatch(ParameterUse.ViewOp::isInjective);
        for (Terms.Term term : pairTerms.hessian(row, column.shifted(row.span()))) {
          if (same) {
            parts.add(LiftedTerms.Part.ofRows(terms.diagonal(term), row));
          } else {
            rest.add(
                diagonalOf(
                    lifted.build(new LiftedTerms.Part(term, row, column), reduction), shape));
          }
        }
      }
    }
    Provenance provenance =
        new Provenance("the diagonal of d2 loss / d %s2", "diag H[%s]", List.of(model.named(a)));
    Node sum = sum(parts, shape, Shape.SCALAR, reduction, provenance);
    return rest.isEmpty() ? sum : noted(algebra.add(sum, terms.sum(rest, shape)), provenance);
  }

  private Node diagonalOf(Node matrix, Shape shape) {
    int n = shape.size();
    Node square = algebra.reshape(matrix, Shape.of(n, n));
    return algebra.reshape(
        algebra.contract(List.of(square), List.of(List.of(0, 0)), List.of(0), Shape.of(n), 1),
        shape);
  }

  /** The outer product of per-sample gradients: the shape of a followed by that of b. */
  public Node opg(String a, String b, Reduction reduction) {
    return opg(whole(a), whole(b), reduction);
  }

  /** Some rows and columns of it. */
  public Node opg(TensorRange a, TensorRange b, Reduction reduction) {
    return block(
        a,
        b,
        reduction,
        pairTerms::opg,
        new Provenance(
            "the outer product of the gradients by %s and %s",
            "G[%s, %s]", List.of(model.named(a.name()), model.named(b.name()))));
  }

  /**
   * The generalised Gauss-Newton matrix J_a' (d2l/dz2) J_b (Schraudolph 2002) for the loss as a
   * function of z: the shape of a followed by that of b. The name z must be among {@code
   * jacobianOf}.
   *
   * @throws ExpressionException if the loss depends on wrt in another way than through z
   */
  public Node ggn(String z, String a, String b, Reduction reduction) {
    return ggn(z, whole(a), whole(b), reduction);
  }

  /** Some rows and columns of it. */
  public Node ggn(String z, TensorRange a, TensorRange b, Reduction reduction) {
    Node output = model.named(z);
    Optional<StructuredMatrix> curvature =
        curvatureOf.computeIfAbsent(z, name -> curvatureAbove(name, output));
    return block(
        a,
        b,
        reduction,
        (row, column) -> pairTerms.ggn(output, curvature, row, column),
        new Provenance(
            "the Gauss-Newton matrix of %s and %s",
            "GGN[%s, %s]", List.of(model.named(a.name()), model.named(b.name()))));
  }

  /** d2l/dz2 with z the independent variable. */
  private Optional<StructuredMatrix> curvatureAbove(String z, Node output) {
    refuseOtherWays(z, output);
    return new EdgePushing(
            algebra, model.loss(), Set.of(), Set.of(output), Set.of(), Set.of(), true, provenances)
        .second(output, output);
  }

  private void refuseOtherWays(String z, Node output) {
    Set<Node> leaves = new HashSet<>();
    usesOf.keySet().forEach(name -> leaves.add(model.named(name)));
    BitSet seen = new BitSet();
    List<Node> stack = new ArrayList<>(List.of(model.loss()));
    while (!stack.isEmpty()) {
      Node node = stack.remove(stack.size() - 1);
      if (node == output || seen.get(node.id())) {
        continue;
      }
      seen.set(node.id());
      if (leaves.contains(node)) {
        throw new ExpressionException(
            "the Gauss-Newton matrix needs the loss as a function of "
                + z
                + " alone, but the loss uses "
                + node
                + " in another way as well");
      }
      // A condition decides; the loss is no function of it.
      for (int k = 0; k < node.operands().size(); k++) {
        if (!(node.op() instanceof Differentiable operation) || operation.differentiableIn(k)) {
          stack.add(node.operand(k));
        }
      }
    }
  }

  /**
   * dz/dtheta: the shape of z followed by that of the tensor. The name z must be among {@code
   * jacobianOf}.
   */
  public Node jacobian(Node output, String name) {
    List<Integer> rows = Labels.range(0, output.shape().rank());
    List<LiftedTerms.Part> parts = new ArrayList<>();
    for (ParameterUse unshifted : usesOf.get(name)) {
      ParameterUse use = unshifted.shifted(output.shape().rank());
      edgePushing
          .jacobian(output, use.target())
          .ifPresent(
              form ->
                  pairTerms
                      .between(
                          form,
                          output,
                          rows,
                          use.target(),
                          use.targetLabels(),
                          rows,
                          use,
                          List.of(use))
                      .forEach(
                          term ->
                              parts.add(LiftedTerms.Part.ofColumns(term, output.shape(), use))));
    }
    return sum(
        parts,
        output.shape(),
        model.named(name).shape(),
        Reduction.PER_SAMPLE,
        Provenance.jacobian(output, model.named(name)));
  }

  /** dl/dz for a name among {@code adjointOf}: the shape of z. */
  public Node adjoint(String z) {
    Node node = model.named(z);
    for (String name : usesOf.keySet()) {
      // A definition may be another name of a tensor of wrt.
      if (model.named(name) == node) {
        return gradient(name, Reduction.PER_SAMPLE);
      }
    }
    return edgePushing.adjoint(node).orElseGet(() -> algebra.graph().fill(0, node.shape()));
  }

  /**
   * The leaf that holds the directions of a tensor for {@link #hessianProduct} : its shape behind
   * the axis of the directions.
   */
  public Node directions(String name, int count) {
    return algebra
        .graph()
        .parameter("directions of " + name, model.named(name).shape().behind(count));
  }

  /**
   * The Hessian times {@code count} vectors, {@link #directions} of all of wrt, without the
   * Hessian: the rows that belong to {@code name}, the tensor's shape behind the axis of the
   * directions.
   */
  public Node hessianProduct(String name, int count, Reduction reduction) {
    return along(gradient(name, reduction), count);
  }

  /**
   * The Jacobian of a node times {@code count} vectors, {@link #directions} of all of wrt: the
   * node's shape behind the axis of the directions.
   */
  public Node jacobianProduct(Node output, int count) {
    return along(output, count);
  }

  private Node along(Node node, int count) {
    Pushforward push =
        pushforwards.computeIfAbsent(
            count,
            c -> {
              Map<Node, Node> directions = new LinkedHashMap<>();
              usesOf
                  .keySet()
                  .forEach(name -> directions.put(model.named(name), directions(name, c)));
              return new Pushforward(algebra, directions);
            });
    Node product =
        push.of(node).orElseGet(() -> algebra.graph().fill(0, node.shape().behind(count)));
    return noted(product, new Provenance("%s along the directions", "%s'", List.of(node)));
  }

  @FunctionalInterface
  private interface Pairing {
    List<Terms.Term> terms(ParameterUse row, ParameterUse column);
  }

  private Node block(
      TensorRange a, TensorRange b, Reduction reduction, Pairing pairing, Provenance provenance) {
    List<LiftedTerms.Part> parts = pairs(a.name(), b.name(), pairing);
    Shape rows = model.named(a.name()).shape();
    Shape columns = model.named(b.name()).shape();
    if (a.indices().isWhole(rows) && b.indices().isWhole(columns)) {
      return sum(parts, rows, columns, reduction, provenance);
    }
    write(provenance, parts, reduction);
    List<Node> nodes =
        parts.stream()
            .flatMap(part -> lifted.build(part, a.indices(), b.indices(), reduction).stream())
            .toList();
    return noted(terms.sum(nodes, joined(a.indices().shape(), b.indices().shape())), provenance);
  }

  private static Shape joined(Shape rows, Shape columns) {
    return new Shape(Labels.concat(rows.extents(), columns.extents()));
  }

  private List<LiftedTerms.Part> pairs(String a, String b, Pairing pairing) {
    List<LiftedTerms.Part> parts = new ArrayList<>();
    for (ParameterUse row : usesOf.get(a)) {
      for (ParameterUse column : usesOf.get(b)) {
        pairing
            .terms(row, column.shifted(row.span()))
            .forEach(term -> parts.add(new LiftedTerms.Part(term, row, column)));
      }
    }
    return parts;
  }

  private Node upper(String a, Reduction reduction, Pairing pairing, Provenance provenance) {
    int n = model.named(a).shape().size();
    List<LiftedTerms.Part> parts = pairs(a, a, pairing);
    write(provenance, parts, reduction);
    List<Node> triangles = new ArrayList<>();
    for (LiftedTerms.Part part : parts) {
      Node square = algebra.reshape(lifted.build(part, reduction), Shape.of(n, n));
      triangles.add(algebra.graph().add(new Structural.UpperTriangle(), square));
    }
    return noted(
        terms.sum(triangles, Shape.of(Math.toIntExact((long) n * (n + 1) / 2))), provenance);
  }

  private void write(Provenance provenance, List<LiftedTerms.Part> parts, Reduction reduction) {
    formulas.add(
        provenance.symbol(model::describe),
        parts.stream().map(LiftedTerms.Part::term).toList(),
        reduction);
  }

  /** The sum of terms, per sample or over samples, and its formula. */
  private Node sum(
      List<LiftedTerms.Part> parts,
      Shape rows,
      Shape columns,
      Reduction reduction,
      Provenance provenance) {
    write(provenance, parts, reduction);
    List<Node> nodes = parts.stream().map(part -> lifted.build(part, reduction)).toList();
    return noted(terms.sum(nodes, joined(rows, columns)), provenance);
  }

  private Node noted(Node node, Provenance provenance) {
    provenances.putIfAbsent(node, provenance);
    return node;
  }
}
