package org.sparkcurvature.job.result;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
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
 * @param parameters k, how many are estimated
 * @param observations n
 * @param logLikelihood at the estimates
 * @param aic Akaike's criterion
 * @param bic Schwarz's criterion
 */
public record ComparedModel(
    String folder,
    Optional<String> family,
    Optional<String> response,
    Set<String> names,
    int parameters,
    double observations,
    double logLikelihood,
    double aic,
    double bic) {
  public ComparedModel {
    names = Collections.unmodifiableSet(new LinkedHashSet<>(names));
  }

  /** Whether another model is this one with further parameters. */
  public boolean isWithin(ComparedModel larger) {
    return family.equals(larger.family)
        && response.equals(larger.response)
        && larger.parameters > parameters
        && larger.names.containsAll(names);
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
