package org.sparkcurvature.calculus;

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
import java.util.stream.Stream;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.rules.Algebra;
import org.sparkcurvature.rules.Contract;
import org.sparkcurvature.rules.Differentiable;
import org.sparkcurvature.rules.Labels;
import org.sparkcurvature.rules.Structural;

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
public final class Calculus {

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

  /** How second derivatives are had; the results are the same. */
  public enum Way {
    /**
     * Second derivatives between targets are pulled back through the loss, those of parameters that
     * enter through a product are lifted from the product's.
     */
    PULLED_BACK,
    /**
     * H = sum over the curved operations v of J_v' C_v J_v, with the Jacobians J_v of their
     * operands carried forward: for few targets and wide intermediates.
     */
    PUSHED_FORWARD
  }

  private final Model model;
  private final Way way;
  private final int ownNodes;
  private final Algebra algebra;
  private final Terms terms;
  private final Map<String, List<Entry>> entries = new LinkedHashMap<>();
  private final Set<Edge> handles = new HashSet<>();

  /** The tensors with respect to which derivatives are taken. */
  private final Set<Node> tensors = new HashSet<>();

  /** Other nodes whose adjoints are wanted. */
  private final Set<Node> further = new LinkedHashSet<>();

  private final Map<Node, Meaning> meanings = new HashMap<>();
  private final Formulas formulas = new Formulas(this::symbol);
  private final Map<Integer, Pushforward> pushforwards = new HashMap<>();
  private final Map<String, Optional<Form>> curvatureOf = new HashMap<>();
  private final Sweep sweep;
  private final CurvedSum curved;

  /**
   * @param model the loss; its graph receives the nodes of the derivatives
   * @param wrt names of the tensors with respect to which derivatives are taken
   * @param jacobianOf nodes whose Jacobians are wanted
   * @param adjointOf names of the nodes z for which dl/dz is wanted
   * @param order whether second derivatives are wanted as well
   * @param way how second derivatives are had
   */
  public Calculus(
      Model model,
      List<String> wrt,
      List<Node> jacobianOf,
      List<String> adjointOf,
      Order order,
      Way way) {
    this.model = model;
    this.way = way;
    this.ownNodes = model.graph().nodes().size();
    this.algebra = new Algebra(model.graph());
    this.terms = new Terms(algebra);
    Set<Node> roots = new LinkedHashSet<>(List.of(model.loss()));
    roots.addAll(jacobianOf);
    Set<Node> targets = new LinkedHashSet<>();
    Set<Node> factors = new LinkedHashSet<>();
    wrt.forEach(name -> tensors.add(model.named(name)));
    adjointOf.forEach(name -> further.add(model.named(name)));
    further.removeAll(tensors);
    for (String name : wrt) {
      List<Entry> uses = uses(model.named(name), new ArrayList<>(roots), order);
      entries.put(name, uses);
      uses.forEach(entry -> targets.add(entry.target()));
      uses.forEach(entry -> entry.factors().forEach(f -> factors.add(f.node())));
    }
    Set<Node> heads = new LinkedHashSet<>(jacobianOf);
    boolean pulled = order == Order.SECOND && way == Way.PULLED_BACK;
    if (pulled) {
      heads.addAll(factors);
    }
    sweep = new Sweep(algebra, model.loss(), heads, targets, further, handles, pulled, meanings);
    curved =
        order == Order.SECOND && way == Way.PUSHED_FORWARD
            ? new CurvedSum(algebra, sweep, ownNodes, meanings)
            : null;
  }

  /** The ways in which a tensor enters whatever {@code roots} are computed from. */
  private List<Entry> uses(Node tensor, List<Node> roots, Order order) {
    List<Entry> uses = new ArrayList<>();
    boolean direct = isUsedDirectly(tensor, Entry.Way.NONE, roots, Model.reachable(roots), uses);
    if (order == Order.SECOND && isSmallerThanProducts(tensor, uses)) {
      uses.forEach(use -> handles.remove(new Edge(use.target().id(), operand(use, tensor))));
      return List.of(Entry.direct(tensor));
    }
    if (direct || tensor.sampled() || uses.isEmpty()) {
      uses.add(Entry.direct(tensor));
    }
    return uses;
  }

