package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * The keys of {@code fit} that are about one model for each of many groups.
 *
 * @param by the columns or expressions whose values tell groups apart; none: one model for all rows
 * @param layout of the table of estimates
 * @param covariance whether it has each group's covariance
 * @param nullGroups whether null is a group like others
 * @param start where each group's fit begins
 * @param maxFailed the share of groups without estimates at which the run ends without a result
 */
public record GroupsConfig(
    List<String> by,
    Layout layout,
    boolean covariance,
    NullGroups nullGroups,
    Start start,
    double maxFailed) {

  /** How estimates are laid out. */
  public enum Layout {
    /** A row for each group, with arrays. */
    WIDE,
    /** A row for each coefficient of each group. */
    LONG
  }

  /** Where the fit of a group begins. */
  public enum Start {
    /** At the parameters' own values. */
    OWN,
    /** At the estimates from all rows together. */
    POOLED
  }

  public GroupsConfig {
    by = List.copyOf(by);
    requireNonNull(layout);
    requireNonNull(nullGroups);
    requireNonNull(start);
  }

  /** Whether there is a model for each group. */
  public boolean any() {
    return !by.isEmpty();
  }

  static GroupsConfig decode(Block fit, FitMethod method, Factors l1, Optional<String> checkpoint) {
    List<String> by = InputDecoder.distinct(fit, "by");
    double maxFailed = fit.positive("max-failed-groups");
    if (maxFailed > 1) {
      fit.find("max-failed-groups").orElseThrow().wrong("a share above 0, at most 1");
    }
    GroupsConfig groups =
        new GroupsConfig(
            by,
            fit.choice("by-layout", Layout.values()),
            fit.flag("by-covariance"),
            fit.choice("null-groups", NullGroups.values()),
            fit.choice("start", Start.values()),
            maxFailed);
    if (groups.any()) {
      if (method != FitMethod.TRUST_REGION_NEWTON) {
        refuse(fit, "method", "each group is fitted by trust-region-newton", "leave it out");
      }
      if (l1.any()) {
        refuse(fit, "l1", "the groups of fit.by are fitted without it", "take l2, or leave it out");
      }
      if (checkpoint.isPresent()) {
        refuse(fit, "checkpoint", "a fit by groups is one pass over the rows", "leave it out");
      }
    }
    return groups;
  }

  private static void refuse(Block fit, String key, String reason, String remedy) {
    fit.find(key).ifPresent(setting -> setting.problem("is set, and " + reason, remedy));
  }

  /** Refuses what has no meaning, or no place yet, in a fit by groups. */
  static void refuse(Block root, RunConfiguration configuration) {
    if (!configuration.fit().groups().any()) {
      return;
    }
    if (configuration.input().limit().isPresent()) {
      root.block("input")
          .find("limit")
          .ifPresent(
              limit ->
                  limit.problem(
                      "is set, and with fit.by it would cut groups where the first rows end",
                      "choose rows by input.where"));
    }
    InferConfig infer = configuration.infer();
    if (!infer.functions().isEmpty() || !infer.tests().isEmpty() || !infer.profile().isEmpty()) {
      String key =
          !infer.functions().isEmpty()
              ? "functions"
              : infer.tests().isEmpty() ? "profile" : "tests";
      root.block("infer")
          .find(key)
          .ifPresent(
              setting ->
                  setting.problem(
                      "is set, and with fit.by there are estimates with errors alone",
                      "leave it out, or compute it from the table of estimates (by-covariance = true)"));
    }
    if (infer.groups().size() > 1 && infer.covariance().isClustered()
        || infer.covariance() == Covariance.CR2) {
      root.block("infer")
          .find("covariance")
          .ifPresent(
              setting ->
                  setting.problem(
                      "with fit.by there is one way of clustering within each group, and no CR2",
                      "take cluster with one column in groups"));
    }
  }
}
