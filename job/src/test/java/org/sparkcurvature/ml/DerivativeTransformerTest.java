package org.sparkcurvature.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.CurvatureException;
import org.sparkcurvature.job.LocalSpark;

/** Derivatives of exact numbers, in the manner of MLlib's own suites. */
class DerivativeTransformerTest {
  private static final String SQUARES =
      """
      curvature {
        input { tensors { x = %s, y = y } }
        model {
          parameters { beta { labels = x, fill = 0.0 } }
          define { fit = "dot(x, beta)" }
          loss = "square(y - fit)"
        }
      }
      """;

  private static final double[][] ROWS = {
    {1, 2, 3}, {4, -1, 2}, {0.5, 3, 1}, {-2, 0.25, 4}, {3, 5, -1}
  };

  private static final double[] BETA = {0.5, -0.25};

  @TempDir static Path temporary;

  private static SparkSession spark;
  private static Dataset<Row> table;

  @BeforeAll
  static void makeTable() {
    spark = LocalSpark.session();
    table = frame(ROWS);
  }

  private static Dataset<Row> frame(double[][] numbers) {
    StructType schema = new StructType();
    for (String column : List.of("a", "b", "y")) {
      schema = schema.add(column, DataTypes.DoubleType);
    }
    List<Row> rows = new ArrayList<>();
    for (double[] row : numbers) {
      rows.add(RowFactory.create(row[0], row[1], row[2]));
    }
    return spark.createDataFrame(rows, schema).repartition(2).cache();
  }

  private static DerivativeTransformer squares(String x) {
    return new DerivativeTransformer()
        .setConfiguration(SQUARES.formatted(x))
        .setParameters(Map.of("beta", BETA));
  }

  private static DerivativeTransformer squares() {
    return squares("[a, b]");
  }

  private static CurvatureException failure(Callable<?> work) {
    return catchThrowableOfType(CurvatureException.class, work::call);
  }

  private static VectorAssembler assembler() {
    return new VectorAssembler().setInputCols(new String[] {"a", "b"}).setOutputCol("features");
  }

  private static int jobs() {
    return spark.sparkContext().statusTracker().getJobIdsForGroup(null).length;
  }

  /** By hand: (y - x'beta)^2 has the gradient -2 r x and the Hessian 2 x x'. */
  private static void check(Row row, boolean isVector) {
    double[] x = {row.<Double>getAs("a"), row.<Double>getAs("b")};
    double fit = x[0] * BETA[0] + x[1] * BETA[1];
    double r = row.<Double>getAs("y") - fit;
    assertThat(row.<Double>getAs("loss")).isEqualTo(r * r);
    assertThat(numbers(row, "gradient", isVector)).containsExactly(-2 * r * x[0], -2 * r * x[1]);
    assertThat(numbers(row, "hessian", isVector))
        .containsExactly(2 * x[0] * x[0], 2 * x[0] * x[1], 2 * x[1] * x[1]);
    assertThat(numbers(row, "value_fit", isVector)).containsExactly(fit);
    assertThat(numbers(row, "jacobian_fit", isVector)).containsExactly(x);
  }

  private static double[] numbers(Row row, String column, boolean isVector) {
    return isVector
        ? row.<Vector>getAs(column).toArray()
        : row.<Double>getList(row.fieldIndex(column)).stream()
            .mapToDouble(Double::doubleValue)
            .toArray();
  }

