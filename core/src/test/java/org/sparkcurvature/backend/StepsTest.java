package org.sparkcurvature.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.plan.Plan;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Product;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.Span;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.StridedOperand;
import org.sparkcurvature.plan.steps.Triangle;

/** Single steps beside plain loops. */
class StepsTest {
  /** What the steps compute, for messages. */
  private static final Node NODE = new Graph().input("node", Shape.SCALAR);

  private static final int ROWS = 5;

  private final Random random = new Random(4);

  /** What the last step leaves in a result of each sample, where three inputs are given. */
  private double[] run(int[] sizes, double[][] inputs, int outSize, List<Step> steps) {
    Graph graph = new Graph();
    Node[] leaves = new Node[sizes.length];
    Map<Node, Buffer> places = new java.util.HashMap<>();
    int[] slotSizes = Arrays.copyOf(sizes, sizes.length + 1);
    slotSizes[sizes.length] = outSize;
    for (int k = 0; k < sizes.length; k++) {
      leaves[k] = graph.input("x" + k, Shape.of(sizes[k]));
      places.put(leaves[k], new Buffer(k, true, sizes[k]));
    }
    Buffer out = new Buffer(sizes.length, true, outSize);
    Plan plan =
        new Plan(
            List.of(),
            List.of(),
            steps,
            Map.of(leaves[0], out),
            places,
            Map.of(),
            IntStream.rangeClosed(0, sizes.length).toArray(),
            slotSizes,
            IntStream.rangeClosed(0, sizes.length).mapToObj(k -> Span.BLOCK).toArray(Span[]::new),
            Set.of());
    try (Program program = Program.inDoubles(plan, ROWS, plan.stripRows())) {
      for (int k = 0; k < sizes.length; k++) {
        program.set(leaves[k], inputs[k]);
      }
      program.run(ROWS);
      double[] result = new double[ROWS * outSize];
      program.read(leaves[0], 0, result.length, result, 0);
      return result;
    }
  }

  private double[] numbers(int size) {
    return random.doubles((long) ROWS * size, -1, 1).toArray();
  }

  private static int[] identity(int size) {
    return IntStream.range(0, size).toArray();
  }

  /** Runs of {@code run} elements in any order, some of them left out. */
  private int[] map(int inSize, int outSize, int run, double padded) {
    int[] map = new int[outSize];
    for (int k = 0; k < outSize; k++) {
      if (k % run == 0) {
        map[k] = random.nextDouble() < padded ? -1 : random.nextInt(inSize - run);
      } else {
        map[k] = map[k - 1] < 0 ? -1 : map[k - 1] + 1;
      }
    }
    return map;
  }

  @ParameterizedTest
  @CsvSource({
    "7, 7, 1, 0",
    "30, 50, 1, 0.3",
    "30, 50, 9, 0",
    "300, 200, 13, 0.4",
    "300, 200, 1, 0.9",
    "300, 200, 16, 0.9",
    "3000, 2100, 1, 0.95",
    "20000, 300, 12, 0.1",
    "300, 40000, 1, 0.1",
    "300, 40000, 32, 0.1",
    "300, 40000, 3, 0.95",
    "140000, 40000, 1, 0.1",
    "140000, 40000, 50, 0.1",
    "140000, 40000, 50, 0.9",
  })
  void movesAndAddsWhatTheMapSays(int inSize, int outSize, int run, double padded) {
    int[] map = map(inSize, outSize, run, padded);
    double[] x = numbers(inSize);
    double[] before = numbers(outSize);
    Buffer in = new Buffer(0, true, inSize);
    Buffer kept = new Buffer(1, true, outSize);
    Buffer out = new Buffer(2, true, outSize);
    int[] sizes = {inSize, outSize};
    double[] moved =
        run(
            sizes,
            new double[][] {x, before},
            outSize,
            List.of(new Rearrange(NODE, in, map, Accumulate.REPLACE, out)));
    double[] added =
        run(
            sizes,
            new double[][] {x, before},
            outSize,
            List.of(
                new Rearrange(NODE, kept, identity(outSize), Accumulate.REPLACE, out),
                new Rearrange(NODE, in, map, Accumulate.ADD, out)));
    for (int m = 0; m < ROWS; m++) {
      for (int k = 0; k < outSize; k++) {
        double term = map[k] < 0 ? 0 : x[m * inSize + map[k]];
        assertThat(moved[m * outSize + k]).isEqualTo(term);
        assertThat(added[m * outSize + k]).isEqualTo(before[m * outSize + k] + term);
      }
    }
  }

