package org.sparkcurvature.ml;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.Curvature;
import org.sparkcurvature.GroupEstimates;

/**
 * Fits a model by formula and family, by columns and family, or of a loss by hand, with standard
 * errors, as a stage of a pipeline.
 *
 * <pre>{@code
 * new LossEstimator().setFormula("mdvis ~ lncoins + C(site)").setFamily("poisson").fit(table);
 * new LossEstimator().setLabelCol("y").setPredictorCols(new String[] {"features"})
 *     .setFamily("binomial");                       // behind a VectorAssembler
 * new LossEstimator().setFormula("mdvis ~ lncoins").setFamily("poisson")
 *     .setBy(new String[] {"site"});               // a model for each site
 * new LossEstimator().setConfiguration("curvature { input { tensors { ... } } model { ... } }");
 * }</pre>
 *
 * <p>What is wrong is a {@link org.sparkcurvature.CurvatureException}.
 */
public final class LossEstimator extends Estimator<LossModel> implements MLWritable {
  private static final long serialVersionUID = 1L;

  /** A column that stands for a vector in a formula. */
  private static final String FIRST = "__first";

  private final String uid;
  private final LossParams shared;
  private final Param<String> formula;
  private final Param<String> family;
  private final Param<String> configuration;
  private final Param<String> labelCol;
  private final StringArrayParam predictorCols;
  private final Param<String> weightCol;
  private final Param<String> covariance;
  private final StringArrayParam groups;
  private final StringArrayParam by;
  private final DoubleParam regParam;
  private final DoubleParam tol;
  private final IntParam maxIter;

  public LossEstimator() {
    this("lossEstimator_" + UUID.randomUUID().toString().substring(0, 12));
  }

