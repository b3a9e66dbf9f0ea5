package org.sparkcurvature.plan.passes;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.BufferSet;
import org.sparkcurvature.plan.steps.Product;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.StepBuilder;
import org.sparkcurvature.plan.steps.StepList;
import org.sparkcurvature.plan.steps.StridedOperand;
import org.sparkcurvature.plan.steps.Triangle;
import org.sparkcurvature.plan.steps.WeightedGram;

/**
 * Products J' diag(d) J of each sample of which the upper triangle is used: three steps, each of
 * which writes what the next one reads, become one that does all for a sample while that is in the
 * nearest cache.
 */
public final class WeightedGrams {
  /** Fewer multiply-adds than this are not worth a call of BLAS. */
  private static final int WORTH_A_CALL = 512;

  private final StepList steps;
  private final Set<Buffer> wanted;

  private WeightedGrams(StepList steps, Collection<Buffer> wanted) {
    this.steps = steps;
    this.wanted = new BufferSet(wanted);
  }

  /** As {@link Pass#run}. */
  public static void run(StepBuilder steps, Collection<Buffer> results) {
    join(steps.perBlock(), results, size -> steps.buffer(false, size, true));
  }

  /**
   * Replaces such steps by one, where the last of them stood.
   *
   * @param wanted results, which stay
   * @param workspace makes room for so many elements
   */
  static void join(StepList steps, Collection<Buffer> wanted, IntFunction<Buffer> workspace) {
    WeightedGrams grams = new WeightedGrams(steps, wanted);
    for (int k = 0; k < steps.size(); k++) {
      if (steps.at(k) instanceof Rearrange triangle) {
        int at = k;
        grams
            .product(at, triangle)
            .ifPresent(product -> grams.join(product, at, triangle, workspace));
      }
    }
  }

  private void join(int product, int at, Rearrange triangle, IntFunction<Buffer> workspace) {
    Product whole = (Product) steps.at(product);
    int order = whole.outExtents().get(0);
    int inner = whole.sumExtents().get(0);
    for (int k = 0; k < 2; k++) {
      Buffer matrix = whole.factors().get(k).buffer();
      Optional<Integer> rows =
          scaled(whole.factors().get(1 - k).buffer(), matrix, product, inner, order);
      if (rows.isPresent()) {
        Product scaled = (Product) steps.at(rows.get());
        Step joined =
            new WeightedGram(
                triangle.node(),
                matrix,
                diagonal(scaled, matrix),
                inner,
                order,
                whole.coefficient() * scaled.coefficient(),
                workspace.apply(order * (inner + order)),
                triangle.into(),
                triangle.out());
        steps.set(at, joined);
        steps.remove(product);
        steps.remove(rows.get());
        return;
      }
    }
  }

  /**
   * What a triangle is taken of, if it is a product of matrices [inner, order], and nothing else.
   */
  private Optional<Integer> product(int at, Rearrange triangle) {
    return onlyFor(triangle.in(), at)
        .filter(
            position ->
                steps.at(position) instanceof Product product
                    && isOfColumns(product)
                    && Arrays.equals(
                        triangle.map(), Triangle.positions(product.outExtents().get(0))));
  }

  /** Whether each element is the product of two columns. */
  private static boolean isOfColumns(Product product) {
    if (product.factors().size() != 2
        || product.outExtents().size() != 2
        || product.sumExtents().size() != 1
        || product.into() != Accumulate.REPLACE) {
      return false;
    }
    int order = product.outExtents().get(0);
    int inner = product.sumExtents().get(0);
    StridedOperand left = product.factors().get(0);
    StridedOperand right = product.factors().get(1);
    return product.outExtents().get(1) == order
        && (long) inner * order * order >= WORTH_A_CALL
        && left.outStrides().equals(List.of(1, 0))
        && right.outStrides().equals(List.of(0, 1))
        && List.of(left, right).stream()
            .allMatch(
                operand ->
                    operand.sumStrides().equals(List.of(order))
                        && operand.buffer().sampled()
                        && operand.buffer().size() == inner * order);
  }

  /** The step that multiplies the rows of {@code matrix} by numbers, for one product alone. */
  private Optional<Integer> scaled(Buffer rows, Buffer matrix, int reader, int inner, int order) {
    return onlyFor(rows, reader)
        .filter(
            position ->
                steps.at(position) instanceof Product product
                    && isScaled(product, matrix, inner, order));
  }

  private static boolean isScaled(Product product, Buffer matrix, int inner, int order) {
    return product.into() == Accumulate.REPLACE
        && product.factors().size() == 2
        && product.outExtents().equals(List.of(inner, order))
        && product.sumExtents().isEmpty()
        && product.factors().stream().allMatch(operand -> operand.buffer().sampled())
        && product.factors().stream()
            .anyMatch(
                operand ->
                    operand.buffer().equals(matrix)
                        && operand.outStrides().equals(List.of(order, 1)))
        && product.factors().stream()
            .anyMatch(
                operand ->
                    operand.buffer().size() == inner && operand.outStrides().equals(List.of(1, 0)));
  }

  private static Buffer diagonal(Product scaled, Buffer matrix) {
    return scaled.factors().get(scaled.factors().get(0).buffer().equals(matrix) ? 1 : 0).buffer();
  }

  /** The position of the one step that writes a buffer, if one step alone reads it. */
  private Optional<Integer> onlyFor(Buffer buffer, int reader) {
    return steps.writers(buffer).size() == 1
            && steps.readers(buffer).stream().allMatch(position -> position == reader)
            && !wanted.contains(buffer)
        ? Optional.of(steps.writers(buffer).first())
        : Optional.empty();
  }
}
