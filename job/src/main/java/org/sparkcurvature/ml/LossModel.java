package org.sparkcurvature.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.Curvature;
import org.sparkcurvature.CurvatureException;
import org.sparkcurvature.GroupEstimates;

/**
 * A fitted model: {@link #transform} adds what it predicts, and the numbers of its table are there
 * after loading, too.
 */
public final class LossModel extends Model<LossModel> implements MLWritable {
  private static final long serialVersionUID = 1L;

  private static final String FILE = "data/model.json";
  private static final String GROUPS = "data/groups";
  private final String uid;
  private final transient FittedModel fitted;
  private final LossParams shared;

  LossModel(String uid, FittedModel fitted) {
    this.uid = uid; // params ask for it when they are made
    this.shared = new LossParams(this);
    this.fitted = fitted;
    setDefault(shared.predictionCol, LossParams.PREDICTION);
    setDefault(shared.predicted, "");
    setDefault(shared.handleInvalid, LossParams.ERROR);
    setDefault(shared.unseenGroups, LossParams.NULL);
  }

  @Override
  public String uid() {
    return uid;
  }

  /**
   * The rows with what is predicted of them, computed when the data frame is; of a stream, a
   * stream.
   *
   * @param dataset with the columns that the model reads; no response is needed
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    Dataset<Row> table = dataset.toDF();
    StructType schema = table.schema();
    transformSchema(schema);
    Copies copies = new Copies(schema);
    List<Column> columns = fitted.predictors().columns(schema);
    columns.addAll(copies.copied());
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("input.carry", copies.names());
    options.put("input.invalid-rows", LossParams.invalidRows($(shared.handleInvalid)));
    if (!$(shared.predicted).isEmpty()) {
      options.put(
          "predict.of",
          List.of($(shared.predicted) + " AS " + Copies.result(LossParams.PREDICTION)));
    }
    Dataset<Row> rows = table.select(columns.toArray(Column[]::new));
    Dataset<Row> predicted;
    if (fitted.groups().isPresent()) {
      if (!$(shared.unseenGroups).equals(LossParams.NULL)) {
        options.put("predict.unseen-groups", $(shared.unseenGroups));
      }
      predicted =
          Curvature.predictWith(rows, fitted.model(), fitted.groups().orElseThrow(), options);
    } else {
      predicted = Curvature.predictWith(rows, fitted.model(), options);
    }
    List<Column> selected = copies.back();
    // The row's number, the prediction, and the copies behind them.
    selected.add(Predictors.quoted(predicted.columns()[1]).as($(shared.predictionCol)));
    if (fitted.groups().isPresent()) {
      selected.add(functions.col(LossParams.GROUP_STATUS));
    }
    return predicted.select(selected.toArray(Column[]::new));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    LossParams.refuseUnknown($(shared.handleInvalid));
    boolean byGroups = fitted.groups().isPresent();
    return LossParams.with(
        schema,
        $(shared.predictionCol),
        byGroups || $(shared.handleInvalid).equals(LossParams.KEEP),
        byGroups);
  }

  @Override
  public LossModel copy(ParamMap extra) {
    return copyValues(new LossModel(uid, fitted), extra).setParent(parent());
  }

  // ---- what is known of it

  /** What the estimates are called. */
  public List<String> names() {
    return fitted.names();
  }

  /**
   * A row for each group: its keys, status, estimates in the order of {@link #names} and their
   * standard errors, and what else the command writes.
   *
   * @throws CurvatureException if the model is one for all rows
   */
  public Dataset<Row> groupEstimates() {
    return fitted
        .groups()
        .orElseThrow(
            () ->
                CurvatureException.of(
                    2, "the model is one for all rows", "the model", "fit with setBy"));
  }

  /**
   * The estimates, in the order of {@link #names}.
   *
   * @throws CurvatureException if each group has its own, as the numbers below
   */
  public double[] coefficients() {
    return fitted.numbers("estimates");
  }

  /** Their standard errors; NaN where one is held, and after a fit with a penalty. */
  public double[] coefficientStandardErrors() {
    return fitted.numbers("standard_errors");
  }

  /** Estimates over their standard errors. */
  public double[] tValues() {
    return fitted.numbers("statistics");
  }

  /** Probabilities of larger statistics where the true values are 0. */
  public double[] pValues() {
    return fitted.numbers("p_values");
  }

  /** n; NaN after a fit with a penalty, as the numbers below. */
  public double numInstances() {
    return fitted.number("observations");
  }

  /** NaN where the loss is no likelihood. */
  public double logLikelihood() {
    return fitted.number("log_likelihood");
  }

  /** Akaike's criterion. */
  public double aic() {
    return fitted.number("aic");
  }

  /** Schwarz's criterion. */
  public double bic() {
    return fitted.number("bic");
  }

  /** NaN where the model has none. */
  public double deviance() {
    return fitted.number("deviance");
  }

  /** Pearson's X2 / (n - k) of a family that has a dispersion; otherwise 1. */
  public double dispersion() {
    return fitted.number("dispersion");
  }

  /** The table that the command prints, or how groups ended; empty after a fit with a penalty. */
  public String summary() {
    return fitted.shown();
  }

  @Override
  public String toString() {
    return "LossModel: uid=" + uid + ", estimates=" + fitted.names().size();
  }

  // ---- writing and reading

  @Override
  public MLWriter write() {
    LossModel model = this;
    return new MLWriter() {
      @Override
      public void saveImpl(String path) {
        DefaultParamsWriter$.MODULE$.saveMetadata(model, path, sparkSession());
        try {
          TextFile.write(sparkSession(), path + "/" + FILE, model.fitted.json());
          model.fitted.groups().ifPresent(table -> table.write().parquet(path + "/" + GROUPS));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  @Override
  public void save(String path) throws IOException {
    write().save(path);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<LossModel> read() {
    return new MLReader<>() {
      @Override
      public LossModel load(String path) {
        DefaultParamsReader.Metadata metadata =
            DefaultParamsReader$.MODULE$.loadMetadata(
                path, sparkSession(), LossModel.class.getName());
        try {
          // The table is held, as a model may be written over what it was read from.
          FittedModel fitted =
              FittedModel.read(
                  TextFile.read(sparkSession(), path + "/" + FILE),
                  path,
                  () -> GroupEstimates.kept(sparkSession().read().parquet(path + "/" + GROUPS)));
          LossModel model = new LossModel(metadata.uid(), fitted);
          StageFiles.setParams(metadata, model, path);
          return model;
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  /** Reads what {@link #save} wrote. */
  public static LossModel load(String path) {
    return read().load(path);
  }

  // ---- params

  public Param<String> predictionCol() {
    return shared.predictionCol;
  }

  public LossModel setPredictionCol(String value) {
    return (LossModel) set(shared.predictionCol, value);
  }

  public Param<String> predicted() {
    return shared.predicted;
  }

  public LossModel setPredicted(String value) {
    return (LossModel) set(shared.predicted, value);
  }

  public Param<String> handleInvalid() {
    return shared.handleInvalid;
  }

  public LossModel setHandleInvalid(String value) {
    return (LossModel) set(shared.handleInvalid, value);
  }

  public Param<String> unseenGroups() {
    return shared.unseenGroups;
  }

  public LossModel setUnseenGroups(String value) {
    return (LossModel) set(shared.unseenGroups, value);
  }
}
