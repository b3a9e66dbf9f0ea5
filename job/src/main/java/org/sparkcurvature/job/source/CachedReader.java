package org.sparkcurvature.job.source;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.util.LongAccumulator;

/** Reads samples out of the kept blocks of a partition. Belongs to one thread. */
final class CachedReader implements SampleReader {

  /** Which samples are read. */
  private enum Mode {
    WEIGHTED,
    ALL
  }

  private final Mode mode;
  private final Iterator<CachedBlock> blocks;
  private final List<String> names;
  private final double[][] targets;
  private final SampleBlock block;
  private final LongAccumulator read;
  private CachedBlock current = CachedBlock.NONE;
  private int next;
  private long zeroWeight;
  private RowTally tally = new RowTally(0, 0, 0, new Rejections());

  private CachedReader(
      Mode mode,
      Iterator<CachedBlock> blocks,
      List<String> names,
      SampleBlock block,
      LongAccumulator read) {
    this.mode = mode;
    this.read = read;
    this.blocks = blocks;
    this.names = names;
    this.targets = names.stream().map(block::tensor).toArray(double[][]::new);
    this.block = block;
  }

  /**
   * Reads the samples whose weight is not 0.
   *
   * @param names the tensors, in the order of the blocks
   * @param block where to write them
   * @param read counts samples
   */
  static CachedReader weighted(
      Iterator<CachedBlock> blocks, List<String> names, SampleBlock block, LongAccumulator read) {
    return new CachedReader(Mode.WEIGHTED, blocks, names, block, read);
  }

  /** As {@link #weighted}: all samples, with the columns that are handed on. */
  static CachedReader all(
      Iterator<CachedBlock> blocks, List<String> names, SampleBlock block, LongAccumulator read) {
    return new CachedReader(Mode.ALL, blocks, names, block, read);
  }

  @Override
  public int fill(int from, int to) {
    if (from == 0 && block.supply().isPresent()) {
      return supply(block.supply().get(), to);
    }
    return copy(from, to);
  }

  /** Has samples that lie in one block read where they lie, and puts others together. */
  private int supply(SampleBlock.Supply supply, int count) {
    boolean inPlace = isAtSample() && run(count) == count;
    for (int t = 0; t < targets.length; t++) {
      supply.from(names.get(t), inPlace ? current.tensor(t) : targets[t], inPlace ? next : 0);
    }
    if (!inPlace) {
      return copy(0, count);
    }
    describe(count, 0);
    next += count;
    return count;
  }

  /** Goes to the next sample; false where there is none. */
  private boolean isAtSample() {
    while (next == current.rows() || run(1) == 0) {
      if (next < current.rows()) {
        next++;
        zeroWeight++;
      } else if (!blocks.hasNext()) {
        return false;
      } else {
        current = blocks.next();
        read.add(current.rows());
        next = 0;
        if (current.isLast()) {
          tally = current.tally();
        }
      }
    }
    return true;
  }

  /** How many of the next samples, at most so many, are to be read and lie behind each other. */
  private int run(int most) {
    int count = Math.min(most, current.rows() - next);
    return mode == Mode.ALL ? count : current.weighted(next, count);
  }

  private int copy(int from, int to) {
    int at = from;
    while (at < to && isAtSample()) {
      int count = run(to - at);
      current.copy(next, count, targets, at);
      describe(count, at);
      next += count;
      at += count;
    }
    return at - from;
  }

  private void describe(int count, int at) {
    current.describe(next, count, block, at);
    if (mode == Mode.ALL) {
      current.handOn(next, count, block, at);
    }
  }

  @Override
  public RowTally tally() {
    return new RowTally(
        tally.read(), tally.rejected(), tally.zeroWeight() + zeroWeight, tally.rejections());
  }
}
