package org.sparkcurvature.plan.passes;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.BufferSet;
import org.sparkcurvature.plan.steps.Span;
import org.sparkcurvature.plan.steps.Step;

/**
 * Memory for buffers: one that is no longer read gives its slot to the next that fits. What lasts
 * from one strip of samples to the next keeps its slot until all strips are done.
 */
public final class BufferAllocation {
  private static final int NEVER = -1;
  private static final int DONE = -2;

  private final int[] slots;
  private final List<Integer> sizes = new ArrayList<>();
  private final List<Span> spans = new ArrayList<>();
  private final Set<Buffer> ofStrip;

  /**
   * @param buffers all buffers
   * @param permanent buffers that keep their contents
   * @param without buffers that get no slot
   * @param ofBlock sampled buffers that are wanted when all strips are done
   * @param strips the steps of a block
   */
  public BufferAllocation(
      List<Buffer> buffers,
      Set<Buffer> permanent,
      Set<Buffer> without,
      Set<Buffer> ofBlock,
      StripMining strips) {
    ofStrip = ofStrip(buffers, ofBlock, strips);
    slots = new int[buffers.size()];
    for (Buffer buffer : buffers) {
      slots[buffer.id()] = permanent.contains(buffer) ? open(buffer) : -1;
    }
    List<Step> steps = new ArrayList<>(strips.perStrip());
    steps.addAll(strips.atEnd());
    int[] lastRead = lastRead(buffers.size(), steps);
    Free free = new Free();
    Free rooms = new Free();
    for (int k = 0; k < steps.size(); k++) {
      boolean inStrip = k < strips.perStrip().size();
      if (!inStrip) {
        rooms.moveTo(free);
      }
      for (Step member : steps.get(k).members()) {
        Buffer out = member.out();
        if (slots[out.id()] < 0 && !without.contains(out)) {
          slots[out.id()] = take(free, out);
        }
      }
      Optional<Buffer> room = steps.get(k).workspace();
      if (room.isPresent()) {
        Free among = inStrip ? rooms : free;
        slots[room.get().id()] = take(among, room.get());
        among.add(slots[room.get().id()]);
      }
      for (Buffer in : steps.get(k).inputs()) {
        if (lastRead[in.id()] == k && !permanent.contains(in) && isOver(in, inStrip)) {
          free.add(slots[in.id()]);
          lastRead[in.id()] = DONE; // a step may read it as two operands
        }
      }
      for (Step member : steps.get(k).members()) {
        Buffer out = member.out();
        if (lastRead[out.id()] == NEVER
            && !permanent.contains(out)
            && !without.contains(out)
            && isOver(out, inStrip)) {
          free.add(slots[out.id()]);
        }
      }
    }
  }

  /** Which step reads each buffer last, by the buffer's number. */
  private static int[] lastRead(int buffers, List<Step> steps) {
    int[] lastRead = new int[buffers];
    Arrays.fill(lastRead, NEVER);
    for (int k = 0; k < steps.size(); k++) {
      for (Buffer in : steps.get(k).inputs()) {
        lastRead[in.id()] = k;
      }
    }
    return lastRead;
  }

  /** Whether a buffer is done with once it has been read, and not when all strips are. */
  private boolean isOver(Buffer buffer, boolean inStrip) {
    return !inStrip || ofStrip.contains(buffer);
  }

  private static Set<Buffer> ofStrip(
      List<Buffer> buffers, Set<Buffer> ofBlock, StripMining strips) {
    Set<Buffer> ofStrip = new BufferSet();
    if (!strips.perStrip().isEmpty()) {
      buffers.stream().filter(Buffer::sampled).forEach(ofStrip::add);
      ofStrip.removeAll(ofBlock);
      strips.atEnd().forEach(step -> step.inputs().forEach(ofStrip::remove));
    }
    return ofStrip;
  }

  private Span span(Buffer buffer) {
    if (!buffer.sampled()) {
      return Span.ONE;
    }
    return ofStrip.contains(buffer) ? Span.STRIP : Span.BLOCK;
  }

  private int open(Buffer buffer) {
    sizes.add(buffer.size());
    spans.add(span(buffer));
    return sizes.size() - 1;
  }

  /** The smallest free slot that is large enough; else the largest, enlarged; else a new one. */
  private int take(Free free, Buffer buffer) {
    OptionalInt best = free.take(span(buffer), buffer.size());
    if (best.isEmpty()) {
      return open(buffer);
    }
    sizes.set(best.getAsInt(), Math.max(sizes.get(best.getAsInt()), buffer.size()));
    return best.getAsInt();
  }

  /** Slots that are free, by span and size; of the same size the one that was freed first. */
  private final class Free {
    private final Map<Span, TreeMap<Integer, ArrayDeque<Integer>>> bySize =
        new EnumMap<>(Span.class);

    void add(int slot) {
      bySize
          .computeIfAbsent(spans.get(slot), span -> new TreeMap<>())
          .computeIfAbsent(sizes.get(slot), size -> new ArrayDeque<>())
          .add(slot);
    }

    void moveTo(Free other) {
      bySize.values().forEach(slots -> slots.values().forEach(same -> same.forEach(other::add)));
      bySize.clear();
    }

    OptionalInt take(Span span, int size) {
      TreeMap<Integer, ArrayDeque<Integer>> among = bySize.getOrDefault(span, new TreeMap<>());
      Map.Entry<Integer, ArrayDeque<Integer>> best = among.ceilingEntry(size);
      if (best == null) {
        best = among.lastEntry();
      }
      if (best == null) {
        return OptionalInt.empty();
      }
      int slot = best.getValue().remove();
      if (best.getValue().isEmpty()) {
        among.remove(best.getKey());
      }
      return OptionalInt.of(slot);
    }
  }

  public int[] slots() {
    return slots;
  }

  public int[] sizes() {
    return sizes.stream().mapToInt(s -> s).toArray();
  }

  public Span[] spans() {
    return spans.toArray(new Span[0]);
  }
}
