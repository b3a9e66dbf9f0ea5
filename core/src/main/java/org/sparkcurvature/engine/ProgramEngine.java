package org.sparkcurvature.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.sparkcurvature.backend.Program;
import org.sparkcurvature.graph.Node;

/** An engine that runs a program and puts its results where the contract wants them. */
final class ProgramEngine implements Engine {
  /** Numbers that are looked through at once, a power of 2: what stays in the nearest cache. */
  private static final int CHUNK = 512;

  private final SpecNodes nodes;

  /** Whether a number that is not finite in a node is an error. */
  private final Predicate<Node> counts;

  private final Program program;
  private final int blockRows;
  private final Node weight;
  private final double[] weights;
  private final Map<String, double[]> inputs = new LinkedHashMap<>();

  /** The sample at which the block begins in each input's array. */
  private final Map<String, Integer> starts = new HashMap<>();

  private final Map<String, double[]> cotangents = new LinkedHashMap<>();
  private final Map<String, double[]> columns = new HashMap<>();

  /** The sample at which the block begins in each column's array. */
  private final Map<String, Integer> firsts = new HashMap<>();

  private final Map<String, Integer> widths = new HashMap<>();
  private final List<DerivativeSpec.Column> described;
  private final int wrtLength;

  /** What must be finite beside the columns: what is summed over samples, and the loss. */
  private final List<Node> checked = new ArrayList<>();

  private double[] scratch = new double[0];

  private final double[] chunk = new double[CHUNK];
  private final double[] totals = new double[CHUNK];

  private int rows;

  ProgramEngine(SpecNodes nodes, Predicate<Node> counts, Program program, int blockRows) {
    this.nodes = nodes;
    this.counts = counts;
    this.program = program;
    this.blockRows = blockRows;
    this.weight = nodes.model().graph().weight();
    this.weights = new double[blockRows];
    this.described = nodes.spec().columns();
    this.wrtLength = nodes.spec().layout().length();
    java.util.Arrays.fill(weights, 1);
    nodes
        .model()
        .inputs()
        .forEach((name, node) -> supply(name, new double[blockRows * node.shape().size()], 0));
    nodes
        .cotangents()
        .forEach((name, node) -> cotangents.put(name, new double[blockRows * node.shape().size()]));
    described.forEach(column -> widths.put(column.name(), column.length()));
    described.forEach(column -> deliver(column.name(), new double[blockRows * column.length()], 0));
    checked.addAll(nodes.checked());
    checked.addAll(nodes.value());
    nodes.gradient().forEach(block -> checked.add(block.node()));
    nodes.products().forEach(block -> checked.add(block.node()));
    nodes
        .curvatures()
        .values()
        .forEach(blocks -> blocks.forEach(block -> checked.add(block.node())));
  }

  @Override
  public int blockRows() {
    return blockRows;
  }

  @Override
  public double[] input(String name) {
    double[] values = inputs.get(name);
    if (values == null) {
      throw new IllegalArgumentException("there is no input tensor " + name);
    }
    return values;
  }

  @Override
  public void supply(String input, double[] array, int first) {
    if (!nodes.model().inputs().containsKey(input)) {
      throw new IllegalArgumentException("there is no input tensor " + input);
    }
    inputs.put(input, array);
    starts.put(input, first);
  }

  @Override
  public double[] cotangent(String name) {
    double[] values = cotangents.get(name);
    if (values == null) {
      throw new IllegalArgumentException(
          "no transposed Jacobian product of " + name + " is wanted");
    }
    return values;
  }

  @Override
  public double[] weights() {
    return weights;
  }

  @Override
  public void setVectors(double[] vectors) {
    int count = nodes.spec().request().vectors();
    int p = wrtLength;
    if (vectors.length != count * p) {
      throw new IllegalArgumentException(
          count + " vectors of length " + p + " are wanted, not " + vectors.length + " numbers");
    }
    for (Layout.Entry e : nodes.spec().layout().entries()) {
      int size = e.shape().size();
      for (int k = 0; k < count; k++) {
        program.setPart(nodes.vectors().get(e.name()), k * size, vectors, k * p + e.offset(), size);
      }
    }
    program.prepare();
  }

