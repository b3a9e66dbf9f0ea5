package org.sparkcurvature.job.infer;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.broadcast.Broadcast;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.Covariance;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.WeightKind;
import org.sparkcurvature.job.derive.SamplePass;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.solve.Netlib;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.source.RowSamples;
import org.sparkcurvature.job.source.SampleBlock;

/**
 * The sum of outer products of gradients, each row's over 1 less its leverage h (HC2) or the square
 * of that (HC3): MacKinnon and White 1985. The leverage of a loss of a linear predictor z = x'
 * theta is w l''(z) x' H^-1 x, the diagonal of the hat matrix; where w counts equal rows, that of
 * one of them.
 */
final class LeveragedScores {
  private static final double LARGEST_LEVERAGE = 1e-10;

  private LeveragedScores() {}

  /**
   * Passes over the samples.
   *
   * @param x free elements, length P
   * @param inverse the inverse Hessian of the weighted sum, order P
   * @param scale what weights are multiplied by before they are squared
   */
  static SymmetricMatrix meat(
      RowSamples samples,
      FreeModel model,
      RunConfiguration configuration,
      double[] x,
      SymmetricMatrix inverse,
      double scale) {
    String predictor = predictor(configuration);
    Broadcast<Map<String, double[]>> sent =
        samples.source().broadcast(Map.of("inverse", inverse.toSquare()));
    boolean squared = configuration.infer().weights() == WeightKind.IMPORTANCE;
    int power = configuration.infer().covariance() == Covariance.HC3 ? 2 : 1;
    List<double[]> parts =
        Failures.translate(
            () ->
                SamplePass.run(
                        samples,
                        spec(model, configuration, predictor),
                        model.free(x),
                        configuration.device(),
                        partition -> new Adding(sent, x.length, predictor, squared, power, scale))
                    .collect());
    return SymmetricMatrix.sumOf(x.length, parts);
  }

  static String predictor(RunConfiguration configuration) {
    return configuration
        .influence()
        .linearPredictor()
        .or(() -> configuration.model().statistics().linearPredictor())
        .orElseThrow(
            () ->
                Errors.configuration(
                    configuration.infer().covariance()
                        + " takes leverages, and the model has no single linear predictor",
                    "curvature.infer.covariance",
                    "name the definition that is one, as influence.linear-predictor = eta, or take"
                        + " HC1"));
  }

  static DerivativeSpec spec(FreeModel model, RunConfiguration configuration, String predictor) {
    return new DerivativeSpec(
        model.loss(),
        new Request(
            model.wrt(),
            Request.Global.NONE,
            Request.PerSample.NONE
                .withGradient()
                .withHessian(Request.SampleHessianForm.DIAGONAL)
                .withJacobiansOf(predictor)
                .withAdjointsOf(predictor)),
        configuration.precision(),
        configuration.blockMemoryBytes());
  }

  /** Gives the sum of one partition, packed. */
  private static final class Adding implements SamplePass.Task<double[]> {
    private final Broadcast<Map<String, double[]>> sent;
    private final int p;
    private final String predictor;
    private final boolean squared;
    private final int power;
    private final double scale;
    private final double[] packed;

    Adding(
        Broadcast<Map<String, double[]>> sent,
        int p,
        String predictor,
        boolean squared,
        int power,
        double scale) {
      this.sent = sent;
      this.p = p;
      this.predictor = predictor;
      this.squared = squared;
      this.power = power;
      this.scale = scale;
      this.packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(p))];
    }

    @Override
    public Iterator<double[]> block(Engine results, SampleBlock block, int rows) {
      double[] jacobian = results.column("jacobian_" + predictor);
      double[] gradient = results.column("gradient");
      double[] solved = new double[rows * p];
      Netlib.blas()
          .dgemm(
              "T", "N", p, rows, p, 1.0, sent.value().get("inverse"), p, jacobian, p, 0, solved, p);
      LinearPredictor linear = new LinearPredictor(predictor, p, LinearPredictor.Asked.LEVERAGES);
      for (int row = 0; row < rows; row++) {
        double weight = block.weights()[row];
        LinearPredictor.Derivatives by = weight == 0 ? null : linear.at(results, block, row);
        if (by == null) {
          continue;
        }
        double form = 0;
        for (int i = row * p; i < (row + 1) * p; i++) {
          form += jacobian[i] * solved[i];
        }
        // Of w equal rows each has the leverage of one. A row that alone decides a coefficient has
        // the
        // leverage 1 and the gradient 0.
        double rest = 1 - (squared ? weight : 1) * by.second() * form;
        double factor = rest > LARGEST_LEVERAGE ? 1 / Math.pow(rest, power) : 0;
        double other = squared ? scale * weight : 1;
        SymmetricMatrix.addOuter(packed, 0, gradient, row * p, p, scale * weight * factor, other);
      }
      return Collections.emptyIterator();
    }

    @Override
    public Iterator<double[]> end() {
      return List.of(packed).iterator();
    }
  }
}
