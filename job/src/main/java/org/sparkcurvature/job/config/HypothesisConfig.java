package org.sparkcurvature.job.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One test of {@code infer.tests}.
 *
 * @param equations expressions of parameters that are tested together
 * @param without names of elements or of a formula's terms that are tested for being 0, in the
 *     place of equations
 * @param kinds which tests are made
 */
public record HypothesisConfig(List<String> equations, List<String> without, Set<Kind> kinds) {

  /** How a hypothesis is tested. */
  public enum Kind {
    /** By the estimates and their covariance. */
    WALD,
    /** By the likelihood of a fit under the hypothesis. */
    LIKELIHOOD_RATIO,
    /** By the gradient of the likelihood at that fit (Rao). */
    SCORE
  }

  public HypothesisConfig {
    equations = List.copyOf(equations);
    without = List.copyOf(without);
    kinds = Set.copyOf(kinds);
  }

  /** Whether the model is fitted under the hypothesis. */
  public boolean needsFit() {
    return kinds.contains(Kind.LIKELIHOOD_RATIO) || kinds.contains(Kind.SCORE);
  }

  /** A list of equations, which is a Wald test, or a block. */
  static Optional<HypothesisConfig> decode(Setting setting) {
    if (!setting.isBlock()) {
      return Optional.of(new HypothesisConfig(setting.texts(), List.of(), Set.of(Kind.WALD)));
    }
    Block block = setting.block();
    List<String> equations = block.texts("equations");
    List<String> without = block.texts("without");
    List<String> kinds = block.texts("kinds");
    block.end();
    if (equations.isEmpty() == without.isEmpty()) {
      setting.problem(
          "has " + (equations.isEmpty() ? "no equations" : "equations, and without"),
          "give equations = [\"beta[1] = 0\"], or without = [\"C(site)\"]");
      return Optional.empty();
    }
    Set<Kind> chosen =
        kinds.isEmpty()
            ? Set.of(Kind.values())
            : Arrays.stream(Kind.values())
                .filter(kind -> kinds.contains(Setting.spelling(kind)))
                .collect(Collectors.toUnmodifiableSet());
    if (!kinds.isEmpty() && chosen.size() < kinds.size()) {
      setting.problem("has kinds = " + kinds, "take some of wald, likelihood-ratio and score");
    }
    return Optional.of(new HypothesisConfig(equations, without, chosen));
  }
}
