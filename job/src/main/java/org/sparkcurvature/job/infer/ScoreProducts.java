package org.sparkcurvature.job.infer;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.broadcast.Broadcast;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.SampleResult;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.WeightKind;
import org.sparkcurvature.job.derive.SamplePass;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.source.RowSamples;
import org.sparkcurvature.job.source.SampleBlock;

/**
 * Products of each row's gradient with m vectors, and the sum of their outer products: no gradient
 * of P numbers is formed, and no matrix of P x P.
 */
public final class ScoreProducts {
  /** The column that holds them: the derivative of the loss in each direction. */
  static final String COLUMN = SampleResult.jacobianProductOf("loss").column();

  private ScoreProducts() {}

  /** What is computed for each row. */
  public static DerivativeSpec spec(FreeModel model, RunConfiguration configuration, int vectors) {
    return new DerivativeSpec(
        model.loss(),
        Request.by(model.wrt())
            .withSamples(
                Request.PerSample.NONE.withProducts(
                    Request.Products.of(vectors).withJacobiansOf(List.of("loss")))),
        configuration.precision(),
        configuration.blockMemoryBytes());
  }

  /**
   * Passes over the samples.
   *
   * @param x free elements, length P
   * @param vectors m of length P, one after the other
   * @param weights what weights mean: importance squares them
   * @return the sum of w u u' or w^2 u u', u the m products, order m
   */
  static SymmetricMatrix meat(
      RowSamples samples,
      FreeModel model,
      RunConfiguration configuration,
      double[] x,
      double[] vectors,
      WeightKind weights) {
    int m = vectors.length / x.length;
    boolean squared = weights == WeightKind.IMPORTANCE;
    Broadcast<Map<String, double[]>> sent = samples.source().broadcast(Map.of(COLUMN, vectors));
    List<double[]> parts =
        Failures.translate(
            () ->
                SamplePass.run(
                        samples,
                        spec(model, configuration, m),
                        model.free(x),
                        configuration.device(),
                        partition -> new Adding(sent, m, squared))
                    .collect());
    return SymmetricMatrix.sumOf(m, parts);
  }

  /** Gives the sum of one partition, packed. */
  private static final class Adding implements SamplePass.Task<double[]> {
    private final Broadcast<Map<String, double[]>> sent;
    private final int m;
    private final boolean squared;
    private final double[] packed;

    Adding(Broadcast<Map<String, double[]>> sent, int m, boolean squared) {
      this.sent = sent;
      this.m = m;
      this.squared = squared;
      this.packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(m))];
    }

    @Override
    public void begin(Engine engine) {
      engine.setVectors(sent.value().get(COLUMN));
    }

    @Override
    public Iterator<double[]> block(Engine results, SampleBlock block, int rows) {
      double[] products = results.column(COLUMN);
      for (int row = 0; row < rows; row++) {
        double weight = block.weights()[row];
        // The weight times a product has the size of an error; the weight's square may have none.
        SymmetricMatrix.addOuter(packed, 0, products, row * m, m, weight, squared ? weight : 1);
      }
      return Collections.emptyIterator();
    }

    @Override
    public Iterator<double[]> end() {
      return List.of(packed).iterator();
    }
  }
}
