package org.sparkcurvature.backend;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.plan.Plan;
import org.sparkcurvature.plan.Planner;
import org.sparkcurvature.plan.passes.StripMining;

/** Runs nodes of a graph on given leaves. */
final class Running {
  private Running() {}

  /** Arithmetic of a program. */
  enum Precision {
    DOUBLE,
    FLOAT
  }

  /** Normal numbers, each of which a float holds, for every leaf: sample after sample. */
  static Map<Node, double[]> leaves(Graph graph, int rows, Random random) {
    Map<Node, double[]> values = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Leaf && !(node.op() instanceof Leaf.Fill)) {
        double[] elements = new double[node.shape().size() * (node.sampled() ? rows : 1)];
        for (int k = 0; k < elements.length; k++) {
          elements[k] = (float) random.nextGaussian();
        }
        values.put(node, elements);
      }
    }
    return values;
  }

  /** Results of {@code wanted} for a block of {@code rows} samples, sample after sample. */
  static List<double[]> run(
      Graph graph, List<Node> wanted, Map<Node, double[]> leaves, int rows, Precision precision) {
    return run(
        Planner.plan(graph, wanted, Set.of(), Set.of(), StripMining.Sums.OF_BLOCKS),
        wanted,
        leaves,
        rows,
        precision);
  }

  static List<double[]> run(
      Plan plan, List<Node> wanted, Map<Node, double[]> leaves, int rows, Precision precision) {
    try (Program program =
        precision == Precision.DOUBLE
            ? Program.inDoubles(plan, rows, plan.stripRows())
            : Program.inFloats(plan, rows, plan.stripRows())) {
      leaves.forEach((leaf, values) -> program.set(leaf, values));
      program.prepare();
      // Twice: the second block finds what the first left behind.
      program.run(rows);
      leaves.forEach((leaf, values) -> program.set(leaf, values));
      program.run(rows);
      List<double[]> results = new ArrayList<>();
      for (Node node : wanted) {
        double[] result = new double[program.size(node) * (program.isSampled(node) ? rows : 1)];
        program.read(node, 0, result.length, result, 0);
        results.add(result);
      }
      return results;
    }
  }
}