  /**
   * Whether products that a tensor is a factor of have more elements in all than the tensor: second
   * derivatives between all of them, two by two, would cost more than those by the tensor itself.
   * So it is where the steps of a recurrence share their weights.
   */
  private static boolean isSmallerThanProducts(Node tensor, List<Entry> uses) {
    return uses.stream().allMatch(use -> use.path().isEmpty() && operand(use, tensor) >= 0)
        && uses.stream().mapToLong(use -> use.target().shape().size()).sum()
            > tensor.shape().size();
  }

  /** Which operand of the product that it is used in a tensor is; -1 if it was looked up. */
  private static int operand(Entry use, Node tensor) {
    return use.target().op() instanceof Contract ? use.target().operands().indexOf(tensor) : -1;
  }

  /** Whether a node is, or comes of, anything that derivatives are taken by. */
  private boolean isWanted(Node node) {
    BitSet behind = Model.reachable(List.of(node));
    return Stream.concat(tensors.stream(), further.stream()).anyMatch(n -> behind.get(n.id()));
  }

  /**
   * Whether rearranging alone makes a node of what derivatives are taken by. Only then can all of
   * them be lifted over a product that it is a factor of, and none need flow through it.
   */
  private boolean isRearranged(Node node) {
    if (tensors.contains(node)) {
      return true;
    }
    return !isWanted(node)
        || !further.contains(node)
            && Entry.Hop.isOne(node)
            && node.operands().stream().allMatch(this::isRearranged);
  }

  /**
   * Whether derivatives by what came that way are lifted over this use of it. What was looked up
   * may meet, in a product, something else that was: then each is a target.
   */
  private boolean isHandle(Node user, int operand, Node node, Entry.Way way) {
    return Entry.canBeHandle(user, operand)
        && (way.lookups().isEmpty()
            ? isRearranged(node)
            : !further.contains(node) && !isWanted(user.operand(1 - operand)));
  }

  /** Whether derivatives by what came that way are lifted over a lookup in it. */
  private boolean isLookup(Node user, int operand, Node node, Entry.Way way) {
    return Entry.isLookup(user, operand)
        && (way.lookups().isEmpty() ? isRearranged(node) : !further.contains(node));
  }

  /**
   * Adds the handles of a tensor, or of what comes of it that way; says whether it has other uses.
   */
  private boolean isUsedDirectly(
      Node node, Entry.Way way, List<Node> roots, BitSet reachable, List<Entry> uses) {
    boolean direct = roots.contains(node);
    boolean liftable = this.way == Way.PULLED_BACK && (!node.sampled() || !way.lookups().isEmpty());
    for (Node user : List.copyOf(algebra.graph().nodes())) {
      for (int k = 0; reachable.get(user.id()) && k < user.operands().size(); k++) {
        if (user.operand(k) != node) {
          continue;
        }
        if (liftable && isHandle(user, k, node, way)) {
          uses.add(Entry.handle(algebra, user, k, way));
          handles.add(new Edge(user.id(), k));
        } else if (liftable && isLookup(user, k, node, way)) {
          handles.add(new Edge(user.id(), k));
          if (isUsedDirectly(user, way.thenLookup(user), roots, reachable, uses)) {
            uses.add(Entry.lookedUp(algebra, user, way.thenLookup(user)));
          }
        } else if (liftable && way.lookups().isEmpty() && Entry.Hop.isOne(user)) {
          direct |= isUsedDirectly(user, way.then(new Entry.Hop(user, k)), roots, reachable, uses);
        } else {
          direct = true;
        }
      }
    }
    return direct;
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
    Meaning meaning = base.id() < ownNodes ? null : meanings.getOrDefault(base, meanings.get(node));
    if (meaning != null) {
      return meaning.symbol(model::describe);
    }
    String text = model.describe(base);
    return text.matches("\\w+") ? text : "(" + text + ")";
  }

