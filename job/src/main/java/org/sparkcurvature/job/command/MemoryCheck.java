package org.sparkcurvature.job.command;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.derive.Plans;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.reduce.FixedTree;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * Says beforehand that a result does not fit. Each task that runs holds its sums, and a copy of
 * them: the bytes that it hands on, or those of another task that it merges. Beside them Spark
 * holds sums that wait to be merged, as many as its share of the heap takes. The driver makes the
 * result of the sums and of those of the penalty. A task's block holds its matrices, too.
 */
final class MemoryCheck {
  /**
   * Where sums are asked for.
   *
   * @param path the key of the configuration
   * @param remedy how to ask for less; empty where {@code derive.global} says it
   * @param squares how many P x P matrices of doubles the driver makes of the sums
   */
  record Asked(String path, String remedy, int squares) {
    Asked(String path, String remedy) {
      this(path, remedy, 0);
    }
  }

  /** Java's longest array, less what some virtual machines keep for themselves. */
  private static final long LONGEST_ARRAY = Integer.MAX_VALUE - 8L;

  /** The sums at hand and those that leave or arrive. */
  private static final int COPIES = 2;

  private final DerivativeSpec spec;
  private final ClusterMemory heaps;
  private final int partitions;
  private final int tasks;
  private final Asked asked;

  private MemoryCheck(DerivativeSpec spec, int partitions, ClusterMemory heaps, Asked asked) {
    this.spec = spec;
    this.asked = asked;
    this.heaps = heaps;
    this.partitions = partitions;
    this.tasks = heaps.atOnce(partitions);
  }

  /**
   * Compares what the sums and a block take with what there is.
   *
   * @param partitions how many tasks there are in all
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if they do not fit
   */
  static void refuseTooLarge(
      DerivativeSpec spec, Optional<DerivativeSpec> penalty, int partitions, ClusterMemory heaps) {
    refuseTooLarge(spec, penalty, partitions, heaps, new Asked("curvature.derive.global", ""));
  }

  /** As the other {@code refuseTooLarge}, for sums that are asked for elsewhere. */
  static void refuseTooLarge(
      DerivativeSpec spec,
      Optional<DerivativeSpec> penalty,
      int partitions,
      ClusterMemory heaps,
      Asked asked) {
    refuse(tooLarge(spec, penalty, partitions, heaps, asked));
  }

  /** What does not fit, where {@code derive} asks for it; nothing where all does. */
  static Optional<JobException> tooLarge(
      DerivativeSpec spec, Optional<DerivativeSpec> penalty, int partitions, ClusterMemory heaps) {
    return tooLarge(spec, penalty, partitions, heaps, new Asked("curvature.derive.global", ""));
  }

  private static Optional<JobException> tooLarge(
      DerivativeSpec spec,
      Optional<DerivativeSpec> penalty,
      int partitions,
      ClusterMemory heaps,
      Asked asked) {
    MemoryCheck check = new MemoryCheck(spec, partitions, heaps, asked);
    return check
        .longArrays()
        .or(check::largeSums)
        .or(() -> check.largeResult(penalty))
        .or(check::largeBlock);
  }

  /** Whether a block fits, whatever is summed. */
  static boolean fitsBlock(DerivativeSpec spec, int partitions, ClusterMemory heaps) {
    return new MemoryCheck(spec, partitions, heaps, new Asked("curvature.derive.global", ""))
        .largeBlock()
        .isEmpty();
  }

  private static void refuse(Optional<JobException> refusal) {
    if (refusal.isPresent()) {
      throw refusal.get();
    }
  }

  /**
   * How many elements of a matrix each of the tasks that run at once in an executor can sum: as two
   * doubles each, and as one more and an index beside the heap while a block is computed. Half of
   * the heap is left to the samples that Spark keeps and to what it shuffles.
   */
  static long elementsPerTask(ClusterMemory heaps) {
    return heaps.executor() / 2 / heaps.tasks() / (2 * Double.BYTES + Double.BYTES + Integer.BYTES);
  }

  private Optional<JobException> longArrays() {
    Request.Global summed = spec.request().global();
    Layout layout = spec.layout();
    boolean square =
        summed.hessian() == Request.HessianForm.FULL || summed.ggn().isPresent() || summed.opg();
    long longest =
        square
            ? SymmetricMatrix.packedLength(layout.length())
            : summed.hessian() == Request.HessianForm.BLOCKS ? blocks(layout) : layout.length();
    if (longest > LONGEST_ARRAY) {
      return refusal(
          String.format(
              Locale.ROOT,
              "adding up hessian for P = %,d (the sums of a task, and a copy of them)",
              layout.length()),
          bytes(longest),
          ClusterMemory.usable(heaps.executor()),
          asked.path(),
          remedy() + " (no heap would do: the matrix is longer than Java's arrays)");
    }
    return Optional.empty();
  }

