package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import org.sparkcurvature.objective.Precision;

/**
 * A configuration that has been read, checked as a whole and found good. It holds what can be known
 * without rows and without parsing expressions; nothing in it is null.
 *
 * @param input the block {@code input}
 * @param model the block {@code model}
 * @param derive the block {@code derive}
 * @param fit the block {@code fit}
 * @param precision arithmetic inside a block of samples
 * @param device where a block of samples is computed
 * @param blockMemoryBytes working set of one task's block of samples, in bytes, at least 1
 * @param output the block {@code output}
 */
public record RunConfiguration(
    InputConfig input,
    ModelConfig model,
    DeriveConfig derive,
    FitConfig fit,
    Precision precision,
    Device device,
    long blockMemoryBytes,
    OutputConfig output) {
  public RunConfiguration {
    requireNonNull(input);
    requireNonNull(model);
    requireNonNull(derive);
    requireNonNull(fit);
    requireNonNull(precision);
    requireNonNull(device);
    requireNonNull(output);
  }
}
