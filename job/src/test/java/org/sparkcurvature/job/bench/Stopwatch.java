package org.sparkcurvature.job.bench;

import java.util.Arrays;

/** Times things that take turns, so that what slows the machine slows all of them. */
final class Stopwatch {
  private Stopwatch() {}

  /**
   * Rounds that do not count: until Java has compiled what is timed, it waits for that.
   *
   * @param rounds so many at least
   * @param seconds so long at least
   */
  record WarmUp(int rounds, double seconds) {}

  /** {@link #medians(WarmUp, int, Runnable...)} after so many rounds that do not count. */
  static double[] medians(int warmUps, int rounds, Runnable... all) {
    return medians(new WarmUp(warmUps, 0), rounds, all);
  }

  /**
   * Runs everything in turn, over and over.
   *
   * @param rounds rounds that count
   * @return the median time of each, in milliseconds
   */
  static double[] medians(WarmUp warmUp, int rounds, Runnable... all) {
    long begin = System.nanoTime();
    for (int round = 0;
        round < warmUp.rounds() || (System.nanoTime() - begin) / 1e9 < warmUp.seconds();
        round++) {
      for (Runnable one : all) {
        one.run();
      }
    }
    double[][] times = new double[all.length][rounds];
    for (int round = 0; round < rounds; round++) {
      for (int k = 0; k < all.length; k++) {
        long start = System.nanoTime();
        all[k].run();
        times[k][round] = (System.nanoTime() - start) / 1e6;
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
