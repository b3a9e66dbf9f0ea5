package org.sparkcurvature.backend;

import java.util.List;
import org.sparkcurvature.plan.steps.StridedOperand;

/**
 * The factors of a product, a chunk of samples of each: factor f is in array f of the scratch,
 * where what is the same for all samples is once.
 */
final class Factors {
  private final Storage[] storages;
  private final int[] sizes;

  /** The distance of two samples' tensors; 0 where they are the same. */
  private final int[] strides;

  private final Scratch scratch;

  /**
   * @param samples the most that are loaded at once
   */
  Factors(List<StridedOperand> strided, Memory memory, Scratch scratch, int samples) {
    this.storages = strided.stream().map(w -> memory.of(w.buffer())).toArray(Storage[]::new);
    this.sizes = strided.stream().mapToInt(w -> w.buffer().size()).toArray();
    this.strides =
        strided.stream().mapToInt(w -> w.buffer().sampled() ? w.buffer().size() : 0).toArray();
    this.scratch = scratch;
    for (int f = 0; f < storages.length; f++) {
      scratch.reserve(f, length(f, samples));
    }
  }

  private int length(int f, int samples) {
    return strides[f] == 0 ? sizes[f] : samples * strides[f];
  }

  /** Reads what is the same for all samples. */
  void loadShared() {
    for (int f = 0; f < storages.length; f++) {
      if (strides[f] == 0) {
        storages[f].load(0, sizes[f], scratch.array(f), 0);
      }
    }
  }

  /** Reads the other factors of {@code samples} samples from {@code first} on. */
  void load(int first, int samples) {
    for (int f = 0; f < storages.length; f++) {
      if (strides[f] > 0) {
        storages[f].load(first * strides[f], samples * strides[f], scratch.array(f), 0);
      }
    }
  }

  /** Where a factor's tensor of this sample of the chunk begins in its array. */
  int begin(int f, int sample) {
    return strides[f] * sample;
  }

  /** No product of elements of some of the factors of the chunk is larger. */
  double bound(int samples) {
    double bound = 1;
    for (int f = 0; f < storages.length; f++) {
      bound *= Math.max(1, DirectOutput.magnitude(scratch.array(f), 0, length(f, samples)));
    }
    return bound;
  }
}
