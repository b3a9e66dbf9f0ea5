package org.sparkcurvature.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.Curvature;

/**
 * Adds derivatives of a loss at given parameters to every row, as a stage of a pipeline: its value,
 * gradient, Hessian, and values and Jacobians of definitions.
 *
 * <pre>{@code
 * new DerivativeTransformer()
 *     .setConfiguration(
 *         "curvature { input.tensors { x = features, y = label },"
 *             + " model { parameters { beta { labels = x, fill = 0.0 } },"
 *             + " loss = \"square(y - dot(x, beta))\" } }")
 *     .setParameters(Map.of("beta", estimates))
 *     .setHessianCol("hessian");
 * }</pre>
 *
 * <p>Rows are computed one by one, when the data frame is; it may be a stream. What is wrong is a
 * {@link org.sparkcurvature.CurvatureException}.
 */
public final class DerivativeTransformer extends Transformer implements MLWritable {
  private static final long serialVersionUID = 1L;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> FORMS = List.of("packed", "full", "diagonal");
  private static final String VECTOR = "vector";

  private final String uid;
  private final Param<String> configuration;
  private final Param<String> parameters;
  private final StringArrayParam wrt;
  private final Param<String> valueCol;
  private final Param<String> gradientCol;
  private final Param<String> hessianCol;
  private final Param<String> hessianForm;
  private final StringArrayParam valuesOf;
  private final StringArrayParam jacobiansOf;
  private final Param<String> outputType;
  private final Param<String> handleInvalid;

  public DerivativeTransformer() {
    this("derivativeTransformer_" + UUID.randomUUID().toString().substring(0, 12));
  }

  /** With an identity. */
  public DerivativeTransformer(String uid) {
    this.uid = uid; // params ask for it when they are made
    configuration =
        new Param<>(
            this,
            "configuration",
            "tensors, parameters and loss, as HOCON under the root curvature");
    parameters =
        new Param<>(
            this,
            "parameters",
            "values of parameters, as JSON: elements by name; empty: those of the configuration");
    wrt =
        new StringArrayParam(
            this,
            "wrt",
            "parameters or tensors by which is differentiated; empty: the only parameter");
    valueCol = new Param<>(this, "valueCol", "name of the column with the loss; empty: none");
    gradientCol =
        new Param<>(this, "gradientCol", "name of the column with the gradient; empty: none");
    hessianCol =
        new Param<>(this, "hessianCol", "name of the column with the Hessian; empty: none");
    hessianForm =
        new Param<>(
            this,
            "hessianForm",
            "packed (the upper triangle, row by row), full (row by row) or diagonal");
    valuesOf =
        new StringArrayParam(
            this, "valuesOf", "definitions whose values are added, as the columns value_NAME");
    jacobiansOf =
        new StringArrayParam(
            this,
            "jacobiansOf",
            "definitions whose Jacobians are added, row by row, as the columns jacobian_NAME");
    outputType =
        new Param<>(
            this, "outputType", "of gradients, Hessians, ...: array (of doubles) or vector");
    handleInvalid =
        new Param<>(
            this,
            "handleInvalid",
            "rows with missing values: error (they end the run), skip (they are left out) or keep"
                + " (they stay, without derivatives)");
    setDefault(configuration, "");
    setDefault(parameters, "");
    setDefault(wrt, new String[0]);
    setDefault(valueCol, "");
    setDefault(gradientCol, "gradient");
    setDefault(hessianCol, "");
    setDefault(hessianForm, "packed");
    setDefault(valuesOf, new String[0]);
    setDefault(jacobiansOf, new String[0]);
    setDefault(outputType, "array");
    setDefault(handleInvalid, LossParams.ERROR);
  }

  @Override
  public String uid() {
    return uid;
  }

  /**
   * A column that is added.
   *
   * @param result what it is called among the results of a row
   * @param name what it is to be called
   * @param param the param to change where there is such a column already
   */
  private record Added(String result, String name, String param) {
    boolean isNumber() {
      return result.equals("value");
    }
  }

  private List<Added> added() {
    List<Added> added = new ArrayList<>();
    added.add(new Added("value", $(valueCol), "valueCol"));
    added.add(new Added("gradient", $(gradientCol), "gradientCol"));
    added.add(new Added("hessian", $(hessianCol), "hessianCol"));
    for (String name : $(valuesOf)) {
      added.add(new Added("value_" + name, "value_" + name, "valuesOf"));
    }
    for (String name : $(jacobiansOf)) {
      added.add(new Added("jacobian_" + name, "jacobian_" + name, "jacobiansOf"));
    }
    added.removeIf(column -> column.name().isEmpty());
    return added;
  }

