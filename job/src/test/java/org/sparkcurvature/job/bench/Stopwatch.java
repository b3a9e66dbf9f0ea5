package org.sparkcurvature.job.bench;

import java.util.Arrays;

/** Times things that take turns, so that what slows the machine slows all of them. */
final class Stopwatch {
  private Stopwatch() {}

  /**
   * Runs everything in turn, over and over.
   *
   * @param warmUps rounds that do not count
   * @param rounds rounds that count
   * @return the median time of each, in milliseconds
   */
  static double[] medians(int warmUps, int rounds, Runnable... all) {
    double[][] times = new double[all.length][rounds];
    for (int round = -warmUps; round < rounds; round++) {
      for (int k = 0; k < all.length; k++) {
        long start = System.nanoTime();
        all[k].run();
        if (round >= 0) {
          times[k][round] = (System.nanoTime() - start) / 1e6;
        }
      }
    }
    return Arrays.stream(times)
        .mapToDouble(
            runs -> {
              Arrays.sort(runs);
              return runs[runs.length / 2];
            })
        .toArray();
  }
}
