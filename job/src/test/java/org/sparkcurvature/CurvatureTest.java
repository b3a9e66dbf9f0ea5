package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.cli.Console;

/** The commands from a program: the same numbers, in memory. */
class CurvatureTest {
  @TempDir static Path temporary;

  private static SparkSession spark;
  private static Dataset<Row> table;

  @BeforeAll
  static void readTable() {
    spark = LocalSpark.session();
    table = ProgramTables.visits(spark);
  }

  @Test
  void estimatesAreThoseOfTheCommand() throws Exception {
    Path file =
        Files.writeString(
            temporary.resolve("case.conf"),
            """
            curvature {
              input { path = "%s", options { header = true } }
              model { formula = "%s", family = poisson }
              infer { covariance = cluster, groups = "floor(id / 5)" }
              output { path = "%s", mode = overwrite }
            }
            """
                .formatted(
                    ProgramTables.HOME.resolve("conf/data/randhie.csv"),
                    ProgramTables.FORMULA,
                    temporary.resolve("out")));
    Console console = Console.run("estimate", file, List.of());
    assertThat(console.exitCode()).as(console.err()).isZero();
    Estimates estimates = ProgramTables.poisson(table).groups("floor(id / 5)").estimate("cluster");
    JsonNode written =
        new ObjectMapper().readTree(temporary.resolve("out/estimates.json").toFile());
    for (int k = 0; k < estimates.names().size(); k++) {
      JsonNode own = written.get("estimates").get(k);
      assertThat(estimates.names().get(k)).isEqualTo(own.get("name").asText());
      double error = own.get("std_error").asDouble();
      assertThat(estimates.estimates()[k])
          .isCloseTo(own.get("estimate").asDouble(), within(1e-10 * error));
      assertThat(estimates.standardErrors()[k]).isCloseTo(error, within(1e-10 * error));
      assertThat(Math.sqrt(estimates.covariance()[k][k])).isCloseTo(error, within(1e-10 * error));
    }
    assertThat(estimates.covarianceType()).isEqualTo("cluster");
    assertThat(estimates.observations()).isEqualTo(20190);
    assertThat(estimates.aic()).isCloseTo(written.get("aic").asDouble(), within(1e-6));
    assertThat(estimates.toString())
        .contains("estimate  mdvis, poisson, link log", "lncoins")
        .doesNotContain("wrote");
    assertThat(estimates.table().columns()).startsWith("name", "parameter", "index", "estimate");
    assertThat(estimates.table().count()).isEqualTo(estimates.names().size());
    assertThat(estimates.parameters()).containsKeys("Intercept", "beta");
    assertThat(estimates.estimate("idp")).isEqualTo(estimates.parameters().get("beta")[1]);
  }

  /** A model for each group: that of the group's rows alone, in a table and for rows. */
  @Test
  void eachGroupHasAModelOfItsOwn() {
    Dataset<Row> rows = table.withColumn("status", functions.expr("hlthg + 2 * hlthf"));
    GroupEstimates groups =
        Curvature.on(rows)
            .formula("mdvis ~ lncoins + idp")
            .family("poisson")
            .by("status AS health")
            .estimate("HC1");
    assertThat(groups.names()).containsExactly("Intercept", "lncoins", "idp");
    assertThat(groups.counts()).containsOnlyKeys("converged");
    List<Row> found = groups.table().orderBy("health").collectAsList();
    assertThat(found).hasSize(3);
    for (Row group : found) {
      Estimates alone =
          Curvature.on(rows)
              .formula("mdvis ~ lncoins + idp")
              .family("poisson")
              .where("status = " + group.get(0))
              .estimate("HC1");
      List<Double> estimates = group.getList(group.fieldIndex("estimate"));
      List<Double> errors = group.getList(group.fieldIndex("std_error"));
      for (int k = 0; k < 3; k++) {
        double error = alone.standardErrors()[k];
        assertThat(estimates.get(k)).isCloseTo(alone.estimates()[k], within(1e-9 * error));
        assertThat(errors.get(k)).isCloseTo(error, within(1e-8 * error));
      }
    }
    // A column of the program's own may be called as one of the result.
    Dataset<Row> predicted = groups.predict(rows);
    assertThat(predicted.columns()).startsWith(rows.columns()).endsWith("mean", "group_status");
    assertThat(predicted.count()).isEqualTo(rows.count());
    Row first = predicted.filter("status = 1").first();
    List<Double> own = found.get(1).getList(found.get(1).fieldIndex("estimate"));
    double eta =
        own.get(0)
            + own.get(1) * first.<Double>getAs("lncoins")
            + own.get(2) * ((Number) first.getAs("idp")).doubleValue();
    assertThat(first.<Double>getAs("mean")).isCloseTo(Math.exp(eta), within(1e-12 * Math.exp(eta)));
    CurvatureException one =
        catchThrowableOfType(
            CurvatureException.class,
            () -> ProgramTables.poisson(table).set("fit.by", List.of("hlthg")).estimate());
    assertThat(one.getMessage()).contains("call by(...)");
    CurvatureException other =
        catchThrowableOfType(
            CurvatureException.class,
            () -> groups.predict(rows.withColumn("status", functions.expr("string(status)"))));
    assertThat(other.getMessage()).contains("is of the type string, and was int in the fit");
  }

