package org.sparkcurvature.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.sparkcurvature.backend.Program;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.FunctionRegistry;
import org.sparkcurvature.plan.Plan;
import org.sparkcurvature.plan.Planner;
import org.sparkcurvature.plan.passes.StripMining;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Product;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.SharedProduct;
import org.sparkcurvature.plan.steps.Span;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.StridedOperand;
import org.sparkcurvature.plan.steps.SummedProduct;
import org.sparkcurvature.plan.steps.Triangle;

/** One kernel at a time, on a block of 1,024 samples of 64 numbers. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KernelBenchmarks {
  /** What the steps compute, for messages. */
  private static final Node NODE = new Graph().input("node", Shape.SCALAR);

  private static final int ROWS = 1024;
  private static final int SIZE = 64;

  /** What is measured. */
  public enum What {
    /** tanh of every number. */
    LANES_TANH,
    /** The product of every number of two tensors. */
    LANES_MULTIPLY,
    /** For each sample the sum over j of a_ij b_j, a of 8 x 8 and b of 8 of its numbers. */
    PRODUCT,
    /** [M, 64] [64, 64], one matrix for all samples. */
    SHARED_PRODUCT,
    /** [64, M] [M, 64], summed over samples. */
    SUMMED_PRODUCT,
    /** The 2,080 products x_i x_j of each sample. */
    TRIANGLE,
    /** Every sample's numbers in reverse. */
    REARRANGE
  }

  /** The kernel. */
  @Param public What what;

  private Program program;

  /** Plans the kernel's one step and fills its operands. */
  @Setup
  public void open() {
    Graph graph = new Graph();
    Node x = graph.input("x", Shape.of(SIZE));
    Node y = graph.input("y", Shape.of(SIZE));
    Plan plan =
        switch (what) {
          case LANES_TANH -> planned(graph, "tanh", x);
          case LANES_MULTIPLY -> planned(graph, "multiply", x, y);
          default -> single(x, y);
        };
    program = Program.inDoubles(plan, ROWS, plan.stripRows());
    double[] values = new double[ROWS * SIZE];
    Arrays.setAll(values, k -> Math.sin(k));
    program.set(x, values);
    program.set(y, values);
    program.prepare();
  }

  private static Plan planned(Graph graph, String function, Node... operands) {
    Node node = FunctionRegistry.call(graph, function, List.of(operands), OptionalInt.empty());
    return Planner.plan(graph, List.of(node), Set.of(), Set.of(), StripMining.Sums.OF_BLOCKS);
  }

  private Plan single(Node x, Node y) {
    Buffer a = new Buffer(0, true, SIZE);
    Buffer b = new Buffer(1, true, SIZE);
    Buffer matrix = new Buffer(2, false, SIZE * SIZE);
    Buffer out =
        switch (what) {
          case PRODUCT -> new Buffer(3, true, 8);
          case SUMMED_PRODUCT -> new Buffer(3, false, SIZE * SIZE);
          case TRIANGLE -> new Buffer(3, true, SIZE * (SIZE + 1) / 2);
          default -> new Buffer(3, true, SIZE);
        };
    int[] reversed = new int[SIZE];
    Arrays.setAll(reversed, k -> SIZE - 1 - k);
    Step step =
        switch (what) {
          case PRODUCT ->
              new Product(
                  NODE,
                  List.of(
                      new StridedOperand(a, List.of(8), List.of(1)),
                      new StridedOperand(b, List.of(0), List.of(1))),
                  List.of(8),
                  List.of(8),
                  1,
                  Accumulate.REPLACE,
                  out);
          case SHARED_PRODUCT ->
              new SharedProduct(
                  NODE,
                  a,
                  matrix,
                  1,
                  SIZE,
                  SIZE,
                  SharedProduct.RightSide.INNER_FIRST,
                  1,
                  Accumulate.REPLACE,
                  out);
          case SUMMED_PRODUCT ->
              new SummedProduct(NODE, a, b, 1, SIZE, SIZE, 1, Accumulate.REPLACE, out);
          case TRIANGLE ->
              new Triangle(
                  NODE,
                  List.of(
                      new StridedOperand(a, List.of(1, 0), List.of()),
                      new StridedOperand(a, List.of(0, 1), List.of())),
                  SIZE,
                  1,
                  Accumulate.REPLACE,
                  out);
          case REARRANGE -> new Rearrange(NODE, a, reversed, Accumulate.REPLACE, out);
          default -> throw new IllegalStateException(what + " is planned");
        };
    List<Buffer> buffers = List.of(a, b, matrix, out);
    return new Plan(
        List.of(),
        List.of(),
        List.of(step),
        Map.of(),
        Map.of(x, a, y, b),
        Map.of(matrix, 0.5),
        new int[] {0, 1, 2, 3},
        buffers.stream().mapToInt(Buffer::size).toArray(),
        new Span[] {Span.BLOCK, Span.BLOCK, Span.ONE, out.sampled() ? Span.BLOCK : Span.ONE},
        Set.of());
  }

  /** Frees the block. */
  @TearDown
  public void close() {
    program.close();
  }

  /** Runs the step for the block. */
  @Benchmark
  public void run() {
    program.run(ROWS);
  }
}
