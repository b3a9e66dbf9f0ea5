package org.sparkcurvature.job.groups;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.engine.DerivativeSpec;

/**
 * What tasks fit groups with.
 *
 * @param affine gives the constants and coefficients of predictors, from a row's input tensors;
 *     none where all predictors are parameters
 * @param loss a row's loss by its predictors
 * @param natural the parameters that are estimated on another scale, on their natural one; none
 *     where there are no such
 * @param scales these parameters
 * @param parameters every parameter's free elements, where they are not estimated
 * @param form of rows
 * @param start free elements, length P
 * @param l2 factors of half each element's square, length P
 * @param prior of the shrunken estimates; none where there are no such
 * @param common the Hessian of all rows together where fits begin, P x P, where groups are compared
 *     with the others; otherwise empty
 * @param names of elements
 * @param pearson the definition whose sum over rows is Pearson's statistic; none: there is none
 * @param settings how each group is fitted
 * @param bytes of rows of one group that are held in memory
 */
public record GroupProblem(
    List<DerivativeSpec> affine,
    DerivativeSpec loss,
    List<DerivativeSpec> natural,
    List<Scale> scales,
    Map<String, double[]> parameters,
    RowForm form,
    double[] start,
    double[] l2,
    List<Penalty> prior,
    double[] common,
    List<String> names,
    List<String> pearson,
    GroupSettings settings,
    long bytes)
    implements Serializable {

  /**
   * A parameter that is estimated on another scale, with as many elements.
   *
   * @param input of {@link #natural} that takes its free elements
   * @param definition there that is the parameter
   * @param offset of its elements among all
   */
  public record Scale(String input, String definition, int offset, int size)
      implements Serializable {}

  public GroupProblem {
    affine = List.copyOf(affine);
    natural = List.copyOf(natural);
    scales = List.copyOf(scales);
    parameters = new HashMap<>(parameters);
    prior = List.copyOf(prior);
    names = List.copyOf(names);
    pearson = List.copyOf(pearson);
  }

  /**
   * Half the squared distances of elements from a centre, times factors.
   *
   * @param factors length P, at least 0
   * @param centre length P
   * @param dispersion of a group that tells none of its own, where the family has one; otherwise 1
   */
  public record Penalty(double[] factors, double[] centre, double dispersion)
      implements Serializable {

    /**
     * The penalty beside a loss that is the dispersion times what a likelihood has: the prior of a
     * likelihood times that.
     *
     * @param own the group's dispersion; NaN or 0: it tells none
     */
    Penalty beside(double own) {
      double phi = own > 0 ? own : dispersion;
      return new Penalty(Arrays.stream(factors).map(f -> f * phi).toArray(), centre, phi);
    }

    /** Whether there is any. */
    boolean any() {
      for (double factor : factors) {
        if (factor > 0) {
          return true;
        }
      }
      return false;
    }
  }

  /** The problem with a prior. */
  public GroupProblem with(Penalty given) {
    return new GroupProblem(
        affine,
        loss,
        natural,
        scales,
        parameters,
        form,
        start,
        l2,
        List.of(given),
        common,
        names,
        pearson,
        settings,
        bytes);
  }

  /** The same, whose results are free elements, of own fits alone. */
  GroupProblem onFreeScale() {
    return ofOwnFits(pearson, settings);
  }

  /** The same, whose covariances are the inverse Hessians of own fits. */
  public GroupProblem forInverses() {
    return ofOwnFits(List.of(), settings.forInverses());
  }

  private GroupProblem ofOwnFits(List<String> asked, GroupSettings others) {
    return new GroupProblem(
        affine,
        loss,
        List.of(),
        List.of(),
        parameters,
        form,
        start,
        l2,
        List.of(),
        new double[0],
        names,
        asked,
        others,
        bytes);
  }

  /** The penalty of a group's own fit. */
  Penalty own() {
    return new Penalty(l2, new double[l2.length], 1);
  }

  /** Whether an element is estimated on another scale, on which its range has no ends. */
  boolean isScaled(int parameter) {
    return scales.stream()
        .anyMatch(s -> s.offset() <= parameter && parameter < s.offset() + s.size());
  }

  /** P. */
  public int length() {
    return start.length;
  }
}
