package org.sparkcurvature.backend;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.plan.Plan;
import org.sparkcurvature.plan.steps.Along;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.FusedDerivatives;
import org.sparkcurvature.plan.steps.Gram;
import org.sparkcurvature.plan.steps.Join;
import org.sparkcurvature.plan.steps.Lanes;
import org.sparkcurvature.plan.steps.OfLines;
import org.sparkcurvature.plan.steps.OfMatrices;
import org.sparkcurvature.plan.steps.Product;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.ScatterAdd;
import org.sparkcurvature.plan.steps.SharedProduct;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.SummedProduct;
import org.sparkcurvature.plan.steps.Triangle;
import org.sparkcurvature.plan.steps.WeightedGram;

/**
 * A plan bound to memory and ready to run, block after block. All memory is allocated here, once. A
 * program belongs to one thread; the one who makes it closes it.
 */
public final class Program implements AutoCloseable {

  /**
   * The first step of a block whose result is not finite.
   *
   * @param rows samples concerned, at most ten; empty where the result is the same for all
   * @param node what was being computed
   */
  public record Fault(List<Integer> rows, Node node) {}

  private static final int REPORTED = 10;

  private final Plan plan;
  private final Memory memory;
  private final List<Kernel> once = new ArrayList<>();
  private final List<Kernel> perStrip = new ArrayList<>();
  private final List<Kernel> perBlock = new ArrayList<>();

  /** The leaves that differ from sample to sample, and where their values are. */
  private final List<Feed> feeds = new ArrayList<>();

  /** Values of a leaf, of which each strip of samples takes its own. */
  private static final class Feed {
    private final Storage storage;
    private final int size;
    private double[] values = new double[0];
    private int first;

    Feed(Storage storage, int size) {
      this.storage = storage;
      this.size = size;
    }

    void load(int sample, int rows) {
      if (values.length > 0) {
        storage.store(0, rows * size, values, (first + sample) * size);
      }
    }
  }

  private final Map<Node, Feed> sampledLeaves = new HashMap<>();

  Program(Plan plan, int rows, int stripRows, LongFunction<Storage> allocator) {
    this.plan = plan;
    this.memory = new Memory(plan, rows, stripRows, allocator);
    Scratch scratch = new Scratch();
    plan.once().forEach(step -> once.add(kernel(step, scratch)));
    plan.perStrip().forEach(step -> perStrip.add(kernel(step, scratch)));
    plan.perBlock().forEach(step -> perBlock.add(kernel(step, scratch)));
    plan.inputs()
        .forEach(
            (leaf, buffer) -> {
              if (buffer.sampled()) {
                sampledLeaves.put(leaf, new Feed(memory.of(buffer), buffer.size()));
              }
            });
    feeds.addAll(sampledLeaves.values());
    plan.constants().forEach((buffer, value) -> fill(buffer, value, rows));
  }

  /**
   * A program that computes in double precision.
   *
   * @param rows the most samples of a block
   * @param stripRows how many of them go through its steps together
   */
  public static Program inDoubles(Plan plan, int rows, int stripRows) {
    return new Program(plan, rows, stripRows, Storage::doubles);
  }

  /** The same in single precision. */
  public static Program inFloats(Plan plan, int rows, int stripRows) {
    return new Program(plan, rows, stripRows, Storage::floats);
  }

