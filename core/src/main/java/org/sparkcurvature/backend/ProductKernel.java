package org.sparkcurvature.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Product;

/**
 * Products broadcast against each other and summed over what the result does not have, a chunk of
 * samples at a time.
 */
final class ProductKernel implements Kernel {
  private final Product step;
  private final Factors factors;
  private final OutputSink out;

  /** Where the result is wanted, if that is not the plan's memory. */
  private final Optional<DirectOutput> directOutput;

  private final Adding adding;

  private final Scratch scratch;
  private final int factorCount;
  private final int inner;
  private final int outer;
  private final int sums;
  private final int samplesPerChunk;

  /**
   * Per factor: the offset of each position of the result's outer axes, and of each position of the
   * summed indices.
   */
  private final int[][] outerOffsets;

  private final int[][] sumOffsets;
  private final int[] innerStrides;
  private final int[] moving = new int[3];

  /** Where each factor's tensor of the current sample begins. */
  private final int[] base;

  /** See {@link #whole()}. */
  private final int whole;

  /** Whether it multiplies two tensors of one shape element by element, sample after sample. */
  private final boolean flat;

  /** Whether it scales one tensor, sample after sample. */
  private final boolean scaled;

  /** Whether each element is the inner product of runs of two factors. */
  private final boolean dots;

  ProductKernel(Product step, Memory memory, Scratch scratch) {
    this.step = step;
    this.scratch = scratch;
    this.out = memory.target(step.out());
    this.directOutput = out instanceof DirectOutput d ? Optional.of(d) : Optional.empty();
    this.factorCount = step.factors().size();
    this.base = new int[factorCount];
    List<List<Integer>> strides = new ArrayList<>();
    int widest = step.out().size();
    for (int f = 0; f < factorCount; f++) {
      strides.add(new ArrayList<>(step.factors().get(f).outStrides()));
      widest = Math.max(widest, step.factors().get(f).buffer().size());
    }
    List<Integer> extents = new ArrayList<>(step.outExtents());
    coalesce(extents, strides);
    int last = extents.size() - 1;
    this.inner = last < 0 ? 1 : extents.get(last);
    this.outer = step.out().size() / inner;
    this.sums = step.sumExtents().stream().reduce(1, (a, b) -> a * b);
    this.innerStrides = new int[factorCount];
    this.outerOffsets = new int[factorCount][];
    this.sumOffsets = new int[factorCount][];
    for (int f = 0; f < factorCount; f++) {
      innerStrides[f] = last < 0 ? 0 : strides.get(f).get(last);
      outerOffsets[f] = offsets(last <= 0 ? List.of() : extents.subList(0, last), strides.get(f));
      sumOffsets[f] = offsets(step.sumExtents(), step.factors().get(f).sumStrides());
    }
    this.flat =
        factorCount == 2
            && sums == 1
            && outer == 1
            && step.factors().stream()
                .allMatch(f -> f.buffer().sampled() && f.buffer().size() == inner)
            && (inner == 1 || innerStrides[0] == 1 && innerStrides[1] == 1);
    this.scaled =
        factorCount == 1
            && sums == 1
            && outer == 1
            && step.factors().get(0).buffer().sampled()
            && step.factors().get(0).buffer().size() == inner
            && (inner == 1 || innerStrides[0] == 1);
    this.dots =
        factorCount == 2
            && step.sumExtents().size() == 1
            && step.factors().stream().allMatch(f -> f.sumStrides().equals(List.of(1)));
    this.whole = whole();
    this.samplesPerChunk = step.out().sampled() ? Scratch.samples(widest) : 1;
    this.factors = new Factors(step.factors(), memory, scratch, samplesPerChunk);
    int room = step.out().size() * samplesPerChunk;
    scratch.reserve(factorCount, room);
    scratch.reserve(factorCount + 1, whole >= 0 ? room : 0);
    scratch.reserve(factorCount + 2, whole >= 0 ? room : 0);
    this.adding = Adding.of(step, memory, scratch, factorCount + 3, room);
  }