  /** What the nodes made for the derivatives stand for, for messages. */
  public String describe(Node node) {
    // A node of the loss may be a derivative as well, as exp is of itself: it is named for what it
    // is.
    Meaning meaning = node.id() < ownNodes ? null : meanings.get(node);
    return meaning == null ? model.describe(node) : meaning.describe(model::describe);
  }

  /**
   * Nodes that are symmetric matrices for every sample: the first half of their axes by the second.
   */
  public Set<Node> symmetric() {
    return sweep.symmetric();
  }

  /** The loss: a scalar. */
  public Node value(Reduction reduction) {
    Terms.Term term =
        new Terms.Term(List.of(model.loss()), List.of(List.of()), List.of(), List.of(), 1);
    return reduction == Reduction.SUM
        ? meant(
            terms.summed(term, Shape.SCALAR, Shape.SCALAR),
            new Meaning("the sum of the loss over samples", "loss", List.of()))
        : model.loss();
  }

  /** dl/dtheta: the shape of the tensor. */
  public Node gradient(String name, Reduction reduction) {
    List<Part> parts = new ArrayList<>();
    for (Entry entry : entries.get(name)) {
      sweep
          .adjoint(entry.target())
          .ifPresent(delta -> parts.add(Part.ofRows(lifted(entry, delta), entry)));
    }
    return sum(
        parts,
        model.named(name).shape(),
        Shape.SCALAR,
        reduction,
        Meaning.adjoint(model.named(name)));
  }

  private static Terms.Term lifted(Entry entry, Node delta) {
    List<Node> factors = new ArrayList<>(List.of(delta));
    List<List<Integer>> labels = new ArrayList<>(List.of(entry.targetLabels()));
    add(entry.factors(), factors, labels);
    return new Terms.Term(factors, labels, entry.labels(), List.of(), entry.coefficient());
  }

  /** Adds an entry's factors to those of a term. */
  private static void add(
      List<Entry.Factor> added, List<Node> factors, List<List<Integer>> labels) {
    added.forEach(
        factor -> {
          factors.add(factor.node());
          labels.add(factor.labels());
        });
  }

  /** d2l/da db: the shape of a followed by that of b. */
  public Node hessian(String a, String b, Reduction reduction) {
    return hessian(whole(a), whole(b), reduction);
  }

  /** Some rows and columns of d2l/da db: the shape of the rows followed by that of the columns. */
  public Node hessian(Box a, Box b, Reduction reduction) {
    return block(
        a,
        b,
        reduction,
        this::hessianTerms,
        Meaning.second(model.named(a.name()), model.named(b.name())));
  }

  /** A box of the elements of a tensor of wrt. */
  public record Box(String name, Region region) {}

  private Box whole(String name) {
    return new Box(name, Region.whole(model.named(name).shape()));
  }

  /** The upper triangle of d2l/da2, row by row: length n(n+1)/2 for a tensor of n elements. */
  public Node hessianUpper(String a, Reduction reduction) {
    return upper(a, reduction, this::hessianTerms, Meaning.second(model.named(a), model.named(a)));
  }

  /**
   * The upper triangle of the outer product of per-sample gradients of a tensor by itself, row by
   * row.
   */
  public Node opgUpper(String a, Reduction reduction) {
    return upper(
        a,
        reduction,
        this::opgTerms,
        new Meaning("the outer product of the gradients by %s", "G[%s]", List.of(model.named(a))));
  }

