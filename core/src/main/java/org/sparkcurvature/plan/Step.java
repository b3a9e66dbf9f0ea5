package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Lines;
import org.sparkcurvature.ops.MatrixFunction;

/**
 * One thing that a kernel does. Tensors are row-major, sample after sample; sizes and strides are
 * in elements. A step whose result is sampled runs over the samples of a block; operands that are
 * not sampled are the same for each.
 */
public sealed interface Step {

  /** Where the result goes. */
  Buffer out();

  /** What is read. */
  List<Buffer> inputs();

  /** The steps that this one does together, each of which leaves a result; else itself. */
  default List<? extends Step> members() {
    return List.of(this);
  }

  /** Room that the kernel uses while it runs. */
  default Optional<Buffer> workspace() {
    return Optional.empty();
  }

  /** Whether the host writes the result, whatever products run on. */
  default boolean isOnHost() {
    return true;
  }

  /** Multiply-adds, or evaluations of a function, for a block of this many samples. */
  double operations(long rows);

  /** The kernel and the shapes that it works on, M for the samples of a block. */
  default String describe() {
    return getClass().getSimpleName()
        + " "
        + inputs().stream().map(Step::shape).collect(Collectors.joining(" "))
        + " -> "
        + shape(out());
  }

  private static String shape(Buffer buffer) {
    return (buffer.sampled() ? "[M, " : "[") + buffer.size() + "]";
  }

  /** Where a lane's operand comes from. */
  sealed interface Source {}

  /** Element after element of a buffer. */
  record Elements(Buffer buffer) implements Source {}

  /** The single element of a buffer, for every lane. */
  record Scalar(Buffer buffer) implements Source {}

  /** A number. */
  record Constant(double value) implements Source {}

  /** An elementwise function, lane after lane. */
  record Lanes(Apply function, List<Source> sources, Buffer out) implements Step {
    public Lanes {
      sources = List.copyOf(sources);
    }

    /** The first operand, where it is a buffer of the result's elements. */
    public Optional<Buffer> operand() {
      return sources.get(0) instanceof Elements elements
              && elements.buffer().sampled() == out.sampled()
          ? Optional.of(elements.buffer())
          : Optional.empty();
    }

    @Override
    public String describe() {
      return function.name() + " on " + shape(out);
    }

    @Override
    public List<Buffer> inputs() {
      List<Buffer> inputs = new ArrayList<>(sources.size());
      for (Source source : sources) {
        if (source instanceof Elements elements) {
          inputs.add(elements.buffer());
        } else if (source instanceof Scalar scalar) {
          inputs.add(scalar.buffer());
        }
      }
      return inputs;
    }

    @Override
    public double operations(long rows) {
      return (double) out.size() * (out.sampled() ? rows : 1);
    }
  }

  /**
   * An elementwise function and derivatives of it, of one operand, computed together.
   *
   * @param members of one family; the first in the order of steps comes first
   */
  record FusedDerivatives(List<Lanes> members) implements Step {
    public FusedDerivatives {
      members = List.copyOf(members);
    }

    /** The operand. */
    public Buffer operand() {
      return members.get(0).operand().orElseThrow();
    }

    @Override
    public Buffer out() {
      return members.get(0).out();
    }

    @Override
    public List<Buffer> inputs() {
      return List.of(operand());
    }

    @Override
    public String describe() {
      return members.stream()
              .map(member -> member.function().name())
              .collect(Collectors.joining(", "))
          + " on "
          + shape(out());
    }

    @Override
    public double operations(long rows) {
      return members.stream().mapToDouble(member -> member.operations(rows)).sum();
    }
  }

  /**
   * How a factor is walked: its stride along each axis of the result and along each summed index; 0
   * where it does not have it.
   */
  record StridedOperand(Buffer buffer, List<Integer> outStrides, List<Integer> sumStrides) {
    public StridedOperand {
      outStrides = List.copyOf(outStrides);
      sumStrides = List.copyOf(sumStrides);
    }
  }

