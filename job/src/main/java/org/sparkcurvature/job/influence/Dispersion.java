package org.sparkcurvature.job.influence;

import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.WeightKind;
import org.sparkcurvature.job.derive.SamplePass;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.infer.LinearPredictor;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.job.source.RowSamples;
import org.sparkcurvature.job.source.SampleBlock;

/**
 * The factor by which a loss is a multiple of a negative log-likelihood, where it is not one
 * itself: {@code sum(w l'^2 / l'') / (n - k)}, l' and l'' derivatives by the linear predictor. For
 * a squared error it is the residual variance s^2 (twice that where the loss is not halved, as is
 * due to it), for losses of families with their canonical link Pearson's X^2 / (n - k) (McCullagh
 * and Nelder 1989, 4.5.2).
 */
public final class Dispersion {
  private Dispersion() {}

  /** The sums of one partition. */
  private record Part(double sum, double rows, double weight, double least)
      implements Serializable {

    Part plus(Part other) {
      return new Part(
          sum + other.sum, rows + other.rows, weight + other.weight, Math.min(least, other.least));
    }
  }

  /**
   * Passes over the samples.
   *
   * @param x free elements, length P
   * @param predictor the linear predictor
   * @return empty if a row's loss is not convex in the predictor, or no degrees of freedom are left
   */
  public static OptionalDouble of(
      RowSamples samples,
      FreeModel model,
      RunConfiguration configuration,
      double[] x,
      String predictor) {
    LinearPredictor linear =
        new LinearPredictor(predictor, x.length, LinearPredictor.Asked.INFLUENCE);
    List<Part> parts =
        Failures.translate(
            () ->
                Wire.collect(
                    SamplePass.run(
                        samples,
                        InfluenceTable.spec(model, configuration, List.of(predictor), List.of()),
                        model.free(x),
                        configuration.device(),
                        partition -> new Adding(linear))));
    Part whole = parts.stream().reduce(Adding.NONE, Part::plus);
    double n =
        configuration.infer().weights() == WeightKind.FREQUENCY ? whole.weight() : whole.rows();
    return n > x.length && whole.least() > 0
        ? OptionalDouble.of(whole.sum() / (n - x.length))
        : OptionalDouble.empty();
  }

  private static final class Adding implements SamplePass.Task<Part> {
    static final Part NONE = new Part(0, 0, 0, Double.POSITIVE_INFINITY);

    private final LinearPredictor linear;
    private Part sum = NONE;

    Adding(LinearPredictor linear) {
      this.linear = linear;
    }

    @Override
    public Iterator<Part> block(Engine results, SampleBlock block, int rows) {
      for (int row = 0; row < rows; row++) {
        double weight = block.weights()[row];
        LinearPredictor.Derivatives by = linear.at(results, block, row);
        if (weight > 0 && by != null) {
          double squared = by.first() == 0 ? 0 : by.first() / by.second() * by.first();
          sum = sum.plus(new Part(weight * squared, 1, weight, by.second()));
        }
      }
      return Collections.emptyIterator();
    }

    @Override
    public Iterator<Part> end() {
      return List.of(sum).iterator();
    }
  }
}
