package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * The block {@code model.statistics}: what tables, predictions and residuals say of rows.
 * Expressions are written in the loss language, over tensors, parameters and definitions.
 *
 * @param family what the model is called, such as {@code poisson, link log}
 * @param response what is modelled, for headings
 * @param observed the outcome, on the scale of the mean
 * @param mean the outcome's expectation
 * @param median the outcome's median, where it may have no expectation
 * @param meanDerivative the derivative of the expectation by the linear predictor
 * @param variance its variance; up to the dispersion where there is one
 * @param deviance of one row
 * @param logLikelihood of one row, where that is not minus the loss; {@code phi} in it stands for
 *     the dispersion
 * @param linearPredictor the definition that is linear in what is estimated, and that the loss
 *     depends on it through
 * @param phi the dispersion at which the log-likelihood is taken
 * @param dispersion whether the variance is known up to a factor, which is estimated by Pearson's
 *     statistic over its degrees of freedom
 * @param probabilities of an outcome's levels, each with its name behind {@code AS}
 * @param nullModel the parameters that the model without predictors has
 */
public record StatisticsConfig(
    Optional<String> family,
    Optional<String> response,
    Optional<String> observed,
    Optional<String> mean,
    Optional<String> median,
    Optional<String> meanDerivative,
    Optional<String> variance,
    Optional<String> deviance,
    Optional<String> logLikelihood,
    Optional<String> linearPredictor,
    Phi phi,
    boolean dispersion,
    List<String> probabilities,
    List<String> nullModel) {

  /** The dispersion at which a log-likelihood is taken. */
  public enum Phi {
    /** Pearson's statistic over n - k. */
    PEARSON,
    /** The deviance over n. */
    DEVIANCE
  }

  /** Whether there is something to predict that nobody has to name. */
  public boolean tellsPredictions() {
    return mean.isPresent() || median.isPresent() || !probabilities.isEmpty();
  }

  /** Pearson's statistic of one row, as an expression; empty where the model does not tell it. */
  public Optional<String> pearson() {
    return observed.isPresent() && mean.isPresent() && variance.isPresent()
        ? Optional.of(
            "square((%s) - (%s)) / (%s)".formatted(observed.get(), mean.get(), variance.get()))
        : Optional.empty();
  }

  /** Nothing. */
  public static final StatisticsConfig NONE =
      new StatisticsConfig(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Phi.PEARSON,
          false,
          List.of(),
          List.of());

  public StatisticsConfig {
    requireNonNull(family);
    requireNonNull(response);
    requireNonNull(observed);
    requireNonNull(mean);
    requireNonNull(median);
    requireNonNull(meanDerivative);
    requireNonNull(variance);
    requireNonNull(deviance);
    requireNonNull(logLikelihood);
    requireNonNull(linearPredictor);
    requireNonNull(phi);
    probabilities = List.copyOf(probabilities);
    nullModel = List.copyOf(nullModel);
  }

  static StatisticsConfig decode(Block block) {
    StatisticsConfig statistics =
        new StatisticsConfig(
            block.text("family"),
            block.text("response"),
            block.text("observed"),
            block.text("mean"),
            block.text("median"),
            block.text("mean-derivative"),
            block.text("variance"),
            block.text("deviance"),
            block.text("log-likelihood"),
            block.text("linear-predictor"),
            block.choice("phi", Phi.values()),
            block.flag("dispersion"),
            block.texts("probabilities"),
            block.texts("null-model"));
    block.end();
    return statistics;
  }
}
