package org.sparkcurvature.job.derive;

import java.util.List;
import org.sparkcurvature.job.source.RowName;
import org.sparkcurvature.job.source.SampleScan;

/** Which rows the samples of a block come from, so that a message can name them. */
final class BlockRows {
  private final RowName[] rows;

  BlockRows(int size) {
    rows = new RowName[size];
  }

  /** The scan's current sample is at {@code position}. */
  void keep(int position, SampleScan scan) {
    rows[position] = scan.name();
  }

  RowName name(int position) {
    return rows[position];
  }

  List<RowName> names(List<Integer> positions) {
    return positions.stream().map(position -> rows[position]).toList();
  }
}
