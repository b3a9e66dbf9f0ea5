package org.sparkcurvature.engine;

import java.util.AbstractList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.sparkcurvature.backend.Program;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.plan.Plan;
import org.sparkcurvature.plan.PlannedSteps;
import org.sparkcurvature.plan.passes.StripMining;
import org.sparkcurvature.plan.steps.Step;

/**
 * A specification with its plan, for programs that open many engines of it: planning takes some
 * milliseconds, and hundreds of them in a process that does so for the first time. Safe for use by
 * many threads.
 */
public final class CompiledSpec {
  private final SpecNodes nodes;
  private final Plan plan;
  private final BlockRows rows;

  /** Nodes that only decide between branches. */
  private final BitSet deciding;

  /** Decides on strips and memory: a third of the work of planning. */
  CompiledSpec(SpecNodes nodes, PlannedSteps steps) {
    this.nodes = nodes;
    Plan chosen = steps.plan(StripMining.Sums.OF_BLOCKS);
    BlockRows fitting = rows(nodes, chosen);
    if (fitting.cramped()) {
      Plan gathering = steps.plan(StripMining.Sums.OF_STRIPS);
      BlockRows gathered = rows(nodes, gathering);
      if (gathered.overhead() < fitting.overhead()) {
        chosen = gathering;
        fitting = gathered;
      }
    }
    this.plan = chosen;
    this.rows = fitting;
    this.deciding = nodes.deciding();
  }

  /** What was planned. */
  public DerivativeSpec spec() {
    return nodes.spec();
  }

  /**
   * Whether a number that is not finite in {@code node} can make a result not finite: not where it
   * only decides between branches.
   */
  private boolean counts(Node node) {
    return !deciding.get(node.id());
  }

  private static BlockRows rows(SpecNodes nodes, Plan plan) {
    long sums =
        Stream.of(
                nodes.gradient(),
                nodes.products(),
                nodes.curvatures().values().stream().flatMap(List::stream).toList())
            .flatMap(List::stream)
            .mapToLong(block -> block.node().shape().size())
            .sum();
    return BlockRows.of(
        plan,
        new BlockRows.Demand(
            nodes.spec().blockBytes(),
            bytesPerSample(nodes, plan),
            bytesPerSampleOfStrip(nodes, plan),
            sums + nodes.value().size()));
  }

  private static long bytesPerSample(SpecNodes nodes, Plan plan) {
    long staged =
        1
            + Stream.concat(
                    nodes.model().inputs().values().stream(), nodes.cotangents().values().stream())
                .mapToLong(n -> n.shape().size())
                .sum();
    long handedOut = nodes.spec().columns().stream().mapToLong(DerivativeSpec.Column::length).sum();
    return plan.elementsPerSample() * nodes.spec().precision().bytes()
        + (staged + handedOut) * Double.BYTES;
  }

  /** What each sample of a strip needs besides. */
  private static long bytesPerSampleOfStrip(SpecNodes nodes, Plan plan) {
    return plan.elementsPerSampleOfStrip() * nodes.spec().precision().bytes();
  }

  /** What computing it takes. */
  public DerivativeSpec.Cost cost() {
    long ofSamples =
        rows.block() * bytesPerSample(nodes, plan)
            + rows.strip() * bytesPerSampleOfStrip(nodes, plan);
    return new DerivativeSpec.Cost(
        rows.block(),
        plan.sharedElements() * nodes.spec().precision().bytes() + ofSamples,
        (ofSamples + rows.block() - 1) / rows.block(),
        plan.operations(rows.block()) / rows.block(),
        nodes.formulas(),
        lines(plan.steps().toList()));
  }

  /** What each step does, written when it is read: few look at it, and a plan may be long. */
  private List<String> lines(List<Step> described) {
    return new AbstractList<>() {
      @Override
      public String get(int k) {
        Step step = described.get(k);
        return nodes.describe(step.node()) + " <- " + step.describe();
      }

      @Override
      public int size() {
        return described.size();
      }
    };
  }

  /** Allocates; as {@link DerivativeSpec#open(Map)}. */
  public Engine open(Map<String, double[]> parameters) {
    Program program =
        nodes.spec().precision() == Precision.FLOAT
            ? Program.inFloats(plan, rows.block(), rows.strip())
            : Program.inDoubles(plan, rows.block(), rows.strip());
    try {
      for (Map.Entry<String, Node> e : nodes.model().parameters().entrySet()) {
        double[] values = parameters.get(e.getKey());
        if (values == null || values.length != e.getValue().shape().size()) {
          throw new IllegalArgumentException(
              "parameter "
                  + e.getKey()
                  + " needs "
                  + e.getValue().shape().size()
                  + " values and has "
                  + (values == null ? "none" : values.length));
        }
        program.set(e.getValue(), values);
      }
      for (Node part : nodes.vectors().values()) {
        program.set(part, new double[part.shape().size()]);
      }
      program.prepare();
      return new ProgramEngine(nodes, this::counts, program, rows.block());
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }
}
