package org.sparkcurvature.job.command;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Layout;
import org.sparkcurvature.objective.Request;
import org.sparkcurvature.objective.Sums;

/**
 * Says beforehand that a result does not fit: a task, and at last the driver, holds its sums while
 * those of another task arrive, and the driver makes the result of them; a task's block holds its
 * matrices, too.
 */
final class MemoryCheck {
  private MemoryCheck() {}

  /** Java's longest array, less what some virtual machines keep for themselves. */
  private static final long LONGEST_ARRAY = Integer.MAX_VALUE - 8L;

  /** The sums at hand and those that arrive. */
  private static final int COPIES = 2;

  /**
   * Compares the sums with this process's heap, as if every executor had the same.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if they do not fit
   */
  static void refuseTooLarge(Derivation derivation) {
    refuseTooLarge(derivation, Runtime.getRuntime().maxMemory());
  }

  static void refuseTooLarge(Derivation derivation, long available) {
    Request.Global asked = derivation.request().global();
    Layout layout = derivation.layout();
    long p = layout.length();
    boolean square =
        asked.hessian() == Request.HessianForm.FULL || asked.ggn().isPresent() || asked.opg();
    long longest =
        square
            ? SymmetricMatrix.packedLength(layout.length())
            : asked.hessian() == Request.HessianForm.BLOCKS ? blocks(layout) : p;
    Map<String, Long> bytes =
        longest > LONGEST_ARRAY
            ? Map.of("hessian", 2 * Double.BYTES * longest)
            : Sums.bytes(derivation);
    long needed = COPIES * bytes.values().stream().mapToLong(Long::longValue).sum();
    if (longest <= LONGEST_ARRAY && needed <= available) {
      refuseLargeBlock(derivation, available);
      return;
    }
    String sums =
        bytes.entrySet().stream()
            .filter(part -> part.getValue() > needed / 100)
            .map(Map.Entry::getKey)
            .collect(Collectors.joining(", "));
    throw Errors.tooLarge(
        String.format(
            Locale.ROOT,
            "adding up %s for P = %,d (here, and once more while another task's sums arrive)",
            sums,
            p),
        needed,
        available,
        "curvature.derive.global",
        remedy(layout, available)
            + (longest > LONGEST_ARRAY
                ? " (no heap would do: the matrix is longer than Java's arrays)"
                : ", or give driver and executors a heap of %s (-- --driver-memory, --executor-memory)"
                    .formatted(Errors.bytes(needed + needed / 4))));
  }

  /** ND4J's arrays lie outside the heap, up to the heap's size unless told otherwise. */
  private static void refuseLargeBlock(Derivation derivation, long available) {
    Derivation.Cost cost = derivation.cost();
    if (cost.blockBytes() > available) {
      throw Errors.tooLarge(
          String.format(
              Locale.ROOT,
              "one task's block of %,d rows, with its results for P = %,d,",
              cost.blockRows(),
              derivation.layout().length()),
          cost.blockBytes(),
          available,
          "curvature.derive",
          "ask for less, name less in derive.wrt, or give driver and executors more memory (-- --driver-memory, --executor-memory)");
    }
  }

  /** What fits, with what it takes. */
  private static String remedy(Layout layout, long available) {
    long blocks = bytes(blocks(layout));
    return "set global.hessian = diagonal (%s)%s, name less in derive.wrt"
        .formatted(
            Errors.bytes(bytes(layout.length())),
            layout.entries().size() > 1 && blocks <= available
                ? " or blocks (%s)".formatted(Errors.bytes(blocks))
                : "");
  }

  /** Of sums of so many elements, each carried as two doubles. */
  private static long bytes(long elements) {
    return 2 * Double.BYTES * COPIES * elements;
  }

  private static long blocks(Layout layout) {
    return layout.entries().stream()
        .map(Layout.Entry::shape)
        .mapToInt(Shape::size)
        .mapToLong(SymmetricMatrix::packedLength)
        .sum();
  }
}
