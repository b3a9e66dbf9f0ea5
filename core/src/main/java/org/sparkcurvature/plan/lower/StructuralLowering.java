package org.sparkcurvature.plan.lower;

import java.util.List;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Structural;
import org.sparkcurvature.plan.steps.Along;
import org.sparkcurvature.plan.steps.Axis;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Join;

/** From operations that only move elements, and from sums along an axis, to steps. */
final class StructuralLowering {
  private final StepEmitter steps;
  private final NodeUses uses;
  private final ContractionLowering contractions;

  StructuralLowering(StepEmitter steps, NodeUses uses, ContractionLowering contractions) {
    this.steps = steps;
    this.uses = uses;
    this.contractions = contractions;
  }

  Buffer lower(Node node) {
    List<Buffer> from = node.operands().stream().map(steps::of).toList();
    Buffer in = from.get(0);
    Shape shape = node.operand(0).shape();
    int size = node.shape().size();
    if (node.op() instanceof Structural.UpperTriangle) {
      Node whole = NodeUses.base(node.operand(0));
      if (in != null) {
        return steps.halfOf(in);
      }
      return whole.op() instanceof Structural.PermuteOrDiagonal spread
          ? contractions.placed(
              whole.operand(0),
              spread.axes(),
              whole.shape(),
              ContractionLowering.Wanted.UPPER_TRIANGLE)
          : contractions.contract(
              whole, uses.fused(whole), ContractionLowering.Wanted.UPPER_TRIANGLE);
    }
    if (NodeUses.isView(node)) {
      return in;
    }
    if (node.op() instanceof Structural.PermuteOrDiagonal spread) {
      if (in == null) {
        return contractions.placed(
            node.operand(0), spread.axes(), node.shape(), ContractionLowering.Wanted.WHOLE);
      }
      return steps.rearrange(in, IndexMaps.spread(shape, spread.axes(), node.shape()), size);
    }
    if (node.op() instanceof Structural.Slice slice) {
      Axis axis = IndexMaps.axis(shape, slice.axis());
      return steps.rearrange(in, IndexMaps.slice(axis, slice.from(), slice.length()), size);
    }
    if (node.op() instanceof Structural.Pad pad) {
      return steps.rearrange(
          in, IndexMaps.pad(IndexMaps.axis(shape, pad.axis()), pad.from(), pad.extent()), size);
    }
    if (node.op() instanceof Structural.Concat concat) {
      Axis axis = IndexMaps.axis(node.shape(), concat.axis());
      List<Integer> runs =
          node.operands().stream()
              .map(o -> o.shape().extent(concat.axis()) * axis.inner())
              .toList();
      return steps.emit(
          new Join(
              steps.node(), from, axis.outer(), runs, steps.result(node.sampled(), size, from)));
    }
    if (node.op() instanceof Structural.Gather gather) {
      return along(node, Along.Kind.GATHER, from, IndexMaps.axis(shape, gather.axis()));
    }
    if (node.op() instanceof Structural.Scatter scatter) {
      return along(node, Along.Kind.SCATTER, from, IndexMaps.axis(node.shape(), scatter.axis()));
    }
    if (node.op() instanceof Structural.CumulativeSum sum) {
      return along(
          node,
          sum.backwards() ? Along.Kind.CUMULATE_BACKWARDS : Along.Kind.CUMULATE,
          from,
          IndexMaps.axis(shape, sum.axis()));
    }
    if (node.op() instanceof Structural.Maximum maximum) {
      return along(node, Along.Kind.LARGEST, from, IndexMaps.axis(shape, maximum.axis()));
    }
    throw new IllegalStateException("no kernel computes " + node.op().name());
  }

  private Buffer along(Node node, Along.Kind what, List<Buffer> from, Axis axis) {
    return steps.emit(
        new Along(
            steps.node(),
            what,
            from,
            axis,
            steps.result(node.sampled(), node.shape().size(), from)));
  }
}
