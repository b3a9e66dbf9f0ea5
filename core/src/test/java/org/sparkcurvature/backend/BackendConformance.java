package org.sparkcurvature.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Structural;
import org.sparkcurvature.plan.Plan;
import org.sparkcurvature.plan.Planner;
import org.sparkcurvature.plan.passes.StripMining;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.SharedProduct;
import org.sparkcurvature.plan.steps.SummedProduct;
import org.sparkcurvature.plan.steps.WeightedGram;

/** What every backend must do. A backend's own class says where its memory is. */
abstract class BackendConformance {
  /** What the steps compute, for messages. */
  private static final Node NODE = new Graph().input("node", Shape.SCALAR);

  private static final int BLOCK = 7;
  private static final int[] BLOCKS = {BLOCK, 3, 1, BLOCK};

  /** How products reach an array's numbers. */
  HostDeviceBuffer hostDevice(INDArray array) {
    return HostDeviceBuffer.of(array);
  }

  private Storage storage(Running.Precision precision, int length) {
    Function<INDArray, HostDeviceBuffer> mirrors = this::hostDevice;
    return precision == Running.Precision.DOUBLE
        ? Storage.doubles(length, mirrors)
        : Storage.floats(length, mirrors);
  }

  private static double tolerance(Running.Precision precision) {
    return precision == Running.Precision.DOUBLE ? 1e-13 : 1e-5;
  }

  private static double[] normal(Random random, int length) {
    double[] values = new double[length];
    for (int k = 0; k < length; k++) {
      values[k] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double[] read(Storage storage, int length) {
    double[] values = new double[length];
    storage.load(0, length, values, 0);
    return values;
  }

  private static void assertClose(double[] actual, double[] expected, double tolerance) {
    double scale = 1;
    for (double value : expected) {
      scale = Math.max(scale, Math.abs(value));
    }
    assertThat(actual)
        .containsExactly(expected, org.assertj.core.data.Offset.offset(tolerance * scale));
  }

  // ---------------------------------------------------------------- products

  /**
   * {@code out + coefficient left right}, row-major, left [rows, inner], right [inner, columns].
   */
  private static double[] product(
      double[] left,
      double[] right,
      int rows,
      int inner,
      int columns,
      boolean leftTransposed,
      boolean rightTransposed,
      double coefficient,
      double[] out) {
    double[] result = out.clone();
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double sum = 0;
        for (int k = 0; k < inner; k++) {
          sum +=
              left[leftTransposed ? k * rows + i : i * inner + k]
                  * right[rightTransposed ? j * inner + k : k * columns + j];
        }
        result[i * columns + j] += coefficient * sum;
      }
    }
    return result;
  }

  @ParameterizedTest
  @EnumSource
  void symmetricProductsAgreeWithLoops(Running.Precision precision) {
    Random random = new Random(5);
    for (int n : new int[] {2, 5, 40}) {
      for (boolean signs : new boolean[] {false, true}) {
        Graph graph = new Graph();
        Node x = graph.input("x", Shape.of(n));
        Node s = graph.input("s", Shape.SCALAR);
        Node sum =
            new Algebra(graph)
                .contractOverSamples(
                    List.of(x, s, x),
                    List.of(List.of(0), List.of(), List.of(1)),
                    List.of(0, 1),
                    Shape.of(n, n),
                    -0.5);
        int block = 2500;
        Plan plan =
            Planner.plan(graph, List.of(sum), Set.of(), Set.of(), StripMining.Sums.OF_BLOCKS);
        Program program =
            new Program(
                plan,
                block,
                plan.stripRows(),
                length -> storage(precision, Math.toIntExact(length)));
        try (program) {
          for (int rows : new int[] {block, 1, 700}) {
            double[] vectors = normal(random, rows * n);
            double[] scales = normal(random, rows);
            double[] weights = new double[rows];
            for (int m = 0; m < rows; m++) {
              scales[m] = signs ? scales[m] : -Math.abs(scales[m]);
              weights[m] = m % 5 == 0 ? 0 : 0.75;
            }
            program.set(x, vectors);
            program.set(s, scales);
            program.set(graph.weight(), weights);
            program.prepare();
            program.run(rows);
            double[] expected = new double[n * n];
            for (int m = 0; m < rows; m++) {
              for (int i = 0; i < n * n; i++) {
                expected[i] -=
                    0.5 * weights[m] * scales[m] * vectors[m * n + i / n] * vectors[m * n + i % n];
              }
            }
            double[] actual = new double[n * n];
            program.read(sum, 0, n * n, actual, 0);
            assertClose(actual, expected, tolerance(precision) * 10);
          }
        }
      }
    }
  }

