package org.sparkcurvature.backend;

import java.util.List;
import org.sparkcurvature.plan.steps.Along;
import org.sparkcurvature.plan.steps.Axis;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Join;

/** Kernels that move numbers, or walk along an axis. */
final class MoveKernels {
  private MoveKernels() {}

  static Kernel join(Join step, Memory memory, Scratch scratch) {
    List<Storage> parts = step.parts().stream().map(memory::of).toList();
    OutputSink out = memory.target(step.out());
    int outSize = step.out().size();
    int group = step.out().sampled() ? Scratch.samples(outSize) : 1;
    scratch.reserve(0, group * outSize);
    scratch.reserve(1, group * outSize);
    int stride = outSize / step.outer();
    return rows -> {
      int count = step.out().sampled() ? rows : 1;
      double[] from = scratch.array(0);
      double[] to = scratch.array(1);
      for (int first = 0; first < count; first += group) {
        int samples = Math.min(group, count - first);
        int at = 0;
        for (int p = 0; p < parts.size(); p++) {
          Buffer part = step.parts().get(p);
          int run = step.runs().get(p);
          int size = part.size();
          parts
              .get(p)
              .load(
                  part.sampled() ? first * size : 0,
                  part.sampled() ? samples * size : size,
                  from,
                  0);
          for (int s = 0; s < samples; s++) {
            for (int o = 0; o < step.outer(); o++) {
              System.arraycopy(
                  from,
                  (part.sampled() ? s * size : 0) + o * run,
                  to,
                  s * outSize + o * stride + at,
                  run);
            }
          }
          at += run;
        }
        out.store(first * outSize, samples * outSize, to, 0);
      }
    };
  }

  @FunctionalInterface
  private interface AxisLoop {
    void run(double[] from, int fromAt, double[] index, double[] to, int toAt);
  }

  static Kernel along(Along step, Memory memory, Scratch scratch) {
    Buffer source = step.operands().get(0);
    if (step.kind() == Along.Kind.GATHER && !source.sampled()) {
      return lookup(step, memory, scratch);
    }
    Storage in = memory.of(source);
    OutputSink out = memory.target(step.out());
    boolean indexed = step.operands().size() == 2;
    Storage indices = indexed ? memory.of(step.operands().get(1)) : in;
    boolean indexSampled = indexed && step.operands().get(1).sampled();
    double[] index = new double[indexed ? step.operands().get(1).size() : 0];
    int inSize = source.size();
    int outSize = step.out().size();
    int group = step.out().sampled() ? Scratch.samples(Math.max(inSize, outSize)) : 1;
    scratch.reserve(0, group * inSize);
    scratch.reserve(1, group * outSize);
    AxisLoop loop = axisLoop(step.kind(), step.axis());
    return rows -> {
      int count = step.out().sampled() ? rows : 1;
      double[] from = scratch.array(0);
      double[] to = scratch.array(1);
      for (int first = 0; first < count; first += group) {
        int samples = Math.min(group, count - first);
        in.load(
            source.sampled() ? first * inSize : 0,
            source.sampled() ? samples * inSize : inSize,
            from,
            0);
        for (int s = 0; s < samples; s++) {
          if (indexed) {
            indices.load(indexSampled ? (first + s) * index.length : 0, index.length, index, 0);
          }
          loop.run(from, source.sampled() ? s * inSize : 0, index, to, s * outSize);
        }
        out.store(first * outSize, samples * outSize, to, 0);
      }
    };
  }

  /** Of what all samples share only what the indices name is read. */
  private static Kernel lookup(Along step, Memory memory, Scratch scratch) {
    Storage in = memory.of(step.operands().get(0));
    Buffer index = step.operands().get(1);
    Storage indices = memory.of(index);
    int each = index.size();
    OutputSink out = memory.target(step.out());
    Axis axis = step.axis();
    int outSize = step.out().size();
    int group = Scratch.samples(outSize);
    scratch.reserve(0, group * outSize);
    return rows -> {
      int count = step.out().sampled() ? rows : 1;
      double[] to = scratch.array(0);
      for (int first = 0; first < count; first += group) {
        int samples = Math.min(group, count - first);
        for (int s = 0; s < samples; s++) {
          for (int k = 0; k < each; k++) {
            double at = indices.at((index.sampled() ? (first + s) * each : 0) + k);
            for (int o = 0; o < axis.outer(); o++) {
              int place = s * outSize + (o * each + k) * axis.inner();
              if (isOutside(at, axis.extent())) {
                java.util.Arrays.fill(to, place, place + axis.inner(), Double.NaN);
              } else {
                int from = (o * axis.extent() + (int) at) * axis.inner();
                in.load(from, axis.inner(), to, place);
              }
            }
          }
        }
        out.store(first * outSize, samples * outSize, to, 0);
      }
    };
  }

