package org.sparkcurvature.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.GeneralizedLinearRegression;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.Curvature;
import org.sparkcurvature.CurvatureException;
import org.sparkcurvature.Estimates;
import org.sparkcurvature.ManualPage;
import org.sparkcurvature.job.LocalSpark;

/** In the manner of MLlib's own suites: params, schemas, copies, writing and reading, pipelines. */
class LossEstimatorTest {
  private static final String FORMULA = "mdvis ~ lncoins + idp + C(site)";

  @TempDir static Path temporary;

  private static SparkSession spark;
  private static Dataset<Row> table;

  @BeforeAll
  static void readTable() {
    spark = LocalSpark.session();
    table =
        spark
            .read()
            .option("header", "true")
            .option("inferSchema", "true")
            .csv(Path.of(System.getenv("SPARK_CURVATURE_HOME"), "conf/data/randhie.csv").toString())
            .withColumn("site", functions.expr("element_at(array('a', 'b', 'c'), 1 + id % 3)"))
            .withColumn("label", functions.expr("double(mdvis)"))
            .cache();
  }

  private static LossEstimator poisson() {
    return new LossEstimator().setFormula(FORMULA).setFamily("poisson");
  }

  private static CurvatureException failure(Callable<?> work) {
    return catchThrowableOfType(CurvatureException.class, work::call);
  }

  private static double[] predictions(Dataset<Row> rows) {
    return rows.select("prediction").collectAsList().stream()
        .mapToDouble(row -> row.getDouble(0))
        .toArray();
  }

  @Test
  void aFormulaIsFittedAsByTheProgram() {
    LossModel model = poisson().setCovariance("HC1").fit(table);
    Estimates estimates = Curvature.on(table).formula(FORMULA).family("poisson").estimate("HC1");
    assertThat(model.names()).isEqualTo(estimates.names());
    assertThat(model.coefficients()).containsExactly(estimates.estimates());
    assertThat(model.coefficientStandardErrors()).containsExactly(estimates.standardErrors());
    assertThat(model.pValues()).containsExactly(estimates.pValues());
    assertThat(model.aic()).isEqualTo(estimates.aic());
    assertThat(model.numInstances()).isEqualTo(20190);
    assertThat(model.summary()).contains("lncoins", "HC1");
    Dataset<Row> predicted = model.transform(table.drop("mdvis"));
    Row row = predicted.head();
    double eta =
        estimates.estimate("Intercept")
            + estimates.estimate("lncoins") * row.<Double>getAs("lncoins")
            + estimates.estimate("idp") * row.<Integer>getAs("idp")
            + (row.<String>getAs("site").equals("a")
                ? 0
                : estimates.estimate("C(site)[T." + row.<String>getAs("site") + "]"));
    assertThat(row.<Double>getAs("prediction")).isCloseTo(Math.exp(eta), within(1e-12));
  }

  /** Behind MLlib's own stages, beside MLlib's own fit. */
  @Test
  void aPipelineWithVectors() throws Exception {
    PipelineStage[] stages = {
      new StringIndexer()
          .setInputCol("site")
          .setOutputCol("index")
          .setStringOrderType("alphabetAsc"),
      new OneHotEncoder().setInputCol("index").setOutputCol("onehot"),
      new VectorAssembler()
          .setInputCols(new String[] {"lncoins", "idp", "onehot"})
          .setOutputCol("features"),
      new LossEstimator().setPredictorCols(new String[] {"features"}).setFamily("poisson")
    };
    PipelineModel pipeline = new Pipeline().setStages(stages).fit(table);
    LossModel model = (LossModel) pipeline.stages()[3];
    Dataset<Row> assembled =
        new PipelineModel("before", Arrays.copyOf(pipeline.stages(), 3)).transform(table);
    GeneralizedLinearRegressionModel theirs =
        new GeneralizedLinearRegression().setFamily("poisson").setTol(1e-12).fit(assembled);
    assertThat(model.names().subList(1, 5))
        .containsExactly("features[0]", "features[1]", "onehot_a", "onehot_b");
    assertThat(model.coefficients()[0]).isCloseTo(theirs.intercept(), within(1e-8));
    double[] errors = theirs.summary().coefficientStandardErrors();
    for (int k = 0; k < 4; k++) {
      assertThat(model.coefficients()[k + 1])
          .isCloseTo(theirs.coefficients().apply(k), within(1e-7 * errors[k]));
      assertThat(model.coefficientStandardErrors()[k + 1])
          .isCloseTo(errors[k], within(1e-6 * errors[k]));
    }
    Dataset<Row> predicted = pipeline.transform(table);
    assertThat(model.transform(assembled).schema())
        .isEqualTo(model.transformSchema(assembled.schema()));
    assertThat(predicted.schema().apply("features").metadata())
        .isEqualTo(assembled.schema().apply("features").metadata());
    Path path = temporary.resolve("pipeline");
    pipeline.write().overwrite().save(path.toString());
    assertThat(predictions(PipelineModel.load(path.toString()).transform(table)))
        .containsExactly(predictions(predicted));
  }

