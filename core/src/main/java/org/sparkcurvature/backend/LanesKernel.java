package org.sparkcurvature.backend;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.ops.Elementwise;
import org.sparkcurvature.plan.steps.Lanes;

/** An elementwise function, a chunk of lanes at a time. */
final class LanesKernel implements Kernel {
  private static final int OPERANDS = 3;

  private final Elementwise.Loop loop;
  private final List<Lanes.Source> sources;
  private final List<Storage> storages;
  private final Lanes step;
  private final OutputSink out;
  private final Scratch scratch;

  LanesKernel(Lanes step, Memory memory, Scratch scratch) {
    this.step = step;
    this.loop = step.function().loop().orElseGet(() -> laneByLane(step.function().lane()));
    // A partial derivative of a function of three operands does not see the value.
    this.sources = step.sources().subList(0, Math.min(OPERANDS, step.sources().size()));
    this.storages = new ArrayList<>();
    for (Lanes.Source source : sources) {
      storages.add(
          source instanceof Lanes.Elements e
              ? memory.of(e.buffer())
              : source instanceof Lanes.Scalar s ? memory.of(s.buffer()) : null);
    }
    this.out = memory.target(step.out());
    this.scratch = scratch;
    for (int k = 0; k <= OPERANDS; k++) {
      scratch.reserve(k, Scratch.CHUNK);
    }
  }

  private static Elementwise.Loop laneByLane(Elementwise.Lane lane) {
    return (a, b, c, y, count) -> {
      for (int i = 0; i < count; i++) {
        y[i] = lane.at(a[i], b[i], c[i]);
      }
    };
  }

  @Override
  public void run(int rows) {
    int size = step.out().size();
    int total = size * (step.out().sampled() ? rows : 1);
    double[] a = scratch.array(0);
    double[] b = scratch.array(1);
    double[] c = scratch.array(2);
    double[] y = scratch.array(OPERANDS);
    for (int from = 0; from < total; from += Scratch.CHUNK) {
      int count = Math.min(Scratch.CHUNK, total - from);
      for (int k = 0; k < sources.size(); k++) {
        fill(k, size, from, count, scratch.array(k));
      }
      loop.run(a, b, c, y, count);
      out.store(from, count, y, 0);
    }
  }

  /** The operand of lanes {@code from .. from + count}; lane i belongs to sample i / size. */
  private void fill(int k, int size, int from, int count, double[] into) {
    Lanes.Source source = sources.get(k);
    if (source instanceof Lanes.Constant constant) {
      java.util.Arrays.fill(into, 0, count, constant.value());
    } else if (source instanceof Lanes.Elements elements) {
      if (elements.buffer().sampled() || !step.out().sampled()) {
        storages.get(k).load(from, count, into, 0);
      } else {
        for (int done = 0; done < count; ) {
          int within = (from + done) % size;
          int run = Math.min(size - within, count - done);
          storages.get(k).load(within, run, into, done);
          done += run;
        }
      }
    } else {
      boolean sampled = ((Lanes.Scalar) source).buffer().sampled();
      if (!sampled) {
        java.util.Arrays.fill(into, 0, count, storages.get(k).at(0));
        return;
      }
      for (int done = 0; done < count; ) {
        int run = Math.min(size - (from + done) % size, count - done);
        java.util.Arrays.fill(into, done, done + run, storages.get(k).at((from + done) / size));
        done += run;
      }
    }
  }
}