  private static AxisLoop axisLoop(Along.Kind what, Axis axis) {
    return switch (what) {
      case GATHER -> (from, fromAt, index, to, toAt) -> gather(axis, from, fromAt, index, to, toAt);
      case SCATTER ->
          (from, fromAt, index, to, toAt) -> scatter(axis, from, fromAt, index, to, toAt);
      case CUMULATE -> (from, fromAt, index, to, toAt) -> cumulate(axis, from, fromAt, to, toAt);
      case CUMULATE_BACKWARDS ->
          (from, fromAt, index, to, toAt) -> cumulateBackwards(axis, from, fromAt, to, toAt);
      case LARGEST -> (from, fromAt, index, to, toAt) -> largest(axis, from, fromAt, to, toAt);
    };
  }

  /** Whether an index names no element of an axis. */
  static boolean isOutside(double index, int extent) {
    return !(index >= 0 && index < extent && index == Math.rint(index));
  }

  private static void gather(
      Axis axis, double[] from, int fromAt, double[] index, double[] to, int toAt) {
    for (int o = 0; o < axis.outer(); o++) {
      for (int k = 0; k < index.length; k++) {
        int place = toAt + (o * index.length + k) * axis.inner();
        if (isOutside(index[k], axis.extent())) {
          java.util.Arrays.fill(to, place, place + axis.inner(), Double.NaN);
        } else {
          int at = fromAt + (o * axis.extent() + (int) index[k]) * axis.inner();
          System.arraycopy(from, at, to, place, axis.inner());
        }
      }
    }
  }

  private static void scatter(
      Axis axis, double[] from, int fromAt, double[] index, double[] to, int toAt) {
    int size = axis.outer() * axis.extent() * axis.inner();
    boolean outside = false;
    for (double i : index) {
      outside |= isOutside(i, axis.extent());
    }
    java.util.Arrays.fill(to, toAt, toAt + size, outside ? Double.NaN : 0);
    for (int o = 0; o < axis.outer() && !outside; o++) {
      for (int k = 0; k < index.length; k++) {
        int at = fromAt + (o * index.length + k) * axis.inner();
        int place = toAt + (o * axis.extent() + (int) index[k]) * axis.inner();
        for (int i = 0; i < axis.inner(); i++) {
          to[place + i] += from[at + i];
        }
      }
    }
  }

  private static void cumulate(Axis axis, double[] from, int fromAt, double[] to, int toAt) {
    for (int o = 0; o < axis.outer(); o++) {
      for (int i = 0; i < axis.inner(); i++) {
        double sum = 0;
        for (int k = 0; k < axis.extent(); k++) {
          int at = (o * axis.extent() + k) * axis.inner() + i;
          sum += from[fromAt + at];
          to[toAt + at] = sum;
        }
      }
    }
  }

  private static void cumulateBackwards(
      Axis axis, double[] from, int fromAt, double[] to, int toAt) {
    for (int o = 0; o < axis.outer(); o++) {
      for (int i = 0; i < axis.inner(); i++) {
        double sum = 0;
        for (int k = axis.extent() - 1; k >= 0; k--) {
          int at = (o * axis.extent() + k) * axis.inner() + i;
          sum += from[fromAt + at];
          to[toAt + at] = sum;
        }
      }
    }
  }

  private static void largest(Axis axis, double[] from, int fromAt, double[] to, int toAt) {
    for (int o = 0; o < axis.outer(); o++) {
      for (int i = 0; i < axis.inner(); i++) {
        double most = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < axis.extent(); k++) {
          most = Math.max(most, from[fromAt + (o * axis.extent() + k) * axis.inner() + i]);
        }
        to[toAt + o * axis.inner() + i] = most;
      }
    }
  }
}
