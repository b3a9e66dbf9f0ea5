package org.sparkcurvature.job.source;

import java.util.Arrays;

/**
 * Reads the rows of one partition into a block: a run of rows column by column, where the rows come
 * as columns; row by row otherwise, and where a row of a run may be invalid.
 */
final class BlockScan implements SampleReader {

  /** Rows of a run: what is written of them should stay in the nearest cache. */
  private static final int RUN = 64;

  private final SampleFormat format;
  private final PartitionRows rows;
  private final SampleScan scan;
  private final TensorReader[] readers;
  private final SampleBlock block;
  private final boolean weighted;
  private final Invalid invalid;
  private final CarriedColumns kept;
  private final int partition;
  private final RowChecks.Sum checksum;
  private final RowChecks.Pass pass;
  private long zeroWeight;
  private boolean ended;

  /** Whether all rows were read, and what that gives was told. */
  private boolean isWhole;

  private boolean isTold;

  /** What becomes of invalid rows. */
  enum Invalid {
    /** One ends the run: of some of them, what follows is not read. */
    FAILS,
    /** They are left out and counted. */
    IS_LEFT_OUT,
    /** They take a place in the block, with the tensors of a valid row. */
    IS_HANDED_ON
  }

  /**
   * @param weighted whether rows of weight 0 are left out; otherwise the columns that are handed on
   *     are kept
   * @param pass is told the checksum of the partition's samples
   */
  BlockScan(
      SampleFormat format,
      int partition,
      PartitionRows rows,
      SampleBlock block,
      boolean weighted,
      Invalid invalid,
      RowChecks.Pass pass) {
    this.format = format;
    this.rows = rows;
    this.readers =
        format.tensors().stream()
            .map(tensor -> new TensorReader(tensor, block.tensor(tensor.name()), format.missing()))
            .toArray(TensorReader[]::new);
    this.scan = new SampleScan(format, partition, rows, readers);
    this.block = block;
    this.weighted = weighted;
    this.invalid = invalid;
    this.partition = partition;
    this.checksum = new RowChecks.Sum(format, block);
    this.pass = pass;
    this.kept = new CarriedColumns(format, weighted ? 0 : block.capacity());
    if (!weighted) {
      block.keepIn(kept);
    }
  }

  @Override
  public int fill(int from, int to) {
    block.setValid(from, to);
    int at = from;
    while (at < to && !ended) {
      int run = format.corrupt().isEmpty() ? run(to - at) : 0;
      if (run > 0 && isCopied(at, run)) {
        at += run;
      } else {
        at = oneByOne(at, run > 0 ? run : to - at);
      }
    }
    if (invalid == Invalid.IS_HANDED_ON) {
      fillInvalid(from, at);
    }
    if (pass != RowChecks.UNCHECKED) {
      checksum.add(from, at);
      if (isWhole && !isTold) {
        isTold = true;
        pass.ended(partition, checksum.value());
      }
    }
    return at - from;
  }

  /** An engine computes all samples of a block: invalid rows get the tensors of a valid one. */
  private void fillInvalid(int from, int to) {
    int valid = block.firstValid(to);
    if (valid < 0) {
      return;
    }
    for (int at = from; at < to; at++) {
      if (block.isInvalid(at)) {
        for (SampleFormat.Tensor tensor : format.tensors()) {
          double[] values = block.tensor(tensor.name());
          int size = tensor.size();
          System.arraycopy(values, valid * size, values, at * size, size);
        }
      }
    }
  }

  private int run(int free) {
    return (int) Math.min(Math.min(free, RUN), Math.min(rows.inBatch(), scan.left()));
  }

  /** Copies a run of rows, unless one of them may be invalid or without weight. */
  private boolean isCopied(int at, int run) {
    int first = rows.position();
    for (TensorReader reader : readers) {
      if (!reader.read(rows.batch(), first, run, at)) {
        return false;
      }
    }
    if (format.weight().isEmpty()) {
      Arrays.fill(block.weights(), at, at + run, 1.0);
    } else if (!areWeightsCopied(at, run)) {
      return false;
    }
    for (int k = 0; k < run; k++) {
      block.numbers()[at + k] = scan.nextNumber() + k;
    }
    if (!weighted) {
      kept.keep(at, rows.batch(), first, run);
    }
    rows.skip(run);
    scan.skip(run);
    return true;
  }

  private boolean areWeightsCopied(int at, int run) {
    SampleFormat.Element weight = format.weight().get(0);
    double[] weights = block.weights();
    if (!((Cell.Scalar) weight.cell())
        .kind()
        .copy(rows.batch().column(weight.ordinal()), rows.position(), run, weights, at, 1)) {
      return false;
    }
    for (int k = at; k < at + run; k++) {
      if (weights[k] <= 0) {
        return false;
      }
    }
    return true;
  }

  private int oneByOne(int from, int count) {
    int at = from;
    for (int k = 0; k < count && !ended; k++) {
      if (!scan.nextRow(at)) {
        ended = true;
        isWhole = true;
      } else if (!scan.isValid() && invalid != Invalid.IS_HANDED_ON) {
        ended = invalid == Invalid.FAILS && scan.isRefusedAnyway();
      } else if (!scan.isValid()) {
        block.setInvalid(at);
        block.weights()[at] = 1;
        block.numbers()[at] = scan.number();
        kept.keep(at, scan.row());
        at++;
      } else if (weighted && scan.weight() == 0) {
        zeroWeight++;
      } else {
        block.weights()[at] = scan.weight();
        block.numbers()[at] = scan.number();
        if (!weighted) {
          kept.keep(at, scan.row());
        }
        at++;
      }
    }
    return at;
  }

  @Override
  public RowTally tally() {
    return new RowTally(scan.read(), scan.rejected(), zeroWeight, scan.rejections());
  }
}
