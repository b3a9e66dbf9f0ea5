package org.sparkcurvature.job.derive;

import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.AccumulatorV2;
import org.sparkcurvature.job.source.Rejections;
import org.sparkcurvature.job.source.RowTally;

/**
 * What became of the rows of each partition, told by the tasks of a pass that hands on rows, not
 * sums. It is kept by partition, so that a task that runs twice counts once.
 */
public final class RowTallies
    extends AccumulatorV2<Map.Entry<Integer, RowTally>, Map<Integer, RowTally>> {
  private static final long serialVersionUID = 1L;

  private final TreeMap<Integer, RowTally> tallies = new TreeMap<>();

  private RowTallies() {}

  /** For one pass. */
  public static RowTallies of(SparkSession spark) {
    RowTallies tallies = new RowTallies();
    spark.sparkContext().register(tallies);
    return tallies;
  }

  /** The rows of all partitions whose tasks have ended; weights are not added up, and NaN. */
  public synchronized RowCounts counts() {
    long read = 0;
    long rejected = 0;
    for (RowTally tally : tallies.values()) {
      read += tally.read();
      rejected += tally.rejected();
    }
    return new RowCounts(read, rejected, 0, Double.NaN, rejections().byReason());
  }

  /** Why rows are invalid, those of the first partition first. */
  public synchronized Rejections rejections() {
    Rejections all = new Rejections();
    tallies.values().forEach(tally -> all.merge(tally.rejections()));
    return all;
  }

  @Override
  public synchronized boolean isZero() {
    return tallies.isEmpty();
  }

  @Override
  public synchronized RowTallies copy() {
    RowTallies copy = new RowTallies();
    copy.tallies.putAll(tallies);
    return copy;
  }

  @Override
  public synchronized void reset() {
    tallies.clear();
  }

  @Override
  public synchronized void add(Map.Entry<Integer, RowTally> ofPartition) {
    tallies.put(ofPartition.getKey(), ofPartition.getValue());
  }

  @Override
  public synchronized void merge(
      AccumulatorV2<Map.Entry<Integer, RowTally>, Map<Integer, RowTally>> other) {
    tallies.putAll(other.value());
  }

  @Override
  public synchronized Map<Integer, RowTally> value() {
    return new TreeMap<>(tallies);
  }
}
