package org.sparkcurvature.job.firstlook;

import java.io.Serializable;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Which columns rows lack together, each combination with the number of its rows. */
final class MissingPatterns implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Where there are more combinations, they are not counted. */
  private static final int MOST = 4096;

  private final HashMap<BitSet, Long> counts = new HashMap<>();
  private boolean tooMany;

  void add(BitSet missing) {
    if (!tooMany && !missing.isEmpty()) {
      Long before = counts.get(missing);
      counts.put(
          before == null ? (BitSet) missing.clone() : missing, before == null ? 1 : before + 1);
      forgetTooMany();
    }
  }

  void merge(MissingPatterns other) {
    tooMany |= other.tooMany;
    other.counts.forEach((missing, count) -> counts.merge(missing, count, Long::sum));
    forgetTooMany();
  }

  private void forgetTooMany() {
    tooMany |= counts.size() > MOST;
    if (tooMany) {
      counts.clear();
    }
  }

  /**
   * Of how many rows at most it is known that they lack one of some columns.
   *
   * @param columns their places
   * @param missing how many rows each of all columns lacks
   */
  long without(BitSet columns, long[] missing) {
    if (tooMany) {
      return columns.stream().mapToLong(k -> missing[k]).sum();
    }
    return counts.entrySet().stream()
        .filter(entry -> entry.getKey().intersects(columns))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }
}
