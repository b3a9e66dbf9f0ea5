package org.sparkcurvature.job.estimate;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.sparkcurvature.job.config.Refusal;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.result.Direction;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.solve.Elements;
import org.sparkcurvature.job.solve.RefinedFactor;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/** The Hessian of an objective where it must be that of a minimum. */
public final class Curvature {
  /** Newton steps of this many standard errors are taken for the minimum. */
  private static final double MOST_STEP = 1e-4;

  /** The most directions that are named. */
  private static final int MOST_NAMED = 5;

  /** Gains below this share of the value are its rounding. */
  private static final double ROUNDING = 100 * Math.ulp(1.0);

  /** The relative rounding error of a parameter, and of a predictor computed from it. */
  private static final double PARAMETER_ROUNDING = 8 * Math.ulp(1.0);

  private Curvature() {}

  /**
   * A Hessian's inverse, and the Newton step {@code -H^-1 g}; both without what is flat.
   *
   * @param matrix order P
   * @param newtonStep length P
   * @param refined whether it is by products, as the elements tell too little: so do those of sums
   *     of outer products of gradients, which are better taken after a product with the inverse
   * @param lost to what share of itself {@code v' H^-1 v} is known for a vector v
   * @param weakest the direction in which that is so, in words
   */
  public record Inverse(
      SymmetricMatrix matrix,
      double[] newtonStep,
      boolean refined,
      double lost,
      Supplier<String> weakest) {}

  /**
   * Inverts a Hessian; where it is so near to a singular one that its elements tell less than 8
   * digits of the inverse, by products.
   *
   * @param gradient length P
   * @param products of the Hessian with vectors
   * @param names of its elements
   * @param elements those that count; the inverse and the step are 0 along the others
   * @param singular what becomes of one that is singular
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if it has no inverse, or is
   *     not that of a minimum; the direction is named
   */
  public static Inverse atMinimum(
      SymmetricMatrix hessian,
      double[] gradient,
      RefinedFactor.Products products,
      List<String> names,
      Elements elements,
      Refusal singular) {
    if (elements.kept().length == 0) {
      throw Errors.noAnswer(
          "every element is on a bound, and nothing is estimated",
          "curvature.model.parameters",
          "leave lower and upper out of one of them");
    }
    if (elements.areAll()) {
      return atMinimum(hessian, gradient, products, names, singular);
    }
    Inverse part =
        atMinimum(
            hessian.part(elements.kept()),
            elements.part(gradient),
            elements.products(products),
            Arrays.stream(elements.kept()).mapToObj(names::get).toList(),
            singular);
    return new Inverse(
        elements.whole(part.matrix()),
        elements.whole(part.newtonStep()),
        part.refined(),
        part.lost(),
        part.weakest());
  }

  private static Inverse atMinimum(
      SymmetricMatrix hessian,
      double[] gradient,
      RefinedFactor.Products products,
      List<String> names,
      Refusal singular) {
    ScaledHessian decomposed = ScaledHessian.of(hessian);
    Optional<RefinedFactor> refined = RefinedFactor.whereCoarse(decomposed, products);
    if (refined.isPresent()) {
      double[] step = refined.get().solve(gradient);
      return new Inverse(
          refined.get().inverse(),
          Arrays.stream(step).map(element -> -element).toArray(),
          true,
          lost(decomposed),
          () -> Direction.describe(decomposed, 0, names));
    }
    if (decomposed.negative() > 0) {
      throw falls(Direction.describe(decomposed, 0, names));
    }
    if (decomposed.flat() > 0 && singular == Refusal.FAIL) {
      String named =
          IntStream.range(0, Math.min(decomposed.flat(), MOST_NAMED))
              .mapToObj(k -> Direction.describe(decomposed, k, names))
              .collect(Collectors.joining("; "));
      throw flat(named, Math.max(0, decomposed.flat() - MOST_NAMED));
    }
    return new Inverse(
        decomposed.inverse(),
        decomposed.newtonStep(gradient),
        false,
        lost(decomposed),
        () -> Direction.describe(decomposed, 0, names));
  }

  /**
   * The rounding of the inverse's elements beside what is left of them where they cancel: in
   * directions of the largest eigenvalue.
   */
  private static double lost(ScaledHessian hessian) {
    double share = hessian.eigenvalue(0) / hessian.norm();
    return Math.min(1, Math.ulp(1.0) / Math.max(share, Math.ulp(1.0)));
  }

  /** A direction, in words, along which the objective falls. */
  static JobException falls(String direction) {
    return Errors.noAnswer(
        "the Hessian is not positive definite: the objective falls along "
            + direction
            + ", so that this point is no minimum",
        "curvature.model.parameters",
        "give the values of a fit that converged (model.parameters-from)");
  }

