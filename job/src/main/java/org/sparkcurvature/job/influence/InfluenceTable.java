package org.sparkcurvature.job.influence;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.derive.SamplePass;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.infer.ScoreProducts;
import org.sparkcurvature.job.source.InternalRows;
import org.sparkcurvature.job.source.RowSamples;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.job.watch.RowWatch;

/**
 * The influence of every valid row, as a table that is computed while it is read, in one pass:
 * {@code id} where it is configured, {@code row}, {@code influence}, and where parameters are asked
 * for {@code self_influence} (w^2 g' H^-1 g: what leaving the row out adds to its own weighted
 * loss); with a linear predictor {@code leverage} (w l'' x' H^-1 x), {@code influence_corrected}
 * (divided by 1 - leverage) and {@code cooks_distance} (Cook 1977: w^2 g' H^-1 g / (P (1 -
 * leverage)^2), over the dispersion where the loss is no likelihood; null where it has none); then
 * what was observed, its mean and {@code residual_pearson} where the model tells them; carried
 * columns.
 */
public final class InfluenceTable {
  private InfluenceTable() {}

  /**
   * Which columns there are.
   *
   * @param parameters P
   * @param ids how many columns come first because they name rows: 0 or 1
   * @param isScalar whether an influence is one number
   * @param hasForms whether quadratic forms are wanted
   * @param predictor the linear predictor; empty for none
   * @param dispersion that Cook's distances are divided by; NaN where there is none
   * @param fitted the definitions of the observed value, of its mean, and of the Pearson residual
   *     of a row of weight 1; empty where the model has none
   * @param isWeighted whether residuals are multiplied by the root of the row's weight
   */
  record Layout(
      int parameters,
      int ids,
      boolean isScalar,
      boolean hasForms,
      String predictor,
      double dispersion,
      List<String> fitted,
      boolean isWeighted)
      implements Serializable {
    Layout {
      fitted = List.copyOf(fitted);
    }
  }

  /** The columns of what was observed, its mean, and the residual. */
  public static final List<String> FITTED = List.of("observed", "mean", "residual_pearson");

  /** Which of them is the residual. */
  static final int RESIDUAL = 2;

  /**
   * The table.
   *
   * @param samples those of an input, checked for the model; or those kept of it
   * @param x free elements, length P
   * @param target [K, P], row-major: what w g is multiplied with
   * @param inverse H^-1 as a square [P, P]
   * @param scalar whether influences are on one number, K = 1
   * @param predictor the linear predictor
   * @param dispersion by which the loss is a multiple of a negative log-likelihood; NaN if unknown
   * @param fitted definitions of the model that stand for {@link #FITTED}; or none. They are left
   *     out where a carried column has such a name
   * @param watch what sees the rows while they are read
   */
  public static Dataset<Row> of(
      RowSamples samples,
      FreeModel model,
      RunConfiguration configuration,
      double[] x,
      double[] target,
      double[] inverse,
      boolean scalar,
      Optional<String> predictor,
      double dispersion,
      List<String> fitted,
      Optional<RowWatch> watch) {
    Source source = samples.source();
    Layout layout =
        new Layout(
            x.length,
            source.hasId() ? 1 : 0,
            scalar,
            !scalar || predictor.isPresent(),
            predictor.orElse(""),
            dispersion,
            isTaken(source) ? List.of() : fitted,
            configuration.infer().weights().dividesVariance());
    Map<String, double[]> matrices = new HashMap<>();
    matrices.put("target", target);
    if (layout.hasForms()) {
      matrices.put("inverse", inverse);
    }
    Broadcast<Map<String, double[]>> sent = source.broadcast(matrices);
    List<String> predictors = predictor.map(List::of).orElse(List.of());
    DerivativeSpec spec =
        layout.hasForms()
            ? spec(model, configuration, predictors, layout.fitted())
            : ScoreProducts.spec(model, configuration, 1);
    JavaRDD<InternalRow> rows =
        SamplePass.run(
            samples,
            spec,
            model.free(x),
            configuration.device(),
            partition -> new InfluenceTask(layout, sent.value()));
    return InternalRows.dataset(source.spark(), rows, schema(source, layout), watch);
  }

  /**
   * Gradients, and what leverages are made of where there is a linear predictor.
   *
   * @param values further definitions whose values are wanted
   */
  static DerivativeSpec spec(
      FreeModel model,
      RunConfiguration configuration,
      List<String> predictors,
      List<String> values) {
    Request.SampleHessianForm hessian =
        predictors.isEmpty() ? Request.SampleHessianForm.NONE : Request.SampleHessianForm.DIAGONAL;
    return new DerivativeSpec(
        model.loss(),
        Request.by(model.wrt())
            .withSamples(
                Request.PerSample.NONE
                    .withGradient()
                    .withHessian(hessian)
                    .withValuesOf(values)
                    .withJacobiansOf(predictors)
                    .withAdjointsOf(predictors)),
        configuration.precision(),
        configuration.blockMemoryBytes());
  }

  private static boolean isTaken(Source source) {
    return source.keptFields().stream()
        .anyMatch(field -> FITTED.contains(field.name().toLowerCase(Locale.ROOT)));
  }

  private static StructType schema(Source source, Layout layout) {
    List<StructField> kept = source.keptFields();
    List<StructField> fields = new ArrayList<>(kept.subList(0, layout.ids()));
    DataType influence =
        layout.isScalar()
            ? DataTypes.DoubleType
            : DataTypes.createArrayType(DataTypes.DoubleType, false);
    fields.add(DataTypes.createStructField("row", DataTypes.LongType, false));
    fields.add(DataTypes.createStructField("influence", influence, false));
    if (layout.hasForms()) {
      fields.add(DataTypes.createStructField("self_influence", DataTypes.DoubleType, false));
    }
    if (!layout.predictor().isEmpty()) {
      fields.add(DataTypes.createStructField("leverage", DataTypes.DoubleType, false));
      fields.add(DataTypes.createStructField("influence_corrected", influence, true));
      fields.add(DataTypes.createStructField("cooks_distance", DataTypes.DoubleType, true));
    }
    if (!layout.fitted().isEmpty()) {
      FITTED.forEach(
          column -> fields.add(DataTypes.createStructField(column, DataTypes.DoubleType, true)));
    }
    fields.addAll(kept.subList(layout.ids(), kept.size()));
    return new StructType(fields.toArray(StructField[]::new));
  }
}
