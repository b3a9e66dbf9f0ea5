package org.sparkcurvature.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.commons.io.FileUtils;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.mllib.util.MLUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.CurvatureException;
import org.sparkcurvature.job.LocalSpark;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What users of stages do: tables of all kinds, threads, validation, stages of earlier releases.
 */
class PipelinesTest {
  private static SparkSession spark;
  private static Dataset<Row> table;

  @BeforeAll
  static void makeTable() {
    spark = LocalSpark.session();
    table =
        spark
            .range(0, 400, 1, 4)
            .selectExpr(
                "id", "sin(id * id) AS x", "cos(id * 3) AS z", "id % 2 AS fold", "id % 3 AS y")
            .withColumn("label", functions.expr("double(y)"))
            .cache();
  }

  private static LossEstimator poisson() {
    return new LossEstimator().setPredictorCols(new String[] {"x", "z"}).setFamily("poisson");
  }

  private static CurvatureException failure(Callable<?> work) {
    return catchThrowableOfType(CurvatureException.class, work::call);
  }

  private static double[] predictions(Dataset<Row> rows) {
    return rows.orderBy("id").select("prediction").collectAsList().stream()
        .mapToDouble(row -> row.getDouble(0))
        .toArray();
  }

  /** Each metric is that of a loop over the same folds. */
  @Test
  void validationIsALoopOverFolds() {
    LossEstimator estimator = poisson();
    RegressionEvaluator evaluator = new RegressionEvaluator().setLabelCol("label");
    double[] penalties = {0, 50};
    ParamMap[] grid = new ParamGridBuilder().addGrid(estimator.regParam(), penalties).build();
    Dataset<Row> folded = table.withColumn("fold", functions.expr("int(fold)"));
    CrossValidatorModel model =
        new CrossValidator()
            .setEstimator(estimator)
            .setEvaluator(evaluator)
            .setEstimatorParamMaps(grid)
            .setNumFolds(2)
            .setFoldCol("fold")
            .setParallelism(4)
            .setCollectSubModels(true)
            .fit(folded);
    for (int k = 0; k < 2; k++) {
      double sum = 0;
      for (int fold = 0; fold < 2; fold++) {
        // The map of the grid goes to fit, as extra params.
        LossModel each = estimator.fit(folded.filter("fold <> " + fold), grid[k]);
        assertThat(((LossModel) model.subModels()[fold][k]).coefficients())
            .containsExactly(each.coefficients());
        sum += evaluator.evaluate(each.transform(folded.filter("fold = " + fold)));
      }
      assertThat(model.avgMetrics()[k]).isCloseTo(sum / 2, within(1e-12));
    }
    assertThat(model.avgMetrics()[0]).isNotEqualTo(model.avgMetrics()[1]);
  }

  /** Only predictionCol is added, and evaluators of classes take it as the score. */
  @Test
  void binaryPredictionsAreScores() {
    Dataset<Row> binary =
        table.withColumn("label", functions.expr("double(x + z / 2 > 0.1 * sin(id))"));
    LossModel model = poisson().setFamily("binomial").setRegParam(1).fit(binary);
    double area =
        new BinaryClassificationEvaluator()
            .setRawPredictionCol("prediction")
            .evaluate(model.transform(binary));
    assertThat(area).isBetween(0.95, 1.0);
  }

