package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One valid sample, for whoever wants to look at a few.
 *
 * @param row the row it comes from
 * @param weight its weight
 * @param tensors the elements of each input tensor, row-major
 */
public record Sample(RowName row, double weight, Map<String, double[]> tensors)
    implements Serializable {
  public Sample {
    tensors = new LinkedHashMap<>(tensors);
  }
}