  /**
   * A product of one or more factors, broadcast against each other, summed over the indices that
   * the result does not have.
   */
  record Product(
      List<StridedOperand> factors,
      List<Integer> outExtents,
      List<Integer> sumExtents,
      double coefficient,
      Accumulate into,
      Buffer out)
      implements Addable {
    public Product {
      factors = List.copyOf(factors);
      outExtents = List.copyOf(outExtents);
      sumExtents = List.copyOf(sumExtents);
    }

    @Override
    public Product addedTo(Buffer to) {
      return new Product(factors, outExtents, sumExtents, coefficient, Accumulate.ADD, to);
    }

    @Override
    public boolean isOnHost() {
      return sumExtents.isEmpty();
    }

    @Override
    public String describe() {
      return "product "
          + factors.stream().map(f -> shape(f.buffer())).collect(Collectors.joining(" "))
          + " -> "
          + shape(out)
          + added(into);
    }

    @Override
    public List<Buffer> inputs() {
      return read(factors.stream().map(StridedOperand::buffer).toList(), into, out);
    }

    @Override
    public double operations(long rows) {
      double inner = sumExtents.stream().mapToDouble(e -> e).reduce(1, (a, b) -> a * b);
      return inner * out.size() * (out.sampled() ? rows : 1) * factors.size();
    }
  }

  /** What a step does with what its result held before. */
  enum Accumulate {
    REPLACE,
    ADD
  }

  /** A step that can add to what its result held before. */
  sealed interface Addable extends Step
      permits Product, SharedProduct, SummedProduct, Triangle, Rearrange, Place, WeightedGram {
    Accumulate into();

    /** The same step, added to what {@code to} holds. */
    Addable addedTo(Buffer to);
  }

  /** The operands of a step, and its result where it is added to. */
  private static List<Buffer> read(List<Buffer> operands, Accumulate into, Buffer out) {
    return into == Accumulate.ADD
        ? Stream.concat(operands.stream(), Stream.of(out)).toList()
        : List.copyOf(operands);
  }

  private static String added(Accumulate into) {
    return into == Accumulate.ADD ? ", added" : "";
  }

  /**
   * A matrix product over all samples of a block at once. {@code left} is sampled: its samples'
   * matrices stand below one another, {@code [M * rows, inner]}, and {@code right} is one matrix,
   * {@code [inner, columns]} or, transposed, {@code [columns, inner]}. Where left is not sampled M
   * is 1.
   */
  record SharedProduct(
      Buffer left,
      Buffer right,
      int rows,
      int inner,
      int columns,
      RightSide rightSide,
      double coefficient,
      Accumulate into,
      Buffer out)
      implements Addable {
    @Override
    public SharedProduct addedTo(Buffer to) {
      return new SharedProduct(
          left, right, rows, inner, columns, rightSide, coefficient, Accumulate.ADD, to);
    }

    /** How the right matrix lies in memory. */
    public enum RightSide {
      INNER_FIRST,
      COLUMNS_FIRST
    }

    @Override
    public boolean isOnHost() {
      return false;
    }

    @Override
    public String describe() {
      return "matrix product [%s%d, %d] [%d, %d]%s"
          .formatted(left.sampled() ? "M " : "", rows, inner, inner, columns, added(into));
    }

    @Override
    public List<Buffer> inputs() {
      return read(List.of(left, right), into, out);
    }

    @Override
    public double operations(long m) {
      return (double) rows * inner * columns * (left.sampled() ? m : 1);
    }
  }

  /**
   * A matrix product that sums over samples: {@code left' right} with left {@code [M * inner,
   * rows]} and right {@code [M * inner, columns]}.
   */
  record SummedProduct(
      Buffer left,
      Buffer right,
      int inner,
      int rows,
      int columns,
      double coefficient,
      Accumulate into,
      Buffer out)
      implements Addable {
    @Override
    public SummedProduct addedTo(Buffer to) {
      return new SummedProduct(left, right, inner, rows, columns, coefficient, Accumulate.ADD, to);
    }

    /** The same, which adds to nothing. */
    SummedProduct replacing() {
      return new SummedProduct(
          left, right, inner, rows, columns, coefficient, Accumulate.REPLACE, out);
    }

    @Override
    public boolean isOnHost() {
      return false;
    }

    @Override
    public String describe() {
      return "matrix product [%d, M %d] [M %d, %d]%s"
          .formatted(rows, inner, inner, columns, added(into));
    }

    @Override
    public List<Buffer> inputs() {
      return read(List.of(left, right), into, out);
    }

    @Override
    public double operations(long m) {
      return (double) rows * inner * columns * m;
    }
  }

