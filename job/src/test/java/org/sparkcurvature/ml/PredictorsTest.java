package org.sparkcurvature.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.NumericAttribute;
import org.apache.spark.ml.linalg.Matrices;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.CurvatureException;
import org.sparkcurvature.job.LocalSpark;

/** Columns of predictors: how their elements are called, how many there may be, of which types. */
class PredictorsTest {
  @TempDir static Path temporary;

  private static Dataset<Row> table;

  @BeforeAll
  static void makeTable() {
    SparkSession spark = LocalSpark.session();
    table =
        spark
            .range(0, 400, 1, 2)
            .selectExpr(
                "id",
                "double(id % 3) AS label",
                "sin(id * id) AS x",
                "id % 2 = 0 AS even",
                "transform(sequence(1, 1500), k -> sin(k * id)) AS some")
            .withColumn(
                "features", org.apache.spark.ml.functions.array_to_vector(functions.col("some")))
            .cache();
  }

  private static LossEstimator gaussian(String... columns) {
    return new LossEstimator()
        .setPredictorCols(columns)
        .setFamily("gaussian")
        .setRegParam(10)
        .setPredictionCol("p");
  }

  private static CurvatureException failure(Callable<?> work) {
    return catchThrowableOfType(CurvatureException.class, work::call);
  }

  private static double[] predictions(Dataset<Row> rows) {
    return rows.orderBy("id").select("p").collectAsList().stream()
        .mapToDouble(row -> row.isNullAt(0) ? Double.NaN : row.getDouble(0))
        .toArray();
  }

  /** Together longer than a formula: what one column of all their numbers would give. */
  @Test
  void severalColumnsMayBeLong() throws Exception {
    String[] columns = {"features", "x", "some", "even"};
    LossModel model = gaussian(columns).fit(table);
    assertThat(model.names())
        .hasSize(3003)
        .startsWith("Intercept", "features[0]")
        .contains("x", "some[1499]")
        .endsWith("even");
    Dataset<Row> together =
        table.withColumn(
            "all", functions.expr("concat(some, array(x), some, array(double(even)))"));
    LossModel one = gaussian("all").fit(together);
    assertThat(model.coefficients()).containsExactly(one.coefficients());
    double[] expected = predictions(one.transform(together));
    assertThat(predictions(model.transform(table))).containsExactly(expected);
    Path path = temporary.resolve("long");
    model.save(path.toString());
    LossModel again = LossModel.load(path.toString());
    Dataset<Row> predicted = again.transform(table);
    assertThat(predicted.columns()).startsWith(table.columns()).endsWith("p");
    assertThat(predicted.schema()).isEqualTo(again.transformSchema(table.schema()));
    assertThat(predictions(predicted)).containsExactly(expected);
    Dataset<Row> missing = table.withColumn("x", functions.expr("if(id = 3, null, x)"));
    double[] kept = predictions(again.setHandleInvalid("keep").transform(missing));
    assertThat(kept[3]).isNaN();
    assertThat(kept[4]).isEqualTo(expected[4]);
    assertThat(failure(() -> gaussian(columns).setFamily("multinomial").fit(table)).what())
        .contains("multinomial");
    Dataset<Row> text = table.withColumn("x", functions.lit("a"));
    assertThat(failure(() -> gaussian(columns).fit(text)).what())
        .contains("column x is of the type string");
  }

  private static Dataset<Row> named(Attribute... attributes) {
    Column both = functions.array(functions.col("x"), functions.expr("cos(id)"));
    return table.withColumn(
        "both",
        org.apache.spark.ml.functions.array_to_vector(both),
        new AttributeGroup("both", attributes).toMetadata());
  }

  private static List<String> names(Dataset<Row> rows) {
    return gaussian("both").fit(rows).names();
  }

  /** Metadata may be missing, name some elements, or give names that are taken. */
  @Test
  void elementsAreCalledAsMetadataSays() {
    NumericAttribute none = NumericAttribute.defaultAttr();
    assertThat(names(named(none.withName("a"), none.withName("b"))))
        .containsExactly("Intercept", "a", "b");
    assertThat(names(named(none.withName("a"), none))).containsExactly("Intercept", "a", "both[1]");
    assertThat(names(named(none, none))).containsExactly("Intercept", "both[0]", "both[1]");
    assertThat(names(named(none.withName("id"), none.withName("a"))))
        .containsExactly("Intercept", "both[0]", "a");
    Dataset<Row> twice =
        named(none.withName("a"), none.withName("b")).withColumn("again", functions.col("both"));
    assertThat(gaussian("both", "again").fit(twice).names())
        .containsExactly("Intercept", "a", "b", "again[0]", "again[1]");
  }

