package org.sparkcurvature.job.predict;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.derive.Plans;
import org.sparkcurvature.job.derive.RowTallies;
import org.sparkcurvature.job.derive.SamplePass;
import org.sparkcurvature.job.source.SampleBlock;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.job.watch.RowWatch;

/**
 * Predictions, one row for each valid row of the input: {@code id} where it is configured, {@code
 * row} (and each invalid one where the source hands these on, with null), for each prediction its
 * value and, where there are intervals, {@code _std_error}, {@code _ci_low} and {@code _ci_high};
 * residuals; carried columns. Predictions of several elements are arrays. It is computed while it
 * is read, in one pass.
 */
public final class PredictionTable {
  private static final double[] NOT_ASKED = {};

  private PredictionTable() {}

  /**
   * A prediction.
   *
   * @param column what its column is called
   * @param definition what it is in the model
   * @param length its number of elements
   * @param link it as a function of the linear predictor alone, whose interval is then mapped to
   *     it; empty: the interval is its own
   */
  public record Prediction(String column, String definition, int length, Optional<Link> link)
      implements Serializable {
    private Object writeReplace() {
      return new Sent(column, definition, length, link.orElse(null));
    }

    /** Optional is not serialisable. */
    private record Sent(String column, String definition, int length, Link link)
        implements Serializable {
      private Object readResolve() {
        return new Prediction(column, definition, length, Optional.ofNullable(link));
      }
    }
  }

  /**
   * A prediction as a function of a linear predictor.
   *
   * @param predictor the definition
   * @param spec the prediction, with the predictor as its one input tensor
   * @param parameters what else it depends on
   */
  public record Link(String predictor, DerivativeSpec spec, Map<String, double[]> parameters)
      implements Serializable {}

  /**
   * A residual.
   *
   * @param column what its column is called
   * @param definition what it is in the model, unweighted
   * @param isWeighted whether it is multiplied by the root of the row's weight
   */
  public record Residual(String column, String definition, boolean isWeighted)
      implements Serializable {}

  /**
   * What is predicted.
   *
   * @param covariance of the parameters in the order of {@code wrt}, [P, P] row-major; empty: none
   *     that all rows share
   * @param ofGroups where rows have covariances of their own; there are intervals where either is
   * @param quantile how many standard errors an interval reaches to either side
   * @param undetermined rows of which something is not determined, which is null then
   */
  public record Asked(
      List<Prediction> predictions,
      List<Residual> residuals,
      double[] covariance,
      GroupCovariance ofGroups,
      double quantile,
      Undetermined undetermined) {
    boolean hasIntervals() {
      return covariance.length > 0 || ofGroups.any();
    }
  }

  /**
   * The table. Nothing runs before it is read.
   *
   * @param tallies is told what became of the rows as it is read
   * @param watch what sees the rows while they are read
   */
  public static Dataset<Row> of(
      Source source,
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      Device device,
      RowTallies tallies,
      Asked asked,
      Optional<RowWatch> watch) {
    int ids = source.hasId() ? 1 : 0;
    Broadcast<Map<String, double[]>> covariance =
        source.broadcast(Map.of("covariance", asked.covariance()));
    ArrayList<Prediction> predictions = new ArrayList<>(asked.predictions());
    ArrayList<Residual> residuals = new ArrayList<>(asked.residuals());
    double quantile = asked.quantile();
    Undetermined undetermined = asked.undetermined();
    List<String> kept = source.keptFields().stream().map(StructField::name).toList();
    int at = kept.indexOf(undetermined.column());
    GroupCovariance ofGroups = asked.ofGroups();
    int own = kept.indexOf(ofGroups.column());
    return SamplePass.table(
        source,
        spec,
        parameters,
        device,
        Optional.of(tallies),
        watch,
        partition ->
            new Rows(
                predictions,
                residuals,
                new Errors(covariance.value().get("covariance"), ofGroups, own),
                quantile,
                ids,
                undetermined,
                at),
        schema(source, asked));
  }

