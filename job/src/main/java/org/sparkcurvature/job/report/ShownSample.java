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
 *     for {@code value}
 */
public record ShownSample(long row, Optional<String> id, Map<String, double[]> columns) {
  public ShownSample {
    columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
  }
}
