package org.sparkcurvature.backend;

import java.util.Arrays;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Rearrange;

/**
 * Moves the numbers of each sample to other places. What lies side by side before and after is
 * moved at once.
 */
final class RearrangeKernel implements Kernel {
  /** Up to this many elements of a sample, several samples are moved at once. */
  private static final int FEW = 1 << 14;

  /** Up to this many elements an operand is copied, and read from there. */
  private static final int COPIED = 1 << 17;

  /** So many numbers side by side, on average, are moved as runs: in the nearest cache, and not. */
  private static final int LONG_IN_CACHE = 24;

  private static final int LONG = 4;

  /** So many are worth a call. */
  private static final int WORTH_A_CALL = 8;

  /** Where a part of the result lies in the operand: {@code length} numbers side by side. */
  private record Runs(int[] to, int[] from, int[] length) {
    static final Runs NONE = new Runs(new int[0], new int[0], new int[0]);

    static int count(int[] map) {
      int count = 0;
      for (int k = 0; k < map.length; k++) {
        count += begins(map, k) ? 1 : 0;
      }
      return count;
    }

    static Runs of(int[] map) {
      int count = count(map);
      Runs runs = new Runs(new int[count], new int[count], new int[count]);
      int run = 0;
      for (int k = 0; k < map.length; k++) {
        if (begins(map, k)) {
          runs.to[run] = k;
          runs.from[run] = map[k];
          runs.length[run++] = end(map, k) - k;
        }
      }
      return runs;
    }

    private static boolean begins(int[] map, int k) {
      return map[k] >= 0 && (k == 0 || map[k - 1] < 0 || map[k] != map[k - 1] + 1);
    }

    private static int end(int[] map, int begin) {
      int end = begin + 1;
      while (end < map.length && map[end] >= 0 && !begins(map, end)) {
        end++;
      }
      return end;
    }

    /** The first run that ends behind a place. */
    int behind(int place) {
      int found = Arrays.binarySearch(to, place);
      int run = found >= 0 ? found : -found - 2;
      return run < 0 || to[run] + length[run] <= place ? run + 1 : run;
    }

    int count() {
      return to.length;
    }
  }

  private final Rearrange step;
  private final int[] map;
  private final Storage in;
  private final OutputSink out;
  private final Scratch scratch;
  private final int inSize;
  private final int outSize;
  private final int group;
  private final boolean copied;
  private final Adding adding;
  private final Runs runs;
  private final boolean padded;

  /** Whether runs are long enough to be moved as such. */
  private final boolean inRuns;

  /** Whether nothing changes its place: a result that is asked for as it is. */
  private final boolean same;

  /** Whether few elements are added, and the others left alone. */
  private final boolean sparse;

  RearrangeKernel(Rearrange step, Memory memory, Scratch scratch) {
    this.step = step;
    this.map = step.map();
    this.in = memory.of(step.in());
    this.out = memory.target(step.out());
    this.scratch = scratch;
    this.inSize = step.in().size();
    this.outSize = step.out().size();
    boolean few = Math.max(inSize, outSize) <= FEW;
    int moved = (int) Arrays.stream(map).filter(k -> k >= 0).count();
    long count = Runs.count(map);
    this.padded = moved < map.length;
    this.inRuns = moved >= (few ? LONG_IN_CACHE : LONG) * count;
    this.sparse = step.into() == Accumulate.ADD && step.isSparse();
    this.runs = inRuns || sparse ? Runs.of(map) : Runs.NONE;
    this.same = few && inSize == outSize && moved == outSize && count == 1;
    this.copied = inSize <= COPIED;
    this.group = few && step.out().sampled() ? Scratch.samples(Math.max(inSize, outSize)) : 1;
    scratch.reserve(0, copied ? group * inSize : 0);
    int room = Math.min(group * outSize, FEW);
    scratch.reserve(1, room);
    this.adding = Adding.of(step, memory, scratch, 2, room);
  }

  @Override
  public void run(int rows) {
    int count = step.out().sampled() ? rows : 1;
    double[] x = scratch.array(0);
    double[] y = scratch.array(1);
    for (int first = 0; first < count; first += group) {
      int samples = Math.min(group, count - first);
      if (copied) {
        in.load(first * inSize, samples * inSize, x, 0);
      }
      if (sparse) {
        addFew(first, samples, x);
        continue;
      }
      if (same) {
        adding.add(first * outSize, samples * outSize, x);
        out.store(first * outSize, samples * outSize, x, 0);
        continue;
      }
      for (int at = 0; at < samples * outSize; at += FEW) {
        int size = Math.min(FEW, samples * outSize - at);
        if (group == 1) {
          move(first, 0, at, size, y, 0);
        } else {
          for (int s = 0; s < samples; s++) {
            move(first, s, 0, outSize, y, s * outSize);
          }
        }
        adding.add(first * outSize + at, size, y);
        out.store(first * outSize + at, size, y, 0);
      }
    }
  }

  private void addFew(int first, int samples, double[] x) {
    Storage sums = (Storage) out;
    for (int s = 0; s < samples; s++) {
      for (int r = 0; r < runs.count(); r++) {
        int from = runs.from()[r];
        int to = (first + s) * outSize + runs.to()[r];
        for (int k = 0; k < runs.length()[r]; k++) {
          double term = copied ? x[s * inSize + from + k] : in.at(first * inSize + from + k);
          sums.add(to + k, term);
        }
      }
    }
  }

  /**
   * Moves a part of the result of sample {@code first + sample}: {@code size} numbers from {@code
   * at} on, to y from {@code yi} on.
   */
  private void move(int first, int sample, int at, int size, double[] y, int yi) {
    double[] x = scratch.array(0);
    int xi = sample * inSize;
    int stored = (first + sample) * inSize;
    if (inRuns) {
      if (padded) {
        Arrays.fill(y, yi, yi + size, 0);
      }
      for (int r = runs.behind(at); r < runs.count() && runs.to()[r] < at + size; r++) {
        int skipped = Math.max(0, at - runs.to()[r]);
        int to = runs.to()[r] + skipped - at;
        int from = runs.from()[r] + skipped;
        int length = Math.min(runs.length()[r] - skipped, size - to);
        if (copied) {
          copy(x, xi + from, y, yi + to, length);
        } else {
          in.load(stored + from, length, y, yi + to);
        }
      }
    } else if (copied) {
      gather(x, xi, at, size, y, yi);
    } else {
      for (int k = 0; k < size; k++) {
        y[yi + k] = map[at + k] < 0 ? 0 : in.at(stored + map[at + k]);
      }
    }
  }

  private void gather(double[] x, int xi, int at, int size, double[] y, int yi) {
    if (padded) {
      for (int k = 0; k < size; k++) {
        int from = map[at + k];
        y[yi + k] = from < 0 ? 0 : x[xi + from];
      }
    } else {
      for (int k = 0; k < size; k++) {
        y[yi + k] = x[xi + map[at + k]];
      }
    }
  }

  private static void copy(double[] x, int from, double[] y, int to, int length) {
    if (length >= WORTH_A_CALL) {
      System.arraycopy(x, from, y, to, length);
    } else {
      for (int k = 0; k < length; k++) {
        y[to + k] = x[from + k];
      }
    }
  }
}
