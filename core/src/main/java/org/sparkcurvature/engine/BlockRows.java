package org.sparkcurvature.engine;

import org.sparkcurvature.plan.Plan;

/**
 * How many samples are computed at once.
 *
 * @param block samples of a block
 * @param strip samples of a block that go through its steps together
 * @param overhead what is done once for each block and each strip, in nanoseconds a sample
 * @param cramped whether larger blocks would be worth more memory
 */
record BlockRows(int block, int strip, double overhead, boolean cramped) {
  /** More samples in a block change nothing but the memory it takes. */
  private static final int MOST_ROWS = 4096;

  /** What a block may take where the working set allows more: about a core's own cache. */
  private static final long CACHE_BYTES = 1 << 20;

  /** Fewer samples than this make a block's fixed costs felt. */
  private static final long FEWEST_ROWS = 16;

  /** The same where results are summed, over samples: matrix products are long then. */
  private static final long FEWEST_SUMMED = 1024;

  /** What is done to sums may take one part in so many of a block's time. */
  private static final double PER_BLOCK = 20;

  /** Adding a number of a block's sums to those of other blocks, in nanoseconds: memory is slow. */
  private static final double PER_SUM = 3;

  /**
   * What blocks have to bear.
   *
   * @param bytes working set of one engine
   * @param bytesPerSample what each sample of a block needs
   * @param bytesPerSampleOfStrip what each sample of a strip needs besides
   * @param sums numbers that each block adds to sums; 0 where nothing is summed
   */
  record Demand(long bytes, long bytesPerSample, long bytesPerSampleOfStrip, long sums) {}

  /**
   * As many as the working set allows, at least one, and no more than a core's own cache holds, so
   * that what is computed first is still there when it is used. Where something is summed a block
   * must also be large beside the matrices that are added up; where there is no room for that,
   * strips give way as far as what is done once for each of them allows.
   */
  static BlockRows of(Plan plan, Demand demand) {
    double perBlock = plan.nanosecondsPerBlock() + PER_SUM * demand.sums();
    double perStrip = plan.nanosecondsPerStrip();
    double amortised =
        demand.sums() == 0
            ? FEWEST_ROWS
            : Math.max(FEWEST_SUMMED, PER_BLOCK * perBlock / plan.nanoseconds());
    double ofBlock = Math.max(1, demand.bytesPerSample());
    double ofStrip = demand.bytesPerSampleOfStrip();
    double cached = CACHE_BYTES / (ofBlock + ofStrip);
    double most =
        Math.min(
            Math.min(MOST_ROWS, Integer.MAX_VALUE / 16.0 / plan.widestSample()),
            Math.max(amortised, cached));
    double longest = Math.min(plan.stripRows(), most);
    double block = demand.bytes() / ofBlock;
    double strip = longest;
    if (ofStrip > 0) {
      // Of the time, c / n + d / s is spent once for each block of n samples and each strip of s;
      // with their memory a n + b s given, that is least where s / n is the root of a d / (b c).
      double strips =
          Math.min(1, Math.sqrt(ofBlock * perStrip / (ofStrip * Math.max(1, perBlock))));
      strip = Math.min(longest, strips * demand.bytes() / (ofBlock + strips * ofStrip));
      block = Math.min(most, (demand.bytes() - strip * ofStrip) / ofBlock);
      strip = Math.min(longest, (demand.bytes() - block * ofBlock) / ofStrip);
    }
    int rows = atLeastOne(Math.min(block, most));
    int stripRows = atLeastOne(Math.min(strip, rows));
    return new BlockRows(
        rows, stripRows, perBlock / rows + perStrip / stripRows, demand.sums() > 0 && block < most);
  }

  private static int atLeastOne(double rows) {
    return (int) Math.max(1, rows);
  }
}