  /** Rows of exact numbers: 2 X'X is the Hessian of squares. */
  @Test
  void derivativesOfALossByHand() {
    Dataset<Row> rows =
        ProgramTables.frame(
            spark,
            new String[] {"a", "b", "y"},
            new double[][] {{1, 2, 3}, {4, -1, 2}, {0.5, 3, 1}});
    Derivatives derivatives =
        Curvature.on(rows)
            .tensor("x", "a", "b")
            .tensor("y", "y")
            .parameterLike("beta", "x")
            .loss("square(y - dot(x, beta))")
            .set("derive.reduction", "sum")
            .set("derive.per-sample", Map.of("gradient", true))
            .derive("beta");
    assertThat(derivatives.value()).isEqualTo(14);
    assertThat(derivatives.names()).containsExactly("beta[a]", "beta[b]");
    assertThat(derivatives.gradient()).containsExactly(-2 * (3 + 8 + 0.5), -2 * (6.0 - 2 + 3));
    assertThat(derivatives.hessian()).isDeepEqualTo(new double[][] {{34.5, -1}, {-1, 28}});
    List<Row> perSample = derivatives.perSample("gradient").collectAsList();
    assertThat(perSample).hasSize(3);
    double[] sum = new double[2];
    perSample.forEach(
        row -> {
          sum[0] += row.<Double>getList(0).get(0);
          sum[1] += row.<Double>getList(0).get(1);
        });
    assertThat(sum).containsExactly(derivatives.gradient());
  }

  @Test
  void aFitAndWhatIsSaidOfIt() {
    Curvature model =
        Curvature.on(table)
            .tensor("x", "lncoins", "idp")
            .tensor("y", "mdvis")
            .parameter("b0", 0.5)
            .parameterLike("beta", "x")
            .define("eta", "b0 + dot(x, beta)")
            .negativeLogLikelihood("exp(eta) - y * eta + lgamma(y + 1)");
    Fit fit = model.fit();
    assertThat(fit.names()).containsExactly("b0", "beta[lncoins]", "beta[idp]");
    Estimates inferred = model.at(fit.parameters()).set("infer.covariance", "nonrobust").infer();
    Estimates estimated = model.set("infer.covariance", "nonrobust").estimate();
    assertThat(inferred.estimates()).containsExactly(fit.estimates());
    for (int k = 0; k < 3; k++) {
      assertThat(inferred.standardErrors()[k])
          .isCloseTo(estimated.standardErrors()[k], within(1e-12));
    }
    assertThat(inferred.logLikelihood()).isCloseTo(-fit.value(), within(1e-6));
  }

