package org.sparkcurvature.kernels;

import java.util.function.LongFunction;
import org.sparkcurvature.plan.Buffer;
import org.sparkcurvature.plan.Plan;

/** The slots of a plan, allocated once for the largest block. */
final class Memory implements AutoCloseable {
  private final Plan plan;
  private final Storage[] slots;

  Memory(Plan plan, int rows, LongFunction<Storage> allocator) {
    this.plan = plan;
    this.slots = new Storage[plan.slotSizes().length];
    for (int k = 0; k < slots.length; k++) {
      slots[k] = allocator.apply((long) plan.slotSizes()[k] * (plan.slotSampled()[k] ? rows : 1));
    }
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
