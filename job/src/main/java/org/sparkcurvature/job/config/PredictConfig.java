package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The block {@code predict}.
 *
 * @param of definitions or expressions of them; none: the family's mean
 * @param interval which intervals are given
 * @param residuals which residuals are given
 * @param covarianceFrom a folder that infer or estimate wrote
 * @param unseenGroups what is said of rows whose group the fit has not seen
 */
public record PredictConfig(
    List<String> of,
    Interval interval,
    List<Residual> residuals,
    Optional<String> covarianceFrom,
    UnseenGroups unseenGroups) {

  /** What is said of rows whose group the fit has not seen. */
  public enum UnseenGroups {
    /** Nothing: null. */
    NONE,
    /** What the fit to all rows together says. */
    POOLED,
    /** The run ends. */
    FAIL
  }

  /** Intervals of predictions. */
  public enum Interval {
    NONE,
    /** Of the prediction itself, by the delta method; on the link's scale where there is one. */
    CONFIDENCE
  }

  /** Residuals by their names (McCullagh and Nelder 1989, section 2.4). */
  public enum Residual {
    /** y - mean. */
    RESPONSE,
    /** That over the root of the variance function, times the root of the weight. */
    PEARSON,
    /** The root of the row's deviance, with the sign of y - mean, times the root of the weight. */
    DEVIANCE,
    /** y - mean over the derivative of the mean by the linear predictor. */
    WORKING
  }

  public PredictConfig {
    of = List.copyOf(of);
    requireNonNull(interval);
    residuals = List.copyOf(residuals);
    requireNonNull(covarianceFrom);
  }

  static PredictConfig decode(Block block) {
    List<Residual> residuals = new ArrayList<>();
    block
        .find("residuals")
        .ifPresent(
            setting -> {
              List<Setting> each = setting.isList() ? setting.elements() : List.of(setting);
              each.forEach(one -> one.choice(Residual.values()).ifPresent(residuals::add));
            });
    PredictConfig config =
        new PredictConfig(
            InputDecoder.distinct(block, "of"),
            block.choice("interval", Interval.values()),
            residuals,
            block.text("covariance-from"),
            // null is what a row has then, and no key at all.
            block
                .find("unseen-groups")
                .flatMap(setting -> setting.choice(UnseenGroups.values()))
                .orElse(UnseenGroups.NONE));
    block.end();
    return config;
  }
}
