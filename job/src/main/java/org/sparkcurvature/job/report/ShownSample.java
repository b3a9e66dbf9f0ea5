package org.sparkcurvature.job.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The results of one sample.
 *
 * @param row its number
 * @param id its id, where the input has one
 * @param columns by the names of the per-sample table, such as {@code gradient}: the elements; one
 *     for {@code value}; some may be left out
 * @param lengths how many elements each column has, those left out included
 */
public record ShownSample(
    long row, Optional<String> id, Map<String, double[]> columns, Map<String, Integer> lengths) {
  public ShownSample {
    columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    lengths = Collections.unmodifiableMap(new LinkedHashMap<>(lengths));
  }

  /** A sample of which nothing is left out. */
  public ShownSample(long row, Optional<String> id, Map<String, double[]> columns) {
    this(row, id, columns, lengths(columns));
  }

  private static Map<String, Integer> lengths(Map<String, double[]> columns) {
    Map<String, Integer> lengths = new LinkedHashMap<>();
    columns.forEach((name, elements) -> lengths.put(name, elements.length));
    return lengths;
  }
}
