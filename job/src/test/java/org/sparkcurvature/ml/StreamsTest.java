package org.sparkcurvature.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.CurvatureException;
import org.sparkcurvature.job.LocalSpark;

/** Rows that come one after the other get what rows get that are there. */
class StreamsTest {
  @TempDir static Path temporary;

  private static SparkSession spark;
  private static Dataset<Row> table;
  private static Dataset<Row> stream;

  @BeforeAll
  static void writeFiles() {
    spark = LocalSpark.session();
    String path = temporary.resolve("rows").toString();
    spark
        .range(0, 300, 1, 3)
        .selectExpr(
            "id",
            "'text ' || id AS name",
            "array(id, id + 1) AS some",
            "timestamp_seconds(id) AS time",
            "if(id % 50 = 7, null, sin(id * id)) AS x",
            "id % 4 AS y",
            "if(id % 2 = 0, 'a', 'b') AS site")
        .write()
        .parquet(path);
    table = spark.read().parquet(path).cache();
    stream =
        spark.readStream().schema(table.schema()).option("maxFilesPerTrigger", 1).parquet(path);
  }

  /** What a query finds in all batches. */
  private static List<Row> queried(Dataset<Row> rows) throws Exception {
    String name = "found_" + Integer.toHexString(rows.hashCode());
    StreamingQuery query = rows.writeStream().format("memory").queryName(name).start();
    try {
      assertThat(spark.streams().active()).as("on the user's session").contains(query);
      query.processAllAvailable();
    } finally {
      query.stop();
    }
    List<Row> found = spark.table(name).orderBy("id").collectAsList();
    spark.catalog().dropTempView(name);
    return found;
  }

  private static void assertSame(Transformer stage, int rows) throws Exception {
    assertSame(stage, table, stream, rows);
  }

  private static void assertSame(Transformer stage, Dataset<Row> all, Dataset<Row> some, int rows)
      throws Exception {
    Dataset<Row> whole = stage.transform(all);
    Dataset<Row> flowing = stage.transform(some);
    assertThat(flowing.isStreaming()).isTrue();
    assertThat(flowing.schema()).isEqualTo(stage.transformSchema(some.schema()));
    List<Row> found = queried(flowing);
    assertThat(found).hasSize(rows).isEqualTo(whole.orderBy("id").collectAsList());
  }

  private static LossEstimator poisson() {
    return new LossEstimator()
        .setFormula("y ~ x + C(site)")
        .setFamily("poisson")
        .setHandleInvalid("skip");
  }

  private static DerivativeTransformer squares(String x) {
    return new DerivativeTransformer()
        .setConfiguration(
            """
            curvature {
              input { tensors { x = %s, y = y } }
              model { parameters { beta { labels = x, fill = 0.5 } }, loss = "square(y - dot(x, beta))" }
            }
            """
                .formatted(x))
        .setHessianCol("hessian");
  }

  private static CurvatureException failure(Callable<?> work) {
    return catchThrowableOfType(CurvatureException.class, work::call);
  }

  @Test
  void predictionsOfStreams() throws Exception {
    LossModel model = poisson().fit(table);
    assertSame(model, 294);
    assertSame(model.setHandleInvalid("keep"), 300);
  }

  @Test
  void predictionsByGroupsOfStreams() throws Exception {
    LossModel model =
        new LossEstimator()
            .setFormula("y ~ x")
            .setFamily("poisson")
            .setHandleInvalid("keep")
            .setBy(new String[] {"site"})
            .fit(table);
    assertSame(model, 300);
    CurvatureException unseen = failure(() -> model.setUnseenGroups("fail").transform(stream));
    assertThat(unseen.code()).isEqualTo(2);
    assertThat(unseen.what()).contains("stream");
  }

  @Test
  void derivativesOfStreams() throws Exception {
    assertSame(squares("[x]").setHandleInvalid("keep"), 300);
    assertSame(squares("[x]").setHandleInvalid("skip").setOutputType("vector"), 294);
  }

  /** Vectors that a pipeline assembles tell their size; others have to be told. */
  @Test
  void vectorsOfStreams() throws Exception {
    VectorAssembler assembler =
        new VectorAssembler().setInputCols(new String[] {"id", "y"}).setOutputCol("features");
    assertSame(squares("features"), assembler.transform(table), assembler.transform(stream), 300);
    CurvatureException untold = failure(() -> squares("some").transform(stream));
    assertThat(untold.code()).isEqualTo(2);
    assertThat(untold.remedy()).contains("shape");
    assertSame(squares("{ column = some, shape = [2] }"), 300);
  }

  /** A watermark goes through, and an aggregate may follow. */
  @Test
  void aggregatesMayFollow() throws Exception {
    LossModel model = poisson().fit(table);
    Dataset<Row> counts =
        model
            .transform(stream.withWatermark("time", "1 second"))
            .groupBy(functions.window(functions.col("time"), "100 seconds"))
            .agg(functions.min("id").as("id"), functions.count("*").as("rows"));
    List<Row> found = queried(counts);
    assertThat(found).isNotEmpty();
    assertThat(found.get(0).<Long>getAs("rows")).isEqualTo(98);
  }

  @Test
  void whatNeedsAllRowsIsRefused() {
    assertThat(failure(() -> poisson().fit(stream)).remedy()).contains("foreachBatch");
    assertThat(
            failure(
                    () ->
                        squares("[x]")
                            .setConfiguration(
                                "curvature { model { formula = \"y ~ x\", family = poisson } }")
                            .transform(stream))
                .what())
        .contains("stream");
    assertThat(
            failure(
                    () ->
                        new DerivativeTransformer()
                            .setConfiguration(
                                "curvature { input { limit = 5, tensors { x = x } },"
                                    + " model { parameters { b = 1 }, loss = \"b * x\" } }")
                            .setParameters(Map.of("b", new double[] {2}))
                            .transform(stream))
                .where())
        .contains("limit");
  }
}
