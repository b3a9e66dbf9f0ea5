package org.sparkcurvature.plan.lower;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.ops.Labels;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Product;
import org.sparkcurvature.plan.steps.SharedProduct;
import org.sparkcurvature.plan.steps.StridedOperand;
import org.sparkcurvature.plan.steps.SummedProduct;

/**
 * The steps of one contraction whose order is known: a kernel for each product of two factors, and
 * the coefficient in the last that can carry it.
 */
final class ProductLowering {
  /** Larger matrices BLAS packs itself, however they lie. */
  private static final int LARGEST_TURNED = 1 << 16;

  private final StepEmitter steps;
  private final List<Tensor> factors;
  private final Map<Integer, Integer> extents;
  private final List<Integer> out;
  private double coefficient;

  ProductLowering(
      StepEmitter steps,
      List<Tensor> factors,
      Map<Integer, Integer> extents,
      List<Integer> out,
      double coefficient) {
    this.steps = steps;
    this.factors = factors;
    this.extents = extents;
    this.out = out;
    this.coefficient = coefficient;
  }

  /** The coefficient, once: it goes into the last step that can carry it. */
  private double takeCoefficient(boolean last) {
    if (!last) {
      return 1;
    }
    double taken = coefficient;
    coefficient = 1;
    return taken;
  }

  Buffer finish(Tensor tensor, boolean sampled) {
    Tensor result = tensor;
    if (result.buffer().sampled() && !sampled) {
      result = sumOverSamples(result);
    }
    if (coefficient != 1
        || !new HashSet<>(result.labels()).equals(new HashSet<>(out))
        || result.labels().size() != out.size()) {
      result = product(steps, List.of(result), out, extents, takeCoefficient(true));
    }
    return steps.ordered(result, out, extents).buffer();
  }

  Tensor build(Contraction.Order order, boolean last) {
    if (order instanceof Contraction.Factor factor) {
      return factors.get(factor.index());
    }
    Contraction.Pair pair = (Contraction.Pair) order;
    Optional<Tensor> three = last ? scaledTwice(pair) : Optional.empty();
    if (three.isPresent()) {
      return three.get();
    }
    return multiply(build(pair.left(), false), build(pair.right(), false), pair.kept(), last);
  }

  /** Three factors of each sample, none summed over, where one has all of the result's axes. */
  private Optional<Tensor> scaledTwice(Contraction.Pair pair) {
    boolean whole =
        factors.size() == 3
            && pair.kept().contains(Contraction.SAMPLE)
            && factors.stream().allMatch(f -> pair.kept().containsAll(f.labels()))
            && factors.stream()
                .anyMatch(f -> f.buffer().sampled() && f.labels().size() == out.size())
            && !pairIsSmall(pair.kept());
    return whole
        ? Optional.of(product(steps, factors, out, extents, takeCoefficient(true)))
        : Optional.empty();
  }

  /** Whether two of the factors make less than the result: they are multiplied first. */
  private boolean pairIsSmall(Set<Integer> kept) {
    for (int k = 0; k < factors.size(); k++) {
      Set<Integer> others = new HashSet<>(List.of(Contraction.SAMPLE));
      for (int l = 0; l < factors.size(); l++) {
        others.addAll(l == k ? List.of() : factors.get(l).labels());
      }
      if (!others.containsAll(kept)) {
        return true;
      }
    }
    return false;
  }

  private Tensor multiply(Tensor a, Tensor b, Set<Integer> kept, boolean last) {
    Set<Integer> both = new HashSet<>(a.labels());
    both.retainAll(b.labels());
    Set<Integer> contracted = new LinkedHashSet<>(both);
    contracted.removeAll(kept);
    Set<Integer> batch = new LinkedHashSet<>(both);
    batch.retainAll(kept);
    boolean sums = !kept.contains(Contraction.SAMPLE);
    if (sums && a.buffer().sampled() != b.buffer().sampled()) {
      // What only one factor has is summed in it first.
      return a.buffer().sampled()
          ? multiply(sumOverSamples(a), b, kept, last)
          : multiply(a, sumOverSamples(b), kept, last);
    }
    if (sums && a.buffer().sampled()) {
      return batch.isEmpty()
          ? summed(a, b, contracted, last)
          : sumOverSamples(small(a, b, kept, last));
    }
    boolean shared =
        !(a.buffer().sampled() && b.buffer().sampled()) && batch.isEmpty() && !contracted.isEmpty();
    if (shared) {
      return a.buffer().sampled() || !b.buffer().sampled()
          ? sharedProduct(a, b, contracted, last)
          : sharedProduct(b, a, contracted, last);
    }
    return small(a, b, kept, last);
  }

  /** Factors multiplied sample by sample, without a matrix product. */
  private Tensor small(Tensor a, Tensor b, Set<Integer> kept, boolean last) {
    Set<Integer> all = new LinkedHashSet<>(a.labels());
    all.addAll(b.labels());
    // In the order of the result, so that what is made of it need not be put in order.
    List<Integer> labels =
        last || new HashSet<>(out).containsAll(Contraction.in(new ArrayList<>(all), kept))
            ? Contraction.in(out, all)
            : Contraction.in(new ArrayList<>(all), kept);
    return product(steps, List.of(a, b), labels, extents, takeCoefficient(last));
  }