  /** Neighbouring axes that every factor walks as one become one, so that inner loops are long. */
  private static void coalesce(List<Integer> extents, List<List<Integer>> strides) {
    for (int axis = extents.size() - 2; axis >= 0; axis--) {
      int k = axis;
      int extent = extents.get(axis + 1);
      if (strides.stream().allMatch(s -> s.get(k) == s.get(k + 1) * extent)) {
        extents.set(axis, extents.get(axis) * extent);
        extents.remove(axis + 1);
        for (List<Integer> s : strides) {
          s.set(axis, s.get(axis + 1));
          s.remove(axis + 1);
        }
      }
    }
  }

  private static int[] offsets(List<Integer> extents, List<Integer> strides) {
    int count = extents.stream().reduce(1, (a, b) -> a * b);
    int[] offsets = new int[count];
    int[] position = new int[extents.size()];
    int at = 0;
    for (int k = 0; k < count; k++) {
      offsets[k] = at;
      for (int axis = position.length - 1; axis >= 0; axis--) {
        position[axis]++;
        at += strides.get(axis);
        if (position[axis] < extents.get(axis)) {
          break;
        }
        at -= position[axis] * strides.get(axis);
        position[axis] = 0;
      }
    }
    return offsets;
  }

  @Override
  public void run(int rows) {
    boolean sampled = step.out().sampled();
    int count = sampled ? rows : 1;
    factors.loadShared();
    int outSize = step.out().size();
    double[] result = scratch.array(factorCount);
    for (int first = 0; first < count; first += samplesPerChunk) {
      int chunk = Math.min(samplesPerChunk, count - first);
      factors.load(first, chunk);
      if (directOutput.isPresent()) {
        for (int sample = 0; sample < chunk; sample++) {
          moveTo(sample);
          sample(directOutput.get().array(), directOutput.get().position(first + sample));
        }
        directOutput
            .get()
            .bounded(Math.max(1, Math.abs(step.coefficient())) * sums * factors.bound(chunk));
        continue;
      }
      if (flat) {
        multiply(step.coefficient(), scratch.array(0), scratch.array(1), result, chunk * outSize);
      }
      if (whole >= 0) {
        repeat(chunk);
        multiply(
            step.coefficient(),
            step.factors().get(whole).buffer().sampled()
                ? scratch.array(whole)
                : scratch.array(factorCount + 2),
            scratch.array(factorCount + 1),
            result,
            chunk * outSize);
      }
      if (scaled) {
        scale(step.coefficient(), scratch.array(0), result, chunk * outSize);
      }
      for (int sample = 0; sample < chunk && !flat && !scaled && whole < 0; sample++) {
        moveTo(sample);
        sample(result, sample * outSize);
      }
      adding.add(first * outSize, chunk * outSize, result);
      out.store(first * outSize, chunk * outSize, result, 0);
    }
  }

  /** From the first element of each array on: only then does the compiler make vectors of it. */
  private static void multiply(double coefficient, double[] a, double[] b, double[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = coefficient * a[i] * b[i];
    }
  }

  /** As where products are added to 0: there is no -0. */
  private static void scale(double coefficient, double[] a, double[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = 0.0 + coefficient * a[i];
    }
  }

  /** Writes factors that are shorter than the result as often as the result is longer. */
  private void repeat(int samples) {
    int outSize = step.out().size();
    double[] rows = scratch.array(1 - whole);
    double[] repeated = scratch.array(factorCount + 1);
    double[] matrices = scratch.array(factorCount + 2);
    for (int sample = 0; sample < samples; sample++) {
      int at = sample * outSize;
      System.arraycopy(rows, sample * inner, repeated, at, inner);
      for (int done = inner; done < outSize; done *= 2) {
        System.arraycopy(repeated, at, repeated, at + done, Math.min(done, outSize - done));
      }
      if (!step.factors().get(whole).buffer().sampled()) {
        System.arraycopy(scratch.array(whole), 0, matrices, at, outSize);
      }
    }
  }

  /**
   * The factor that has all elements of the result, in their order, where the other one has a row
   * of them and is repeated for every row; else -1.
   */
  private int whole() {
    if (factorCount != 2 || sums != 1 || outer == 1 || inner == 1 || directOutput.isPresent()) {
      return -1;
    }
    return isWhole(0) ? 0 : isWhole(1) ? 1 : -1;
  }