  private Kernel kernel(Step step, Scratch scratch) {
    if (step instanceof Lanes lanes) {
      return new LanesKernel(lanes, memory, scratch);
    }
    if (step instanceof FusedDerivatives fused) {
      return new FusedDerivativesKernel(fused, memory, scratch);
    }
    if (step instanceof Product product) {
      return SmallProducts.of(product, memory)
          .orElseGet(() -> new ProductKernel(product, memory, scratch));
    }
    if (step instanceof SharedProduct shared) {
      return MatrixKernel.shared(
          shared, memory.of(shared.left()), memory.of(shared.right()), memory.of(shared.out()));
    }
    if (step instanceof SummedProduct summed) {
      return MatrixKernel.summed(
          summed,
          memory.of(summed.left()),
          memory.of(summed.right()),
          memory.of(summed.out()),
          memory::isAtStart);
    }
    if (step instanceof Gram gram) {
      return new GramKernel(gram, memory, scratch);
    }
    if (step instanceof Rearrange rearrange) {
      return new RearrangeKernel(rearrange, memory, scratch);
    }
    if (step instanceof Triangle triangle) {
      return OuterTriangles.of(triangle, memory)
          .orElseGet(() -> new TriangleKernel(triangle, memory, scratch));
    }
    if (step instanceof WeightedGram gram) {
      return new WeightedGramKernel(gram, memory, scratch);
    }
    if (step instanceof ScatterAdd scatter) {
      return new ScatterAddKernel(scatter, memory, scratch);
    }
    if (step instanceof OfLines lines) {
      return new LinesKernel(lines, memory, scratch);
    }
    if (step instanceof OfMatrices matrices) {
      return new MatrixFunctionKernel(matrices, memory, scratch);
    }
    if (step instanceof Join join) {
      return MoveKernels.join(join, memory, scratch);
    }
    return MoveKernels.along((Along) step, memory, scratch);
  }

  private void fill(Buffer buffer, double value, int rows) {
    double[] values = new double[buffer.size() * memory.tensors(buffer, rows)];
    java.util.Arrays.fill(values, value);
    memory.of(buffer).store(0, values.length, values, 0);
  }

  /**
   * Sets a leaf, sample after sample where it differs between samples: those values are read when a
   * block runs, and stay the caller's. A leaf that the plan does not need is left alone.
   */
  public void set(Node leaf, double[] values) {
    set(leaf, values, 0);
  }

  /** The same where the values of the block begin with those of sample {@code first}. */
  public void set(Node leaf, double[] values, int first) {
    Feed feed = sampledLeaves.get(leaf);
    Buffer buffer = plan.inputs().get(leaf);
    if (feed != null) {
      feed.values = values;
      feed.first = first;
    } else if (buffer != null) {
      memory.of(buffer).store(0, buffer.size(), values, 0);
    }
  }

  /** Sets part of a leaf that is the same for all samples: its elements from {@code at} on. */
  public void setPart(Node leaf, int at, double[] values, int from, int length) {
    Buffer buffer = plan.inputs().get(leaf);
    if (buffer != null) {
      memory.of(buffer).store(at, length, values, from);
    }
  }

  /** Computes what depends on parameters alone; to be called when they have been set. */
  public void prepare() {
    once.forEach(kernel -> kernel.run(1));
  }

  /** Computes everything for the first {@code rows} samples. */
  public void run(int rows) {
    memory.begin();
    for (int first = 0; first < rows; first += memory.stripRows()) {
      int count = begin(first, rows);
      for (int k = 0; k < perStrip.size(); k++) {
        perStrip.get(k).run(count);
      }
    }
    memory.moveTo(0);
    for (int k = 0; k < perBlock.size(); k++) {
      perBlock.get(k).run(rows);
    }
  }

  /** Gives the strip from {@code first} on its leaves; returns the number of its samples. */
  private int begin(int first, int rows) {
    int count = Math.min(memory.stripRows(), rows - first);
    memory.moveTo(first);
    for (int k = 0; k < feeds.size(); k++) {
      feeds.get(k).load(first, count);
    }
    return count;
  }

  /** Elements of one tensor of a result. */
  public int size(Node result) {
    return plan.results().get(result).size();
  }

  /** Whether a result differs from sample to sample. */
  public boolean isSampled(Node result) {
    return plan.results().get(result).sampled();
  }

  /** Whether a result goes straight to where {@link #deliver} says, and cannot be read. */
  public boolean isDelivered(Node result) {
    return plan.delivered().contains(plan.results().get(result));
  }

  /**
   * Whether all of such a result is known to be finite; where this is false, it may be all the
   * same.
   */
  public boolean isKnownFinite(Node result) {
    return memory.directOutput(plan.results().get(result)).isFinite();
  }