  @Test
  void everyRowGetsItsDerivatives() {
    for (String type : List.of("array", "vector")) {
      DerivativeTransformer all =
          squares()
              .setValueCol("loss")
              .setHessianCol("hessian")
              .setValuesOf(new String[] {"fit"})
              .setJacobiansOf(new String[] {"fit"})
              .setOutputType(type);
      int before = jobs();
      Dataset<Row> found = all.transform(table);
      assertThat(jobs()).as("nothing runs before it is read").isEqualTo(before);
      assertThat(found.schema()).isEqualTo(all.transformSchema(table.schema()));
      List<Row> rows = found.collectAsList();
      assertThat(rows).hasSize(ROWS.length);
      rows.forEach(row -> check(row, type.equals("vector")));
    }
    Row full = squares().setHessianCol("h").setHessianForm("full").transform(table).head();
    assertThat(full.<Double>getList(full.fieldIndex("h"))).hasSize(4);
    DerivativeTransformer diagonal =
        squares().setGradientCol("").setHessianCol("h").setHessianForm("diagonal");
    assertThat(diagonal.transform(table).columns()).containsExactly("a", "b", "y", "h");
    Row row = diagonal.transform(table).head();
    assertThat(row.<Double>getList(3)).containsExactly(2 * square(row, 0), 2 * square(row, 1));
  }

  private static double square(Row row, int column) {
    return row.getDouble(column) * row.getDouble(column);
  }

  /** By an input, and columns that are called as results are. */
  @Test
  void derivativesByInputsBesideColumnsOfAnyName() {
    Dataset<Row> odd =
        table
            .withColumn("row", functions.lit("r"))
            .withColumn("value", functions.lit(1))
            .withColumn("sepal.width", functions.col("a"));
    DerivativeTransformer by = squares().setWrt(new String[] {"x"}).setGradientCol("by x");
    Dataset<Row> found = by.transform(odd);
    assertThat(found.schema()).isEqualTo(by.transformSchema(odd.schema()));
    for (Row row : found.collectAsList()) {
      double r =
          row.<Double>getAs("y")
              - row.<Double>getAs("a") * BETA[0]
              - row.<Double>getAs("b") * BETA[1];
      assertThat(row.<String>getAs("row")).isEqualTo("r");
      assertThat(numbers(row, "by x", false))
          .usingComparatorWithPrecision(1e-14)
          .containsExactly(-2 * r * BETA[0], -2 * r * BETA[1]);
    }
  }

  /** Vectors, sparse and dense, in a pipeline that is written and read. */
  @Test
  void inAPipelineThatIsReadAgain() throws Exception {
    DerivativeTransformer stage = squares("features").setValueCol("loss");
    PipelineModel pipeline =
        new Pipeline().setStages(new PipelineStage[] {assembler(), stage}).fit(table);
    int before = jobs();
    Dataset<Row> found = pipeline.transform(table);
    assertThat(jobs()).as("the vectors' size is known").isEqualTo(before);
    Path path = temporary.resolve("pipeline");
    pipeline.write().overwrite().save(path.toString());
    Dataset<Row> again = PipelineModel.load(path.toString()).transform(table);
    assertThat(again.collectAsList()).isEqualTo(found.collectAsList());
    StructType assembled = assembler().transform(table).schema();
    assertThat(again.schema()).isEqualTo(stage.transformSchema(assembled));
    double[] sum = new double[2];
    for (Row row : found.collectAsList()) {
      assertThat(row.<Vector>getAs("features").size()).isEqualTo(2);
      sum[0] += row.<Double>getList(row.fieldIndex("gradient")).get(0);
    }
    double expected = 0;
    for (double[] row : ROWS) {
      expected += -2 * (row[2] - row[0] * BETA[0] - row[1] * BETA[1]) * row[0];
    }
    assertThat(sum[0]).isCloseTo(expected, within(1e-12));
  }

