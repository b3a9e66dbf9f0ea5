package org.sparkcurvature.job.derive;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.source.Rejections;
import org.sparkcurvature.job.source.RowTally;
import org.sparkcurvature.job.watch.FittedValues;

/** What a task of the global pass hands on, merged in the order of partitions. */
final class Partial implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The most rows that a message names. */
  private static final int NAMED = 10;

  private long read;
  private long rejected;
  private long zeroWeight;
  // The sum of the weights and what its rounding lost: the last bits of a plain sum depend on where
  // blocks end.
  private double weight;
  private double weightError;
  private final Rejections rejections = new Rejections();
  private String notFinite = "";
  private List<Long> notFiniteRows = List.of();
  private Sums sums;
  private FittedValues fitted;
  private final TreeSet<ComputeDevice> devices = new TreeSet<>();

  /** Adds the first {@code rows} of {@code weights}, where no sums are taken that know them. */
  void addWeights(double[] weights, int rows) {
    for (int k = 0; k < rows; k++) {
      addWeight(weights[k]);
    }
  }

  private void addWeight(double added) {
    double sum = weight + added;
    weightError +=
        Math.abs(weight) >= Math.abs(added) ? weight - sum + added : added - sum + weight;
    weight = sum;
  }

  /** Takes over what became of the partition's rows. */
  void finish(RowTally tally) {
    read = tally.read();
    rejected = tally.rejected();
    zeroWeight = tally.zeroWeight();
    rejections.merge(tally.rejections());
  }

  /**
   * The rows in which {@code expression} is not finite; without rows, it is a quantity that all
   * rows share.
   */
  void fail(String expression, List<Long> rows) {
    notFinite = expression;
    notFiniteRows = new ArrayList<>(rows);
    sums = null;
  }

  void computedOn(ComputeDevice device) {
    devices.add(device);
  }

  void setSums(Sums sums) {
    this.sums = sums;
  }

  void setFitted(FittedValues fitted) {
    this.fitted = fitted;
  }

  Optional<FittedValues> fitted() {
    return Optional.ofNullable(fitted);
  }

  void merge(Partial other) {
    if (fitted == null) {
      fitted = other.fitted;
    } else if (other.fitted != null) {
      fitted.add(other.fitted);
    }
    read += other.read;
    rejected += other.rejected;
    devices.addAll(other.devices);
    zeroWeight += other.zeroWeight;
    addWeight(other.weight);
    weightError += other.weightError;
    rejections.merge(other.rejections);
    if (isFinite()) {
      notFinite = other.notFinite;
      notFiniteRows = other.notFiniteRows;
    } else if (notFinite.equals(other.notFinite)) {
      notFiniteRows = firstOf(notFiniteRows, other.notFiniteRows, NAMED);
    }
    if (!isFinite() || sums == null) {
      sums = isFinite() ? other.sums : null;
    } else if (other.sums != null) {
      sums.merge(other.sums);
    }
  }

  private static <T> List<T> firstOf(List<T> one, List<T> other, int count) {
    return new ArrayList<>(Stream.concat(one.stream(), other.stream()).limit(count).toList());
  }

  RowCounts counts() {
    return new RowCounts(
        read,
        rejected,
        zeroWeight,
        sums == null ? weight + weightError : sums.weight(),
        rejections.byReason());
  }

  Rejections rejections() {
    return rejections;
  }

  boolean isFinite() {
    return notFinite.isEmpty();
  }

  String notFinite() {
    return notFinite;
  }

  /** The numbers of the first rows in which it is not finite. */
  List<Long> notFiniteRows() {
    return notFiniteRows;
  }

  List<ComputeDevice> devices() {
    return List.copyOf(devices);
  }

  Optional<Sums> sums() {
    return Optional.ofNullable(sums);
  }
}
