package org.sparkcurvature.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Op;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Structural;

/** Operations that move numbers, on every axis of tensors of rank 1 to 3, against naive loops. */
class StructuralTest {
  private static final int ROWS = 4;
  private static final List<Shape> SHAPES =
      List.of(Shape.of(5), Shape.of(1), Shape.of(3, 4), Shape.of(2, 3, 4));

  /** More than the kernels copy at once. */
  private static final Shape LARGE = Shape.of(2, 8200);

  /** Result element by element: the position in the result, and how to read the operand. */
  @FunctionalInterface
  private interface Loop {
    double at(int[] position, Read operand);
  }

  @FunctionalInterface
  private interface Read {
    double at(int... position);
  }

  private record Case(Node node, Node operand, Node index, Loop loop) {}

  private final Graph graph = new Graph();
  private final List<Case> cases = new ArrayList<>();
  private int index;

  private void add(Op op, Node operand, Loop loop) {
    cases.add(new Case(graph.add(op, operand), operand, operand, loop));
  }

  private static int[] with(int[] position, int axis, int value) {
    int[] result = position.clone();
    result[axis] = value;
    return result;
  }

  private static int[] without(int[] position, int axis) {
    int[] result = new int[position.length - 1];
    for (int k = 0; k < result.length; k++) {
      result[k] = position[k < axis ? k : k + 1];
    }
    return result;
  }

  private static int[] inserted(int[] position, int axis, int value) {
    int[] result = new int[position.length + 1];
    for (int k = 0; k < result.length; k++) {
      result[k] = k == axis ? value : position[k < axis ? k : k - 1];
    }
    return result;
  }

  private void addCases(Node z, Node i, Random random, int axes) {
    Shape shape = z.shape();
    for (int k = 0; k < axes; k++) {
      int axis = k;
      int extent = shape.extent(axis);
      int from = random.nextInt(extent);
      int length = 1 + random.nextInt(extent - from);
      add(
          new Structural.Slice(axis, from, length),
          z,
          (p, r) -> r.at(with(p, axis, p[axis] + from)));
      add(
          new Structural.Pad(axis, 2, extent + 3),
          z,
          (p, r) -> p[axis] < 2 || p[axis] >= 2 + extent ? 0 : r.at(with(p, axis, p[axis] - 2)));
      add(
          new Structural.CumulativeSum(axis, false),
          z,
          (p, r) -> {
            double sum = 0;
            for (int j = 0; j <= p[axis]; j++) {
              sum += r.at(with(p, axis, j));
            }
            return sum;
          });
      add(
          new Structural.CumulativeSum(axis, true),
          z,
          (p, r) -> {
            double sum = 0;
            for (int j = extent - 1; j >= p[axis]; j--) {
              sum += r.at(with(p, axis, j));
            }
            return sum;
          });
      add(
          new Structural.Maximum(axis),
          z,
          (p, r) -> {
            double most = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < extent; j++) {
              most = Math.max(most, r.at(inserted(p, axis, j)));
            }
            return most;
          });
      cases.add(
          new Case(
              graph.add(new Structural.Gather(axis), z, i),
              z,
              i,
              (p, r) -> index < extent ? r.at(inserted(p, axis, index)) : Double.NaN));
      cases.add(
          new Case(
              graph.add(new Structural.Scatter(axis, 2), z, i),
              z,
              i,
              (p, r) -> index >= 2 ? Double.NaN : p[axis] == index ? r.at(without(p, axis)) : 0));
      cases.add(
          new Case(
              graph.add(new Structural.Concat(axis), z, graph.fill(2, shape), z),
              z,
              z,
              (p, r) -> p[axis] / extent == 1 ? 2 : r.at(with(p, axis, p[axis] % extent))));
    }
    add(new Structural.Reshape(Shape.of(shape.size())), z, (p, r) -> r.at(position(p[0], shape)));
    if (shape.rank() == 2) {
      add(new Structural.PermuteOrDiagonal(List.of(1, 0)), z, (p, r) -> r.at(p[1], p[0]));
    }
    if (shape.size() < 100) {
      List<Integer> diagonal = new ArrayList<>(List.of(shape.rank() - 1));
      for (int k = 0; k < shape.rank(); k++) {
        diagonal.add(k);
      }
      add(
          new Structural.PermuteOrDiagonal(diagonal),
          z,
          (p, r) -> p[0] == p[p.length - 1] ? r.at(without(p, 0)) : 0);
    }
  }

  private static int[] position(int flat, Shape shape) {
    int[] position = new int[shape.rank()];
    int rest = flat;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      position[axis] = rest % shape.extent(axis);
      rest /= shape.extent(axis);
    }
    return position;
  }

  private static int flat(int[] position, Shape shape) {
    int flat = 0;
    for (int axis = 0; axis < position.length; axis++) {
      flat = flat * shape.extent(axis) + position[axis];
    }
    return flat;
  }

  @ParameterizedTest
  @EnumSource(Running.Precision.class)
  void agreesWithLoops(Running.Precision precision) {
    Random random = new Random(3);
    Node sampledIndex = graph.input("i", Shape.SCALAR);
    Node sharedIndex = graph.parameter("j", Shape.SCALAR);
    for (int k = 0; k < SHAPES.size(); k++) {
      addCases(graph.input("x" + k, SHAPES.get(k)), sampledIndex, random, SHAPES.get(k).rank());
      addCases(graph.parameter("w" + k, SHAPES.get(k)), sharedIndex, random, SHAPES.get(k).rank());
      addCases(graph.input("y" + k, SHAPES.get(k)), sharedIndex, random, SHAPES.get(k).rank());
      addCases(graph.parameter("v" + k, SHAPES.get(k)), sampledIndex, random, SHAPES.get(k).rank());
    }
    addCases(graph.input("x", LARGE), sampledIndex, random, 1);
    Map<Node, double[]> leaves = Running.leaves(graph, ROWS, random);
    // The last row's index is out of every range but one.
    leaves.put(sampledIndex, new double[] {0, 1, 2, 129});
    leaves.put(sharedIndex, new double[] {1});
    List<Node> nodes = cases.stream().map(Case::node).toList();
    List<double[]> results = Running.run(graph, nodes, leaves, ROWS, precision);
    double tolerance = precision == Running.Precision.DOUBLE ? 0 : 1e-4;
    for (int c = 0; c < cases.size(); c++) {
      check(cases.get(c), results.get(c), leaves, tolerance);
    }
  }

  private void check(Case c, double[] actual, Map<Node, double[]> leaves, double tolerance) {
    Shape in = c.operand().shape();
    Shape out = c.node().shape();
    double[] values = leaves.get(c.operand());
    for (int row = 0; row < (c.node().sampled() ? ROWS : 1); row++) {
      index = (int) leaves.get(c.index())[c.index().sampled() ? row : 0];
      int first = c.operand().sampled() ? row * in.size() : 0;
      for (int k = 0; k < out.size(); k++) {
        double expected = c.loop().at(position(k, out), p -> values[first + flat(p, in)]);
        double found = actual[row * out.size() + k];
        if (Double.isNaN(expected)
            ? !Double.isNaN(found)
            : !(Math.abs(found - expected) <= tolerance * (1 + Math.abs(expected)))) {
          assertThat(found).as("%s row %d element %d", c.node(), row, k).isEqualTo(expected);
        }
      }
    }
  }
}