  @Override
  public void evaluate(int samples) {
    if (!evaluateAny(samples)) {
      Program.Fault fault =
          program
              .firstFault(rows, counts)
              .or(() -> program.firstFault(rows))
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "a result that is not finite came of finite steps"));
      throw new NonFiniteException(fault.rows(), nodes.describe(fault.node()));
    }
  }

  @Override
  public boolean evaluateAny(int samples) {
    if (samples < 1 || samples > blockRows) {
      throw new IllegalArgumentException(
          "a block has 1 to " + blockRows + " samples, not " + samples);
    }
    rows = samples;
    nodes
        .model()
        .inputs()
        .forEach((name, node) -> program.set(node, inputs.get(name), starts.get(name)));
    nodes.cotangents().forEach((z, node) -> program.set(node, cotangents.get(z)));
    program.set(weight, weights);
    program.run(rows);
    boolean finite = true;
    for (DerivativeSpec.Column column : described) {
      finite &= fill(column);
    }
    return isFinite(checked) && finite;
  }

  private double[] scratch(int length) {
    if (scratch.length < length) {
      scratch = new double[length];
    }
    return scratch;
  }

  private boolean isFinite(List<Node> results) {
    for (Node result : results) {
      int size = program.size(result) * (program.isSampled(result) ? rows : 1);
      begin();
      for (int from = 0; from < size; from += CHUNK) {
        int count = Math.min(CHUNK, size - from);
        program.read(result, from, count, chunk, 0);
        add(chunk, count);
      }
      if (!isTotalFinite() && !isEachFinite(result, size)) {
        return false;
      }
    }
    return true;
  }

  private boolean isEachFinite(Node result, int size) {
    for (int from = 0; from < size; from += CHUNK) {
      int count = Math.min(CHUNK, size - from);
      program.read(result, from, count, chunk, 0);
      if (!isEachFinite(chunk, 0, count)) {
        return false;
      }
    }
    return true;
  }

  private boolean isFinite(double[] values, int from, int to) {
    begin();
    addAll(values, from, to);
    return isTotalFinite() || isEachFinite(values, from, to);
  }

  /**
   * Where a sum is finite all of its terms are; where it is not, it may be that only the sum is too
   * large. There are as many sums as a chunk has numbers: the compiler makes vectors of them.
   */
  private void begin() {
    java.util.Arrays.fill(totals, 0);
  }

  /** Adds a run of numbers. */
  private void addAll(double[] terms, int from, int to) {
    if (from == 0 && to <= CHUNK) {
      add(terms, to);
      return;
    }
    for (int at = from; at < to; at += CHUNK) {
      int count = Math.min(CHUNK, to - at);
      System.arraycopy(terms, at, chunk, 0, count);
      add(chunk, count);
    }
  }

  /** Adds the first numbers, no more than a chunk has. */
  private void add(double[] terms, int count) {
    double[] sums = totals;
    for (int k = 0; k < count; k++) {
      sums[k] += terms[k];
    }
  }

  private boolean isTotalFinite() {
    double[] sums = totals;
    for (int half = CHUNK / 2; half > 0; half /= 2) {
      for (int k = 0; k < half; k++) {
        sums[k] += sums[k + half];
      }
    }
    return Double.isFinite(sums[0]);
  }

  private static boolean isEachFinite(double[] values, int from, int to) {
    for (int k = from; k < to; k++) {
      if (!Double.isFinite(values[k])) {
        return false;
      }
    }
    return true;
  }

  /** Puts a column together from its blocks; says whether all of it is finite. */
  private boolean fill(DerivativeSpec.Column column) {
    double[] values = columns.get(column.name());
    int width = column.length();
    int start = firsts.get(column.name()) * width;
    boolean packed =
        column.name().equals("hessian")
            && nodes.spec().request().perSample().hessian() == Request.SampleHessianForm.PACKED;
    boolean mirrored =
        column.name().equals("hessian")
            && nodes.spec().request().perSample().hessian() == Request.SampleHessianForm.FULL;
    int p = wrtLength;
    boolean rectangle = column.name().startsWith("jacobian_") || column.name().equals("product");
    int stride = rectangle || mirrored ? p : 0;
    int half = mirrored ? p * (p + 1) / 2 : 0;
    boolean unknown = false;
    begin();
    for (ResultBlock block : nodes.columns().get(column.name())) {
      if (program.isDelivered(block.node())) {
        unknown |= !program.isKnownFinite(block.node());
        continue;
      }
      int size = block.size();
      boolean sampled = program.isSampled(block.node());
      if (mirrored
          && sampled
          && block.cells() == ResultBlock.Cells.UPPER_TRIANGLE
          && size == half) {
        mirror(block.node(), values, start);
        continue;
      }
      boolean whole =
          block.cells() == ResultBlock.Cells.VECTOR
              || block.rows() == 1
              || packed && block.cells() == ResultBlock.Cells.UPPER_TRIANGLE;
      if (sampled && size == width && whole) {
        // A sample's elements lie as the column has them.
        for (int from = 0; from < rows * size; from += CHUNK) {
          int count = Math.min(CHUNK, rows * size - from);
          program.read(block.node(), from, count, values, start + from);
          addAll(values, start + from, start + from + count);
        }
        continue;
      }
      int group = sampled ? Math.max(1, CHUNK / size) : rows;
      double[] elements = scratch(sampled ? Math.min(group, rows) * size : size);
      for (int sample = 0; sample < rows; sample++) {
        if (sample % group == 0) {
          int count = sampled ? Math.min(group, rows - sample) : 1;
          program.read(block.node(), sampled ? sample * size : 0, count * size, elements, 0);
          addAll(elements, 0, count * size);
        }
        int begin = sampled ? sample % group * size : 0;
        int base = start + sample * width;
        for (int r = 0; r < block.rows(); r++) {
          int row = block.row() + r;
          int left = block.column() + block.skip(r);
          int from = begin + block.from(r);
          int length = block.columns() - block.skip(r);
          int at = packed ? Math.toIntExact(ResultBlock.packedRow(row, p)) - row : row * stride;
          System.arraycopy(elements, from, values, base + at + left, length);
          for (int c = 0; mirrored && c < length; c++) {
            values[base + (left + c) * p + row] = elements[from + c];
          }
        }
      }
    }
    int end = start + rows * width;
    return unknown
        ? isFinite(values, start, end)
        : isTotalFinite() || isEachFinite(values, start, end);
  }

  /**
   * Writes whole matrices, sample after sample, of which the node has the upper triangles, whose
   * elements it adds to those that are checked.
   */
  private void mirror(Node node, double[] values, int start) {
    int p = wrtLength;
    int half = p * (p + 1) / 2;
    double[] elements = scratch(half);
    for (int sample = 0; sample < rows; sample++) {
      program.read(node, sample * half, half, elements, 0);
      addAll(elements, 0, half);
      unpack(elements, p, values, start + sample * p * p);
    }
  }

  /** Writes a symmetric matrix of order p, of which the upper triangle is given row by row. */
  private static void unpack(double[] upper, int p, double[] matrix, int at) {
    int from = 0;
    for (int row = 0; row < p; row++) {
      int right = at + row * p + row;
      int below = right;
      for (int k = from; k < from + p - row; k++) {
        double element = upper[k];
        matrix[right] = element;
        matrix[below] = element;
        right++;
        below += p;
      }
      from += p - row;
    }
  }

  @Override
  public void addTo(Sums sums) {
    sums.count(rows);
    sums.addWeights(weights, rows);
    double[] one = scratch(1);
    for (Node value : nodes.value()) {
      program.read(value, 0, 1, one, 0);
      sums.addValue(one[0]);
    }
    for (ResultBlock block : nodes.gradient()) {
      add(block.node(), 0, block.columns(), sums.gradients(), block.column());
    }
    int p = wrtLength;
    for (ResultBlock block : nodes.products()) {
      for (int r = 0; r < block.rows(); r++) {
        int from = r * block.columns();
        int at = r * p + block.column();
        add(block.node(), from, block.columns(), sums.hessianProducts(), at);
      }
    }
    nodes.curvatures().forEach((kind, blocks) -> addCurvature(sums, kind, blocks));
  }

  /** Adds a part of a result, a piece at a time that stays in the nearest cache. */
  private void add(Node node, int from, int length, CompensatedSum sums, int at) {
    for (int done = 0; done < length; done += CHUNK) {
      int count = Math.min(CHUNK, length - done);
      program.read(node, from + done, count, chunk, 0);
      sums.add(at + done, chunk, count);
    }
  }

  private void addCurvature(Sums sums, Request.Curvature kind, List<ResultBlock> blocks) {
    Request.HessianForm form =
        kind == Request.Curvature.HESSIAN
            ? nodes.spec().request().global().hessian()
            : Request.HessianForm.FULL;
    CompensatedSum sum = sums.sums(kind);
    int start = 0;
    for (ResultBlock block : blocks) {
      int from = 0;
      int at = 0;
      int length = 0;
      for (int r = 0; r < block.rows(); r++) {
        int place = place(block, r, form, start);
        // Rows that lie side by side before and after are added as one.
        if (block.from(r) != from + length || place != at + length) {
          add(block.node(), from, length, sum, at);
          from = block.from(r);
          at = place;
          length = 0;
        }
        length += block.columns() - block.skip(r);
      }
      add(block.node(), from, length, sum, at);
      start += block.rows() * (block.rows() + 1) / 2;
    }
  }

  /** Where row r of a block of a matrix goes in the matrix's sums. */
  private int place(ResultBlock block, int r, Request.HessianForm form, int start) {
    int row = block.row() + r;
    if (block.part().isPresent()) {
      return block.part().get().at(row, block.column());
    }
    return switch (form) {
      case DIAGONAL -> block.column();
      case BLOCKS -> start + block.from(r);
      default ->
          Math.toIntExact(ResultBlock.packedRow(row, wrtLength))
              - row
              + block.column()
              + block.skip(r);
    };
  }

  @Override
  public void deliver(String column, double[] array, int first) {
    List<ResultBlock> blocks = nodes.columns().get(column);
    if (blocks == null) {
      throw new IllegalArgumentException("there is no column " + column);
    }
    columns.put(column, array);
    firsts.put(column, first);
    int width = widths.get(column);
    for (ResultBlock block : blocks) {
      if (program.isDelivered(block.node())) {
        program.deliver(block.node(), array, first * width + block.column(), width);
      }
    }
  }

  @Override
  public double[] column(String name) {
    double[] values = columns.get(name);
    if (values == null) {
      throw new IllegalArgumentException("there is no column " + name);
    }
    return values;
  }

  @Override
  public void close() {
    program.close();
  }
}