  /** The same in formulas, weights, clusters, groups, and what results carry. */
  @Test
  void oddColumnNamesWhereverColumnsAreNamed() {
    Dataset<Row> plain =
        spark
            .range(0, 80, 1, 2)
            .selectExpr("sin(id * id) AS x", "id % 3 AS y", "1 + id % 2 AS w", "id % 5 AS g");
    Dataset<Row> odd =
        plain
            .withColumnRenamed("x", "sepal.width")
            .withColumnRenamed("y", "c`d")
            .withColumnRenamed("w", "a b")
            .withColumnRenamed("g", "Größe");
    Estimates expected =
        Curvature.on(plain)
            .formula("y ~ x + C(g)")
            .family("poisson")
            .weight("w")
            .groups("g")
            .estimate("cluster");
    Estimates found =
        Curvature.on(odd)
            .formula("`c``d` ~ `sepal.width` + C(`Größe`)")
            .family("poisson")
            .weight("a b")
            .groups("Größe")
            .estimate("cluster");
    assertThat(found.estimates()).containsExactly(expected.estimates());
    assertThat(found.standardErrors()).containsExactly(expected.standardErrors());
    assertThat(found.names()).startsWith("Intercept").contains("sepal.width", "C(Größe)[T.1]");
    assertThat(found.predict(odd).columns()).startsWith(odd.columns());
    Dataset<Row> perSample =
        Curvature.on(odd)
            .tensor("x", "sepal.width")
            .parameter("b", 0.5)
            .loss("square(b - x)")
            .set("derive.per-sample", Map.of("gradient", true))
            .set("input.id", "Größe")
            .set("input.carry", List.of("a b", "c`d"))
            .perSample();
    assertThat(perSample.columns()).contains("id", "a b", "c`d", "gradient");
    assertThat(perSample.count()).isEqualTo(80);
    GroupEstimates groups =
        Curvature.on(odd).formula("`c``d` ~ `sepal.width`").family("poisson").by("a b").estimate();
    assertThat(groups.table().columns()).startsWith("a b");
    assertThat(groups.table().count()).isEqualTo(2);
  }

  /** Names that SQL would want quoted are plain names of columns here. */
  @Test
  void oddColumnNamesAreNames() {
    String[] names = {"sepal.width", "a b", "Größe", "select", "y"};
    double[][] rows = new double[12][5];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < 4; j++) {
        rows[i][j] = Math.sin(Math.pow(1 + 7 * i + 3 * j, 2));
      }
      rows[i][4] = Math.cos(i);
    }
    Estimates odd =
        Curvature.on(ProgramTables.frame(spark, names, rows))
            .tensor("x", "sepal.width", "a b", "Größe", "select")
            .tensor("y", "y")
            .parameterLike("beta", "x")
            .loss("square(y - dot(x, beta))")
            .estimate("HC0");
    assertThat(odd.names())
        .containsExactly("beta[sepal.width]", "beta[a b]", "beta[Größe]", "beta[select]");
  }

  @Test
  void eigenvaluesAndWhatAConfigurationMeans() throws Exception {
    Dataset<Row> rows =
        ProgramTables.frame(
            spark,
            new String[] {"a", "b", "y"},
            new double[][] {{1, 2, 3}, {4, -1, 2}, {0.5, 3, 1}});
    Curvature model =
        Curvature.on(rows)
            .tensor("x", "a", "b")
            .tensor("y", "y")
            .parameterLike("beta", "x")
            .loss("square(y - dot(x, beta))")
            .set("derive.reduction", "sum");
    Spectrum spectrum = model.spectrum();
    double mean = (34.5 + 28) / 2;
    double half = Math.sqrt((34.5 - 28) * (34.5 - 28) / 4 + 1);
    assertThat(spectrum.eigenvalues())
        .usingComparatorWithPrecision(1e-10)
        .containsExactly(mean - half, mean + half);
    assertThat(spectrum.names()).containsExactly("beta[a]", "beta[b]");
    assertThat(spectrum.verdict()).isEqualTo("not stationary");
    assertThat(spectrum.eigenvectors()).hasDimensions(2, 2);
    Path out = temporary.resolve("spectrum");
    spectrum.write(out.toString());
    assertThat(out.resolve("_SUCCESS")).exists();
    assertThat(model.check()).contains("beta").contains("square(");
    Path derived = temporary.resolve("derived");
    model.set("derive.per-sample", Map.of("gradient", true)).derive().write(derived.toString());
    assertThat(spark.read().parquet(derived.resolve("per_sample").toString()).count()).isEqualTo(3);
    assertThat(ProgramTables.failure(() -> spectrumInto(spectrum, "append")).what())
        .contains("append");
  }

  private static String spectrumInto(Spectrum spectrum, String mode) {
    spectrum.write(temporary.resolve("other").toString(), mode);
    return mode;
  }
}