  /** With an identity. */
  public LossEstimator(String uid) {
    this.uid = uid; // params ask for it when they are made
    shared = new LossParams(this);
    formula = new Param<>(this, "formula", "response ~ terms; empty: labelCol ~ predictorCols");
    family = new Param<>(this, "family", "name of the family; empty: the configuration has a loss");
    configuration =
        new Param<>(this, "configuration", "further keys, as HOCON under the root curvature");
    labelCol = new Param<>(this, "labelCol", "the response, where there is no formula");
    predictorCols =
        new StringArrayParam(
            this, "predictorCols", "columns of numbers or vectors, where there is no formula");
    weightCol = new Param<>(this, "weightCol", "the weight of a row; empty: 1");
    covariance =
        new Param<>(this, "covariance", "how errors are estimated; default: the family's own");
    groups = new StringArrayParam(this, "groups", "columns or expressions of clusters");
    by =
        new StringArrayParam(
            this, "by", "columns or expressions: each of their values has a model of its own");
    regParam =
        new DoubleParam(
            this,
            "regParam",
            "factor of the squares of coefficients (fit.l2), at least 0; above 0 there are no errors");
    tol = new DoubleParam(this, "tol", "relative gradient norm of a minimum (fit.tolerance)");
    maxIter = new IntParam(this, "maxIter", "the most iterations");
    setDefault(formula, "");
    setDefault(family, "");
    setDefault(configuration, "");
    setDefault(labelCol, "label");
    setDefault(predictorCols, new String[0]);
    setDefault(weightCol, "");
    setDefault(covariance, "default");
    setDefault(groups, new String[0]);
    setDefault(by, new String[0]);
    setDefault(regParam, 0.0);
    setDefault(tol, 1e-10);
    setDefault(maxIter, 100);
    setDefault(shared.predictionCol, LossParams.PREDICTION);
    setDefault(shared.predicted, "");
    setDefault(shared.handleInvalid, LossParams.ERROR);
    setDefault(shared.unseenGroups, LossParams.NULL);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public LossModel fit(Dataset<?> dataset) {
    Dataset<Row> table = dataset.toDF();
    transformSchema(table.schema());
    boolean isVector = isVector(table.schema());
    Map<String, Integer> sizes = Predictors.sizes(table, $(predictorCols));
    Predictors predictors = predictors(table.schema(), sizes, isVector);
    boolean isTensor = isVector || !predictors.assembled().isEmpty();
    String tensor = isVector ? $(predictorCols)[0] : Predictors.ASSEMBLED;
    Dataset<Row> rows =
        predictors.isNone()
            ? table
            : table.select(predictors.columns(table.schema()).toArray(Column[]::new));
    if (isTensor) {
      // The formula has the first element, and the configuration says that it is all of them.
      rows = rows.withColumn(FIRST, Predictors.first(rows.schema(), tensor));
    }
    Curvature model = Curvature.on(rows);
    if (!$(configuration).isBlank()) {
      model = model.configured($(configuration));
    }
    String text = $(formula);
    if (isTensor) {
      text = Predictors.inBackquotes($(labelCol)) + " ~ " + FIRST;
      model = withTensor(model, tensor, Predictors.names(table.schema(), $(predictorCols), sizes));
    } else if (text.isEmpty() && !predictors.terms().isEmpty()) {
      text = Predictors.inBackquotes($(labelCol)) + " ~ " + predictors.formula();
    }
    model = text.isEmpty() ? model : model.formula(text);
    model = $(family).isEmpty() ? model : model.family($(family));
    model = $(weightCol).isEmpty() ? model : model.weight($(weightCol));
    model = $(groups).length == 0 ? model : model.groups($(groups));
    model = (double) $(regParam) == 0 ? model : model.set("fit.l2", (double) $(regParam));
    model = model.set("fit.tolerance", (double) $(tol)).set("fit.max-iterations", (int) $(maxIter));
    model =
        $(shared.handleInvalid).equals(LossParams.ERROR)
            ? model
            : model.set("input.invalid-rows", "drop");
    return copyValues(new LossModel(uid, fitted(model, predictors)), ParamMap.empty())
        .setParent(this);
  }

  /**
   * Whether the predictors are one column of vectors, which is a tensor then: as columns of their
   * own, elements would be planned by Spark one by one.
   */
  private boolean isVector(StructType schema) {
    return $(predictorCols).length == 1
        && Predictors.isTensor(Predictors.type(schema, $(predictorCols)[0]))
        && !isMultinomial();
  }

  /** Such a model has a coefficient for each level of the response, and no tensor of its own. */
  private boolean isMultinomial() {
    return $(family).equals("multinomial");
  }

  private Predictors predictors(StructType schema, Map<String, Integer> sizes, boolean isVector) {
    String[] columns = $(predictorCols);
    if (columns.length == 0 || isVector) {
      return Predictors.NONE;
    }
    if (!Predictors.areMany(schema, columns, sizes)) {
      return Predictors.of(schema, columns, sizes);
    }
    if (isMultinomial()) {
      throw LossParams.refused(
          "the predictors have more elements than the formula of a multinomial model takes",
          "predictorCols",
          "take fewer, or write the loss by hand with the param configuration (cross_entropy)");
    }
    return Predictors.assembled(columns);
  }

  private static Curvature withTensor(Curvature model, String column, List<String> names) {
    List<Integer> shape = List.of(names.size());
    return model
        .set("input.tensors.x", Map.of("column", Predictors.inBackquotes(column), "shape", shape))
        .set("model.parameters.beta", Map.of("shape", shape, "fill", 0.0, "names", names));
  }

  private FittedModel fitted(Curvature model, Predictors predictors) {
    if ($(by).length > 0) {
      Curvature.ByGroups each = model.by($(by));
      GroupEstimates found =
          $(covariance).equals("default") ? each.estimate() : each.estimate($(covariance));
      return FittedModel.of(found.computed(), predictors);
    }
    if ((double) $(regParam) > 0) {
      return FittedModel.of(model.fit(), predictors);
    }
    String errors = $(covariance);
    return FittedModel.of(
        errors.equals("default") ? model.estimate() : model.estimate(errors), predictors);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    LossParams.refuseUnknown($(shared.handleInvalid));
    if (!$(shared.unseenGroups).matches("null|pooled|fail")) {
      throw LossParams.refused(
          "unseenGroups is " + $(shared.unseenGroups), "unseenGroups", "take null, pooled or fail");
    }
    if (!$(formula).isEmpty() && $(predictorCols).length > 0) {
      throw LossParams.refused(
          "there are a formula and predictorCols", "predictorCols", "set one of them");
    }
    if ($(formula).isEmpty() && $(predictorCols).length == 0 && $(configuration).isBlank()) {
      throw LossParams.refused(
          "there is no model",
          "formula",
          "set a formula and a family, or labelCol, predictorCols and a family");
    }
    for (String column : $(predictorCols)) {
      Predictors.type(schema, column);
    }
    if ($(predictorCols).length > 0) {
      Predictors.type(schema, $(labelCol));
    }
    boolean byGroups = $(by).length > 0;
    return LossParams.with(
        schema,
        $(shared.predictionCol),
        byGroups || $(shared.handleInvalid).equals(LossParams.KEEP),
        byGroups);
  }

  @Override
  public LossEstimator copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public MLWriter write() {
    return StageFiles.writer(this);
  }

  @Override
  public void save(String path) throws IOException {
    write().save(path);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<LossEstimator> read() {
    return StageFiles.reader(LossEstimator.class, LossEstimator::new);
  }

  /** Reads what {@link #save} wrote. */
  public static LossEstimator load(String path) {
    return read().load(path);
  }

  // ---- params

  public Param<String> formula() {
    return formula;
  }

  public LossEstimator setFormula(String value) {
    return (LossEstimator) set(formula, value);
  }

  public Param<String> family() {
    return family;
  }

  public LossEstimator setFamily(String value) {
    return (LossEstimator) set(family, value);
  }

  public Param<String> configuration() {
    return configuration;
  }

  public LossEstimator setConfiguration(String value) {
    return (LossEstimator) set(configuration, value);
  }

  public Param<String> labelCol() {
    return labelCol;
  }

  public LossEstimator setLabelCol(String value) {
    return (LossEstimator) set(labelCol, value);
  }

  public StringArrayParam predictorCols() {
    return predictorCols;
  }

  public LossEstimator setPredictorCols(String[] value) {
    return (LossEstimator) set(predictorCols, value);
  }

  public Param<String> weightCol() {
    return weightCol;
  }

  public LossEstimator setWeightCol(String value) {
    return (LossEstimator) set(weightCol, value);
  }

  public Param<String> covariance() {
    return covariance;
  }

  public LossEstimator setCovariance(String value) {
    return (LossEstimator) set(covariance, value);
  }

  public StringArrayParam groups() {
    return groups;
  }

  public LossEstimator setGroups(String[] value) {
    return (LossEstimator) set(groups, value);
  }

  public StringArrayParam by() {
    return by;
  }

  public LossEstimator setBy(String[] value) {
    return (LossEstimator) set(by, value);
  }

  public DoubleParam regParam() {
    return regParam;
  }

  public LossEstimator setRegParam(double value) {
    return (LossEstimator) set(regParam, value);
  }

  public DoubleParam tol() {
    return tol;
  }

  public LossEstimator setTol(double value) {
    return (LossEstimator) set(tol, value);
  }

  public IntParam maxIter() {
    return maxIter;
  }

  public LossEstimator setMaxIter(int value) {
    return (LossEstimator) set(maxIter, value);
  }

  public Param<String> predictionCol() {
    return shared.predictionCol;
  }

  public LossEstimator setPredictionCol(String value) {
    return (LossEstimator) set(shared.predictionCol, value);
  }

  public Param<String> predicted() {
    return shared.predicted;
  }

  public LossEstimator setPredicted(String value) {
    return (LossEstimator) set(shared.predicted, value);
  }

  public Param<String> handleInvalid() {
    return shared.handleInvalid;
  }

  public LossEstimator setHandleInvalid(String value) {
    return (LossEstimator) set(shared.handleInvalid, value);
  }

  public Param<String> unseenGroups() {
    return shared.unseenGroups;
  }

  public LossEstimator setUnseenGroups(String value) {
    return (LossEstimator) set(shared.unseenGroups, value);
  }
}