  private Optional<JobException> largeSums() {
    long sums = total(spec);
    long first = COPIES * sums * tasks;
    int merging =
        partitions > 1 ? heaps.atOnce((partitions + FixedTree.FAN_IN - 1) / FixedTree.FAN_IN) : 0;
    long held = COPIES * sums * merging;
    long waiting = sums * merging * Math.min(partitions, FixedTree.FAN_IN);
    long heap = heaps.executor();
    long needed = Math.max(first, held + Math.min(waiting, heaps.shared(heap)));
    if (needed <= ClusterMemory.usable(heap)) {
      return Optional.empty();
    }
    long mended = Math.max(heapFor(first), heapFor(held, waiting));
    return refusal(
        String.format(
            Locale.ROOT,
            "adding up %s for P = %,d in %s (the sums of each task, and a copy of them while they are sent or merged)",
            largest(),
            spec.layout().length(),
            tasks == 1 ? "one task" : tasks + " tasks at once"),
        needed,
        ClusterMemory.usable(heap),
        asked.path(),
        remedy() + ", " + heaps.larger(mended) + (tasks == 1 ? "" : ", or " + heaps.fewerTasks()));
  }

  /**
   * The driver holds the sums, what comes of them in plain doubles, the same of the penalty, and
   * the matrices that it decomposes.
   */
  private Optional<JobException> largeResult(Optional<DerivativeSpec> penalty) {
    long sums = total(spec);
    long all = sums + penalty.map(MemoryCheck::total).orElse(0L);
    long p = spec.layout().length();
    long needed =
        Math.max(COPIES * sums, all + all / 2 + (long) Double.BYTES * asked.squares() * p * p);
    if (needed > ClusterMemory.usable(heaps.driver())) {
      long mended = heapFor(needed);
      return refusal(
          String.format(
              Locale.ROOT,
              "the driver's result of %s for P = %,d",
              largest(),
              spec.layout().length()),
          needed,
          ClusterMemory.usable(heaps.driver()),
          asked.path(),
          "%s, or give the driver a heap of %s (-- --driver-memory %s)"
              .formatted(remedy(), Errors.bytes(mended), ClusterMemory.option(mended)));
    }
    return Optional.empty();
  }

  /**
   * ND4J's arrays lie outside the heap, up to the heap's size unless told otherwise. With the sums
   * in the heap and what Spark has there they must fit the process's container, too.
   */
  private Optional<JobException> largeBlock() {
    DerivativeSpec.Cost cost = Plans.of(spec).cost();
    long blocks = cost.blockBytes() * tasks;
    long beside = ClusterMemory.RESERVED + total(spec) * tasks;
    boolean fitsProcess = blocks <= heaps.process() - beside;
    if (blocks > heaps.executor() || !fitsProcess) {
      return refusal(
          String.format(
              Locale.ROOT,
              "%s of %,d rows, with its results for P = %,d,",
              tasks == 1 ? "one task's block" : "a block in each of " + tasks + " tasks at once,",
              cost.blockRows(),
              spec.layout().length()),
          blocks,
          fitsProcess ? heaps.executor() : Math.max(0, heaps.process() - beside),
          "curvature.derive",
          "%s, or give %s"
              .formatted(
                  cost.bytesPerSample() * cost.blockRows() > cost.blockBytes() / 2
                          && cost.blockRows() > 1
                      ? "set a smaller curvature.block-memory"
                          + (tasks == 1 ? "" : ", " + heaps.fewerTasks())
                      : "ask for less, name less in derive.wrt",
                  fitsProcess
                      ? "driver and executors more memory (-- --driver-memory, --executor-memory)"
                      : "the container more memory: it has %s, heap and all"
                          .formatted(Errors.bytes(heaps.process()))));
    }
    return Optional.empty();
  }

  private static Optional<JobException> refusal(
      String what, long bytes, long available, String where, String remedy) {
    return Optional.of(Errors.tooLarge(what, bytes, available, where, remedy));
  }

  private static long total(DerivativeSpec spec) {
    return Sums.bytes(spec).values().stream().mapToLong(Long::longValue).sum();
  }

  /** The sums that matter. */
  private String largest() {
    Map<String, Long> bytes = Sums.bytes(spec);
    long total = total(spec);
    return bytes.entrySet().stream()
        .filter(part -> part.getValue() > total / 50)
        .map(Map.Entry::getKey)
        .collect(Collectors.joining(", "));
  }

  /** A heap that leaves so many bytes to sums. */
  private static long heapFor(long bytes) {
    return (long) (bytes / (ClusterMemory.usable(8) / 8.0));
  }

  /** A heap that leaves so many bytes to sums, beside those that wait in Spark's share of it. */
  private long heapFor(long held, long waiting) {
    double left = ClusterMemory.usable(8) / 8.0 - heaps.sharedFraction();
    long whole = heapFor(held + waiting);
    return left <= 0 ? whole : Math.min(whole, (long) (held / left));
  }

  /** What fits, with what it takes. */
  private String remedy() {
    if (!asked.remedy().isEmpty()) {
      return asked.remedy();
    }
    Layout layout = spec.layout();
    long blocks = bytes(blocks(layout));
    return "set global.hessian = diagonal (%s)%s, name less in derive.wrt"
        .formatted(
            Errors.bytes(bytes(layout.length())),
            layout.entries().size() > 1 && blocks <= ClusterMemory.usable(heaps.executor()) / tasks
                ? " or blocks (%s)".formatted(Errors.bytes(blocks))
                : "");
  }

  /** Of one task's sums of so many elements, each carried as two doubles, and their copy. */
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