  private boolean isWhole(int f) {
    int other = 1 - f;
    Buffer rows = step.factors().get(other).buffer();
    return rows.sampled()
        && rows.size() == inner
        && step.factors().get(f).buffer().size() == step.out().size()
        && innerStrides[f] == 1
        && innerStrides[other] == 1
        && IntStream.range(0, outer)
            .allMatch(o -> outerOffsets[other][o] == 0 && outerOffsets[f][o] == o * inner);
  }

  /** Has the factors walked from their tensors of this sample of the chunk on. */
  private void moveTo(int sample) {
    for (int f = 0; f < factorCount; f++) {
      base[f] = factors.begin(f, sample);
    }
  }

  private void sample(double[] result, int at) {
    double coefficient = step.coefficient();
    if (sums == 1 && factorCount == 2) {
      multiplyRows(result, at);
      return;
    }
    for (int o = 0; o < outer; o++) {
      int to = at + o * inner;
      if (dots) {
        for (int i = 0; i < inner; i++) {
          result[to + i] =
              coefficient
                  * dot(
                      scratch.array(0),
                      base[0] + outerOffsets[0][o] + i * innerStrides[0],
                      scratch.array(1),
                      base[1] + outerOffsets[1][o] + i * innerStrides[1],
                      sums);
        }
        continue;
      }
      if (sums == 1 && factorCount == 3) {
        multiplyThree(base, o, result, to);
        continue;
      }
      java.util.Arrays.fill(result, to, to + inner, 0);
      for (int s = 0; s < sums; s++) {
        if (factorCount == 1) {
          addScaled(
              coefficient,
              scratch.array(0),
              base[0] + outerOffsets[0][o] + sumOffsets[0][s],
              innerStrides[0],
              result,
              to,
              inner);
        } else if (factorCount == 2) {
          addProduct(
              coefficient,
              scratch.array(0),
              base[0] + outerOffsets[0][o] + sumOffsets[0][s],
              innerStrides[0],
              scratch.array(1),
              base[1] + outerOffsets[1][o] + sumOffsets[1][s],
              innerStrides[1],
              result,
              to,
              inner);
        } else {
          addMany(coefficient, base, o, s, result, to);
        }
      }
    }
  }

  /** Two factors, row after row of the result; rows are short, so little is done for each. */
  private void multiplyRows(double[] y, int at) {
    double coefficient = step.coefficient();
    double[] a = scratch.array(0);
    double[] b = scratch.array(1);
    int[] fromA = outerOffsets[0];
    int[] fromB = outerOffsets[1];
    int as = innerStrides[0];
    int bs = innerStrides[1];
    if (as == 0 && bs == 1) {
      for (int o = 0; o < outer; o++) {
        Rows.scale(
            coefficient * a[base[0] + fromA[o]], b, base[1] + fromB[o], y, at + o * inner, inner);
      }
    } else if (as == 1 && bs == 0) {
      for (int o = 0; o < outer; o++) {
        Rows.scale(
            coefficient * b[base[1] + fromB[o]], a, base[0] + fromA[o], y, at + o * inner, inner);
      }
    } else {
      for (int o = 0; o < outer; o++) {
        multiply(
            coefficient,
            a,
            base[0] + fromA[o],
            as,
            b,
            base[1] + fromB[o],
            bs,
            y,
            at + o * inner,
            inner);
      }
    }
  }

  /** Four sums at once: each addition waits for the one before it. */
  private static double dot(double[] a, int ai, double[] b, int bi, int n) {
    double w = 0;
    double x = 0;
    double y = 0;
    double z = 0;
    int k = 0;
    for (; k + 4 <= n; k += 4) {
      w += a[ai + k] * b[bi + k];
      x += a[ai + k + 1] * b[bi + k + 1];
      y += a[ai + k + 2] * b[bi + k + 2];
      z += a[ai + k + 3] * b[bi + k + 3];
    }
    for (; k < n; k++) {
      w += a[ai + k] * b[bi + k];
    }
    return (w + x) + (y + z);
  }

