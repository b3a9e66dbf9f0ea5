package org.sparkcurvature.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Structural;

/**
 * Random contractions, from algebra over plan to kernels, against a loop over all indices: one to
 * five factors, sampled or not, labels shared, repeated and only in the result, constants and
 * one-hot vectors among the factors, kept for every sample or summed over samples.
 */
class ContractionTest {
  private static final String INDEX = "index of ";
  private static final int LABELS = 6;
  private static final int ROWS = 5;
  private static final int CASES = 60;

  private final Graph graph = new Graph();

  private record Case(
      List<Node> factors,
      List<List<Integer>> in,
      List<Integer> out,
      int[] extents,
      double coefficient,
      boolean overSamples) {

    Shape shape() {
      return new Shape(out.stream().map(label -> extents[label]).toList());
    }

    Node node(Algebra algebra) {
      return overSamples
          ? algebra.contractOverSamples(factors, in, out, shape(), coefficient)
          : algebra.contract(factors, in, out, shape(), coefficient);
    }

    @Override
    public String toString() {
      return in
          + " -> "
          + out
          + (overSamples ? " over samples of " : " of ")
          + factors
          + " sampled "
          + factors.stream().map(Node::sampled).toList()
          + " extents "
          + java.util.Arrays.toString(extents)
          + " coefficient "
          + coefficient;
    }
  }

