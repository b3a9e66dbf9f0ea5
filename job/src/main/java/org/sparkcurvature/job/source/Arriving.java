package org.sparkcurvature.job.source;

/**
 * The samples of a partition as the input has them.
 *
 * @param pass is told the checksum of the partition's samples
 */
record Arriving(
    SampleFormat format,
    int partition,
    PartitionRows rows,
    BlockScan.Invalid invalid,
    RowChecks.Pass pass)
    implements RowSamples.Part {
  @Override
  public boolean isEmpty() {
    boolean isEmpty = format.quota(partition) == 0 || !rows.hasNext();
    if (isEmpty) {
      pass.ended(partition, 0);
    }
    return isEmpty;
  }

  @Override
  public SampleReader weighted(SampleBlock block) {
    return new BlockScan(format, partition, rows, block, true, invalid, pass);
  }

  @Override
  public SampleReader all(SampleBlock block) {
    return new BlockScan(format, partition, rows, block, false, invalid, pass);
  }

  @Override
  public SampleBlock block(int samples) {
    return format.block(samples);
  }

  @Override
  public RowName name(long number, Object[] kept) {
    return format.name(number, kept);
  }
}
