package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of {@code fit} that are about one model for each of many groups.
 *
 * @param by the columns or expressions whose values tell groups apart; none: one model for all rows
 * @param layout of the table of estimates
 * @param covariance whether it has each group's covariance
 * @param nullGroups whether null is a group like others
 * @param start where each group's fit begins
 * @param shrink a prior towards the estimates of all rows together
 * @param maxFailed the share of groups without estimates at which the run ends without a result
 */
public record GroupsConfig(
    List<String> by,
    Layout layout,
    boolean covariance,
    NullGroups nullGroups,
    Start start,
    Shrink shrink,
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

  /**
   * A normal prior of each element, around the estimate from all rows together.
   *
   * @param estimated whether its deviations are estimated from the groups
   * @param deviations given ones by parameter; under an empty name that of all
   */
  public record Shrink(boolean estimated, Map<String, Double> deviations) {
    static final Shrink NONE = new Shrink(false, Map.of());

    public Shrink {
      deviations = Map.copyOf(deviations);
    }

    /** Whether there is a prior. */
    public boolean any() {
      return estimated || !deviations.isEmpty();
    }

    /** The deviation of a parameter's elements; empty: they have no prior, or it is estimated. */
    public Optional<Double> of(String parameter) {
      return Optional.ofNullable(deviations.get(parameter))
          .or(() -> Optional.ofNullable(deviations.get("")));
    }
  }

  public GroupsConfig {
    requireNonNull(shrink);
    by = List.copyOf(by);
    requireNonNull(layout);
    requireNonNull(nullGroups);
    requireNonNull(start);
  }

  /** Whether there is a model for each group. */
  public boolean any() {
    return !by.isEmpty();
  }

  static GroupsConfig decode(
      Block fit, FitMethod method, Factors l1, Optional<String> checkpoint, ModelConfig model) {
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
            shrink(fit, model),
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

  private static Shrink shrink(Block fit, ModelConfig model) {
    Optional<Setting> setting = fit.find("shrink");
    if (setting.isEmpty()) {
      return Shrink.NONE;
    }
    if (setting.get().isBlock()) {
      Map<String, Double> deviations = new LinkedHashMap<>();
      setting
          .get()
          .block()
          .entries()
          .forEach(
              (name, each) -> {
                if (model.formula().isEmpty() && !model.parameters().containsKey(name)) {
                  each.problem("names no parameter", "name one of model.parameters");
                }
                deviation(each).ifPresent(value -> deviations.put(name, value));
              });
      return new Shrink(false, deviations);
    }
    if (setting.get().isScalar()
        && List.of("none", "estimated").contains(setting.get().raw().toLowerCase(Locale.ROOT))) {
      return new Shrink(setting.get().raw().equalsIgnoreCase("estimated"), Map.of());
    }
    return deviation(setting.get())
        .map(value -> new Shrink(false, Map.of("", value)))
        .orElse(Shrink.NONE);
  }

  private static Optional<Double> deviation(Setting setting) {
    Optional<Double> value = setting.number();
    if (value.isPresent() && !(value.get() > 0)) {
      setting.wrong("a number above 0, or estimated");
      return Optional.empty();
    }
    return value;
  }

  private static void refuse(Block block, String key, String reason, String remedy) {
    block.find(key).ifPresent(setting -> setting.problem("is set, and " + reason, remedy));
  }

  /** What says something of groups alone would otherwise be taken for done. */
  private static void refuseWithoutGroups(Block root, RunConfiguration configuration) {
    if (configuration.infer().adjust() != InferConfig.Adjustment.NONE) {
      refuse(
          root.block("infer"),
          "adjust",
          "p-values are adjusted over groups, of which there are none",
          "set fit.by, or leave it out and adjust the column p of estimates.csv");
    }
    if (configuration.fit().groups().shrink().any()) {
      refuse(
          root.block("fit"),
          "shrink",
          "estimates of groups are shrunk, of which there are none",
          "set fit.by, or take fit.l2");
    }
  }

  /** Refuses what has no meaning, or no place yet, in a fit by groups. */
  static void refuse(Block root, RunConfiguration configuration) {
    if (!configuration.fit().groups().any()) {
      refuseWithoutGroups(root, configuration);
      return;
    }
    if (configuration.input().limit().isPresent()) {
      refuse(
          root.block("input"),
          "limit",
          "with fit.by it would cut groups where the first rows end",
          "choose rows by input.where");
    }
    if (configuration.fit().groups().shrink().any()
        && (configuration.model().collinear() == ModelConfig.Collinear.DROP
            || configuration.fit().l2().any())) {
      refuse(
          root.block("fit"),
          "shrink",
          "a prior is put on the whole model without another penalty",
          "leave out model.collinear = drop and fit.l2");
    }
    InferConfig infer = configuration.infer();
    Map<String, Boolean> beyondErrors = new LinkedHashMap<>();
    beyondErrors.put("functions", !infer.functions().isEmpty());
    beyondErrors.put("tests", !infer.tests().isEmpty());
    beyondErrors.put("profile", !infer.profile().isEmpty());
    beyondErrors.entrySet().stream()
        .filter(Map.Entry::getValue)
        .findFirst()
        .ifPresent(
            key ->
                refuse(
                    root.block("infer"),
                    key.getKey(),
                    "with fit.by there are estimates with errors alone",
                    "leave it out, or compute it from the table of estimates (by-covariance = true)"));
    if (infer.transform() != InferConfig.TableTransform.NONE) {
      refuse(
          root.block("infer"),
          "transform",
          "the table of fits by groups has the estimates alone",
          "leave it out, and take exp of the column estimate");
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
