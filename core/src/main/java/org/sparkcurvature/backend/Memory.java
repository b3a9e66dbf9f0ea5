package org.sparkcurvature.backend;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.sparkcurvature.plan.Plan;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Span;

/**
 * The slots of a plan, allocated once for the largest block. Where a strip of samples has a place
 * of its own in a slot, that slot is counted from there while the strip is computed.
 */
final class Memory implements AutoCloseable {
  private final Plan plan;
  private final Storage[] slots;
  private final Map<Buffer, DirectOutput> directOutputs = new HashMap<>();
  private final List<DirectOutput> delivered = new ArrayList<>();
  private final int stripRows;
  private int first;

  Memory(Plan plan, int rows, int stripRows, LongFunction<Storage> allocator) {
    this.plan = plan;
    this.stripRows = isSeparate(allocator) ? rows : Math.min(rows, stripRows);
    this.slots = new Storage[plan.slotSizes().length];
    for (int k = 0; k < slots.length; k++) {
      slots[k] = allocator.apply((long) plan.slotSizes()[k] * tensors(plan.slotSpans()[k], rows));
    }
  }

  /** A device of its own takes as much at a time as it can get: a block is one strip. */
  private static boolean isSeparate(LongFunction<Storage> allocator) {
    try (Storage one = allocator.apply(1)) {
      return one.isSeparate();
    }
  }

  private int tensors(Span span, int rows) {
    return switch (span) {
      case ONE -> 1;
      case STRIP -> stripRows;
      case BLOCK -> rows;
    };
  }

  /** Samples of a strip. */
  int stripRows() {
    return stripRows;
  }

  /** Tensors that a buffer has room for, in a block of this many samples. */
  int tensors(Buffer buffer, int rows) {
    return tensors(plan.slotSpans()[plan.slots()[buffer.id()]], rows);
  }

  /** Says that a block begins. */
  void begin() {
    delivered.forEach(DirectOutput::begin);
  }

  /** From now on the strip of samples is computed that begins with this one of the block. */
  void moveTo(int sample) {
    first = sample;
    for (int k = 0; k < slots.length; k++) {
      if (plan.slotSpans()[k] == Span.BLOCK) {
        slots[k].moveTo(Math.multiplyExact(sample, plan.slotSizes()[k]));
      }
    }
    for (int k = 0; k < delivered.size(); k++) {
      delivered.get(k).moveTo(sample);
    }
  }

  /** Whether the first strip of a block is being computed, or what comes after all strips. */
  boolean isAtStart() {
    return first == 0;
  }

  /** Whether a buffer has no slot. */
  boolean isDelivered(Buffer buffer) {
    return plan.delivered().contains(buffer);
  }

  /**
   * Whether BLAS can be called to write a buffer sample by sample, in memory that the host shares.
   */
  boolean isInReach(Buffer buffer) {
    return !isDelivered(buffer) && !of(buffer).isSeparate();
  }

  /** Where a step on the host writes a buffer. */
  OutputSink target(Buffer buffer) {
    return isDelivered(buffer) ? directOutput(buffer) : of(buffer);
  }

  /** A buffer that has no slot: it is written where it is wanted. */
  DirectOutput directOutput(Buffer buffer) {
    return directOutputs.computeIfAbsent(
        buffer,
        b -> {
          DirectOutput directOutput = new DirectOutput(b.size());
          delivered.add(directOutput);
          return directOutput;
        });
  }

  Storage of(Buffer buffer) {
    return slots[plan.slots()[buffer.id()]];
  }

  @Override
  public void close() {
    for (Storage slot : slots) {
      slot.close();
    }
  }
}