  /**
   * The upper triangle, row by row, of a matrix of {@code order} rows and columns whose elements
   * are products of one or more factors, not summed: each factor has a stride along rows and one
   * along columns.
   */
  record Triangle(
      List<StridedOperand> factors, int order, double coefficient, Accumulate into, Buffer out)
      implements Addable {
    public Triangle {
      factors = List.copyOf(factors);
    }

    /** The products x_i x_j of the elements of a vector; times a scalar where there is one. */
    static Triangle outer(Buffer x, Optional<Buffer> scale, Buffer out) {
      List<StridedOperand> factors =
          Stream.concat(
                  Stream.of(
                      new StridedOperand(x, List.of(1, 0), List.of()),
                      new StridedOperand(x, List.of(0, 1), List.of())),
                  scale.stream().map(s -> new StridedOperand(s, List.of(0, 0), List.of())))
              .toList();
      return new Triangle(factors, x.size(), 1, Accumulate.REPLACE, out);
    }

    @Override
    public Triangle addedTo(Buffer to) {
      return new Triangle(factors, order, coefficient, Accumulate.ADD, to);
    }

    @Override
    public String describe() {
      return "upper triangle of a product "
          + factors.stream().map(f -> shape(f.buffer())).collect(Collectors.joining(" "))
          + " -> "
          + shape(out)
          + added(into);
    }

    @Override
    public List<Buffer> inputs() {
      return read(factors.stream().map(StridedOperand::buffer).toList(), into, out);
    }

    @Override
    public double operations(long rows) {
      return (double) out.size() * (out.sampled() ? rows : 1);
    }
  }

  /**
   * The sum over samples of scale x x', of which only the elements on and above the diagonal are
   * meant: half the multiply-adds of the product.
   *
   * @param x a vector of n elements for every sample
   * @param scale a number for every sample
   * @param room for scaled rows, as many as are multiplied at once
   * @param out [n, n]
   */
  record Gram(Buffer x, Buffer scale, Buffer room, Buffer out) implements Step {
    @Override
    public boolean isOnHost() {
      return false;
    }

    @Override
    public String describe() {
      return "symmetric product [%d, M] [M, %d]".formatted(x.size(), x.size());
    }

    @Override
    public List<Buffer> inputs() {
      return List.of(x, scale);
    }

    @Override
    public Optional<Buffer> workspace() {
      return Optional.of(room);
    }

    @Override
    public double operations(long m) {
      return 0.5 * x.size() * (x.size() + 1.0) * m;
    }
  }

  /**
   * The upper triangle, row by row, of J' diag(d) J for each sample.
   *
   * @param matrix J, [inner, order]
   * @param diagonal d, [inner]
   * @param coefficient a constant factor
   * @param room for one sample: diag(d) J, and the whole product
   */
  record WeightedGram(
      Buffer matrix,
      Buffer diagonal,
      int inner,
      int order,
      double coefficient,
      Buffer room,
      Accumulate into,
      Buffer out)
      implements Addable {
    @Override
    public WeightedGram addedTo(Buffer to) {
      return new WeightedGram(
          matrix, diagonal, inner, order, coefficient, room, Accumulate.ADD, to);
    }

    @Override
    public Optional<Buffer> workspace() {
      return Optional.of(room);
    }

    @Override
    public String describe() {
      return "upper triangle of [M, %2$d, %1$d] diag [M, %1$d] [M, %1$d, %2$d]%3$s"
          .formatted(inner, order, added(into));
    }

    @Override
    public List<Buffer> inputs() {
      return read(List.of(matrix, diagonal), into, out);
    }

    @Override
    public double operations(long m) {
      return (double) inner * order * order * m;
    }
  }

  /**
   * Element i of the result is element {@code map[i]} of the operand, or 0 where that is negative.
   */
  record Rearrange(Buffer in, int[] map, Accumulate into, Buffer out) implements Addable {
    /** Whether less than a quarter of the result is of the operand. */
    public boolean isSparse() {
      return 4 * Arrays.stream(map).filter(k -> k >= 0).count() < map.length;
    }

    @Override
    public Rearrange addedTo(Buffer to) {
      return new Rearrange(in, map, Accumulate.ADD, to);
    }

    @Override
    public String describe() {
      return "rearrangement " + shape(in) + " -> " + shape(out) + added(into);
    }

    @Override
    public List<Buffer> inputs() {
      return read(List.of(in), into, out);
    }

    @Override
    public double operations(long rows) {
      return 0;
    }
  }