  /** As many elements as hashing gives, few of which a row has. */
  @Test
  void metadataMayHaveAQuarterOfAMillionElements() {
    int size = 262_144;
    Attribute[] attributes =
        IntStream.range(0, size)
            .mapToObj(k -> NumericAttribute.defaultAttr().withName("word " + k))
            .toArray(Attribute[]::new);
    UDF1<Long, Vector> hashed =
        id ->
            Vectors.sparse(
                size, new int[] {(int) (id % 5), size - 1}, new double[] {1, Math.sin(id)});
    Dataset<Row> wide =
        table
            .limit(40)
            .cache()
            .withColumn(
                "words",
                functions.udf(hashed, SQLDataTypes.VectorType()).apply(functions.col("id")),
                new AttributeGroup("words", attributes).toMetadata());
    LossModel model = gaussian("words").setConfiguration("curvature.fit.method = lbfgs").fit(wide);
    assertThat(model.names()).hasSize(size + 1).endsWith("word 262143");
    double[] beta = model.coefficients();
    assertThat(beta[6]).as("of a word that no row has").isZero();
    double[] found = predictions(model.transform(wide));
    List<Row> rows = wide.orderBy("id").select("id").collectAsList();
    for (int k = 0; k < found.length; k++) {
      long id = rows.get(k).getLong(0);
      assertThat(found[k])
          .isCloseTo(
              beta[0] + beta[1 + (int) (id % 5)] + Math.sin((double) id) * beta[size],
              within(1e-12));
    }
  }

  /** Types that are no numbers are called by their names. */
  @Test
  void otherTypesAreNamed() {
    UDF1<Long, Matrix> square = id -> Matrices.dense(1, 1, new double[] {id});
    Dataset<Row> matrices =
        table.withColumn(
            "m", functions.udf(square, SQLDataTypes.MatrixType()).apply(functions.col("id")));
    CurvatureException e = failure(() -> gaussian("m").fit(matrices));
    assertThat(e.code()).isIn(2, 3);
    assertThat(e.getMessage()).contains("m", "matrix");
    Dataset<Row> days = table.withColumn("day", functions.expr("date'2026-01-01'"));
    assertThat(failure(() -> gaussian("day").fit(days)).getMessage()).contains("day", "date");
  }

  /** The schema is known before rows are, with a loss as with a formula. */
  @Test
  void schemasOfALossByHand() {
    LossEstimator squares =
        new LossEstimator()
            .setConfiguration(
                """
                curvature {
                  input { tensors { x = x, y = label } }
                  model { parameters { b = 0.0 }, define { mu = "b * x" }, loss = "square(y - mu)" }
                }
                """)
            .setCovariance("HC0")
            .setPredicted("mu");
    LossModel model = squares.fit(table);
    assertThat(squares.transformSchema(table.schema()))
        .isEqualTo(model.transform(table).schema())
        .isEqualTo(model.transformSchema(table.schema()));
    assertThat(model.transform(table).schema().apply("features").metadata())
        .isEqualTo(table.schema().apply("features").metadata());
  }

  /** Names that results have, in the table. */
  @Test
  void columnsMayBeCalledAsResults() {
    String[] columns = {"row", "value", "prediction_1", "mean", "gradient"};
    Dataset<Row> odd = table.select("id", "label", "x");
    for (String column : columns) {
      odd = odd.withColumn(column, functions.col("x"));
    }
    Dataset<Row> rows = odd;
    LossModel model = gaussian("x").fit(table);
    Dataset<Row> predicted = model.transform(rows);
    assertThat(Arrays.copyOf(predicted.columns(), rows.columns().length))
        .containsExactly(rows.columns());
    assertThat(predictions(predicted)).containsExactly(predictions(model.transform(table)));
    assertThat(predicted.filter("not (row <=> x and prediction_1 <=> x)").count()).isZero();
  }
}
