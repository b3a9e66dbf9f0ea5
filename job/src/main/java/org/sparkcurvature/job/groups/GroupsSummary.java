package org.sparkcurvature.job.groups;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.job.config.GroupsConfig;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.infer.HypothesisTest;

/**
 * What is told of the fits of all groups.
 *
 * @param command by which they were made
 * @param by the keys
 * @param layout where each parameter lies, the same in all groups
 * @param names of the elements
 * @param rows what became of rows
 * @param counts how many groups have each status, those that none has left out
 * @param value sum of the values of the groups that converged
 * @param examples the first groups of each status
 * @param prior around which estimates were shrunken, where they were
 * @param heldOut what shrinking is worth
 * @param equality the test that coefficients are equal in all groups, where it can be made
 * @param settings of the errors
 * @param config of the groups
 * @param seconds where the time went, by stage
 * @param totalSeconds from the start of the program
 * @param warnings whole sentences
 */
public record GroupsSummary(
    String command,
    List<String> by,
    Layout layout,
    List<String> names,
    RowCounts rows,
    Map<Status, Long> counts,
    double value,
    Map<Status, List<Example>> examples,
    Optional<Prior> prior,
    Optional<HeldOutLoss> heldOut,
    Optional<Equality> equality,
    InferConfig settings,
    GroupsConfig config,
    Map<String, Double> seconds,
    double totalSeconds,
    List<String> warnings) {

  /**
   * A group.
   *
   * @param key its values, as text
   * @param message what is wrong with it; empty: nothing
   * @param estimates length P; those that there are not are NaN
   * @param errors likewise
   */
  public record Example(String key, long rows, String message, double[] estimates, double[] errors)
      implements Serializable {}

  /**
   * A prior, on the scales on which parameters are estimated.
   *
   * @param mean length P
   * @param deviation length P; infinite where an element has no prior
   */
  public record Prior(double[] mean, double[] deviation) {}

  /**
   * The weighted mean loss of rows that were held out, a fifth of each group of ten rows or more.
   *
   * @param groups whose own fit to the others has estimates
   * @param own by groups' own estimates
   * @param shrunken by shrunken ones
   */
  public record HeldOutLoss(long groups, long rows, double own, double shrunken) {}

  /**
   * The likelihood-ratio test that all groups have the same coefficients: twice what the groups'
   * own models gain over the one for all rows.
   *
   * @param degreesOfFreedom (G - 1) P
   */
  public record Equality(double likelihoodRatio, long degreesOfFreedom) {
    /** The probability of as much by chance. */
    public double p() {
      return HypothesisTest.chance(likelihoodRatio, degreesOfFreedom);
    }
  }

  public GroupsSummary {
    requireNonNull(prior);
    requireNonNull(heldOut);
    requireNonNull(equality);
    by = List.copyOf(by);
    names = List.copyOf(names);
    requireNonNull(rows);
    counts = Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    examples = Collections.unmodifiableMap(new LinkedHashMap<>(examples));
    seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
    warnings = List.copyOf(warnings);
  }

  /** How many groups there are. */
  public long groups() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many have estimates. */
  public long converged() {
    return counts.getOrDefault(Status.CONVERGED, 0L);
  }
}
