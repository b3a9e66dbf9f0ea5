package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;

/**
 * The block {@code infer}.
 *
 * @param covariance of the estimates
 * @param weights what the rows' weights mean
 * @param groups columns or Spark SQL expressions; at least one for {@link Covariance#CLUSTER},
 *     several for several ways of clustering
 * @param nullGroups what becomes of rows without a group
 * @param reference with which estimates over their standard errors are compared
 * @param factor of small samples
 * @param transform whether tables give exp of the estimates, too
 * @param level of the confidence intervals, between 0 and 1
 * @param singular what becomes of a singular Hessian
 * @param functions expressions of parameters, by name
 * @param tests by name
 * @param profile names of elements, terms or parameters whose intervals are by profile likelihood;
 *     {@code all} stands for all that there are
 * @param adjust how p-values of many groups are adjusted
 * @param tables the forms in which the table of estimates is written beside the files of numbers
 */
public record InferConfig(
    Covariance covariance,
    WeightKind weights,
    List<String> groups,
    NullGroups nullGroups,
    ReferenceDistribution reference,
    SmallSampleFactor factor,
    TableTransform transform,
    double level,
    Refusal singular,
    Map<String, String> functions,
    Map<String, HypothesisConfig> tests,
    List<String> profile,
    Adjustment adjust,
    List<TableForm> tables) {

  /** What the table of estimates is written as, for other programs and for papers. */
  public enum TableForm {
    CSV,
    LATEX,
    MARKDOWN
  }

  /** What tables give beside the estimates. */
  public enum TableTransform {
    NONE,
    /** exp of them, with intervals: odds ratios, incidence-rate ratios. */
    EXP
  }

  /** How the p-values of a coefficient in many groups are adjusted. */
  public enum Adjustment {
    NONE("none"),
    /** For the rate of false discoveries (Benjamini and Hochberg 1995). */
    BH("BH"),
    /** For the probability of any false one (Holm 1979). */
    HOLM("holm");

    private final String title;

    Adjustment(String title) {
      this.title = title;
    }

    /** As it is written in configurations. */
    @Override
    public String toString() {
      return title;
    }
  }

  public InferConfig {
    requireNonNull(adjust);
    tables = List.copyOf(tables);
    requireNonNull(covariance);
    requireNonNull(weights);
    groups = List.copyOf(groups);
    requireNonNull(nullGroups);
    requireNonNull(reference);
    requireNonNull(factor);
    requireNonNull(transform);
    requireNonNull(singular);
    functions = Ordered.copyOf(functions);
    tests = Ordered.copyOf(tests);
    profile = List.copyOf(profile);
  }
}