  /** Every param set to something else, then written, read and copied. */
  @Test
  void paramsSurviveWritingReadingAndCopying() throws Exception {
    LossEstimator estimator =
        poisson()
            .setConfiguration("curvature.infer.level = 0.9")
            .setLabelCol("y")
            .setPredictorCols(new String[] {"x"})
            .setWeightCol("w")
            .setCovariance("HC0")
            .setGroups(new String[] {"g"})
            .setBy(new String[] {"site"})
            .setRegParam(0.5)
            .setTol(1e-8)
            .setMaxIter(7)
            .setPredictionCol("p")
            .setPredicted("mu")
            .setHandleInvalid("skip")
            .setUnseenGroups("fail");
    for (Param<?> param : estimator.params()) {
      assertThat(estimator.isSet(param)).as(param.name()).isTrue();
      assertThat(estimator.hasDefault(param)).as(param.name()).isTrue();
      assertThat(param.doc()).isNotBlank();
    }
    Path path = temporary.resolve("estimator");
    estimator.save(path.toString());
    for (LossEstimator other :
        List.of(LossEstimator.load(path.toString()), estimator.copy(ParamMap.empty()))) {
      assertThat(other.uid()).isEqualTo(estimator.uid());
      for (Param<?> param : estimator.params()) {
        assertThat(other.getOrDefault(other.getParam(param.name())))
            .as(param.name())
            .isEqualTo(estimator.getOrDefault(param));
      }
    }
    ParamMap extra = ParamMap.empty().put(estimator.maxIter().w(3));
    assertThat(estimator.copy(extra).getOrDefault(estimator.maxIter())).isEqualTo(3);
    assertThat(estimator.getOrDefault(estimator.maxIter())).isEqualTo(7);
  }

  @Test
  void modelsSurviveWritingReadingAndCopying() throws Exception {
    LossModel model = poisson().fit(table).setPredictionCol("p");
    assertThat(model.hasParent()).isTrue();
    Path path = temporary.resolve("model");
    model.save(path.toString());
    for (LossModel other : List.of(LossModel.load(path.toString()), model.copy(ParamMap.empty()))) {
      assertThat(other.uid()).isEqualTo(model.uid());
      assertThat(other.coefficientStandardErrors())
          .containsExactly(model.coefficientStandardErrors());
      assertThat(other.pValues()).containsExactly(model.pValues());
      assertThat(other.aic()).isEqualTo(model.aic());
      assertThat(other.summary()).isEqualTo(model.summary());
      assertThat(predictions(other.transform(table).withColumnRenamed("p", "prediction")))
          .containsExactly(
              predictions(model.transform(table).withColumnRenamed("p", "prediction")));
    }
    assertThat(
            model
                .copy(ParamMap.empty().put(model.predictionCol().w("q")))
                .transform(table)
                .columns())
        .endsWith("q");
    Path data = path.resolve("data/model.json");
    Files.writeString(data, Files.readString(data).replace("\"format\":1", "\"format\":9"));
    Files.deleteIfExists(path.resolve("data/.model.json.crc"));
    CurvatureException later = failure(() -> LossModel.load(path.toString()));
    assertThat(later.what()).contains("format 9");
  }

