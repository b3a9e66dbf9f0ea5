package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Memory for buffers: one that is no longer read gives its slot to the next that fits. */
final class Slots {
  private final int[] slots;
  private final List<Integer> sizes = new ArrayList<>();
  private final List<Boolean> sampled = new ArrayList<>();

  /**
   * @param buffers all buffers
   * @param permanent buffers that keep their contents
   * @param without buffers that get no slot
   * @param steps the steps of a block, in order
   */
  Slots(List<Buffer> buffers, Set<Buffer> permanent, Set<Buffer> without, List<Step> steps) {
    slots = new int[buffers.size()];
    for (Buffer buffer : buffers) {
      slots[buffer.id()] = permanent.contains(buffer) ? open(buffer) : -1;
    }
    Map<Buffer, Integer> lastRead = new HashMap<>();
    for (int k = 0; k < steps.size(); k++) {
      for (Buffer in : steps.get(k).inputs()) {
        lastRead.put(in, k);
      }
    }
    List<Integer> free = new ArrayList<>();
    for (int k = 0; k < steps.size(); k++) {
      Buffer out = steps.get(k).out();
      if (slots[out.id()] < 0 && !without.contains(out)) {
        slots[out.id()] = take(free, out);
      }
      Optional<Buffer> room = steps.get(k).workspace();
      if (room.isPresent()) {
        slots[room.get().id()] = take(free, room.get());
        free.add(slots[room.get().id()]);
      }
      for (Buffer in : Set.copyOf(steps.get(k).inputs())) {
        if (lastRead.get(in) == k && !permanent.contains(in)) {
          free.add(slots[in.id()]);
        }
      }
      if (!lastRead.containsKey(out) && !permanent.contains(out) && !without.contains(out)) {
        free.add(slots[out.id()]);
      }
    }
  }

  private int open(Buffer buffer) {
    sizes.add(buffer.size());
    sampled.add(buffer.sampled());
    return sizes.size() - 1;
  }

  /** The smallest free slot that is large enough; else the largest, enlarged; else a new one. */
  private int take(List<Integer> free, Buffer buffer) {
    int best = -1;
    for (int slot : free) {
      if (sampled.get(slot) == buffer.sampled()
          && (best < 0 || isBetter(slot, best, buffer.size()))) {
        best = slot;
      }
    }
    if (best < 0) {
      return open(buffer);
    }
    free.remove(Integer.valueOf(best));
    sizes.set(best, Math.max(sizes.get(best), buffer.size()));
    return best;
  }

  private boolean isBetter(int slot, int than, int size) {
    boolean fits = sizes.get(slot) >= size;
    boolean fitted = sizes.get(than) >= size;
    if (fits && fitted) {
      return sizes.get(slot) < sizes.get(than);
    }
    return fits || !fitted && sizes.get(slot) > sizes.get(than);
  }

  int[] slots() {
    return slots;
  }

  int[] sizes() {
    return sizes.stream().mapToInt(s -> s).toArray();
  }

  boolean[] sampled() {
    boolean[] result = new boolean[sampled.size()];
    for (int k = 0; k < result.length; k++) {
      result[k] = sampled.get(k);
    }
    return result;
  }
}