  /**
   * The rows with their derivatives, computed when the data frame is; of a stream, a stream.
   *
   * @param dataset with the columns that the loss reads
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    Dataset<Row> table = dataset.toDF();
    transformSchema(table.schema());
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("value", !$(valueCol).isEmpty());
    asked.put("gradient", !$(gradientCol).isEmpty());
    asked.put("hessian", $(hessianCol).isEmpty() ? "none" : $(hessianForm));
    asked.put("values-of", List.of($(valuesOf)));
    asked.put("jacobian-of", List.of($(jacobiansOf)));
    Map<String, String> named = new LinkedHashMap<>();
    added().forEach(column -> named.put(column.result(), column.name()));
    Dataset<Row> found =
        Curvature.on(table)
            .configured($(configuration))
            .at(values())
            .set("derive.per-sample", asked)
            .set("input.carry", List.of())
            .set("input.invalid-rows", LossParams.invalidRows($(handleInvalid)))
            .perSample(named, $(wrt));
    for (Added column : added()) {
      if (isVector(column)) {
        Column result = Predictors.quoted(column.name());
        found =
            found.withColumn(
                column.name(),
                org.apache.spark.sql.functions.when(
                    result.isNotNull(), functions.array_to_vector(result)));
      }
    }
    return found;
  }

  private boolean isVector(Added column) {
    return !column.isNumber() && $(outputType).equals(VECTOR);
  }

  private Map<String, double[]> values() {
    if ($(parameters).isBlank()) {
      return Map.of();
    }
    try {
      return JSON.readValue($(parameters), new TypeReference<LinkedHashMap<String, double[]>>() {});
    } catch (JsonProcessingException e) {
      throw LossParams.refused(
          "the values of parameters are no JSON: " + e.getOriginalMessage(),
          "parameters",
          "write {\"b0\": [0.5], \"beta\": [1, 2]}");
    }
  }

  @Override
  public StructType transformSchema(StructType schema) {
    LossParams.refuseUnknown($(handleInvalid));
    refuseOther($(hessianForm), FORMS, "hessianForm");
    refuseOther($(outputType), List.of("array", VECTOR), "outputType");
    values();
    if ($(configuration).isBlank()) {
      throw LossParams.refused(
          "there is no loss",
          "configuration",
          "set one: curvature { input.tensors { ... }, model { parameters { ... }, loss = ... } }");
    }
    if (added().isEmpty()) {
      throw LossParams.refused(
          "nothing is asked for", "gradientCol", "set it, or another column, to a name");
    }
    StructType with = schema;
    for (Added column : added()) {
      LossParams.refuseTaken(with, column.name(), column.param());
      DataType array = DataTypes.createArrayType(DataTypes.DoubleType, false);
      DataType type =
          column.isNumber()
              ? DataTypes.DoubleType
              : isVector(column) ? SQLDataTypes.VectorType() : array;
      boolean nullable = isVector(column) || $(handleInvalid).equals(LossParams.KEEP);
      with = with.add(new StructField(column.name(), type, nullable, Metadata.empty()));
    }
    return with;
  }

  private static void refuseOther(String value, List<String> known, String param) {
    if (!known.contains(value)) {
      throw LossParams.refused(
          param + " is " + value, param, "take one of " + String.join(", ", known));
    }
  }

  @Override
  public DerivativeTransformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  // ---- writing and reading

  @Override
  public MLWriter write() {
    return StageFiles.writer(this);
  }

  @Override
  public void save(String path) throws IOException {
    write().save(path);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<DerivativeTransformer> read() {
    return StageFiles.reader(DerivativeTransformer.class, DerivativeTransformer::new);
  }

  /** Reads what {@link #save} wrote. */
  public static DerivativeTransformer load(String path) {
    return read().load(path);
  }

  // ---- params

  public Param<String> configuration() {
    return configuration;
  }

  public DerivativeTransformer setConfiguration(String value) {
    return (DerivativeTransformer) set(configuration, value);
  }

  public Param<String> parameters() {
    return parameters;
  }

  public DerivativeTransformer setParameters(String value) {
    return (DerivativeTransformer) set(parameters, value);
  }

  /**
   * Sets values of parameters, such as those of {@link org.sparkcurvature.Fit#parameters}.
   *
   * @param values elements, row-major, by name
   */
  public DerivativeTransformer setParameters(Map<String, double[]> values) {
    try {
      return setParameters(JSON.writeValueAsString(values));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("numbers can be written as JSON", e);
    }
  }

  public StringArrayParam wrt() {
    return wrt;
  }

  public DerivativeTransformer setWrt(String[] value) {
    return (DerivativeTransformer) set(wrt, value);
  }

  public Param<String> valueCol() {
    return valueCol;
  }

  public DerivativeTransformer setValueCol(String value) {
    return (DerivativeTransformer) set(valueCol, value);
  }

  public Param<String> gradientCol() {
    return gradientCol;
  }

  public DerivativeTransformer setGradientCol(String value) {
    return (DerivativeTransformer) set(gradientCol, value);
  }

  public Param<String> hessianCol() {
    return hessianCol;
  }

  public DerivativeTransformer setHessianCol(String value) {
    return (DerivativeTransformer) set(hessianCol, value);
  }

  public Param<String> hessianForm() {
    return hessianForm;
  }

  public DerivativeTransformer setHessianForm(String value) {
    return (DerivativeTransformer) set(hessianForm, value);
  }

  public StringArrayParam valuesOf() {
    return valuesOf;
  }

  public DerivativeTransformer setValuesOf(String[] value) {
    return (DerivativeTransformer) set(valuesOf, value);
  }

  public StringArrayParam jacobiansOf() {
    return jacobiansOf;
  }

  public DerivativeTransformer setJacobiansOf(String[] value) {
    return (DerivativeTransformer) set(jacobiansOf, value);
  }

  public Param<String> outputType() {
    return outputType;
  }

  public DerivativeTransformer setOutputType(String value) {
    return (DerivativeTransformer) set(outputType, value);
  }

  public Param<String> handleInvalid() {
    return handleInvalid;
  }

  public DerivativeTransformer setHandleInvalid(String value) {
    return (DerivativeTransformer) set(handleInvalid, value);
  }
}
