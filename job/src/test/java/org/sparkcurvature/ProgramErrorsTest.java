package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.LocalSpark;

/** What a program is refused, and with which words. */
class ProgramErrorsTest {
  private static SparkSession spark;
  private static Dataset<Row> table;

  @BeforeAll
  static void readTable() {
    spark = LocalSpark.session();
    table = ProgramTables.visits(spark);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rand(7)", "uuid()", "monotonically_increasing_id()"})
  void rowsThatChangeBetweenPassesAreRefused(String expression) {
    Dataset<Row> changing = table.withColumn("u", functions.expr(expression));
    CurvatureException e =
        ProgramTables.failure(
            () -> Curvature.on(changing).formula("mdvis ~ lncoins").family("poisson").fit());
    assertThat(e.code()).isEqualTo(2);
    assertThat(e.getMessage()).contains("the data frame");
  }

  /** Rows that are chosen by where they lie; cached, they are chosen once. */
  @Test
  void limitsWithoutAnOrderAndSamplesAreRefused() {
    for (Dataset<Row> chosen : List.of(table.limit(100), table.sample(0.5, 3))) {
      CurvatureException e =
          ProgramTables.failure(
              () -> Curvature.on(chosen).formula("mdvis ~ lncoins").family("poisson").fit());
      assertThat(e.code()).isEqualTo(2);
      assertThat(e.remedy()).contains("cache");
    }
    Dataset<Row> cached = table.sample(0.5, 3).cache();
    try {
      Curvature model = Curvature.on(cached).formula("mdvis ~ lncoins").family("poisson");
      assertThat(model.fit().iterations()).isPositive();
      // Further columns and conditions do not hide that it is.
      Dataset<Row> further =
          cached.withColumn("z", functions.expr("lncoins + idp")).filter("z > 0");
      assertThat(Curvature.on(further).formula("mdvis ~ z").family("poisson").fit().iterations())
          .isPositive();
      CurvatureException random =
          ProgramTables.failure(
              () ->
                  Curvature.on(cached.withColumn("z", functions.rand(1)))
                      .formula("mdvis ~ z")
                      .family("poisson")
                      .fit());
      assertThat(random.code()).isEqualTo(2);
    } finally {
      cached.unpersist();
    }
    Dataset<Row> ordered = table.orderBy("id").limit(500);
    assertThat(
            Curvature.on(ordered).formula("mdvis ~ lncoins").family("poisson").fit().iterations())
        .isPositive();
  }

  @Test
  void errorsHaveACodeAndThreeParts() {
    CurvatureException unknown =
        ProgramTables.failure(
            () -> ProgramTables.poisson(table).formula("mdvis ~ lncoin").estimate());
    assertThat(unknown.code()).isEqualTo(3);
    assertThat(unknown.getMessage()).contains("lncoin", "lncoins");
    CurvatureException key =
        ProgramTables.failure(
            () -> ProgramTables.poisson(table).set("infer.covarianse", "HC0").estimate());
    assertThat(key.code()).isEqualTo(2);
    assertThat(key.where()).contains("infer.covarianse");
    assertThat(key.remedy()).contains("covariance");
    CurvatureException path =
        ProgramTables.failure(() -> ProgramTables.poisson(table).set("input.path", "a.csv"));
    assertThat(path.what()).contains("rows come from the data frame");
    CurvatureException block =
        ProgramTables.failure(
            () -> ProgramTables.poisson(table).set("input", Map.of("path", "a.csv")));
    assertThat(block.what()).contains("rows come from the data frame");
    CurvatureException output =
        ProgramTables.failure(() -> ProgramTables.poisson(table).set("output.path", "a"));
    assertThat(output.what()).contains("results stay in memory");
    CurvatureException nothing =
        ProgramTables.failure(
            () -> Curvature.on(table).tensor("x", Arrays.asList("lncoins", null)));
    assertThat(nothing.what()).contains("input.tensors.x[1] is null");
    assertThat(ProgramTables.failure(() -> Curvature.on(null)).code()).isEqualTo(2);
    CurvatureException separated =
        ProgramTables.failure(
            () ->
                Curvature.on(table)
                    .formula("IF(lncoins > 1, 1, 0) ~ lncoins")
                    .family("binomial")
                    .estimate());
    assertThat(separated.code()).isEqualTo(4);
    assertThat(separated.what()).contains("there is no minimum").doesNotContain("_NOT_CONVERGED");
  }

  @Test
  void streamsAreRefused() {
    Dataset<Row> stream = spark.readStream().format("rate").load();
    CurvatureException e =
        ProgramTables.failure(
            () -> Curvature.on(stream).formula("value ~ 1").family("poisson").fit());
    assertThat(e.code()).isEqualTo(2);
    assertThat(e.remedy()).contains("foreachBatch");
  }
}