  /** What each pass computes for each row. */
  public static Request.PerSample request(
      List<Prediction> predictions,
      List<Residual> residuals,
      boolean withIntervals,
      Undetermined undetermined) {
    List<String> values = new ArrayList<>();
    predictions.forEach(prediction -> values.add(prediction.definition()));
    residuals.forEach(residual -> values.add(residual.definition()));
    List<String> jacobians = new ArrayList<>();
    for (Prediction prediction : predictions) {
      jacobians.add(prediction.definition());
      prediction
          .link()
          .ifPresent(
              link -> {
                values.add(link.predictor());
                jacobians.add(link.predictor());
              });
    }
    if (undetermined.any()) {
      residuals.forEach(residual -> jacobians.add(residual.definition()));
    }
    return Request.PerSample.NONE
        .withValuesOf(values.stream().distinct().toList())
        .withJacobiansOf(
            withIntervals || undetermined.any()
                ? jacobians.stream().distinct().toList()
                : List.of());
  }

  private static StructType schema(Source source, Asked asked) {
    List<StructField> kept = source.keptFields();
    int ids = source.hasId() ? 1 : 0;
    List<StructField> fields = new ArrayList<>(kept.subList(0, ids));
    fields.add(DataTypes.createStructField("row", DataTypes.LongType, false));
    for (Prediction prediction : asked.predictions()) {
      DataType type =
          prediction.length() == 1
              ? DataTypes.DoubleType
              : DataTypes.createArrayType(DataTypes.DoubleType, false);
      boolean nullable = asked.undetermined().any() || source.handsOnInvalidRows();
      fields.add(DataTypes.createStructField(prediction.column(), type, nullable));
      if (asked.hasIntervals()) {
        for (String part : List.of("_std_error", "_ci_low", "_ci_high")) {
          fields.add(
              DataTypes.createStructField(
                  prediction.column() + part,
                  type,
                  asked.ofGroups().any() || source.handsOnInvalidRows()));
        }
      }
    }
    asked
        .residuals()
        .forEach(
            residual ->
                fields.add(
                    DataTypes.createStructField(
                        residual.column(),
                        DataTypes.DoubleType,
                        asked.undetermined().any() || source.handsOnInvalidRows())));
    fields.addAll(kept.subList(ids, kept.size()));
    return new StructType(fields.toArray(StructField[]::new));
  }

  private static final class Rows implements SamplePass.Task<InternalRow> {
    private final List<Prediction> predictions;
    private final List<Residual> residuals;
    private final Errors errors;
    private final double quantile;
    private final int ids;
    private final Undetermined undetermined;
    private final int at;

    Rows(
        List<Prediction> predictions,
        List<Residual> residuals,
        Errors errors,
        double quantile,
        int ids,
        Undetermined undetermined,
        int at) {
      this.undetermined = undetermined;
      this.at = at;
      this.predictions = predictions;
      this.residuals = residuals;
      this.errors = errors;
      this.quantile = quantile;
      this.ids = ids;
    }

    @Override
    public Iterator<InternalRow> block(Engine results, SampleBlock block, int rows) {
      List<double[]> columns = new ArrayList<>();
      List<Integer> lengths = new ArrayList<>();
      List<double[]> jacobians = new ArrayList<>();
      for (Prediction prediction : predictions) {
        double[] values = results.column("value_" + prediction.definition());
        columns.add(values);
        lengths.add(prediction.length());
        jacobians.add(jacobian(results, prediction.definition()));
        if (errors.any()) {
          for (double[] part : intervals(prediction, results, values, block, rows)) {
            columns.add(part);
            lengths.add(prediction.length());
            jacobians.add(NOT_ASKED);
          }
        }
      }
      for (Residual residual : residuals) {
        double[] values = Arrays.copyOf(results.column("value_" + residual.definition()), rows);
        for (int row = 0; residual.isWeighted() && row < rows; row++) {
          values[row] *= Math.sqrt(block.weights()[row]);
        }
        columns.add(values);
        lengths.add(1);
        jacobians.add(jacobian(results, residual.definition()));
      }
      return IntStream.range(0, rows)
          .mapToObj(row -> row(columns, lengths, jacobians, block, row))
          .iterator();
    }

    private double[] jacobian(Engine results, String definition) {
      return at < 0 ? NOT_ASKED : results.column("jacobian_" + definition);
    }