  /**
   * One coordinate of the place where something is put.
   *
   * @param index what it is for each sample, from 0 to {@code extent - 1}
   * @param extent what is outside of it is an error
   * @param from the first coordinate that is wanted
   * @param length how many are
   * @param slot lookups of one slot must agree; where they do not, nothing is put
   * @param row how far a step of the coordinate moves along rows of the result
   * @param column the same, along columns
   * @param elements for each value, which element of a vector of indices; empty for a single one
   */
  record Lookup(
      Buffer index,
      int extent,
      int from,
      int length,
      int slot,
      int row,
      int column,
      int[] elements) {}

  /**
   * The values of each sample put where indices say, zeros elsewhere; summed over samples where the
   * result is not sampled. A coordinate that is not wanted puts nothing; one that is outside of its
   * extent makes the result NaN.
   *
   * @param values what is put
   * @param lookups where
   * @param rows of each value, beside what the lookups say
   * @param columns the same
   * @param order 0 for a result of one row; else, of a matrix of so many rows and columns, the
   *     upper triangle row by row, and what is below the diagonal is left out
   */
  record Place(
      Buffer values,
      List<Lookup> lookups,
      int[] rows,
      int[] columns,
      int order,
      Accumulate into,
      Buffer out)
      implements Addable {
    public Place {
      lookups = List.copyOf(lookups);
    }

    @Override
    public Place addedTo(Buffer to) {
      return new Place(values, lookups, rows, columns, order, Accumulate.ADD, to);
    }

    @Override
    public String describe() {
      return (out.sampled() ? "placement " : "sums by index ")
          + shape(values)
          + " -> "
          + shape(out)
          + added(into);
    }

    @Override
    public List<Buffer> inputs() {
      return read(
          Stream.concat(Stream.of(values), lookups.stream().map(Lookup::index)).toList(),
          into,
          out);
    }

    @Override
    public double operations(long m) {
      return (double) values.size() * m;
    }
  }

  /**
   * Parts one behind the other: for each of {@code outer} positions a run of {@code runs[k]}
   * elements of part k.
   */
  record Join(List<Buffer> parts, int outer, List<Integer> runs, Buffer out) implements Step {
    public Join {
      parts = List.copyOf(parts);
      runs = List.copyOf(runs);
    }

    @Override
    public List<Buffer> inputs() {
      return parts;
    }

    @Override
    public double operations(long rows) {
      return 0;
    }
  }

  /**
   * A function of lines.
   *
   * @param heads how many leading positions the first operand has
   * @param axis the axis of the lines
   */
  record OfLines(Lines function, List<Buffer> operands, int heads, Axis axis, Buffer out)
      implements Step {
    public OfLines {
      operands = List.copyOf(operands);
    }

    @Override
    public String describe() {
      return function.name() + " along an axis of " + axis.extent() + " -> " + shape(out);
    }

    @Override
    public List<Buffer> inputs() {
      return operands;
    }

    @Override
    public double operations(long rows) {
      return (double) out.size() * (out.sampled() ? rows : 1);
    }
  }

  /** A function of the matrices of each sample. */
  record OfMatrices(MatrixFunction function, List<Buffer> operands, Buffer out) implements Step {
    public OfMatrices {
      operands = List.copyOf(operands);
    }

    @Override
    public String describe() {
      return function.name() + " -> " + shape(out);
    }

    @Override
    public List<Buffer> inputs() {
      return operands;
    }

    @Override
    public double operations(long rows) {
      return function.operations() * (out.sampled() ? rows : 1);
    }
  }

  /** An axis of {@code extent} elements between {@code outer} and {@code inner} ones. */
  record Axis(int outer, int extent, int inner) {}

  /** What is done along an axis. */
  enum AlongAxis {
    /** Takes the element that the index names. */
    GATHER,
    /** Puts the operand where the index says, zero elsewhere. */
    SCATTER,
    CUMULATE,
    CUMULATE_BACKWARDS,
    LARGEST
  }

  /**
   * An operation along one axis; {@code operands} are the tensor and, to gather and scatter, the
   * index or indices.
   */
  record Along(AlongAxis what, List<Buffer> operands, Axis axis, Buffer out) implements Step {
    public Along {
      operands = List.copyOf(operands);
    }

    @Override
    public List<Buffer> inputs() {
      return operands;
    }

    @Override
    public double operations(long rows) {
      return (double) out.size() * (out.sampled() ? rows : 1);
    }
  }
}