  @Test
  void oneEstimatorInSeveralThreads() throws Exception {
    LossEstimator estimator = poisson();
    List<Dataset<Row>> tables = new ArrayList<>();
    List<double[]> expected = new ArrayList<>();
    for (int k = 0; k < 8; k++) {
      Dataset<Row> own = table.filter("id % 8 <> " + k);
      tables.add(own);
      expected.add(estimator.fit(own).coefficients());
    }
    Set<Object> persistent = persistent();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<double[]>> work = new ArrayList<>();
      tables.forEach(own -> work.add(() -> estimator.fit(own).coefficients()));
      List<Future<double[]>> found = threads.invokeAll(work);
      for (int k = 0; k < 8; k++) {
        assertThat(found.get(k).get()).containsExactly(expected.get(k));
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(failure(() -> estimator.copy(ParamMap.empty()).setMaxIter(1).fit(table)).code())
        .isEqualTo(4);
    // What nobody holds any more goes, too, whenever Java collects it.
    assertThat(persistent).containsAll(persistent());
  }

  private static Set<Object> persistent() {
    return Set.copyOf(
        CollectionConverters.asJava(spark.sparkContext().getPersistentRDDs()).keySet());
  }

  /** Arrays and vectors, old and new, are the same predictors. */
  @Test
  void vectorsAndArraysAreTheSame() {
    Dataset<Row> assembled =
        new VectorAssembler()
            .setInputCols(new String[] {"x", "z"})
            .setOutputCol("features")
            .transform(table);
    double[] expected = poisson().fit(table).coefficients();
    LossEstimator estimator = poisson().setPredictorCols(new String[] {"features"});
    LossModel model = estimator.fit(assembled);
    assertThat(model.coefficients()).containsExactly(expected);
    for (String type : List.of("array<double>", "array<float>")) {
      Dataset<Row> arrays =
          table.withColumn("features", functions.expr("cast(array(x, z) AS " + type + ")"));
      LossModel own = estimator.fit(arrays);
      double within = type.equals("array<double>") ? 0 : 1e-6;
      for (int k = 0; k < 3; k++) {
        assertThat(own.coefficients()[k]).isCloseTo(expected[k], within(within));
      }
      assertThat(predictions(own.transform(arrays))).hasSize(400);
    }
    Dataset<Row> old = MLUtils.convertVectorColumnsFromML(assembled, "features");
    LossModel ofOld = estimator.fit(old);
    assertThat(ofOld.coefficients()).containsExactly(expected);
    assertThat(predictions(ofOld.transform(old)))
        .containsExactly(predictions(model.transform(assembled)));
    Dataset<Row> none = assembled.filter("id < 0");
    assertThat(
            failure(
                    () ->
                        estimator.fit(
                            none.withColumn(
                                "features", functions.lit(null).cast(SQLDataTypes.VectorType()))))
                .code())
        .isEqualTo(3);
    // A boolean is 0 or 1.
    double[] byNumber =
        poisson()
            .setFamily("binomial")
            .fit(table.withColumn("label", functions.expr("id % 2")))
            .coefficients();
    assertThat(
            poisson()
                .setFamily("binomial")
                .fit(table.withColumn("label", functions.expr("id % 2 = 1")))
                .coefficients())
        .containsExactly(byNumber);
  }

  /** Names that SQL would want quoted are plain names of columns. */
  @Test
  void columnsOfOddNames() {
    Map<String, String> names =
        Map.of("x", "sepal.width", "z", "a b", "label", "c`d", "fold", "select", "y", "Größe");
    Dataset<Row> odd = table;
    for (Map.Entry<String, String> name : names.entrySet()) {
      odd = odd.withColumnRenamed(name.getKey(), name.getValue());
    }
    LossModel model =
        poisson()
            .setLabelCol("c`d")
            .setPredictorCols(new String[] {"sepal.width", "a b"})
            .setWeightCol("Größe")
            .fit(odd);
    LossModel plain = poisson().setWeightCol("y").fit(table);
    assertThat(model.coefficients()).containsExactly(plain.coefficients());
    assertThat(model.names()).containsExactly("Intercept", "sepal.width", "a b");
    Dataset<Row> predicted = model.transform(odd);
    assertThat(Arrays.copyOf(predicted.columns(), odd.columns().length))
        .containsExactly(odd.columns());
    assertThat(predictions(predicted)).containsExactly(predictions(plain.transform(table)));
  }

  /** Nearly all partitions are empty. */
  @Test
  void fewRowsInManyPartitions() {
    Dataset<Row> few = table.filter("id < 12");
    double[] expected = poisson().fit(few.coalesce(1)).coefficients();
    LossModel spread = poisson().fit(few.repartition(100, functions.col("id")));
    for (int k = 0; k < 3; k++) {
      assertThat(spread.coefficients()[k]).isCloseTo(expected[k], within(1e-12));
    }
    assertThat(spread.transform(few.repartition(100)).count()).isEqualTo(12);
    spark.conf().set("spark.sql.adaptive.enabled", "false");
    try {
      assertThat(poisson().fit(few.repartition(200, functions.col("id"))).coefficients())
          .usingComparatorWithPrecision(1e-12)
          .containsExactly(expected);
    } finally {
      spark.conf().unset("spark.sql.adaptive.enabled");
    }
  }

  /** Stages that the first format wrote are read for ever. */
  @Test
  void stagesOfTheFirstFormatAreRead() throws Exception {
    Path written = Path.of(getClass().getResource("/ml/format-1").toURI());
    LossModel model = LossModel.load(written.resolve("model").toString());
    assertThat(model.names()).containsExactly("Intercept", "x", "z");
    assertThat(model.getOrDefault(model.predictionCol())).isEqualTo("rate");
    double[] c = model.coefficients();
    Row row = model.transform(table).filter("id = 7").head();
    assertThat(row.<Double>getAs("rate"))
        .isCloseTo(
            Math.exp(c[0] + c[1] * row.<Double>getAs("x") + c[2] * row.<Double>getAs("z")),
            within(1e-12));
    assertThat(model.coefficientStandardErrors()).hasSize(3).doesNotContain(Double.NaN);
    LossEstimator estimator = LossEstimator.load(written.resolve("estimator").toString());
    assertThat(estimator.getOrDefault(estimator.family())).isEqualTo("poisson");
    assertThat(estimator.fit(table).coefficients()[1]).isCloseTo(c[1], within(1e-8));
    // As MLlib's stages have it: what is set for one call wins.
    assertThat(model.transform(table, ParamMap.empty().put(model.predictionCol().w("q"))).columns())
        .endsWith("q");
    assertThat(estimator.fit(table, estimator.regParam().w(50.0)).coefficients()[1])
        .isNotEqualTo(c[1]);
    DerivativeTransformer transformer =
        DerivativeTransformer.load(written.resolve("transformer").toString());
    Row found = transformer.transform(table).filter("id = 7").head();
    assertThat(found.<Vector>getAs("score").toArray())
        .containsExactly(
            -2
                * (found.<Long>getAs("y") - 0.5 * found.<Double>getAs("x"))
                * found.<Double>getAs("x"));
  }

  /** Params that a later release has no more do not make stages unreadable; later formats do. */
  @Test
  void stagesOfOtherReleases(@TempDir Path folder) throws Exception {
    Path fixture = Path.of(getClass().getResource("/ml/format-1").toURI());
    for (String stage : List.of("model", "estimator", "transformer")) {
      Path copy = folder.resolve(stage);
      FileUtils.copyDirectory(fixture.resolve(stage).toFile(), copy.toFile());
      Path metadata = copy.resolve("metadata/part-00000.txt");
      Files.writeString(
          metadata,
          Files.readString(metadata)
              .replace("\"paramMap\":{", "\"paramMap\":{\"gone\":7,")
              .replace("\"defaultParamMap\":{", "\"defaultParamMap\":{\"gone\":5,"));
      Files.deleteIfExists(copy.resolve("metadata/.part-00000.txt.crc"));
    }
    LossModel model = LossModel.load(folder.resolve("model").toString());
    assertThat(model.getOrDefault(model.predictionCol())).isEqualTo("rate");
    LossEstimator estimator = LossEstimator.load(folder.resolve("estimator").toString());
    assertThat(estimator.getOrDefault(estimator.family())).isEqualTo("poisson");
    assertThat(DerivativeTransformer.load(folder.resolve("transformer").toString()).uid())
        .isNotEmpty();
    Path format = folder.resolve("estimator/data/format.json");
    Files.writeString(format, "{\"format\":2}");
    Files.deleteIfExists(format.resolveSibling(".format.json.crc"));
    assertThat(
            failure(() -> LossEstimator.load(folder.resolve("estimator").toString())).getMessage())
        .contains("format 2", "reads 1");
  }
}
