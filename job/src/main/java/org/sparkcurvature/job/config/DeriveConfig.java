package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import org.sparkcurvature.engine.Request;

/**
 * The block {@code derive}.
 *
 * @param request which derivatives are wanted. Its {@code wrt} names parameters and input tensors,
 *     at least one and none twice; where the configuration names none, it is the only parameter.
 *     Where it holds an input tensor, no derivative is summed over samples. {@code ggn} is a
 *     definition; the names in the three lists of {@code per-sample} are definitions or {@code
 *     loss}, none twice in a list
 * @param reduction how samples are summed up
 */
public record DeriveConfig(Request request, Reduction reduction) {
  public DeriveConfig {
    requireNonNull(request);
    requireNonNull(reduction);
  }
}
