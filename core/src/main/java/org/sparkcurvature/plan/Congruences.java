package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.sparkcurvature.graph.Node;

/**
 * Products J' diag(d) J of each sample of which the upper triangle is used: three steps, each of
 * which writes what the next one reads, become one that does all for a sample while that is in the
 * nearest cache.
 */
final class Congruences {
  /** Fewer multiply-adds than this are not worth a call of BLAS. */
  private static final int WORTH_A_CALL = 512;

  private final Set<Buffer> wanted;
  private final Map<Buffer, List<Step>> writers = new HashMap<>();
  private final Map<Buffer, Set<Step>> readers = new HashMap<>();

  /** Steps that are replaced, by identity; empty for those that go. */
  private final Map<Step, Optional<Step>> replaced = new IdentityHashMap<>();

  private Congruences(List<Step> steps, Collection<Buffer> wanted) {
    this.wanted = new HashSet<>(wanted);
    steps.forEach(this::add);
  }

  private void add(Step step) {
    writers.computeIfAbsent(step.out(), out -> new ArrayList<>()).add(step);
    step.inputs().forEach(in -> readersOf(in).add(step));
  }

  private void replace(Step step, Optional<Step> by) {
    replaced.put(step, by);
    writers.get(step.out()).removeIf(writer -> writer == step);
    step.inputs().forEach(in -> readersOf(in).remove(step));
    by.ifPresent(this::add);
  }

  private Set<Step> readersOf(Buffer buffer) {
    return readers.computeIfAbsent(
        buffer, key -> Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  /**
   * Replaces such steps by one, where the last of them stood.
   *
   * @param wanted results, which stay
   * @param workspace makes room for so many elements
   * @param meaning what each step, by identity, computes
   */
  static void join(
      List<Step> steps,
      Collection<Buffer> wanted,
      IntFunction<Buffer> workspace,
      Map<Step, Node> meaning) {
    Congruences congruences = new Congruences(steps, wanted);
    for (Step step : List.copyOf(steps)) {
      if (step instanceof Step.Rearrange triangle) {
        congruences
            .product(triangle)
            .ifPresent(product -> congruences.join(product, triangle, workspace, meaning));
      }
    }
    steps.replaceAll(
        step -> congruences.replaced.getOrDefault(step, Optional.of(step)).orElse(null));
    steps.removeIf(Objects::isNull);
  }

  private void join(
      Step.Product product,
      Step.Rearrange triangle,
      IntFunction<Buffer> workspace,
      Map<Step, Node> meaning) {
    int order = product.outExtents().get(0);
    int inner = product.sumExtents().get(0);
    for (int k = 0; k < 2; k++) {
      Buffer matrix = product.factors().get(k).buffer();
      Optional<Step.Product> scaled =
          scaled(product.factors().get(1 - k).buffer(), matrix, product, inner, order);
      if (scaled.isPresent()) {
        Step joined =
            new Step.Congruence(
                matrix,
                diagonal(scaled.get(), matrix),
                inner,
                order,
                product.coefficient() * scaled.get().coefficient(),
                workspace.apply(order * (inner + order)),
                triangle.into(),
                triangle.out());
        meaning.put(joined, meaning.get(triangle));
        replace(triangle, Optional.of(joined));
        replace(product, Optional.empty());
        replace(scaled.get(), Optional.empty());
        return;
      }
    }
  }

  /**
   * What a triangle is taken of, if it is a product of matrices [inner, order], and nothing else.
   */
  private Optional<Step.Product> product(Step.Rearrange triangle) {
    return onlyFor(triangle.in(), triangle)
        .filter(step -> step instanceof Step.Product)
        .map(step -> (Step.Product) step)
        .filter(Congruences::isOfColumns)
        .filter(
            product ->
                Arrays.equals(triangle.map(), Folding.upperTriangle(product.outExtents().get(0))));
  }

  /** Whether each element is the product of two columns. */
  private static boolean isOfColumns(Step.Product product) {
    if (product.factors().size() != 2
        || product.outExtents().size() != 2
        || product.sumExtents().size() != 1
        || product.into() != Step.Into.REPLACE) {
      return false;
    }
    int order = product.outExtents().get(0);
    int inner = product.sumExtents().get(0);
    Step.Walk left = product.factors().get(0);
    Step.Walk right = product.factors().get(1);
    return product.outExtents().get(1) == order
        && (long) inner * order * order >= WORTH_A_CALL
        && left.outStrides().equals(List.of(1, 0))
        && right.outStrides().equals(List.of(0, 1))
        && List.of(left, right).stream()
            .allMatch(
                walk ->
                    walk.sumStrides().equals(List.of(order))
                        && walk.buffer().sampled()
                        && walk.buffer().size() == inner * order);
  }

  /** The step that multiplies the rows of {@code matrix} by numbers, for this product alone. */
  private Optional<Step.Product> scaled(
      Buffer rows, Buffer matrix, Step.Product reader, int inner, int order) {
    return onlyFor(rows, reader)
        .filter(step -> step instanceof Step.Product)
        .map(step -> (Step.Product) step)
        .filter(
            product ->
                product.into() == Step.Into.REPLACE
                    && product.factors().size() == 2
                    && product.outExtents().equals(List.of(inner, order))
                    && product.sumExtents().isEmpty()
                    && product.factors().stream().allMatch(walk -> walk.buffer().sampled())
                    && product.factors().stream()
                        .anyMatch(
                            walk ->
                                walk.buffer().equals(matrix)
                                    && walk.outStrides().equals(List.of(order, 1)))
                    && product.factors().stream()
                        .anyMatch(
                            walk ->
                                walk.buffer().size() == inner
                                    && walk.outStrides().equals(List.of(1, 0))));
  }

  private static Buffer diagonal(Step.Product scaled, Buffer matrix) {
    return scaled.factors().get(scaled.factors().get(0).buffer().equals(matrix) ? 1 : 0).buffer();
  }

  /** The one step that writes a buffer, if one step alone reads it. */
  private Optional<Step> onlyFor(Buffer buffer, Step reader) {
    List<Step> writing = writers.getOrDefault(buffer, List.of());
    boolean read = readersOf(buffer).stream().anyMatch(step -> step != reader);
    return writing.size() == 1 && !read && !wanted.contains(buffer)
        ? Optional.of(writing.get(0))
        : Optional.empty();
  }
}