  /** The diagonal of d2l/da2: the shape of a. */
  public Node hessianDiagonal(String a, Reduction reduction) {
    Shape shape = model.named(a).shape();
    List<Part> parts = new ArrayList<>();
    List<Node> rest = new ArrayList<>();
    for (Entry row : entries.get(a)) {
      for (Entry column : entries.get(a)) {
        boolean same =
            row.path().equals(column.path())
                && row.path().stream().allMatch(Entry.Hop::isInjective);
        for (Terms.Term term : hessianTerms(row, column.shifted(row.span()))) {
          if (same) {
            parts.add(Part.ofRows(terms.diagonal(term), row));
          } else {
            rest.add(diagonalOf(build(new Part(term, row, column), reduction), shape));
          }
        }
      }
    }
    Meaning meaning =
        new Meaning("the diagonal of d2 loss / d %s2", "diag H[%s]", List.of(model.named(a)));
    Node sum = sum(parts, shape, Shape.SCALAR, reduction, meaning);
    return rest.isEmpty() ? sum : meant(algebra.add(sum, terms.sum(rest, shape)), meaning);
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
  public Node opg(Box a, Box b, Reduction reduction) {
    return block(
        a,
        b,
        reduction,
        this::opgTerms,
        new Meaning(
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
  public Node ggn(String z, Box a, Box b, Reduction reduction) {
    Node output = model.named(z);
    Optional<Form> curvature = curvatureOf.computeIfAbsent(z, name -> curvatureAbove(name, output));
    return block(
        a,
        b,
        reduction,
        (row, column) -> ggnTerms(output, curvature, row, column),
        new Meaning(
            "the Gauss-Newton matrix of %s and %s",
            "GGN[%s, %s]", List.of(model.named(a.name()), model.named(b.name()))));
  }

  /** d2l/dz2 with z the independent variable. */
  private Optional<Form> curvatureAbove(String z, Node output) {
    refuseOtherWays(z, output);
    return new Sweep(
            algebra, model.loss(), Set.of(), Set.of(output), Set.of(), Set.of(), true, meanings)
        .second(output, output);
  }

  private void refuseOtherWays(String z, Node output) {
    Set<Node> leaves = new HashSet<>();
    entries.keySet().forEach(name -> leaves.add(model.named(name)));
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
    List<Part> parts = new ArrayList<>();
    for (Entry unshifted : entries.get(name)) {
      Entry entry = unshifted.shifted(output.shape().rank());
      sweep
          .jacobian(output, entry.target())
          .ifPresent(
              form ->
                  between(
                          form,
                          output,
                          rows,
                          entry.target(),
                          entry.targetLabels(),
                          rows,
                          entry,
                          List.of(entry))
                      .forEach(term -> parts.add(Part.ofColumns(term, output.shape(), entry))));
    }
    return sum(
        parts,
        output.shape(),
        model.named(name).shape(),
        Reduction.PER_SAMPLE,
        Meaning.jacobian(output, model.named(name)));
  }

  /** dl/dz for a name among {@code adjointOf}: the shape of z. */
  public Node adjoint(String z) {
    Node node = model.named(z);
    for (String name : entries.keySet()) {
      // A definition may be another name of a tensor of wrt.
      if (model.named(name) == node) {
        return gradient(name, Reduction.PER_SAMPLE);
      }
    }
    return sweep.adjoint(node).orElseGet(() -> algebra.graph().fill(0, node.shape()));
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
              entries
                  .keySet()
                  .forEach(name -> directions.put(model.named(name), directions(name, c)));
              return new Pushforward(algebra, directions);
            });
    Node product =
        push.of(node).orElseGet(() -> algebra.graph().fill(0, node.shape().behind(count)));
    return meant(product, new Meaning("%s along the directions", "%s'", List.of(node)));
  }

  @FunctionalInterface
  private interface Pairing {
    List<Terms.Term> terms(Entry row, Entry column);
  }

  private Node block(Box a, Box b, Reduction reduction, Pairing pairing, Meaning meaning) {
    List<Part> parts = pairs(a.name(), b.name(), pairing);
    Shape rows = model.named(a.name()).shape();
    Shape columns = model.named(b.name()).shape();
    if (a.region().isWhole(rows) && b.region().isWhole(columns)) {
      return sum(parts, rows, columns, reduction, meaning);
    }
    write(meaning, parts, reduction);
    List<Node> nodes =
        parts.stream()
            .flatMap(part -> build(part, a.region(), b.region(), reduction).stream())
            .toList();
    return meant(terms.sum(nodes, joined(a.region().shape(), b.region().shape())), meaning);
  }

  private static Shape joined(Shape rows, Shape columns) {
    return new Shape(Labels.concat(rows.extents(), columns.extents()));
  }

  /** Some rows and columns of a term, none where they are zero. */
  private Optional<Node> build(Part part, Region rows, Region columns, Reduction reduction) {
    // What comes of a tensor by being rearranged is computed whole, and cut afterwards.
    boolean cutRows = part.rowPath().isEmpty();
    boolean cutColumns = part.columnPath().isEmpty();
    return terms
        .part(
            part.term(),
            cutRows ? rows : Region.whole(part.rows()),
            cutColumns ? columns : Region.whole(part.columns()),
            reduction == Reduction.SUM)
        .map(
            node -> {
              Node back = back(part, node, part.rows().rank());
              Node cut = cutRows ? back : cut(back, 0, rows);
              return cutColumns ? cut : cut(cut, rows.shape().rank(), columns);
            });
  }

  private Node cut(Node node, int firstAxis, Region region) {
    Node cut = node;
    for (int axis = 0; axis < region.shape().rank(); axis++) {
      cut =
          algebra.slice(
              cut, firstAxis + axis, region.from().get(axis), region.shape().extent(axis));
    }
    return cut;
  }

  /**
   * A term of a result, and how its rows and columns come to be those of the tensors.
   *
   * @param rows the shape of the term's rows
   * @param rowPath what has been done to the tensor of the rows
   * @param columns the shape of the term's columns
   * @param columnPath what has been done to the tensor of the columns
   */
  private record Part(
      Terms.Term term,
      Shape rows,
      List<Entry.Hop> rowPath,
      Shape columns,
      List<Entry.Hop> columnPath) {

    Part(Terms.Term term, Entry row, Entry column) {
      this(term, row.shape(), row.path(), column.shape(), column.path());
    }

    static Part ofRows(Terms.Term term, Entry row) {
      return new Part(term, row.shape(), row.path(), Shape.SCALAR, List.of());
    }

    static Part ofColumns(Terms.Term term, Shape rows, Entry column) {
      return new Part(term, rows, List.of(), column.shape(), column.path());
    }
  }

  private List<Part> pairs(String a, String b, Pairing pairing) {
    List<Part> parts = new ArrayList<>();
    for (Entry row : entries.get(a)) {
      for (Entry column : entries.get(b)) {
        pairing
            .terms(row, column.shifted(row.span()))
            .forEach(term -> parts.add(new Part(term, row, column)));
      }
    }
    return parts;
  }

  private Node upper(String a, Reduction reduction, Pairing pairing, Meaning meaning) {
    int n = model.named(a).shape().size();
    List<Part> parts = pairs(a, a, pairing);
    write(meaning, parts, reduction);
    List<Node> triangles = new ArrayList<>();
    for (Part part : parts) {
      Node square = algebra.reshape(build(part, reduction), Shape.of(n, n));
      triangles.add(algebra.graph().add(new Structural.UpperTriangle(), square));
    }
    return meant(terms.sum(triangles, Shape.of(Math.toIntExact((long) n * (n + 1) / 2))), meaning);
  }

  private void write(Meaning meaning, List<Part> parts, Reduction reduction) {
    formulas.add(
        meaning.symbol(model::describe), parts.stream().map(Part::term).toList(), reduction);
  }

  /** The sum of terms, per sample or over samples, and its formula. */
  private Node sum(
      List<Part> parts, Shape rows, Shape columns, Reduction reduction, Meaning meaning) {
    write(meaning, parts, reduction);
    List<Node> nodes = parts.stream().map(part -> build(part, reduction)).toList();
    return meant(terms.sum(nodes, joined(rows, columns)), meaning);
  }

  /** A term, with rows and columns those of the tensors. */
  private Node build(Part part, Reduction reduction) {
    Node node =
        reduction == Reduction.SUM
            ? terms.summed(part.term(), part.rows(), part.columns())
            : terms.perSample(part.term(), part.rows(), part.columns());
    return back(part, node, part.rows().rank());
  }

  /** Rows, the first so many axes, and columns pulled back to the tensors that they come from. */
  private Node back(Part part, Node node, int rows) {
    Node pulled = back(part.columnPath(), node, rows);
    if (part.rowPath().isEmpty()) {
      return pulled;
    }
    int columns = pulled.shape().rank() - rows;
    return turn(back(part.rowPath(), turn(pulled, rows), columns), columns);
  }

  /** Pulls the axes behind the first {@code head} back to the tensor from which a path comes. */
  private Node back(List<Entry.Hop> path, Node node, int head) {
    Node pulled = node;
    for (Entry.Hop hop : path) {
      Differentiable op = (Differentiable) hop.node().op();
      pulled = op.pullback(algebra, hop.node(), hop.operand(), pulled, head);
    }
    return pulled;
  }

  /** The first {@code head} axes put last. */
  private Node turn(Node node, int head) {
    List<Integer> axes = Labels.range(0, node.shape().rank());
    return algebra.spread(
        node, Labels.concat(axes.subList(head, axes.size()), axes.subList(0, head)));
  }

  private Node meant(Node node, Meaning meaning) {
    meanings.putIfAbsent(node, meaning);
    return node;
  }

  private List<Terms.Term> hessianTerms(Entry row, Entry column) {
    if (curved != null) {
      return curved.terms(row, column);
    }
    List<Terms.Term> result = new ArrayList<>();
    Optional<Form> form = sweep.second(row.target(), column.target());
    boolean turned = form.isEmpty();
    Entry head = turned ? column : row;
    Entry active = turned ? row : column;
    form.or(() -> sweep.second(column.target(), row.target()))
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
   * The part that comes of one handle's factors depending on the other's target: delta_o c_j
   * da_i/du_p.
   */
  private List<Terms.Term> bracket(
      Entry later, Entry earlier, List<Integer> rows, List<Integer> columns) {
    Optional<Node> delta = sweep.adjoint(later.target());
    List<Terms.Term> result = new ArrayList<>();
    for (Entry.Factor factor : delta.isPresent() ? later.factors() : List.<Entry.Factor>of()) {
      Optional<Form> jacobian = sweep.jacobian(factor.node(), earlier.target());
      if (jacobian.isEmpty()) {
        continue;
      }
      List<Entry.Factor> rest = new ArrayList<>(later.factors());
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
  private List<Terms.Term> between(
      Form form,
      Node head,
      List<Integer> headLabels,
      Node active,
      List<Integer> activeLabels,
      List<Integer> rows,
      Entry column,
      List<Entry> lifts) {
    List<Node> factors = new ArrayList<>();
    List<List<Integer>> labels = new ArrayList<>();
    double coefficient = 1;
    for (Entry entry : lifts) {
      add(entry.factors(), factors, labels);
      coefficient *= entry.coefficient();
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
      Form form,
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
        dense = Optional.of(new Forms(algebra).densify(form, active.shape()));
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

  private List<Terms.Term> opgTerms(Entry row, Entry column) {
    Optional<Node> left = sweep.adjoint(row.target());
    Optional<Node> right = sweep.adjoint(column.target());
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

  private List<Terms.Term> ggnTerms(
      Node output, Optional<Form> curvature, Entry row, Entry column) {
    Optional<Form> left = sweep.jacobian(output, row.target());
    Optional<Form> right = sweep.jacobian(output, column.target());
    if (curvature.isEmpty() || left.isEmpty() || right.isEmpty()) {
      return List.of();
    }
    Forms forms = new Forms(algebra);
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
    Form form = Form.dense(algebra.reshape(product, column.target().shape().behind(p)));
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
}