  /** One model for each of many groups, as the program has them, before and after writing. */
  @Test
  void groupsHaveTheirOwnModels() throws Exception {
    // Site d has too few rows.
    Dataset<Row> rows = table.withColumn("site", functions.expr("if(id = 5, 'd', site)"));
    LossEstimator estimator =
        new LossEstimator()
            .setFormula("mdvis ~ lncoins + idp")
            .setFamily("poisson")
            .setCovariance("HC1")
            .setBy(new String[] {"site"});
    LossModel model = estimator.fit(rows);
    assertThat(model.names()).containsExactly("Intercept", "lncoins", "idp");
    assertThat(model.summary()).contains("converged: 3", "too-few-rows: 1");
    Path path = temporary.resolve("groups");
    model.save(path.toString());
    LossModel loaded = LossModel.load(path.toString());
    for (LossModel each : List.of(model, loaded)) {
      List<Row> found = each.groupEstimates().orderBy("site").collectAsList();
      assertThat(found).hasSize(4);
      for (Row group : found.subList(0, 3)) {
        Estimates alone =
            Curvature.on(rows)
                .where("site = '" + group.getString(0) + "'")
                .formula("mdvis ~ lncoins + idp")
                .family("poisson")
                .estimate("HC1");
        List<Double> estimates = group.getList(group.fieldIndex("estimate"));
        List<Double> errors = group.getList(group.fieldIndex("std_error"));
        for (int k = 0; k < 3; k++) {
          double error = alone.standardErrors()[k];
          assertThat(estimates.get(k)).isCloseTo(alone.estimates()[k], within(1e-9 * error));
          assertThat(errors.get(k)).isCloseTo(error, within(1e-8 * error));
        }
      }
      assertThat(found.get(3).<String>getAs("status")).isEqualTo("too-few-rows");
      assertThat(failure(each::coefficients).remedy()).contains("groupEstimates");
      assertThat(failure(each::aic).what()).contains("each group");
    }
    // A model may be written over what it was read from.
    loaded.write().overwrite().save(path.toString());
    LossModel again = LossModel.load(path.toString()).setPredictionCol("p");
    Dataset<Row> predicted = again.transform(rows);
    assertThat(predicted.schema()).isEqualTo(again.transformSchema(rows.schema()));
    assertThat(predicted.count()).isEqualTo(rows.count());
    assertThat(
            predicted.filter("site = 'd' AND p IS NULL AND group_status = 'too-few-rows'").count())
        .isEqualTo(rows.filter("site = 'd'").count());
    Row first = predicted.filter("site = 'b'").head();
    List<Double> estimates =
        again
            .groupEstimates()
            .filter("site = 'b'")
            .head()
            .getList(again.groupEstimates().schema().fieldIndex("estimate"));
    double eta =
        estimates.get(0)
            + estimates.get(1) * first.<Double>getAs("lncoins")
            + estimates.get(2) * first.<Integer>getAs("idp");
    assertThat(first.<Double>getAs("p")).isCloseTo(Math.exp(eta), within(1e-12));
    Dataset<Row> strange = rows.withColumn("site", functions.lit("z"));
    assertThat(again.transform(strange).filter("p IS NULL AND group_status = 'unseen'").count())
        .isEqualTo(rows.count());
    assertThat(
            failure(() -> again.copy(ParamMap.empty()).setUnseenGroups("fail").transform(strange))
                .what())
        .contains("has not seen");
    LossModel common = poisson().fit(table);
    assertThat(failure(common::groupEstimates).remedy()).contains("setBy");
    CurvatureException none = failure(() -> estimator.fit(rows.filter("site = 'd'")));
    assertThat(none.code()).isEqualTo(4);
    assertThat(none.what()).contains("too-few-rows=1");
    assertThat(
            failure(
                    () ->
                        estimator
                            .copy(ParamMap.empty())
                            .setConfiguration("curvature.fit.max-failed-groups = 0.1")
                            .fit(rows))
                .where())
        .isEqualTo("curvature.fit.max-failed-groups");
    assertThat(
            failure(
                    () ->
                        estimator.transformSchema(
                            rows.withColumn("group_status", functions.lit(1)).schema()))
                .what())
        .contains("group_status");
  }

  @Test
  void schemasAreThoseOfTheOutput() {
    LossModel model = poisson().fit(table);
    Dataset<Row> odd =
        table.withColumn("row", functions.lit(1)).withColumn("mean", functions.lit("m"));
    assertThat(model.transform(odd).schema()).isEqualTo(model.transformSchema(odd.schema()));
    assertThat(poisson().transformSchema(table.schema()))
        .isEqualTo(model.transformSchema(table.schema()));
    assertThat(model.transform(odd).head().<Integer>getAs("row")).isEqualTo(1);
  }

