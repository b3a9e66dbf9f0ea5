package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import org.sparkcurvature.engine.Precision;

/**
 * A configuration that has been read, checked as a whole and found good. It holds what can be known
 * without rows and without parsing expressions; nothing in it is null.
 *
 * @param input the block {@code input}
 * @param model the block {@code model}
 * @param derive the block {@code derive}
 * @param fit the block {@code fit}
 * @param infer the block {@code infer}
 * @param influence the block {@code influence}
 * @param spectrum the block {@code spectrum}
 * @param predict the block {@code predict}
 * @param effects the block {@code effects}
 * @param precision arithmetic inside a block of samples
 * @param device where a block of samples is computed
 * @param blockMemoryBytes working set of one task's block of samples, in bytes, at least 1
 * @param output the block {@code output}
 * @param report the block {@code report}
 * @param run the block {@code run}
 */
public record RunConfiguration(
    InputConfig input,
    ModelConfig model,
    DeriveConfig derive,
    FitConfig fit,
    InferConfig infer,
    InfluenceConfig influence,
    SpectrumConfig spectrum,
    PredictConfig predict,
    EffectsConfig effects,
    Precision precision,
    Device device,
    long blockMemoryBytes,
    OutputConfig output,
    ReportConfig report,
    RunConfig run) {
  /** The same with another input. */
  public RunConfiguration with(InputConfig other, ModelConfig otherModel) {
    return new RunConfiguration(
        other,
        otherModel,
        derive,
        fit,
        infer,
        influence,
        spectrum,
        predict,
        effects,
        precision,
        device,
        blockMemoryBytes,
        output,
        report,
        run);
  }

  /** The same with other effects. */
  public RunConfiguration with(EffectsConfig other) {
    return new RunConfiguration(
        input,
        model,
        derive,
        fit,
        infer,
        influence,
        spectrum,
        predict,
        other,
        precision,
        device,
        blockMemoryBytes,
        output,
        report,
        run);
  }

  public RunConfiguration {
    requireNonNull(input);
    requireNonNull(model);
    requireNonNull(derive);
    requireNonNull(fit);
    requireNonNull(infer);
    requireNonNull(influence);
    requireNonNull(spectrum);
    requireNonNull(predict);
    requireNonNull(effects);
    requireNonNull(precision);
    requireNonNull(device);
    requireNonNull(output);
    requireNonNull(report);
    requireNonNull(run);
  }
}