  /**
   * Says where such a result goes from the next block on: the tensor of sample m to {@code array}
   * from {@code first + m * stride} on.
   */
  public void deliver(Node result, double[] array, int first, int stride) {
    memory.directOutput(plan.results().get(result)).to(array, first, stride);
  }

  /** Reads part of a result: {@code length} elements from {@code from} on, sample after sample. */
  public void read(Node result, int from, int length, double[] into, int at) {
    memory.of(plan.results().get(result)).load(from, length, into, at);
  }

  /** Runs the block again and says where a number that is not finite first appears. */
  public Optional<Fault> firstFault(int rows) {
    return firstFault(rows, node -> true);
  }

  /** The same, among the nodes that count. */
  public Optional<Fault> firstFault(int rows, Predicate<Node> counts) {
    return firstFault(plan.once(), once, 1, counts)
        .or(() -> firstFaultOfStrips(rows, counts))
        .or(() -> firstFault(plan.perBlock(), perBlock, rows, counts))
        .or(() -> faultInLeaves(rows));
  }

  /** A result may be a constant or a leaf, with no step at all. */
  private Optional<Fault> faultInLeaves(int rows) {
    for (Map.Entry<Node, Buffer> result : plan.results().entrySet()) {
      List<Integer> found = notFinite(result.getValue(), rows);
      if (!found.isEmpty()) {
        return Optional.of(
            new Fault(result.getValue().sampled() ? found : List.of(), result.getKey()));
      }
    }
    return Optional.empty();
  }

  /** Samples whose tensor is not finite, at most as many as are reported. */
  private List<Integer> notFinite(Buffer buffer, int rows) {
    OutputSink storage = memory.target(buffer);
    List<Integer> found = new ArrayList<>();
    int samples = buffer.sampled() ? rows : 1;
    for (int sample = 0; sample < samples && found.size() < REPORTED; sample++) {
      for (int i = 0; i < buffer.size(); i++) {
        if (!Double.isFinite(storage.at(sample * buffer.size() + i))) {
          found.add(sample);
          break;
        }
      }
    }
    return found;
  }

  /** Of all strips the first step, and the samples at which that step fails. */
  private Optional<Fault> firstFaultOfStrips(int rows, Predicate<Node> counts) {
    int earliest = perStrip.size();
    Optional<Fault> fault = Optional.empty();
    List<Integer> samples = new ArrayList<>();
    for (int first = 0; first < rows; first += memory.stripRows()) {
      int count = begin(first, rows);
      boolean found = false;
      for (int k = 0; k < perStrip.size() && k <= earliest && !found; k++) {
        perStrip.get(k).run(count);
        Optional<Fault> here = fault(plan.perStrip().get(k), count, counts);
        found = here.isPresent();
        if (found && k < earliest) {
          earliest = k;
          fault = here;
          samples.clear();
        }
        for (int m : here.map(Fault::rows).orElse(List.of())) {
          samples.add(first + m);
        }
      }
    }
    memory.moveTo(0);
    return fault.map(f -> new Fault(samples.stream().limit(REPORTED).toList(), f.node()));
  }

  /** The first of what a step left that is not finite. */
  private Optional<Fault> fault(Step step, int rows, Predicate<Node> counts) {
    for (Step member : step.members()) {
      Node node = member.node();
      List<Integer> found = counts.test(node) ? notFinite(member.out(), rows) : List.of();
      if (!found.isEmpty()) {
        return Optional.of(new Fault(member.out().sampled() ? found : List.of(), node));
      }
    }
    return Optional.empty();
  }

  private Optional<Fault> firstFault(
      List<Step> steps, List<Kernel> kernels, int rows, Predicate<Node> counts) {
    for (int k = 0; k < kernels.size(); k++) {
      kernels.get(k).run(rows);
      Optional<Fault> fault = fault(steps.get(k), rows, counts);
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    once.forEach(Kernel::close);
    perStrip.forEach(Kernel::close);
    perBlock.forEach(Kernel::close);
    memory.close();
  }
}