  @Test
  void rowsThatAreInvalid() {
    LossModel model = poisson().fit(table);
    Dataset<Row> rows =
        table
            .limit(4)
            .withColumn("site", functions.expr("IF(id = 1, 'z', site)"))
            .withColumn("lncoins", functions.expr("IF(id = 2, null, lncoins)"))
            .cache();
    try {
      assertThat(model.setHandleInvalid("skip").transform(rows).count()).isEqualTo(2);
      Dataset<Row> kept = model.setHandleInvalid("keep").transform(rows);
      assertThat(kept.schema()).isEqualTo(model.transformSchema(rows.schema()));
      assertThat(kept.count()).isEqualTo(4);
      assertThat(kept.filter("prediction is null").select("id").collectAsList())
          .extracting(row -> ((Number) row.get(0)).intValue())
          .containsExactly(1, 2);
      assertThat(predictions(kept.filter("prediction is not null")))
          .containsExactly(predictions(model.setHandleInvalid("skip").transform(rows)));
      assertThat(
              catchThrowableOfType(
                  Exception.class, () -> model.setHandleInvalid("error").transform(rows).count()))
          .hasStackTraceContaining("'z', none of its 3 levels");
    } finally {
      rows.unpersist();
    }
  }

  /** Two penalties give two metrics, each that of a loop over the same folds. */
  @Test
  void crossValidationOverPenalties() throws Exception {
    LossEstimator estimator = poisson();
    RegressionEvaluator evaluator = new RegressionEvaluator().setLabelCol("label");
    ParamMap[] grid =
        new ParamGridBuilder().addGrid(estimator.regParam(), new double[] {0, 5000}).build();
    CrossValidatorModel model =
        new CrossValidator()
            .setEstimator(estimator)
            .setEvaluator(evaluator)
            .setEstimatorParamMaps(grid)
            .setNumFolds(2)
            .setSeed(3)
            .setParallelism(2)
            .setCollectSubModels(true)
            .fit(table);
    assertThat(model.avgMetrics()).hasSize(2);
    assertThat(Math.abs(model.avgMetrics()[0] - model.avgMetrics()[1])).isGreaterThan(1e-6);
    LossModel penalised = (LossModel) model.subModels()[0][1];
    assertThat(penalised.coefficientStandardErrors()).containsOnly(Double.NaN);
    assertThat(Math.abs(penalised.coefficients()[1]))
        .isLessThan(Math.abs(((LossModel) model.subModels()[0][0]).coefficients()[1]));
    assertThat(model.subModels()[0][1].uid()).isEqualTo(estimator.uid());
    Path path = temporary.resolve("validated");
    model.save(path.toString());
    assertThat(CrossValidatorModel.load(path.toString()).bestModel()).isInstanceOf(LossModel.class);
  }

  @Test
  void typesOfNumbersGiveTheSameBits() {
    double[] expected =
        new LossEstimator()
            .setPredictorCols(new String[] {"lncoins", "idp"})
            .setFamily("poisson")
            .fit(table)
            .coefficients();
    for (String type : List.of("int", "bigint", "float", "decimal(9,0)")) {
      Dataset<Row> cast = table.withColumn("label", functions.col("mdvis").cast(type));
      assertThat(
              new LossEstimator()
                  .setPredictorCols(new String[] {"lncoins", "idp"})
                  .setFamily("poisson")
                  .fit(cast)
                  .coefficients())
          .as(type)
          .containsExactly(expected);
    }
  }

  /** More elements than a formula has terms; a ridge, as rows are few. */
  @Test
  void vectorsMayBeLong() {
    int width = 2500;
    Dataset<Row> rows =
        spark
            .range(0, 400, 1, 2)
            .selectExpr(
                "id",
                "double(id % 3) AS label",
                "transform(sequence(1, %d), k -> sin(k * id)) AS some".formatted(width))
            .withColumn(
                "features", org.apache.spark.ml.functions.array_to_vector(functions.col("some")))
            .cache();
    LossEstimator estimator =
        new LossEstimator()
            .setPredictorCols(new String[] {"features"})
            .setFamily("gaussian")
            .setRegParam(10);
    LossModel model = estimator.fit(rows);
    assertThat(model.names()).hasSize(width + 1).contains("features[2499]");
    // The gradient of the penalised sum of squares is 0 there.
    double[] beta = model.coefficients();
    double[] gradient = new double[width + 1];
    for (Row row : model.transform(rows).collectAsList()) {
      double[] x = row.<org.apache.spark.ml.linalg.Vector>getAs("features").toArray();
      double fit = beta[0];
      for (int k = 0; k < width; k++) {
        fit += x[k] * beta[k + 1];
      }
      assertThat(row.<Double>getAs("prediction")).isCloseTo(fit, within(1e-9));
      double r = row.<Double>getAs("label") - fit;
      gradient[0] -= r;
      for (int k = 0; k < width; k++) {
        gradient[k + 1] -= r * x[k];
      }
    }
    double scale = gradient[1] / beta[1];
    assertThat(scale).isNegative();
    assertThat(gradient[0]).isCloseTo(0, within(1e-6));
    for (int k = 1; k <= width; k++) {
      assertThat(gradient[k]).isCloseTo(scale * beta[k], within(1e-6));
    }
    rows.unpersist();
  }

