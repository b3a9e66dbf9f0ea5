package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Memory for buffers: one that is no longer read gives its slot to the next that fits. What lasts
 * from one strip of samples to the next keeps its slot until all strips are done.
 */
final class Slots {
  private final int[] slots;
  private final List<Integer> sizes = new ArrayList<>();
  private final List<Plan.Span> spans = new ArrayList<>();
  private final Set<Buffer> ofStrip;

  /**
   * @param buffers all buffers
   * @param permanent buffers that keep their contents
   * @param without buffers that get no slot
   * @param ofBlock sampled buffers that are wanted when all strips are done
   * @param strips the steps of a block
   */
  Slots(
      List<Buffer> buffers,
      Set<Buffer> permanent,
      Set<Buffer> without,
      Set<Buffer> ofBlock,
      Strips strips) {
    ofStrip = ofStrip(buffers, ofBlock, strips);
    slots = new int[buffers.size()];
    for (Buffer buffer : buffers) {
      slots[buffer.id()] = permanent.contains(buffer) ? open(buffer) : -1;
    }
    List<Step> steps = new ArrayList<>(strips.perStrip());
    steps.addAll(strips.atEnd());
    Map<Buffer, Integer> lastRead = new HashMap<>();
    for (int k = 0; k < steps.size(); k++) {
      for (Buffer in : steps.get(k).inputs()) {
        lastRead.put(in, k);
      }
    }
    List<Integer> free = new ArrayList<>();
    List<Integer> rooms = new ArrayList<>();
    for (int k = 0; k < steps.size(); k++) {
      boolean inStrip = k < strips.perStrip().size();
      if (!inStrip) {
        free.addAll(rooms);
        rooms.clear();
      }
      for (Step member : steps.get(k).members()) {
        Buffer out = member.out();
        if (slots[out.id()] < 0 && !without.contains(out)) {
          slots[out.id()] = take(free, out);
        }
      }
      Optional<Buffer> room = steps.get(k).workspace();
      if (room.isPresent()) {
        List<Integer> among = inStrip ? rooms : free;
        slots[room.get().id()] = take(among, room.get());
        among.add(slots[room.get().id()]);
      }
      for (Buffer in : Set.copyOf(steps.get(k).inputs())) {
        if (lastRead.get(in) == k && !permanent.contains(in) && isOver(in, inStrip)) {
          free.add(slots[in.id()]);
        }
      }
      for (Step member : steps.get(k).members()) {
        Buffer out = member.out();
        if (!lastRead.containsKey(out)
            && !permanent.contains(out)
            && !without.contains(out)
            && isOver(out, inStrip)) {
          free.add(slots[out.id()]);
        }
      }
    }
  }

  /** Whether a buffer is done with once it has been read, and not when all strips are. */
  private boolean isOver(Buffer buffer, boolean inStrip) {
    return !inStrip || ofStrip.contains(buffer);
  }

  private static Set<Buffer> ofStrip(List<Buffer> buffers, Set<Buffer> ofBlock, Strips strips) {
    Set<Buffer> ofStrip = new HashSet<>();
    if (!strips.perStrip().isEmpty()) {
      buffers.stream().filter(Buffer::sampled).forEach(ofStrip::add);
      ofStrip.removeAll(ofBlock);
      strips.atEnd().forEach(step -> step.inputs().forEach(ofStrip::remove));
    }
    return ofStrip;
  }

  private Plan.Span span(Buffer buffer) {
    if (!buffer.sampled()) {
      return Plan.Span.ONE;
    }
    return ofStrip.contains(buffer) ? Plan.Span.STRIP : Plan.Span.BLOCK;
  }

  private int open(Buffer buffer) {
    sizes.add(buffer.size());
    spans.add(span(buffer));
    return sizes.size() - 1;
  }

  /** The smallest free slot that is large enough; else the largest, enlarged; else a new one. */
  private int take(List<Integer> free, Buffer buffer) {
    int best = -1;
    for (int slot : free) {
      if (spans.get(slot) == span(buffer) && (best < 0 || isBetter(slot, best, buffer.size()))) {
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

  Plan.Span[] spans() {
    return spans.toArray(new Plan.Span[0]);
  }
}