  /** Directions, in words, of which the data says nothing, and how many more there are. */
  static JobException flat(String directions, int more) {
    return Errors.noAnswer(
        "the Hessian is singular: the data says nothing about "
            + directions
            + (more > 0 ? "; and " + more + " further directions" : ""),
        "curvature.model",
        "collinear columns do this: drop one of them, add a model.penalty, or set infer.singular ="
            + " pinv, which takes variances along such directions for 0");
  }

  /**
   * Refuses a point that is not the minimum: a Newton step from there is measured in standard
   * errors, which has no unit. A step that gains no more than rounding is allowed: no fit could end
   * nearer.
   *
   * @param gradient length P
   * @param step the Newton step, length P
   * @param covariance of the free elements, order P
   * @param rounding what {@link #rounding} tells
   * @param names of the free elements
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4, naming the element whose
   *     step is largest
   */
  public static void refuseNotMinimal(
      double[] gradient,
      double[] step,
      SymmetricMatrix covariance,
      double rounding,
      List<String> names) {
    int worst = -1;
    double largest = MOST_STEP;
    double decrement = 0;
    for (int i = 0; i < step.length; i++) {
      decrement -= gradient[i] * step[i];
      double share = step[i] == 0 ? 0 : Math.abs(step[i]) / Math.sqrt(covariance.at(i, i));
      if (!(share <= largest)) {
        worst = i;
        largest = share;
      }
    }
    if (worst >= 0 && !(decrement <= rounding)) {
      throw notMinimal(
          "a Newton step would move %s by %.2g of its standard error"
              .formatted(names.get(worst), largest));
    }
  }

  /**
   * As the other one where there is no covariance: the squared Newton step, {@code g' H^-1 g}, is
   * measured by the dispersion.
   *
   * @param decrement {@code g' H^-1 g}
   * @param dispersion by which the inverse Hessian is multiplied to be a covariance: 1 for a
   *     likelihood
   * @param rounding what {@link #rounding} tells
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4
   */
  public static void refuseNotMinimal(double decrement, double dispersion, double rounding) {
    if (!isStationary(decrement, dispersion, rounding)) {
      throw notMinimal(
          "a Newton step would be %.2g standard errors long"
              .formatted(standardErrors(decrement, dispersion)));
    }
  }

  /**
   * Whether the gradient vanishes, measured as a Newton step.
   *
   * @param decrement {@code g' H^-1 g}
   * @param dispersion as for {@link #refuseNotMinimal}
   * @param rounding what {@link #rounding} tells
   */
  public static boolean isStationary(double decrement, double dispersion, double rounding) {
    return standardErrors(decrement, dispersion) <= MOST_STEP || decrement <= rounding;
  }

  /**
   * The {@code g' H^-1 g} that is left by rounding: of the value, and of the parameters where they
   * fit so well that the value is itself rounding.
   *
   * @param objective with its value; the parameters' rounding counts where it has the diagonal of a
   *     Hessian
   * @param x the free elements, length P
   */
  public static double rounding(Objective objective, double[] x) {
    return Math.max(
        ROUNDING * Math.abs(objective.value().orElseThrow()), roundingOfParameters(objective, x));
  }

  /**
   * Whether a model with a dispersion fits as well as numbers can (R's {@code summary.lm} speaks of
   * an essentially perfect fit): errors and tests are then those of rounding.
   *
   * @param dispersion of a row
   * @param count the number of rows, by their weights
   */
  public static boolean isPerfectFit(
      Objective objective, double[] x, double dispersion, double count) {
    return dispersion * count <= roundingOfParameters(objective, x);
  }

  /** Each parameter moved by its rounding, the moves independent of each other. */
  private static double roundingOfParameters(Objective objective, double[] x) {
    double sum = 0;
    if (objective.hessianDiagonal().isPresent()) {
      double[] diagonal = objective.hessianDiagonal().get();
      for (int i = 0; i < x.length; i++) {
        double move = PARAMETER_ROUNDING * x[i];
        sum += move * move * Math.max(0, diagonal[i]);
      }
    }
    return sum;
  }

  /** The length of a Newton step in standard errors. */
  public static double standardErrors(double decrement, double dispersion) {
    return decrement == 0 ? 0 : Math.sqrt(decrement / dispersion);
  }

  /** The dispersion where only the value tells it: that of a row's loss. */
  public static double dispersion(boolean likelihood, double value, long rows) {
    return likelihood ? 1 : Math.abs(value) / rows;
  }

  private static JobException notMinimal(String step) {
    return Errors.noAnswer(
        "these parameters are not at the minimum: "
            + step
            + ", and at most %.0e is allowed".formatted(MOST_STEP),
        "curvature.model.parameters",
        "give the values of a fit that converged: model.parameters-from ="
            + " \"<output of fit>/parameters.json\"");
  }
}