  private Case random(Random random, int number) {
    int[] extents = new int[LABELS];
    for (int k = 0; k < LABELS; k++) {
      extents[k] = 1 + random.nextInt(4);
    }
    int count = 1 + random.nextInt(5);
    List<Node> factors = new ArrayList<>();
    List<List<Integer>> in = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      List<Integer> labels = new ArrayList<>();
      int rank = random.nextInt(4);
      for (int axis = 0; axis < rank; axis++) {
        labels.add(random.nextInt(LABELS));
      }
      Shape shape = new Shape(labels.stream().map(label -> extents[label]).toList());
      int kind = random.nextInt(10);
      String name = "f" + number + "_" + k;
      if (kind >= 8) {
        int label = random.nextInt(LABELS);
        factors.add(oneHot(name, extents[label], random.nextBoolean()));
        in.add(List.of(label));
        continue;
      }
      factors.add(
          kind == 0
              ? graph.fill(random.nextInt(3) - 1.5, shape)
              : k > 0 && kind == 1 && shape.equals(factors.get(0).shape())
                  ? factors.get(0)
                  : kind < 5 ? graph.input(name, shape) : graph.parameter(name, shape));
      in.add(labels);
    }
    List<Integer> out = new ArrayList<>();
    for (int label = 0; label < LABELS; label++) {
      if (random.nextInt(3) == 0) {
        out.add(label);
      }
    }
    Collections.shuffle(out, random);
    if (random.nextInt(4) == 0 && !out.isEmpty()) {
      out.add(out.get(random.nextInt(out.size())));
    }
    return new Case(
        factors, in, out, extents, random.nextBoolean() ? 1 : -0.75, random.nextInt(3) == 0);
  }

  /** A one-hot vector, or a part of one, by an index of each sample. */
  private Node oneHot(String name, int extent, boolean part) {
    Algebra algebra = new Algebra(graph);
    Node index = graph.input(INDEX + name, Shape.SCALAR);
    return part
        ? algebra.slice(algebra.oneHot(index, extent + 2), 0, 1, extent)
        : algebra.oneHot(index, extent);
  }

  /** Indices of one-hot vectors, in place of any number. */
  private void setIndices(Map<Node, double[]> leaves, Random random) {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Structural.Scatter scatter) {
        double[] index = leaves.get(node.operand(1));
        for (int row = 0; row < index.length; row++) {
          index[row] = random.nextInt(scatter.extent());
        }
      }
    }
  }

  /** An element of a factor, of one sample. */
  private static double element(Node factor, int at, Map<Node, double[]> leaves, int row) {
    if (factor.op() instanceof Leaf.Fill fill) {
      return fill.value();
    }
    if (factor.op() instanceof Structural.Slice slice) {
      return element(factor.operand(0), slice.from() + at, leaves, row);
    }
    if (factor.op() instanceof Structural.Scatter) {
      return leaves.get(factor.operand(1))[row] == at ? 1 : 0;
    }
    return leaves.get(factor)[(factor.sampled() ? row * factor.shape().size() : 0) + at];
  }

  /** The same by a loop over every position of every label. */
  private static double[] loop(Case c, Map<Node, double[]> leaves, double[] weights, int row) {
    double[] result = new double[c.shape().size()];
    int positions = 1;
    for (int extent : c.extents()) {
      positions *= extent;
    }
    int[] at = new int[LABELS];
    for (int p = 0; p < positions; p++) {
      int rest = p;
      for (int label = 0; label < LABELS; label++) {
        at[label] = rest % c.extents()[label];
        rest /= c.extents()[label];
      }
      // A label that nothing has is not summed over.
      boolean counts = true;
      for (int label = 0; label < LABELS; label++) {
        int l = label;
        boolean used = c.out().contains(l) || c.in().stream().anyMatch(x -> x.contains(l));
        counts &= used || at[label] == 0;
      }
      if (!counts) {
        continue;
      }
      double product = c.coefficient() * (weights == null ? 1 : weights[row]);
      for (int k = 0; k < c.factors().size(); k++) {
        int offset = offset(c.in().get(k), at, c.extents());
        product *= element(c.factors().get(k), offset, leaves, row);
      }
      result[offset(c.out(), at, c.extents())] += product;
    }
    return result;
  }

  private static int offset(List<Integer> labels, int[] at, int[] extents) {
    int offset = 0;
    for (int label : labels) {
      offset = offset * extents[label] + at[label];
    }
    return offset;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 8, 9, 10})
  void agreesWithLoopInDoubles(long seed) {
    check(seed, Running.Precision.DOUBLE, 1e-13);
  }

  @ParameterizedTest
  @ValueSource(longs = {6, 7})
  void agreesWithLoopInFloats(long seed) {
    check(seed, Running.Precision.FLOAT, 1e-5);
  }

  private void check(long seed, Running.Precision precision, double tolerance) {
    Random random = new Random(seed);
    Algebra algebra = new Algebra(graph);
    List<Case> cases = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    for (int k = 0; k < CASES; k++) {
      Case c = random(random, k);
      cases.add(c);
      nodes.add(c.node(algebra));
    }
    Map<Node, double[]> leaves = Running.leaves(graph, ROWS, random);
    setIndices(leaves, random);
    // All in one plan, so that memory is shared and rearrangements are met again.
    List<double[]> results = Running.run(graph, nodes, leaves, ROWS, precision);
    double[] weights = leaves.get(graph.weight());
    for (int k = 0; k < CASES; k++) {
      Case c = cases.get(k);
      int size = c.shape().size();
      if (c.overSamples()) {
        double[] sum = new double[size];
        double[] magnitude = new double[size];
        for (int row = 0; row < ROWS; row++) {
          double[] one = loop(c, leaves, weights, row);
          for (int i = 0; i < size; i++) {
            sum[i] += one[i];
            magnitude[i] += Math.abs(one[i]);
          }
        }
        assertClose(results.get(k), sum, largest(magnitude), tolerance, c);
      } else {
        boolean sampled = nodes.get(k).sampled();
        for (int row = 0; row < (sampled ? ROWS : 1); row++) {
          double[] expected = loop(c, leaves, null, row);
          double[] actual =
              java.util.Arrays.copyOfRange(results.get(k), row * size, (row + 1) * size);
          assertClose(actual, expected, largest(expected), tolerance, c);
        }
      }
    }
  }

  private static double largest(double[] values) {
    double largest = 1;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static void assertClose(
      double[] actual, double[] expected, double scale, double tolerance, Case c) {
    assertThat(actual).as(c.toString()).hasSameSizeAs(expected);
    for (int k = 0; k < actual.length; k++) {
      assertThat(Math.abs(actual[k] - expected[k]) <= tolerance * scale)
          .as("%s, element %d: %s instead of %s", c, k, actual[k], expected[k])
          .isTrue();
    }
  }
}
