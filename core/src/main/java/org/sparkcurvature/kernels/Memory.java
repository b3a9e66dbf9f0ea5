package org.sparkcurvature.kernels;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;
import org.sparkcurvature.plan.Buffer;
import org.sparkcurvature.plan.Plan;

/** The slots of a plan, allocated once for the largest block. */
final class Memory implements AutoCloseable {
  private final Plan plan;
  private final Storage[] slots;
  private final Map<Buffer, Delivery> deliveries = new HashMap<>();

  Memory(Plan plan, int rows, LongFunction<Storage> allocator) {
    this.plan = plan;
    this.slots = new Storage[plan.slotSizes().length];
    for (int k = 0; k < slots.length; k++) {
      slots[k] = allocator.apply((long) plan.slotSizes()[k] * (plan.slotSampled()[k] ? rows : 1));
    }
  }

  /** Where a step on the host writes a buffer. */
  Numbers target(Buffer buffer) {
    return plan.delivered().contains(buffer) ? delivery(buffer) : of(buffer);
  }

  /** A buffer that has no slot: it is written where it is wanted. */
  Delivery delivery(Buffer buffer) {
    return deliveries.computeIfAbsent(buffer, b -> new Delivery(b.size()));
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