  /** d_i S_ij e_j, of S as it lies or transposed. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 33})
  void triangleOfAMatrixBetweenTwoDiagonals(int n) {
    double[] d = numbers(n);
    double[] s = numbers(n * n);
    double[] e = numbers(n);
    int half = n * (n + 1) / 2;
    Buffer out = new Buffer(3, true, half);
    for (boolean transposed : new boolean[] {false, true}) {
      Step step =
          new Triangle(
              NODE,
              List.of(
                  new StridedOperand(new Buffer(0, true, n), List.of(1, 0), List.of()),
                  new StridedOperand(
                      new Buffer(1, true, n * n),
                      transposed ? List.of(1, n) : List.of(n, 1),
                      List.of()),
                  new StridedOperand(new Buffer(2, true, n), List.of(0, 1), List.of())),
              n,
              -2,
              Accumulate.REPLACE,
              out);
      double[] triangle =
          run(new int[] {n, n * n, n}, new double[][] {d, s, e}, half, List.of(step));
      int at = 0;
      for (int m = 0; m < ROWS; m++) {
        for (int i = 0; i < n; i++) {
          for (int j = i; j < n; j++) {
            double element = s[m * n * n + (transposed ? j * n + i : i * n + j)];
            assertThat(triangle[at++])
                .isCloseTo(-2 * d[m * n + i] * element * e[m * n + j], within(1e-15));
          }
        }
      }
    }
  }

  @Test
  void triangleOfNumbersThatAreTheSameAlongRows() {
    int n = 4;
    double[] d = numbers(n);
    Step step =
        new Triangle(
            NODE,
            List.of(new StridedOperand(new Buffer(0, true, n), List.of(1, 0), List.of())),
            n,
            3,
            Accumulate.REPLACE,
            new Buffer(1, true, 10));
    double[] triangle = run(new int[] {n}, new double[][] {d}, 10, List.of(step));
    int at = 0;
    for (int m = 0; m < ROWS; m++) {
      for (int i = 0; i < n; i++) {
        for (int j = i; j < n; j++) {
          assertThat(triangle[at++]).isEqualTo(3 * d[m * n + i]);
        }
      }
    }
  }

  /** r s x x', added to what was there, by BLAS and by loops of ours. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 21})
  void triangleOfAnOuterProductIsAdded(int n) {
    double[] x = numbers(n);
    double[] s = numbers(1);
    int half = n * (n + 1) / 2;
    double[] before = numbers(half);
    Buffer in = new Buffer(0, true, n);
    Buffer out = new Buffer(3, true, half);
    List<Step> steps =
        List.of(
            new Rearrange(NODE, new Buffer(2, true, half), identity(half), Accumulate.REPLACE, out),
            new Triangle(
                NODE,
                List.of(
                    new StridedOperand(in, List.of(1, 0), List.of()),
                    new StridedOperand(new Buffer(1, true, 1), List.of(0, 0), List.of()),
                    new StridedOperand(in, List.of(0, 1), List.of())),
                n,
                -3,
                Accumulate.ADD,
                out));
    double[] sum = run(new int[] {n, 1, half}, new double[][] {x, s, before}, half, steps);
    int at = 0;
    for (int m = 0; m < ROWS; m++) {
      for (int i = 0; i < n; i++) {
        for (int j = i; j < n; j++, at++) {
          double term = -3 * s[m] * x[m * n + i] * x[m * n + j];
          assertThat(sum[at]).isCloseTo(before[at] + term, within(2e-15));
        }
      }
    }
  }

  /** A matrix of each sample times a vector, as it lies or transposed, by BLAS and by loops. */
  @ParameterizedTest
  @CsvSource({"3, 5", "20, 16", "1, 300", "300, 1", "7, 64"})
  void matrixTimesVector(int rows, int columns) {
    double[] matrix = numbers(rows * columns);
    double[] vector = numbers(columns);
    for (boolean transposed : new boolean[] {false, true}) {
      Step step =
          new Product(
              NODE,
              List.of(
                  new StridedOperand(
                      new Buffer(0, true, rows * columns),
                      List.of(transposed ? 1 : columns),
                      List.of(transposed ? rows : 1)),
                  new StridedOperand(new Buffer(1, true, columns), List.of(0), List.of(1))),
              List.of(rows),
              List.of(columns),
              2,
              Accumulate.REPLACE,
              new Buffer(2, true, rows));
      double[] product =
          run(
              new int[] {rows * columns, columns},
              new double[][] {matrix, vector},
              rows,
              List.of(step));
      for (int m = 0; m < ROWS; m++) {
        for (int i = 0; i < rows; i++) {
          double expected = 0;
          for (int k = 0; k < columns; k++) {
            int at = transposed ? k * rows + i : i * columns + k;
            expected += 2 * matrix[m * rows * columns + at] * vector[m * columns + k];
          }
          assertThat(product[m * rows + i]).isCloseTo(expected, within(1e-13));
        }
      }
    }
  }

  /** An outer product that is added, by BLAS and by loops of ours. */
  @ParameterizedTest
  @CsvSource({"3, 5", "1, 300", "300, 1", "17, 40"})
  void outerProductIsAdded(int rows, int columns) {
    double[] a = numbers(rows);
    double[] b = numbers(columns);
    double[] before = numbers(rows * columns);
    Buffer out = new Buffer(3, true, rows * columns);
    Step product =
        new Product(
            NODE,
            List.of(
                new StridedOperand(new Buffer(0, true, rows), List.of(1, 0), List.of()),
                new StridedOperand(new Buffer(1, true, columns), List.of(0, 1), List.of())),
            List.of(rows, columns),
            List.of(),
            0.5,
            Accumulate.ADD,
            out);
    double[] sum =
        run(
            new int[] {rows, columns, rows * columns},
            new double[][] {a, b, before},
            rows * columns,
            List.of(
                new Rearrange(
                    NODE,
                    new Buffer(2, true, rows * columns),
                    identity(rows * columns),
                    Accumulate.REPLACE,
                    out),
                product));
    for (int m = 0; m < ROWS; m++) {
      for (int k = 0; k < rows * columns; k++) {
        double term = 0.5 * a[m * rows + k / columns] * b[m * columns + k % columns];
        assertThat(sum[m * rows * columns + k])
            .isCloseTo(before[m * rows * columns + k] + term, within(1e-15));
      }
    }
  }
}
