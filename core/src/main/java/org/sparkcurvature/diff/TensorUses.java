package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Einsum;

/**
 * The ways in which tensors enter a loss: as factors of products, over which derivatives are
 * lifted, by lookups, or otherwise.
 */
final class TensorUses {
  private final Algebra algebra;
  private final Set<Node> tensors;
  private final Set<Node> further;
  private final boolean second;
  private final boolean lifting;
  private final Set<Edge> linearUses = new HashSet<>();

  /**
   * @param tensors by which derivatives are taken
   * @param further other nodes whose adjoints are wanted
   * @param second whether second derivatives are wanted
   * @param lifting whether derivatives are lifted over products
   */
  TensorUses(
      Algebra algebra, Set<Node> tensors, Set<Node> further, boolean second, boolean lifting) {
    this.algebra = algebra;
    this.tensors = tensors;
    this.further = further;
    this.second = second;
    this.lifting = lifting;
  }

  /** The operands over which derivatives are lifted, of the uses found so far. */
  Set<Edge> linearUses() {
    return linearUses;
  }

  /** The ways in which a tensor enters the roots. */
  List<ParameterUse> of(Node tensor, List<Node> roots) {
    List<ParameterUse> uses = new ArrayList<>();
    boolean direct =
        isUsedDirectly(tensor, ParameterUse.UsePath.NONE, roots, Model.reachable(roots), uses);
    if (second && isSmallerThanProducts(tensor, uses)) {
      uses.forEach(use -> linearUses.remove(new Edge(use.target().id(), operand(use, tensor))));
      return List.of(ParameterUse.direct(tensor));
    }
    if (direct || tensor.sampled() || uses.isEmpty()) {
      uses.add(ParameterUse.direct(tensor));
    }
    return uses;
  }

  /**
   * Whether products that a tensor is a factor of have more elements in all than the tensor: second
   * derivatives between all of them, two by two, would cost more than those by the tensor itself.
   * So it is where the steps of a recurrence share their weights.
   */
  private static boolean isSmallerThanProducts(Node tensor, List<ParameterUse> uses) {
    return uses.stream().allMatch(use -> use.path().isEmpty() && operand(use, tensor) >= 0)
        && uses.stream().mapToLong(use -> use.target().shape().size()).sum()
            > tensor.shape().size();
  }

  /** Which operand of the product that it is used in a tensor is; -1 if it was looked up. */
  private static int operand(ParameterUse use, Node tensor) {
    return use.target().op() instanceof Einsum ? use.target().operands().indexOf(tensor) : -1;
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
            && ParameterUse.ViewOp.isView(node)
            && node.operands().stream().allMatch(this::isRearranged);
  }

  /**
   * Whether derivatives by what came along that path are lifted over this use of it. What was
   * looked up may meet, in a product, something else that was: then each is a target.
   */
  private boolean isLinear(Node user, int operand, Node node, ParameterUse.UsePath usePath) {
    return ParameterUse.canBeLinear(user, operand)
        && (usePath.lookups().isEmpty()
            ? isRearranged(node)
            : !further.contains(node) && !isWanted(user.operand(1 - operand)));
  }

  /** Whether derivatives by what came along that path are lifted over a lookup in it. */
  private boolean isLookup(Node user, int operand, Node node, ParameterUse.UsePath usePath) {
    return ParameterUse.isLookup(user, operand)
        && (usePath.lookups().isEmpty() ? isRearranged(node) : !further.contains(node));
  }

  /**
   * Collects the linear uses of a node that {@code usePath} leads to; returns whether the node has
   * uses that are not linear.
   */
  private boolean isUsedDirectly(
      Node node,
      ParameterUse.UsePath usePath,
      List<Node> roots,
      BitSet reachable,
      List<ParameterUse> uses) {
    boolean direct = roots.contains(node);
    boolean liftable = lifting && (!node.sampled() || !usePath.lookups().isEmpty());
    for (Node user : List.copyOf(algebra.graph().nodes())) {
      for (int k = 0; reachable.get(user.id()) && k < user.operands().size(); k++) {
        if (user.operand(k) != node) {
          continue;
        }
        if (liftable && isLinear(user, k, node, usePath)) {
          uses.add(ParameterUse.linear(algebra, user, k, usePath));
          linearUses.add(new Edge(user.id(), k));
        } else if (liftable && isLookup(user, k, node, usePath)) {
          linearUses.add(new Edge(user.id(), k));
          if (isUsedDirectly(user, usePath.thenLookup(user), roots, reachable, uses)) {
            uses.add(ParameterUse.lookedUp(algebra, user, usePath.thenLookup(user)));
          }
        } else if (liftable && usePath.lookups().isEmpty() && ParameterUse.ViewOp.isView(user)) {
          direct |=
              isUsedDirectly(
                  user, usePath.then(new ParameterUse.ViewOp(user, k)), roots, reachable, uses);
        } else {
          direct = true;
        }
      }
    }
    return direct;
  }
}