  /** Three factors: those that stay the same along the inner axis become one number. */
  private void multiplyThree(int[] base, int o, double[] y, int yi) {
    double coefficient = step.coefficient();
    int along = 0;
    for (int f = 0; f < 3; f++) {
      if (innerStrides[f] == 0) {
        coefficient *= scratch.array(f)[base[f] + outerOffsets[f][o]];
      } else {
        moving[along++] = f;
      }
    }
    if (along == 0) {
      java.util.Arrays.fill(y, yi, yi + inner, coefficient);
      return;
    }
    double[] a = scratch.array(moving[0]);
    int ai = base[moving[0]] + outerOffsets[moving[0]][o];
    int as = innerStrides[moving[0]];
    if (along == 1 && as == 1) {
      Rows.scale(coefficient, a, ai, y, yi, inner);
      return;
    }
    if (along == 1) {
      for (int i = 0; i < inner; i++) {
        y[yi + i] = coefficient * a[ai + i * as];
      }
      return;
    }
    multiply(
        coefficient,
        a,
        ai,
        as,
        scratch.array(moving[1]),
        base[moving[1]] + outerOffsets[moving[1]][o],
        innerStrides[moving[1]],
        y,
        yi,
        inner);
    if (along == 3) {
      double[] c = scratch.array(moving[2]);
      int ci = base[moving[2]] + outerOffsets[moving[2]][o];
      int cs = innerStrides[moving[2]];
      if (cs == 1) {
        for (int i = 0; i < inner; i++) {
          y[yi + i] *= c[ci + i];
        }
      } else {
        for (int i = 0; i < inner; i++) {
          y[yi + i] *= c[ci + i * cs];
        }
      }
    }
  }

  private static void multiply(
      double coefficient,
      double[] a,
      int ai,
      int as,
      double[] b,
      int bi,
      int bs,
      double[] y,
      int yi,
      int n) {
    if (as == 1 && bs == 1) {
      for (int i = 0; i < n; i++) {
        y[yi + i] = coefficient * a[ai + i] * b[bi + i];
      }
    } else if (as == 0 && bs == 1) {
      double factor = coefficient * a[ai];
      for (int i = 0; i < n; i++) {
        y[yi + i] = factor * b[bi + i];
      }
    } else if (as == 1 && bs == 0) {
      double factor = coefficient * b[bi];
      for (int i = 0; i < n; i++) {
        y[yi + i] = factor * a[ai + i];
      }
    } else {
      for (int i = 0; i < n; i++) {
        y[yi + i] = coefficient * a[ai + i * as] * b[bi + i * bs];
      }
    }
  }

  private static void addScaled(
      double coefficient, double[] a, int ai, int as, double[] y, int yi, int n) {
    for (int i = 0; i < n; i++) {
      y[yi + i] += coefficient * a[ai + i * as];
    }
  }

  private static void addProduct(
      double coefficient,
      double[] a,
      int ai,
      int as,
      double[] b,
      int bi,
      int bs,
      double[] y,
      int yi,
      int n) {
    if (as == 0 && bs == 1) {
      double factor = coefficient * a[ai];
      for (int i = 0; i < n; i++) {
        y[yi + i] += factor * b[bi + i];
      }
    } else if (as == 1 && bs == 0) {
      double factor = coefficient * b[bi];
      for (int i = 0; i < n; i++) {
        y[yi + i] += factor * a[ai + i];
      }
    } else {
      for (int i = 0; i < n; i++) {
        y[yi + i] += coefficient * a[ai + i * as] * b[bi + i * bs];
      }
    }
  }

  private void addMany(double coefficient, int[] base, int o, int s, double[] y, int yi) {
    for (int i = 0; i < inner; i++) {
      double product = coefficient;
      for (int f = 0; f < factorCount; f++) {
        product *=
            scratch.array(f)[base[f] + outerOffsets[f][o] + sumOffsets[f][s] + i * innerStrides[f]];
      }
      y[yi + i] += product;
    }
  }
}