  /** J' diag(d) J of each sample, of which the upper triangle is made. */
  @ParameterizedTest
  @EnumSource
  void trianglesOfCongruencesAgreeWithLoops(Running.Precision precision) {
    Random random = new Random(6);
    int block = 30;
    for (int[] extents : new int[][] {{16, 20}, {5, 11}, {70, 3}}) {
      int inner = extents[0];
      int n = extents[1];
      Graph graph = new Graph();
      Node matrix = graph.input("J", Shape.of(inner, n));
      Node diagonal = graph.input("d", Shape.of(inner));
      Node product =
          new Algebra(graph)
              .contract(
                  List.of(matrix, diagonal, matrix),
                  List.of(List.of(0, 1), List.of(0), List.of(0, 2)),
                  List.of(1, 2),
                  Shape.of(n, n),
                  -0.5);
      Node upper = graph.add(new Structural.UpperTriangle(), product);
      Plan plan =
          Planner.plan(graph, List.of(upper), Set.of(), Set.of(), StripMining.Sums.OF_BLOCKS);
      assertThat(plan.steps()).anyMatch(step -> step instanceof WeightedGram);
      Program program =
          new Program(plan, block, 8, length -> storage(precision, Math.toIntExact(length)));
      try (program) {
        for (int rows : new int[] {block, 1, 17}) {
          double[] j = normal(random, rows * inner * n);
          double[] d = normal(random, rows * inner);
          program.set(matrix, j);
          program.set(diagonal, d);
          program.prepare();
          program.run(rows);
          int half = n * (n + 1) / 2;
          double[] expected = new double[rows * half];
          int at = 0;
          for (int m = 0; m < rows; m++) {
            for (int row = 0; row < n; row++) {
              for (int column = row; column < n; column++, at++) {
                for (int k = 0; k < inner; k++) {
                  int from = (m * inner + k) * n;
                  expected[at] -= 0.5 * d[m * inner + k] * j[from + row] * j[from + column];
                }
              }
            }
          }
          double[] actual = new double[rows * half];
          program.read(upper, 0, actual.length, actual, 0);
          assertClose(actual, expected, tolerance(precision));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void productsOverSamplesAgreeWithLoops(Running.Precision precision) {
    Random random = new Random(1);
    int rows = 2;
    int inner = 3;
    int columns = 5;
    for (SharedProduct.RightSide side : SharedProduct.RightSide.values()) {
      for (Accumulate into : Accumulate.values()) {
        SharedProduct step =
            new SharedProduct(
                NODE,
                new Buffer(0, true, rows * inner),
                new Buffer(1, false, inner * columns),
                rows,
                inner,
                columns,
                side,
                -0.75,
                into,
                new Buffer(2, true, rows * columns));
        try (Storage left = storage(precision, BLOCK * rows * inner);
            Storage right = storage(precision, inner * columns);
            Storage out = storage(precision, BLOCK * rows * columns);
            MatrixKernel kernel = MatrixKernel.shared(step, left, right, out)) {
          for (int m : BLOCKS) {
            double[] a = normal(random, m * rows * inner);
            double[] b = normal(random, inner * columns);
            double[] before = normal(random, m * rows * columns);
            left.store(0, a.length, a, 0);
            right.store(0, b.length, b, 0);
            out.store(0, before.length, before, 0);
            kernel.run(m);
            double[] expected =
                product(
                    a,
                    b,
                    m * rows,
                    inner,
                    columns,
                    false,
                    side == SharedProduct.RightSide.COLUMNS_FIRST,
                    -0.75,
                    into == Accumulate.ADD ? before : new double[before.length]);
            assertClose(read(out, expected.length), expected, tolerance(precision));
            assertThat(read(left, a.length)).isEqualTo(a);
            assertThat(read(right, b.length)).isEqualTo(b);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void productsSummedOverSamplesAgreeWithLoops(Running.Precision precision) {
    Random random = new Random(2);
    int inner = 2;
    for (int rows : new int[] {1, 4}) {
      for (int columns : new int[] {1, 3}) {
        for (Accumulate into : Accumulate.values()) {
          SummedProduct step =
              new SummedProduct(
                  NODE,
                  new Buffer(0, true, inner * rows),
                  new Buffer(1, true, inner * columns),
                  inner,
                  rows,
                  columns,
                  1.5,
                  into,
                  new Buffer(2, false, rows * columns));
          try (Storage left = storage(precision, BLOCK * inner * rows);
              Storage right = storage(precision, BLOCK * inner * columns);
              Storage out = storage(precision, rows * columns);
              MatrixKernel kernel = MatrixKernel.summed(step, left, right, out, () -> true)) {
            for (int m : BLOCKS) {
              double[] a = normal(random, m * inner * rows);
              double[] b = normal(random, m * inner * columns);
              double[] before = normal(random, rows * columns);
              left.store(0, a.length, a, 0);
              right.store(0, b.length, b, 0);
              out.store(0, before.length, before, 0);
              kernel.run(m);
              double[] expected =
                  product(
                      a,
                      b,
                      rows,
                      m * inner,
                      columns,
                      true,
                      false,
                      1.5,
                      into == Accumulate.ADD ? before : new double[before.length]);
              assertClose(read(out, expected.length), expected, tolerance(precision));
            }
          }
        }
      }
    }
  }

  /** A result that the host changes, reads through, and that is an operand again. */
  @ParameterizedTest
  @EnumSource
  void hostAndProductsSeeWhatTheOtherWrote(Running.Precision precision) {
    int n = 3;
    Buffer a = new Buffer(0, true, n * n);
    Buffer b = new Buffer(1, false, n * n);
    Buffer c = new Buffer(2, true, n * n);
    try (Storage x = storage(precision, n * n);
        Storage y = storage(precision, n * n);
        Storage z = storage(precision, n * n);
        MatrixKernel there = shared(a, b, c, n, x, y, z);
        MatrixKernel back = shared(c, b, a, n, z, y, x)) {
      double[] left = {1, 2, 3, 4, 5, 6, 7, 8, 9};
      double[] right = {1, 0, 1, 0, 1, 0, 2, 0, 1};
      x.store(0, n * n, left, 0);
      y.store(0, n * n, right, 0);
      for (int round = 0; round < 3; round++) {
        there.run(1);
        back.run(1);
        left = product(left, right, n, n, n, false, false, 1, new double[n * n]);
        double[] middle = read(z, n * n);
        assertThat(middle).isEqualTo(left);
        left = product(left, right, n, n, n, false, false, 1, new double[n * n]);
        assertThat(x.at(4)).isEqualTo(left[4]);
        // Read, changed in part, and an operand of the next round.
        left[4] = -round;
        x.store(4, 1, left, 4);
        right[8] = round;
        y.store(8, 1, right, 8);
      }
    }
  }

  private static MatrixKernel shared(
      Buffer a, Buffer b, Buffer c, int n, Storage x, Storage y, Storage z) {
    return MatrixKernel.shared(
        new SharedProduct(
            NODE, a, b, n, n, n, SharedProduct.RightSide.INNER_FIRST, 1, Accumulate.REPLACE, c),
        x,
        y,
        z);
  }

  // ---------------------------------------------------------------- whole programs

  private List<double[]> blocks(Running.Precision precision, long seed) {
    DerivedNetwork network = new DerivedNetwork();
    List<double[]> results = new ArrayList<>();
    try (Program program = network.open(BLOCK, length -> storage(precision, length))) {
      for (int rows : BLOCKS) {
        Random random = new Random(seed);
        Running.leaves(network.graph, rows, random)
            .forEach((leaf, values) -> program.set(leaf, values));
        program.prepare();
        results.addAll(network.results(program, rows));
      }
    }
    return results;
  }

  /** The sums of three samples, one at a time, are those of a block of the three. */
  @Test
  void aBlockIsTheSumOfItsSamples() {
    DerivedNetwork network = new DerivedNetwork();
    int rows = 3;
    Map<Node, double[]> leaves = Running.leaves(network.graph, rows, new Random(4));
    try (Program program =
        network.open(BLOCK, length -> storage(Running.Precision.DOUBLE, length))) {
      leaves.forEach((leaf, values) -> program.set(leaf, values));
      program.prepare();
      List<double[]> block = network.results(program, rows);
      List<double[]> added = new ArrayList<>();
      for (int row = 0; row < rows; row++) {
        for (Map.Entry<Node, double[]> leaf : leaves.entrySet()) {
          if (leaf.getKey().sampled()) {
            int size = leaf.getKey().shape().size();
            program.set(
                leaf.getKey(), Arrays.copyOfRange(leaf.getValue(), row * size, (row + 1) * size));
          }
        }
        List<double[]> one = network.results(program, 1);
        for (int k = 0; k < one.size(); k++) {
          boolean sampled = program.isSampled(network.wanted.get(k));
          int length = one.get(k).length;
          if (row == 0) {
            added.add(new double[block.get(k).length]);
          }
          for (int i = 0; i < length; i++) {
            added.get(k)[(sampled ? row * length : 0) + i] += one.get(k)[i];
          }
        }
      }
      for (int k = 0; k < block.size(); k++) {
        assertClose(block.get(k), added.get(k), 1e-13);
      }
    }
  }

  @Test
  void derivativesAgreeWithCentralDifferences() {
    DerivedNetwork network = new DerivedNetwork();
    int rows = BLOCK;
    double step = 1e-5;
    Map<Node, double[]> leaves = Running.leaves(network.graph, rows, new Random(5));
    try (Program program =
        network.open(BLOCK, length -> storage(Running.Precision.DOUBLE, length))) {
      leaves.forEach((leaf, values) -> program.set(leaf, values));
      program.prepare();
      List<double[]> at = network.results(program, rows);
      int size = network.w.shape().size();
      for (int i = 0; i < size; i++) {
        double[] moved = leaves.get(network.w).clone();
        moved[i] += step;
        program.set(network.w, moved);
        program.prepare();
        List<double[]> up = network.results(program, rows);
        moved[i] -= 2 * step;
        program.set(network.w, moved);
        program.prepare();
        List<double[]> down = network.results(program, rows);
        assertThat(at.get(1)[i])
            .isCloseTo(
                (up.get(0)[0] - down.get(0)[0]) / (2 * step),
                org.assertj.core.data.Offset.offset(1e-8));
        for (int j = 0; j < size; j++) {
          assertThat(at.get(5)[i * size + j])
              .isCloseTo(
                  (up.get(1)[j] - down.get(1)[j]) / (2 * step),
                  org.assertj.core.data.Offset.offset(1e-8));
        }
      }
    }
  }

  @Test
  void floatsAgreeWithDoubles() {
    List<double[]> doubles = blocks(Running.Precision.DOUBLE, 6);
    List<double[]> floats = blocks(Running.Precision.FLOAT, 6);
    for (int k = 0; k < doubles.size(); k++) {
      assertClose(floats.get(k), doubles.get(k), 1e-5);
    }
  }

  /** The same block has the same bits, whatever was computed before it. */
  @ParameterizedTest
  @EnumSource
  void bitsDoNotDependOnWhatWasBefore(Running.Precision precision) {
    List<double[]> results = blocks(precision, 7);
    int each = results.size() / BLOCKS.length;
    for (int k = 0; k < each; k++) {
      assertThat(results.get((BLOCKS.length - 1) * each + k)).isEqualTo(results.get(k));
    }
  }

  @Test
  void programsOfSeveralThreadsDoNotMeet() throws Exception {
    List<List<double[]>> alone = new ArrayList<>();
    List<Callable<List<double[]>>> tasks = new ArrayList<>();
    for (int k = 0; k < 8; k++) {
      long seed = 20L + k;
      alone.add(blocks(Running.Precision.DOUBLE, seed));
      tasks.add(() -> blocks(Running.Precision.DOUBLE, seed));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<List<double[]>>> together = threads.invokeAll(tasks);
      for (int k = 0; k < tasks.size(); k++) {
        List<double[]> results = together.get(k).get();
        for (int i = 0; i < results.size(); i++) {
          assertThat(results.get(i)).isEqualTo(alone.get(k).get(i));
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void nanAndInfinityArriveWhereTheyBelong() {
    int n = 2;
    try (Storage x = storage(Running.Precision.DOUBLE, 2 * n * n);
        Storage y = storage(Running.Precision.DOUBLE, n * n);
        Storage z = storage(Running.Precision.DOUBLE, 2 * n * n);
        MatrixKernel kernel =
            shared(
                new Buffer(0, true, n * n),
                new Buffer(1, false, n * n),
                new Buffer(2, true, n * n),
                n,
                x,
                y,
                z)) {
      // What the result held before counts for nothing, not even NaN.
      double[] nan = new double[2 * n * n];
      Arrays.fill(nan, Double.NaN);
      z.store(0, nan.length, nan, 0);
      x.store(0, 8, new double[] {1, 2, 3, 4, Double.POSITIVE_INFINITY, 1, 1, Double.NaN}, 0);
      y.store(0, 4, new double[] {1, 1, 1, 1}, 0);
      kernel.run(2);
      assertThat(read(z, 8))
          .containsExactly(
              3,
              3,
              7,
              7,
              Double.POSITIVE_INFINITY,
              Double.POSITIVE_INFINITY,
              Double.NaN,
              Double.NaN);
    }
  }
}
