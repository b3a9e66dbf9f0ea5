package org.sparkcurvature.plan.lower;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Lines;
import org.sparkcurvature.ops.MatrixFunction;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Addable;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Lanes;
import org.sparkcurvature.plan.steps.OfLines;
import org.sparkcurvature.plan.steps.OfMatrices;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.ScatterAdd;
import org.sparkcurvature.plan.steps.SharedProduct;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.SummedProduct;

/** From functions of elements, of the elements along lines, and of matrices, to steps. */
final class ElementwiseLowering {
  private final StepEmitter steps;
  private final NodeUses uses;

  ElementwiseLowering(StepEmitter steps, NodeUses uses) {
    this.steps = steps;
    this.uses = uses;
  }

  Buffer lines(Node node, Lines function) {
    List<Buffer> from = node.operands().stream().map(steps::of).toList();
    Shape shape = node.operand(0).shape();
    int heads = 1;
    for (int extent : shape.extents().subList(0, function.heads())) {
      heads *= extent;
    }
    Shape lines = new Shape(shape.extents().subList(function.heads(), shape.rank()));
    return steps.emit(
        new OfLines(
            steps.node(),
            function,
            from,
            heads,
            IndexMaps.axis(lines, function.axis()),
            steps.result(node.sampled(), node.shape().size(), from)));
  }

  Buffer matrices(Node node, MatrixFunction function) {
    List<Buffer> from = node.operands().stream().map(steps::of).toList();
    return steps.emit(
        new OfMatrices(
            steps.node(), function, from, steps.result(node.sampled(), node.shape().size(), from)));
  }

  /** The sum of two tensors, one added where the other lies: the one that costs least to add. */
  private Optional<Buffer> absorbed(Node node) {
    for (Predicate<Step> which :
        List.<Predicate<Step>>of(
            ElementwiseLowering::isSparse, ElementwiseLowering::isMatrixProduct, step -> true)) {
      Optional<Buffer> sum = absorbed(node, 1, which).or(() -> absorbed(node, 0, which));
      if (sum.isPresent()) {
        return sum;
      }
    }
    return Optional.empty();
  }

  /**
   * The sum of a tensor and a product, or a rearrangement, that nothing else uses: that is added to
   * the tensor where it lies, and no pass over memory is needed.
   */
  private Optional<Buffer> absorbed(Node node, int product, Predicate<Step> which) {
    Node term = node.operand(product);
    Node other = node.operand(1 - product);
    Buffer from = steps.of(term);
    Buffer to = steps.of(other);
    if (term == other
        || from == null
        || to == null
        || from.equals(to)
        || !NodeUses.isReadItself(node, term)
        || !NodeUses.isReadItself(node, other)
        || !uses.isReadOnce(term)
        || !uses.isReadOnce(other)
        || from.sampled() != to.sampled()
        || from.size() != to.size()
        || !steps.changes(from)
        || !steps.changes(to)
        || NodeUses.base(other).op() instanceof Leaf) {
      return Optional.empty();
    }
    if (steps.perBlock().writers(from).size() != 1) {
      return Optional.empty();
    }
    int writer = steps.perBlock().writers(from).first();
    Step step = steps.perBlock().at(writer);
    boolean last = !steps.perBlock().readers(from).isAnyAbove(writer);
    Optional<Step> added = last && which.test(step) ? addedTo(step, to, node) : Optional.empty();
    if (added.isPresent()) {
      steps.perBlock().remove(writer);
      steps.emit(added.get());
    }
    return added.map(Step::out);
  }

  /** What has few elements that are not zero: only those are added. */
  private static boolean isSparse(Step step) {
    return step instanceof ScatterAdd
        || step instanceof Rearrange rearrange && rearrange.isSparse();
  }

  /** What BLAS adds at no cost. */
  private static boolean isMatrixProduct(Step step) {
    return step instanceof SharedProduct || step instanceof SummedProduct;
  }

  private static Optional<Step> addedTo(Step step, Buffer to, Node sum) {
    return step instanceof Addable addable && addable.into() == Accumulate.REPLACE
        ? Optional.of(addable.addedTo(to, sum))
        : Optional.empty();
  }

  Buffer lanes(Node node, Apply apply) {
    if (apply.function().equals("add") && apply.partial().isEmpty()) {
      Optional<Buffer> sum = absorbed(node);
      if (sum.isPresent()) {
        return sum.get();
      }
    }
    List<Lanes.Source> sources = new ArrayList<>();
    List<Buffer> from = new ArrayList<>();
    for (Node operand : node.operands()) {
      if (operand.op() instanceof Leaf.Fill fill) {
        sources.add(new Lanes.Constant(fill.value()));
        continue;
      }
      Buffer buffer = steps.of(NodeUses.read(node, operand));
      from.add(buffer);
      boolean same = buffer.size() == node.shape().size() && buffer.sampled() == node.sampled();
      sources.add(
          buffer.size() == 1 && !same ? new Lanes.Scalar(buffer) : new Lanes.Elements(buffer));
    }
    return steps.emit(
        new Lanes(
            steps.node(), apply, sources, steps.result(node.sampled(), node.shape().size(), from)));
  }
}
