package org.sparkcurvature.job.source;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * Reads a partition into blocks that can be kept; the last of them has no samples and tells of all
 * rows.
 */
final class BlockCutter implements Iterator<CachedBlock> {

  /**
   * Bytes of a block: several to a partition, so that Spark can put some of them on disk; and many
   * engine's blocks to each, because those that lie within one are read in place.
   */
  private static final long BLOCK_BYTES = 8 << 20;

  /** Numbers that a value handed on is counted as. */
  private static final int KEPT = 8;

  private final Function<SampleBlock, SampleReader> begin;
  private final List<String> names;
  private final int[] sizes;
  private final int rows;
  private SampleReader reader;
  private SampleBlock block;
  private double[][] tensors;
  private boolean ended;

  /**
   * @param begin begins to read the samples that are to be kept
   * @param kept how many columns it hands on
   */
  BlockCutter(
      Samples.Partition samples,
      Function<SampleBlock, SampleReader> begin,
      SampleFormat format,
      int kept) {
    this.begin = begin;
    this.names = format.names();
    this.sizes = format.tensors().stream().mapToInt(SampleFormat.Tensor::size).toArray();
    long numbers = format.size() + 2 + (long) KEPT * kept;
    this.rows = (int) Math.max(1, Math.min(BLOCK_BYTES / Double.BYTES / numbers, 1 << 16));
    this.ended = samples.isEmpty();
  }

  @Override
  public boolean hasNext() {
    return !ended;
  }

  @Override
  public CachedBlock next() {
    if (ended) {
      throw new NoSuchElementException();
    }
    if (reader == null) {
      tensors = new double[sizes.length][];
      for (int t = 0; t < sizes.length; t++) {
        tensors[t] = new double[Math.multiplyExact(rows, sizes[t])];
      }
      block = new SampleBlock(name -> tensors[names.indexOf(name)], new double[rows]);
      reader = begin.apply(block);
    }
    int filled = reader.fill(0, rows);
    if (filled == 0) {
      ended = true;
      return CachedBlock.last(reader.tally());
    }
    double[][] copies = new double[sizes.length][];
    for (int t = 0; t < sizes.length; t++) {
      copies[t] = Arrays.copyOf(tensors[t], filled * sizes[t]);
    }
    return CachedBlock.of(copies, block, filled);
  }
}