  @Test
  void rowsThatAreInvalid() {
    Dataset<Row> rows =
        table.withColumn("b", functions.expr("if(a > 3, null, if(a < 0, double('NaN'), b))"));
    DerivativeTransformer stage = squares().setValueCol("loss");
    assertThat(stage.copy(ParamMap.empty()).setHandleInvalid("skip").transform(rows).count())
        .isEqualTo(3);
    for (String type : List.of("array", "vector")) {
      DerivativeTransformer keep =
          stage.copy(ParamMap.empty()).setHandleInvalid("keep").setOutputType(type);
      Dataset<Row> kept = keep.transform(rows);
      assertThat(kept.schema()).isEqualTo(keep.transformSchema(rows.schema()));
      assertThat(kept.count()).isEqualTo(ROWS.length);
      assertThat(kept.filter("gradient is null and loss is null").select("a").collectAsList())
          .containsExactlyInAnyOrder(RowFactory.create(4.0), RowFactory.create(-2.0));
      for (Row row : kept.filter("gradient is not null").collectAsList()) {
        double r =
            row.<Double>getAs("y")
                - row.<Double>getAs("a") * BETA[0]
                - row.<Double>getAs("b") * BETA[1];
        assertThat(row.<Double>getAs("loss")).isEqualTo(r * r);
      }
      // No valid row at all.
      assertThat(
              keep.transform(rows.withColumn("a", functions.expr("double(null)")))
                  .filter("gradient is null")
                  .count())
          .isEqualTo(ROWS.length);
    }
    assertThat(catchThrowableOfType(Exception.class, () -> stage.transform(rows).count()))
        .hasStackTraceContaining("x[1] (b) is null");
  }

  @Test
  void paramsSurviveWritingReadingAndCopying() throws Exception {
    DerivativeTransformer stage =
        squares()
            .setWrt(new String[] {"beta"})
            .setValueCol("v")
            .setGradientCol("g")
            .setHessianCol("h")
            .setHessianForm("full")
            .setValuesOf(new String[] {"fit"})
            .setJacobiansOf(new String[] {"fit"})
            .setOutputType("vector")
            .setHandleInvalid("keep");
    Path path = temporary.resolve("stage");
    stage.save(path.toString());
    for (Param<?> param : stage.params()) {
      assertThat(stage.isSet(param)).as(param.name()).isTrue();
      assertThat(stage.hasDefault(param)).as(param.name()).isTrue();
      assertThat(param.doc()).isNotBlank();
      for (DerivativeTransformer other :
          List.of(DerivativeTransformer.load(path.toString()), stage.copy(ParamMap.empty()))) {
        assertThat(other.uid()).isEqualTo(stage.uid());
        assertThat(other.getOrDefault(other.getParam(param.name())))
            .as(param.name())
            .isEqualTo(stage.getOrDefault(param));
      }
    }
    assertThat(
            stage.transform(table, ParamMap.empty().put(stage.gradientCol().w("other"))).columns())
        .contains("other")
        .doesNotContain("g");
    Path format = path.resolve("data/format.json");
    Files.writeString(format, "{\"format\":2}");
    Files.deleteIfExists(path.resolve("data/.format.json.crc"));
    CurvatureException later = failure(() -> DerivativeTransformer.load(path.toString()));
    assertThat(later.what()).contains("format 2");
  }

  @Test
  void whatIsWrongIsSaid() {
    assertThat(failure(() -> new DerivativeTransformer().transform(table)).what())
        .contains("there is no loss");
    assertThat(failure(() -> squares().setGradientCol("").transform(table)).what())
        .contains("nothing is asked for");
    CurvatureException taken = failure(() -> squares().setGradientCol("A").transform(table));
    assertThat(taken.where()).contains("gradientCol");
    assertThat(failure(() -> squares().setHessianForm("upper").transform(table)).remedy())
        .contains("diagonal");
    assertThat(failure(() -> squares().setOutputType("list").transform(table)).remedy())
        .contains("vector");
    assertThat(failure(() -> squares().setHandleInvalid("drop").transform(table)).remedy())
        .contains("keep");
    assertThat(failure(() -> squares().setParameters("beta = 1").transform(table)).where())
        .contains("parameters");
    CurvatureException column = failure(() -> squares("[a, c]").transform(table));
    assertThat(column.code()).isEqualTo(3);
    assertThat(column.getMessage()).contains("c", "a, b, y");
    assertThat(failure(() -> squares().setWrt(new String[] {"fit"}).transform(table)).where())
        .contains("derive.wrt");
    assertThat(
            failure(() -> squares().setParameters(Map.of("beta", new double[3])).transform(table))
                .getMessage())
        .contains("beta");
  }
}