  /** How vectors are stored does not matter, and neither where their elements are named. */
  @Test
  void sparseAndDenseVectorsMayBeMixed() {
    Dataset<Row> dense =
        new VectorAssembler()
            .setInputCols(new String[] {"lncoins", "idp"})
            .setOutputCol("features")
            .transform(table)
            .select("features", "mdvis");
    org.apache.spark.sql.expressions.UserDefinedFunction sparse =
        functions.udf(
            (org.apache.spark.sql.api.java.UDF1<
                    org.apache.spark.ml.linalg.Vector, org.apache.spark.ml.linalg.Vector>)
                v -> v.apply(1) > 0 ? v.toSparse() : v.toDense(),
            org.apache.spark.ml.linalg.SQLDataTypes.VectorType());
    Dataset<Row> mixed =
        dense.select(
            sparse.apply(functions.col("features")).as("features"), functions.col("mdvis"));
    LossEstimator estimator =
        new LossEstimator()
            .setLabelCol("mdvis")
            .setPredictorCols(new String[] {"features"})
            .setFamily("poisson");
    LossModel model = estimator.fit(dense);
    assertThat(estimator.fit(mixed).coefficients()).containsExactly(model.coefficients());
    assertThat(model.names()).containsExactly("Intercept", "lncoins", "idp");
    assertThat(estimator.fit(mixed).names())
        .containsExactly("Intercept", "features[0]", "features[1]");
    assertThat(predictions(model.transform(mixed)))
        .containsExactly(predictions(model.transform(dense)));
  }

  @Test
  void aLossByHandPredictsWhatIsSaid() {
    LossModel model =
        new LossEstimator()
            .setConfiguration(
                """
                curvature {
                  input { tensors { x = [lncoins, idp], y = mdvis } }
                  model {
                    parameters { b0 = 0.0, beta { labels = x, fill = 0.0 } }
                    define { eta = "b0 + dot(x, beta)", mu = "exp(eta)" }
                    loss = "mu - y * eta", likelihood = true
                  }
                }
                """)
            .setPredicted("mu")
            .fit(table);
    assertThat(predictions(model.transform(table.limit(3).drop("mdvis").cache()))).hasSize(3);
  }

  @Test
  void whatIsWrongIsSaid() {
    assertThat(failure(() -> new LossEstimator().fit(table)).what()).contains("there is no model");
    assertThat(failure(() -> poisson().setPredictionCol("site").fit(table)).where())
        .contains("predictionCol");
    assertThat(
            failure(
                    () ->
                        new LossEstimator()
                            .setPredictorCols(new String[] {"lncoin"})
                            .setFamily("poisson")
                            .fit(table))
                .what())
        .contains("no column lncoin");
    assertThat(failure(() -> poisson().setHandleInvalid("drop").fit(table)).remedy())
        .contains("keep");
    assertThat(
            failure(
                () ->
                    poisson()
                        .setPredictorCols(new String[] {"lncoins"})
                        .transformSchema(table.schema())))
        .isNotNull();
    assertThat(table.schema().apply("label").dataType()).isEqualTo(DataTypes.DoubleType);
  }

  /** The manual's page, as it stands. */
  @Test
  void thePageOfTheManualCompilesAndRuns() throws Exception {
    ManualPage.compile(
        temporary,
        "PipelinePage",
        """
            import java.util.Map;
            import org.apache.spark.ml.Pipeline;
            import org.apache.spark.ml.PipelineModel;
            import org.apache.spark.ml.PipelineStage;
            import org.apache.spark.ml.feature.*;
            import org.apache.spark.sql.Dataset;
            import org.apache.spark.sql.Row;
            import org.sparkcurvature.ml.*;

            public final class PipelinePage {
              public static long run(Dataset<Row> table, String folder) throws Exception {
                %s
                return predicted.count() + errors.length + byFormula.names().size()
                    + scores.columns().length - table.columns().length;
              }
            }
            """
            .formatted(ManualPage.code("## In a Spark ML pipeline", "java")));
    assertThat(
            ManualPage.run(temporary, "PipelinePage", table, temporary.resolve("page").toString()))
        .isEqualTo(20190L + 5 + 5 + 3);
  }
}