    /** The direction in which a row's parameters are not determined; empty where they are. */
    private double[] direction(Object[] kept) {
      if (at < 0 || kept[at] == null) {
        return NOT_ASKED;
      }
      double[] whole = ((ArrayData) kept[at]).toDoubleArray();
      double[] direction = new double[undetermined.places().length];
      for (int i = 0; i < direction.length; i++) {
        direction[i] = whole[undetermined.places()[i]];
      }
      return direction;
    }

    private static boolean changes(double[] jacobian, int from, int length, double[] direction) {
      for (int k = 0; k < length && jacobian.length > 0; k++) {
        if (Undetermined.changes(jacobian, (from + k) * direction.length, direction)) {
          return true;
        }
      }
      return false;
    }

    /** Standard errors, lower and upper ends. */
    private List<double[]> intervals(
        Prediction prediction, Engine results, double[] values, SampleBlock block, int rows) {
      int count = rows * prediction.length();
      double[] errors =
          this.errors.of(
              results.column("jacobian_" + prediction.definition()),
              prediction.length(),
              block,
              rows);
      double[] low = new double[count];
      double[] high = new double[count];
      if (prediction.link().isEmpty()) {
        for (int k = 0; k < count; k++) {
          low[k] = values[k] - quantile * errors[k];
          high[k] = values[k] + quantile * errors[k];
        }
        return List.of(errors, low, high);
      }
      Link link = prediction.link().get();
      double[] eta = results.column("value_" + link.predictor());
      double[] spread =
          this.errors.of(results.column("jacobian_" + link.predictor()), 1, block, rows);
      double[] ends = new double[2 * rows];
      for (int row = 0; row < rows; row++) {
        double half = Double.isNaN(spread[row]) ? 0 : quantile * spread[row];
        ends[row] = eta[row] - half;
        ends[rows + row] = eta[row] + half;
      }
      double[] mapped = at(link, ends);
      for (int row = 0; row < rows; row++) {
        boolean known = !Double.isNaN(spread[row]);
        low[row] = known ? Math.min(mapped[row], mapped[rows + row]) : Double.NaN;
        high[row] = known ? Math.max(mapped[row], mapped[rows + row]) : Double.NaN;
      }
      return List.of(errors, low, high);
    }

    /** The prediction at values of the linear predictor. */
    private static double[] at(Link link, double[] predictors) {
      double[] values = new double[predictors.length];
      try (Engine engine = Plans.of(link.spec()).open(link.parameters())) {
        double[] input = engine.input(link.predictor());
        for (int from = 0; from < predictors.length; from += engine.blockRows()) {
          int count = Math.min(engine.blockRows(), predictors.length - from);
          System.arraycopy(predictors, from, input, 0, count);
          engine.evaluate(count);
          System.arraycopy(engine.column("value"), 0, values, from, count);
        }
      }
      return values;
    }

    private InternalRow row(
        List<double[]> columns,
        List<Integer> lengths,
        List<double[]> jacobians,
        SampleBlock block,
        int row) {
      Object[] kept = block.kept(row);
      double[] direction = direction(kept);
      List<Object> values = new ArrayList<>(Arrays.asList(kept).subList(0, ids));
      values.add(block.number(row));
      for (int c = 0; c < columns.size(); c++) {
        int length = lengths.get(c);
        // Of a group without a covariance nothing is known but the prediction.
        boolean unknown = length == 1 && Double.isNaN(columns.get(c)[row]);
        if (unknown
            || length > 1 && errors.isOfGroups() && Double.isNaN(columns.get(c)[row * length])
            || block.isInvalid(row)
            || changes(jacobians.get(c), row * length, length, direction)) {
          values.add(null);
          continue;
        }
        values.add(
            length == 1
                ? (Object) columns.get(c)[row]
                : UnsafeArrayData.fromPrimitiveArray(
                    Arrays.copyOfRange(columns.get(c), row * length, (row + 1) * length)));
      }
      values.addAll(Arrays.asList(kept).subList(ids, kept.length));
      return new GenericInternalRow(values.toArray());
    }
  }
}