  private Tensor summed(Tensor a, Tensor b, Set<Integer> contracted, boolean last) {
    List<Integer> inner = new ArrayList<>(contracted);
    List<Integer> rows = Contraction.notIn(a.labels(), contracted);
    List<Integer> columns = Contraction.notIn(b.labels(), contracted);
    if (last
        && StepEmitter.isSameOrder(Labels.concat(columns, rows), out, extents)
        && !StepEmitter.isSameOrder(Labels.concat(rows, columns), out, extents)) {
      return summed(b, a, contracted, true);
    }
    Tensor left = steps.ordered(a, Labels.concat(inner, rows), extents);
    Tensor right = steps.ordered(b, Labels.concat(inner, columns), extents);
    Buffer result =
        steps.buffer(false, Math.multiplyExact(size(rows, extents), size(columns, extents)), true);
    steps.emit(
        new SummedProduct(
            steps.node(),
            left.buffer(),
            right.buffer(),
            size(inner, extents),
            size(rows, extents),
            size(columns, extents),
            takeCoefficient(last),
            Accumulate.REPLACE,
            result));
    return new Tensor(result, Labels.concat(rows, columns));
  }

  private Tensor sumOverSamples(Tensor tensor) {
    return summed(new Tensor(steps.ones(), List.of()), tensor, Set.of(), false);
  }

  /** What is computed once may have its columns in the order in which they are wanted. */
  private List<Integer> columns(Tensor b, Set<Integer> contracted, boolean last) {
    List<Integer> columns = Contraction.notIn(b.labels(), contracted);
    return last && steps.isSameForAll(b.buffer())
        ? Contraction.in(out, new HashSet<>(columns))
        : columns;
  }

  /**
   * Whether a matrix is turned once, for all blocks: BLAS multiplies small ones by up to twice as
   * fast when the summed index comes first.
   */
  private boolean canBeTurned(Buffer matrix) {
    return steps.isSameForAll(matrix) && matrix.size() <= LARGEST_TURNED;
  }

  private Tensor sharedProduct(Tensor a, Tensor b, Set<Integer> contracted, boolean last) {
    List<Integer> inner = Contraction.in(a.labels(), contracted);
    List<Integer> rows = Contraction.notIn(a.labels(), contracted);
    List<Integer> columns = columns(b, contracted, last);
    Tensor left = steps.ordered(a, Labels.concat(rows, inner), extents);
    boolean columnsFirst =
        b.labels().equals(Labels.concat(columns, inner)) && !canBeTurned(b.buffer());
    Tensor right = columnsFirst ? b : steps.ordered(b, Labels.concat(inner, columns), extents);
    Buffer result =
        steps.result(
            a.buffer().sampled(),
            Math.multiplyExact(size(rows, extents), size(columns, extents)),
            List.of(a.buffer(), b.buffer()));
    steps.emit(
        new SharedProduct(
            steps.node(),
            left.buffer(),
            right.buffer(),
            size(rows, extents),
            size(inner, extents),
            size(columns, extents),
            columnsFirst
                ? SharedProduct.RightSide.COLUMNS_FIRST
                : SharedProduct.RightSide.INNER_FIRST,
            takeCoefficient(last),
            Accumulate.REPLACE,
            result));
    return new Tensor(result, Labels.concat(rows, columns));
  }

  static int size(List<Integer> labels, Map<Integer, Integer> extents) {
    int size = 1;
    for (int label : labels) {
      size = Math.multiplyExact(size, extents.get(label));
    }
    return size;
  }

  static Tensor product(
      StepEmitter steps,
      List<Tensor> factors,
      List<Integer> out,
      Map<Integer, Integer> extents,
      double coefficient) {
    Set<Integer> all = new LinkedHashSet<>();
    factors.forEach(f -> all.addAll(f.labels()));
    List<Integer> summed = Contraction.notIn(new ArrayList<>(all), new HashSet<>(out));
    List<StridedOperand> strided =
        factors.stream().map(f -> strided(f, out, summed, extents)).toList();
    boolean sampled = factors.stream().anyMatch(f -> f.buffer().sampled());
    Buffer result =
        steps.result(sampled, size(out, extents), factors.stream().map(Tensor::buffer).toList());
    steps.emit(
        new Product(
            steps.node(),
            strided,
            out.stream().map(extents::get).toList(),
            summed.stream().map(extents::get).toList(),
            coefficient,
            Accumulate.REPLACE,
            result));
    return new Tensor(result, out);
  }

  private static StridedOperand strided(
      Tensor factor, List<Integer> out, List<Integer> summed, Map<Integer, Integer> extents) {
    int[] strides = IndexMaps.strides(factor.labels().stream().map(extents::get).toList());
    return new StridedOperand(
        factor.buffer(),
        out.stream().map(label -> stride(factor, strides, label)).toList(),
        summed.stream().map(label -> stride(factor, strides, label)).toList());
  }

  /** An index that a factor has on several axes walks its diagonal. */
  private static int stride(Tensor factor, int[] strides, int label) {
    int stride = 0;
    for (int axis = 0; axis < strides.length; axis++) {
      stride += factor.labels().get(axis) == label ? strides[axis] : 0;
    }
    return stride;
  }
}
