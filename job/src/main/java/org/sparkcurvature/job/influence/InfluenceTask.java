package org.sparkcurvature.job.influence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.SampleResult;
import org.sparkcurvature.job.derive.SamplePass;
import org.sparkcurvature.job.infer.LinearPredictor;
import org.sparkcurvature.job.solve.Netlib;
import org.sparkcurvature.job.source.SampleBlock;

/** Makes the influences of the samples of one partition, block by block. */
final class InfluenceTask implements SamplePass.Task<InternalRow> {
  private static final String GRADIENT = "gradient";

  private final InfluenceTable.Layout layout;
  private final double[] target;
  private final double[] inverse;

  /**
   * @param layout which columns there are
   * @param sent {@code target}: [K, P], row-major, what a gradient is multiplied with; {@code
   *     inverse}: the inverse Hessian [P, P], where quadratic forms are wanted
   */
  InfluenceTask(InfluenceTable.Layout layout, Map<String, double[]> sent) {
    this.layout = layout;
    this.target = sent.get("target");
    this.inverse = sent.get("inverse");
  }

  @Override
  public void begin(Engine engine) {
    if (!layout.hasForms()) {
      engine.setVectors(target);
    }
  }

  @Override
  public Iterator<InternalRow> block(Engine results, SampleBlock block, int rows) {
    int p = layout.parameters();
    int k = target.length / p;
    if (!layout.hasForms()) {
      // On one number, an influence is the loss's derivative in one direction: no gradient is made.
      return rows(
          results,
          block,
          rows,
          results.column(SampleResult.jacobianProductOf("loss")),
          new double[0],
          new double[0]);
    }
    double[] gradients = results.column(GRADIENT);
    // [rows, K] = G [rows, P] target' [P, K]; what is row-major here is the transpose in BLAS.
    double[] influences = product(target, k, gradients, rows, p);
    double[] solved = product(inverse, p, gradients, rows, p);
    double[] linear =
        layout.predictor().isEmpty()
            ? new double[0]
            : product(
                inverse, p, results.column(SampleResult.jacobianOf(layout.predictor())), rows, p);
    return rows(results, block, rows, influences, solved, linear);
  }

  private Iterator<InternalRow> rows(
      Engine results,
      SampleBlock block,
      int rows,
      double[] influences,
      double[] solved,
      double[] linear) {
    List<InternalRow> made = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      made.add(row(results, block, row, influences, solved, linear));
    }
    return made.iterator();
  }

  private static double[] product(double[] matrix, int k, double[] vectors, int rows, int p) {
    double[] product = new double[rows * k];
    Netlib.blas().dgemm("T", "N", k, rows, p, 1.0, matrix, p, vectors, p, 0.0, product, k);
    return product;
  }

  private InternalRow row(
      Engine results,
      SampleBlock block,
      int row,
      double[] influences,
      double[] solved,
      double[] linear) {
    int p = layout.parameters();
    int k = target.length / p;
    double weight = block.weights()[row];
    Object[] kept = block.kept(row);
    List<Object> values = new ArrayList<>();
    int ids = layout.ids();
    values.addAll(Arrays.asList(kept).subList(0, ids));
    values.add(block.number(row));
    double[] influence = Arrays.copyOfRange(influences, row * k, (row + 1) * k);
    for (int i = 0; i < k; i++) {
      influence[i] *= weight;
    }
    values.add(value(influence));
    if (layout.hasForms()) {
      // The weight's square may be out of range; the weight times the inverse Hessian is not.
      double self = weight * (weight * dot(results.column(GRADIENT), row * p, solved, row * p, p));
      values.add(self);
      if (!layout.predictor().isEmpty()) {
        double leverage = weight * leverage(results, block, row, linear);
        boolean fits = leverage < 1;
        for (int i = 0; i < k; i++) {
          influence[i] /= 1 - leverage;
        }
        values.add(leverage);
        // A row that alone decides something cannot be left out: there is no estimate without it.
        values.add(fits ? value(influence) : null);
        double distance = self / ((1 - leverage) * (1 - leverage) * p * layout.dispersion());
        values.add(fits && !Double.isNaN(distance) ? distance : null);
      }
    }
    for (int i = 0; i < layout.fitted().size(); i++) {
      double fitted = results.column(SampleResult.valueOf(layout.fitted().get(i)))[row];
      if (layout.isWeighted() && i == InfluenceTable.RESIDUAL) {
        fitted *= Math.sqrt(weight);
      }
      values.add(Double.isNaN(fitted) ? null : fitted);
    }
    values.addAll(Arrays.asList(kept).subList(ids, kept.length));
    return new GenericInternalRow(values.toArray());
  }

  private Object value(double[] influence) {
    return layout.isScalar()
        ? (Object) influence[0]
        : UnsafeArrayData.fromPrimitiveArray(influence.clone());
  }

  /** {@code l''(z) x' H^-1 x}, x the predictor's gradient; of the unweighted loss. */
  private double leverage(Engine results, SampleBlock block, int row, double[] linear) {
    int p = layout.parameters();
    LinearPredictor.Derivatives by =
        new LinearPredictor(layout.predictor(), p, LinearPredictor.Asked.INFLUENCE)
            .at(results, block, row);
    double[] x = results.column(SampleResult.jacobianOf(layout.predictor()));
    return by == null ? 0 : by.second() * dot(x, row * p, linear, row * p, p);
  }

  private static double dot(double[] a, int fromA, double[] b, int fromB, int length) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += a[fromA + i] * b[fromB + i];
    }
    return sum;
  }
}
