package org.sparkcurvature.backend;

/**
 * Arrays on the heap through which kernels work; shared by all kernels of a program, which run one
 * after another.
 */
final class Scratch {
  /** Elements that a chunk of samples may take: what stays in the nearest cache. */
  static final int CHUNK = 2048;

  private double[][] arrays = new double[8][0];

  /** Asks for room before the first block. */
  void reserve(int which, int length) {
    if (which >= arrays.length) {
      arrays = java.util.Arrays.copyOf(arrays, which + 1);
    }
    if (arrays[which] == null || arrays[which].length < length) {
      arrays[which] = new double[length];
    }
  }

  double[] array(int which) {
    return arrays[which];
  }

  /** How many samples of this many elements make a chunk: at least 1. */
  static int samples(int elements) {
    return Math.max(1, CHUNK / Math.max(1, elements));
  }
}
