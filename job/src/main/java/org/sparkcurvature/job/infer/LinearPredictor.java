package org.sparkcurvature.job.infer;

import java.io.Serializable;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.SampleResult;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.source.SampleBlock;

/**
 * The loss of a row as a function of a scalar z that is linear in what is estimated: {@code l(z)},
 * {@code z = x' theta}, so that the gradient is {@code l' x} and the Hessian {@code l'' x x'}.
 *
 * @param name of z
 * @param parameters P
 * @param asked the setting that needs z; an error names it
 */
public record LinearPredictor(String name, int parameters, Asked asked) implements Serializable {
  /** The settings that need a linear predictor: the key of each, and what to set instead. */
  public enum Asked {
    INFLUENCE(
        "curvature.influence.linear-predictor",
        "name the definition that is, as eta of exp(eta) - y * eta, or leave it out; a parameter"
            + " that is known beside it takes fixed = true"),
    /** {@code HC2} and {@code HC3}. */
    LEVERAGES(
        "curvature.infer.covariance",
        "HC2 and HC3 are of models with one linear predictor and no further parameter that is"
            + " estimated, such as a scale: take HC1"),
    /** {@code CR2}. */
    CLUSTERS(
        "curvature.infer.covariance",
        "CR2 is of models with one linear predictor and no further parameter that is estimated,"
            + " such as a scale: take cluster");

    private final String key;
    private final String remedy;

    Asked(String key, String remedy) {
      this.key = key;
      this.remedy = remedy;
    }
  }

  /** How far a loss may be from one of a linear predictor by rounding. */
  private static final double ROUNDING = 1e-7;

  /**
   * The derivatives of a row's loss by z, of the unweighted loss.
   *
   * @param first l'
   * @param second l''
   */
  public record Derivatives(double first, double second) {}

  /**
   * The derivatives of a row.
   *
   * @param results with the columns {@code gradient}, {@code hessian} (the diagonal), {@code
   *     jacobian_z} and {@code adjoint_z}
   * @return null where z does not depend on what is estimated
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if the loss depends on what
   *     is estimated in another way
   */
  public Derivatives at(Engine results, SampleBlock block, int row) {
    int p = parameters;
    double[] x = results.column(SampleResult.jacobianOf(name));
    double[] diagonal = results.column("hessian");
    int largest = 0;
    for (int i = 1; i < p; i++) {
      if (Math.abs(x[row * p + i]) > Math.abs(x[row * p + largest])) {
        largest = i;
      }
    }
    double most = x[row * p + largest];
    if (most == 0) {
      return null;
    }
    double second = diagonal[row * p + largest] / (most * most);
    double first = results.column(SampleResult.adjointOf(name))[row];
    double[] gradient = results.column("gradient");
    for (int i = 0; i < p; i++) {
      double xi = x[row * p + i];
      if (Math.abs(gradient[row * p + i] - first * xi) > ROUNDING * Math.abs(first * most)
          || Math.abs(diagonal[row * p + i] - second * xi * xi)
              > ROUNDING * Math.abs(second * most * most)) {
        throw Errors.configuration(
            "the loss of row "
                + block.number(row)
                + " does not depend on what is estimated through "
                + name
                + " alone, or that is not linear in it",
            asked.key,
            asked.remedy);
      }
    }
    return new Derivatives(first, second);
  }
}
