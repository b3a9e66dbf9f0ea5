package org.sparkcurvature.job.result;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.apache.commons.math3.special.Gamma;

/**
 * A fitted model that is compared with others.
 *
 * @param folder where its result is
 * @param family what it is called
 * @param response what it models
 * @param names of its parameters, those that are held at a value among them
 * @param given what is no estimate and yet part of the model, as texts by name: offsets, and
 *     numbers such as the power of a family
 * @param rows what its configuration says of rows and their weights, as texts by key
 * @param parameters k, how many are estimated
 * @param observations n
 * @param logLikelihood at the estimates
 * @param nullLogLikelihood that of the model without predictors, which has no dispersion of the one
 *     with them
 * @param nullParameters how many that model has
 * @param aic Akaike's criterion
 * @param bic Schwarz's criterion
 */
public record ComparedModel(
    String folder,
    Optional<String> family,
    Optional<String> response,
    Set<String> names,
    Map<String, String> given,
    Map<String, String> rows,
    int parameters,
    double observations,
    double logLikelihood,
    OptionalDouble nullLogLikelihood,
    int nullParameters,
    double aic,
    double bic) {
  /** Log-likelihoods of one model for the same rows differ by rounding, also of floats. */
  private static final double SAME = 1e-6;

  public ComparedModel {
    names = Collections.unmodifiableSet(new LinkedHashSet<>(names));
    given = Collections.unmodifiableMap(new LinkedHashMap<>(given));
    rows = Collections.unmodifiableMap(new LinkedHashMap<>(rows));
  }

  /** Whether another model is this one with further parameters. */
  public boolean isWithin(ComparedModel larger) {
    return family.equals(larger.family)
        && response.equals(larger.response)
        && larger.parameters > parameters
        && larger.names.containsAll(names)
        && given.keySet().containsAll(larger.given.keySet())
        && given.entrySet().stream().allMatch(entry -> hasToo(larger, entry));
  }

  /** What is given here is given there, or estimated: a number, or the coefficient of an offset. */
  private static boolean hasToo(ComparedModel larger, Map.Entry<String, String> entry) {
    String there = larger.given.get(entry.getKey());
    return there == null
        ? larger.names.contains(entry.getKey()) || larger.names.contains(entry.getValue())
        : there.equals(entry.getValue());
  }

  /**
   * Whether the models without predictors of two models say whether their rows and weights are the
   * same: those models are the same, then.
   *
   * @return empty where they do not tell
   */
  public Optional<Boolean> hasSameRows(ComparedModel other) {
    boolean same =
        family.isPresent()
            && family.equals(other.family)
            && response.equals(other.response)
            && given.equals(other.given)
            && nullParameters == other.nullParameters
            && nullLogLikelihood.isPresent()
            && other.nullLogLikelihood.isPresent();
    if (!same) {
      return Optional.empty();
    }
    double one = nullLogLikelihood.getAsDouble();
    double two = other.nullLogLikelihood.getAsDouble();
    return Optional.of(Math.abs(one - two) <= SAME * Math.max(Math.abs(one), Math.abs(two)));
  }

  /** The keys of which the configurations say different things. */
  public List<String> differences(ComparedModel other) {
    Set<String> keys = new LinkedHashSet<>(rows.keySet());
    keys.addAll(other.rows.keySet());
    return keys.stream()
        .filter(key -> !Objects.equals(rows.get(key), other.rows.get(key)))
        .toList();
  }

  /** Twice the log-likelihood that a larger model has more. */
  public double ratioTo(ComparedModel larger) {
    return 2 * (larger.logLikelihood - logLikelihood);
  }

  /** How many parameters a larger model has more. */
  public int degreesOfFreedom(ComparedModel larger) {
    return larger.parameters - parameters;
  }

  /** The probability of a larger ratio where the further parameters are 0. */
  public OptionalDouble probability(ComparedModel larger) {
    double ratio = ratioTo(larger);
    return ratio < 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            Math.max(
                Double.MIN_NORMAL,
                Gamma.regularizedGammaQ(degreesOfFreedom(larger) / 2.0, ratio / 2)));
  }

  /**
   * A model within another.
   *
   * @param probability of a larger ratio where the further parameters are 0; empty where the larger
   *     model is no better
   */
  public record Nested(ComparedModel smaller, ComparedModel larger, OptionalDouble probability) {
    /** How many parameters the larger model has more. */
    public int degreesOfFreedom() {
      return smaller.degreesOfFreedom(larger);
    }

    /** Twice the log-likelihood that it has more. */
    public double ratio() {
      return smaller.ratioTo(larger);
    }
  }

  /** Every pair of which one is within the other. */
  public static List<Nested> nested(List<ComparedModel> models) {
    List<Nested> nested = new ArrayList<>();
    for (ComparedModel smaller : models) {
      for (ComparedModel larger : models) {
        if (smaller.isWithin(larger)) {
          nested.add(new Nested(smaller, larger, smaller.probability(larger)));
        }
      }
    }
    return nested;
  }
}
