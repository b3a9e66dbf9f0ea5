package org.sparkcurvature.job.command;

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
 * those of another task arrive, and the driver makes the result of them.
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
            ? Map.of("hessian", COPIES * Double.BYTES * longest)
            : Sums.bytes(derivation);
    long needed = COPIES * bytes.values().stream().mapToLong(Long::longValue).sum();
    if (longest <= LONGEST_ARRAY && needed <= available) {
      return;
    }
    String parts =
        bytes.entrySet().stream()
            .filter(part -> part.getValue() > needed / 100)
            .map(part -> part.getKey() + " " + Errors.bytes(part.getValue()))
            .collect(Collectors.joining(", "));
    throw Errors.tooLarge(
        "adding up for P = %,d (%s, while as much arrives from another task)".formatted(p, parts),
        needed,
        available,
        "curvature.derive.global",
        "%s; a heap of %s (-- --driver-memory, --executor-memory)%s"
            .formatted(
                remedy(layout),
                Errors.bytes(needed + needed / 4),
                longest > LONGEST_ARRAY ? " would not do: one array cannot be that long" : ""));
  }

  /** What takes less, with what it takes. */
  private static String remedy(Layout layout) {
    String blocks =
        layout.entries().size() < 2
            ? ""
            : ", hessian = blocks takes %s"
                .formatted(Errors.bytes(2 * Double.BYTES * COPIES * blocks(layout)));
    return "hessian = diagonal takes %s%s; name less in derive.wrt"
        .formatted(Errors.bytes(2L * Double.BYTES * COPIES * layout.length()), blocks);
  }

  private static long blocks(Layout layout) {
    return layout.entries().stream()
        .map(Layout.Entry::shape)
        .mapToInt(Shape::size)
        .mapToLong(SymmetricMatrix::packedLength)
        .sum();
  }
}
