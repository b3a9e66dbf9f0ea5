package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.SparkContext;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.cli.Console;

/** The commands from a program: the same numbers, on its session, which stays as it was. */
class CurvatureTest {
  private static final Path HOME = Path.of(System.getenv("SPARK_CURVATURE_HOME"));
  private static final String FORMULA = "mdvis ~ lncoins + idp + C(hlthg)";

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
            .csv(HOME.resolve("conf/data/randhie.csv").toString());
  }

  private static Curvature poisson() {
    return Curvature.on(table).formula(FORMULA).family("poisson");
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
                    HOME.resolve("conf/data/randhie.csv"), FORMULA, temporary.resolve("out")));
    Console console = Console.run("estimate", file, List.of());
    assertThat(console.exitCode()).as(console.err()).isZero();
    Estimates estimates = poisson().groups("floor(id / 5)").estimate("cluster");
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
            CurvatureException.class, () -> poisson().set("fit.by", List.of("hlthg")).estimate());
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
        frame(new String[] {"a", "b", "y"}, new double[][] {{1, 2, 3}, {4, -1, 2}, {0.5, 3, 1}});
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

  private static Dataset<Row> frame(String[] columns, double[][] rows) {
    StructType schema = new StructType();
    for (String column : columns) {
      schema = schema.add(column, DataTypes.DoubleType);
    }
    List<Row> values = new ArrayList<>();
    for (double[] row : rows) {
      values.add(RowFactory.create(Arrays.stream(row).boxed().toArray()));
    }
    return spark.createDataFrame(values, schema);
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
        Curvature.on(frame(names, rows))
            .tensor("x", "sepal.width", "a b", "Größe", "select")
            .tensor("y", "y")
            .parameterLike("beta", "x")
            .loss("square(y - dot(x, beta))")
            .estimate("HC0");
    assertThat(odd.names())
        .containsExactly("beta[sepal.width]", "beta[a b]", "beta[Größe]", "beta[select]");
  }

  // ---- what follows a result

  private static List<Row> predictions(Dataset<Row> table, String... columns) {
    return table.selectExpr(columns).orderBy("mdvis", "lncoins", "mean").collectAsList();
  }

  /** A result that is written is what the command would have written, and goes on as that. */
  @Test
  void whatIsWrittenIsTheCommands() throws Exception {
    Path out = temporary.resolve("written");
    Estimates estimates = poisson().estimate("HC1");
    estimates.write(out.toString());
    assertThat(out.resolve("_SUCCESS")).exists();
    assertThat(failure(() -> written(estimates, out)).code()).isEqualTo(2);
    estimates.write(out.toString(), "overwrite");
    JsonNode written = new ObjectMapper().readTree(out.resolve("estimates.json").toFile());
    assertThat(written.at("/estimates/0/std_error").asDouble())
        .isEqualTo(estimates.standardErrors()[0]);
    Path rows = HOME.resolve("conf/data/randhie.csv");
    for (String command : List.of("predict", "effects")) {
      Path follows = temporary.resolve(command);
      Console console =
          Console.run(
              command,
              "--from",
              out.toString(),
              "--set",
              "input.path=\"" + rows + "\"",
              "--set",
              "input.options={ header = true }",
              "--set",
              "predict.interval=confidence",
              "--set",
              "input.carry=[mdvis, lncoins]",
              "--set",
              "effects.slopes=[lncoins]",
              "--set",
              "output.path=\"" + follows + "\"");
      assertThat(console.exitCode()).as(console.err()).isZero();
    }
    String[] columns = {"double(mdvis)", "lncoins", "mean", "mean_std_error", "mean_ci_low"};
    List<Row> own =
        predictions(
            estimates
                .predict(table, Map.of("interval", "confidence"))
                .withColumn("mdvis", functions.expr("double(mdvis)")),
            "mdvis",
            "lncoins",
            "mean",
            "mean_std_error",
            "mean_ci_low");
    List<Row> command =
        predictions(
            spark
                .read()
                .parquet(temporary.resolve("predict/predictions").toString())
                .withColumn("mdvis", functions.expr("double(mdvis)"))
                .withColumn("lncoins", functions.expr("double(lncoins)")),
            "mdvis",
            "lncoins",
            "mean",
            "mean_std_error",
            "mean_ci_low");
    assertThat(own).hasSize(20190);
    for (int k = 0; k < own.size(); k += 97) {
      for (int c = 0; c < columns.length; c++) {
        assertThat(own.get(k).getDouble(c))
            .isCloseTo(command.get(k).getDouble(c), within(1e-12 * 10));
      }
    }
    Effects effects = estimates.effects(table, Map.of("slopes", List.of("lncoins")));
    JsonNode averages =
        new ObjectMapper().readTree(temporary.resolve("effects/effects.json").toFile());
    for (int k = 0; k < 2; k++) {
      JsonNode average = averages.get("effects").get(k);
      assertThat(effects.estimates()[k])
          .isCloseTo(average.get("estimate").asDouble(), within(1e-12));
      assertThat(effects.standardErrors()[k])
          .isCloseTo(average.get("std_error").asDouble(), within(1e-12));
    }
    assertThat(effects.table().count()).isEqualTo(2);
    assertThat(effects.toString()).contains("lncoins");
  }

  private static Path written(Estimates estimates, Path path) {
    estimates.write(path.toString());
    return path;
  }

  /** Columns that are called as results are keep their names, and rows keep all of them. */
  @Test
  void resultsByRowCarryTheTablesOwnColumns() throws Exception {
    String[] names = {"row", "id", "value", "mean", "gradient"};
    double[][] rows = new double[30][5];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < 5; j++) {
        rows[i][j] = Math.sin(Math.pow(1 + 7 * i + 3 * j, 2));
      }
    }
    Dataset<Row> table = frame(names, rows);
    Curvature model = Curvature.on(table).formula("value ~ row + mean").family("gaussian");
    Estimates estimates = model.estimate();
    Dataset<Row> predicted =
        estimates.predict(table.drop("value"), Map.of("of", List.of("eta", "exp(eta) AS id")));
    assertThat(predicted.columns())
        .containsExactly("row", "id", "mean", "gradient", "row_1", "eta", "id_1");
    for (Row row : predicted.collectAsList()) {
      double eta =
          estimates.estimate("Intercept")
              + estimates.estimate("row") * row.<Double>getAs("row")
              + estimates.estimate("mean") * row.<Double>getAs("mean");
      assertThat(row.<Double>getAs("eta")).isCloseTo(eta, within(1e-12));
      assertThat(row.<Double>getAs("id_1")).isCloseTo(Math.exp(eta), within(1e-12));
    }
    CurvatureException twice =
        failure(() -> estimates.predict(table, Map.of("of", List.of("exp(eta) AS row"))));
    assertThat(twice.what()).contains("two columns of the predictions are called row");
    Dataset<Row> influences = model.at(estimates.parameters()).influence().table();
    assertThat(influences.columns()).startsWith(names).contains("influence", "row_1");
    double[] sums = new double[3];
    influences
        .select("influence")
        .collectAsList()
        .forEach(
            row -> {
              for (int k = 0; k < 3; k++) {
                sums[k] += row.<Double>getList(0).get(k);
              }
            });
    // The gradient of all rows is 0 at the minimum.
    assertThat(sums).usingComparatorWithPrecision(1e-10).containsExactly(0, 0, 0);
    Path out = temporary.resolve("influences");
    model.at(estimates.parameters()).influence().write(out.toString());
    assertThat(out.resolve("_SUCCESS")).exists();
    assertThat(spark.read().parquet(out.resolve("influence").toString()).count()).isEqualTo(30);
  }

  @Test
  void eigenvaluesAndWhatAConfigurationMeans() throws Exception {
    Dataset<Row> rows =
        frame(new String[] {"a", "b", "y"}, new double[][] {{1, 2, 3}, {4, -1, 2}, {0.5, 3, 1}});
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
    assertThat(failure(() -> spectrumInto(spectrum, "append")).what()).contains("append");
  }

  private static String spectrumInto(Spectrum spectrum, String mode) {
    spectrum.write(temporary.resolve("other").toString(), mode);
    return mode;
  }

  private record State(
      Map<String, String> configuration,
      int persistent,
      List<String> views,
      String description,
      String callSite,
      boolean stopped) {}

  private static State state() {
    SparkContext context = spark.sparkContext();
    Map<String, String> configuration = new LinkedHashMap<>();
    scala.jdk.javaapi.CollectionConverters.asJava(spark.conf().getAll())
        .forEach(configuration::put);
    return new State(
        configuration,
        scala.jdk.javaapi.CollectionConverters.asJava(context.getPersistentRDDs()).size(),
        spark.catalog().listTables().collectAsList().stream().map(t -> t.name()).sorted().toList(),
        String.valueOf(context.getLocalProperty("spark.job.description")),
        String.valueOf(context.getLocalProperty("callSite.short")),
        context.isStopped());
  }

  @Test
  void theSessionStaysAsItWas() {
    table.createOrReplaceTempView("mine");
    Dataset<Row> cached = table.cache();
    cached.count();
    spark.sparkContext().setJobDescription("my own");
    try {
      State before = state();
      Curvature.on(cached).formula(FORMULA).family("poisson").estimate();
      assertThat(state()).isEqualTo(before);
      // After a failure, too.
      assertThat(failure(() -> poisson().formula("mdvis ~ nothing").estimate()).code())
          .isEqualTo(3);
      assertThat(failure(() -> poisson().set("fit.max-iterations", 1).estimate()).code())
          .isEqualTo(4);
      assertThat(state()).isEqualTo(before);
    } finally {
      spark.sparkContext().setJobDescription(null);
      cached.unpersist();
      spark.catalog().dropTempView("mine");
    }
  }

  /** A thread that knows no session. */
  @Test
  void onlyTheSessionOfTheDataFrameIsUsed() throws Exception {
    double[] expected = poisson().estimate().estimates();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    SparkSession active = SparkSession.active();
    try {
      SparkSession.clearDefaultSession();
      List<Callable<double[]>> work = new ArrayList<>();
      for (int k = 0; k < 3; k++) {
        work.add(
            () -> {
              SparkSession.clearActiveSession();
              double[] found = poisson().estimate().estimates();
              assertThat(SparkSession.getActiveSession().isDefined()).isFalse();
              return found;
            });
      }
      for (Future<double[]> future : threads.invokeAll(work)) {
        assertThat(future.get()).containsExactly(expected);
      }
      assertThat(SparkSession.getDefaultSession().isDefined()).isFalse();
    } finally {
      threads.shutdownNow();
      SparkSession.setDefaultSession(active);
      SparkSession.setActiveSession(active);
    }
  }

  // ---- what is wrong

  private static CurvatureException failure(Callable<?> work) {
    return catchThrowableOfType(CurvatureException.class, work::call);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rand(7)", "uuid()", "monotonically_increasing_id()"})
  void rowsThatChangeBetweenPassesAreRefused(String expression) {
    Dataset<Row> changing = table.withColumn("u", functions.expr(expression));
    CurvatureException e =
        failure(() -> Curvature.on(changing).formula("mdvis ~ lncoins").family("poisson").fit());
    assertThat(e.code()).isEqualTo(2);
    assertThat(e.getMessage()).contains("the data frame");
  }

  /** Rows that are chosen by where they lie; cached, they are chosen once. */
  @Test
  void limitsWithoutAnOrderAndSamplesAreRefused() {
    for (Dataset<Row> chosen : List.of(table.limit(100), table.sample(0.5, 3))) {
      CurvatureException e =
          failure(() -> Curvature.on(chosen).formula("mdvis ~ lncoins").family("poisson").fit());
      assertThat(e.code()).isEqualTo(2);
      assertThat(e.remedy()).contains("cache");
    }
    Dataset<Row> cached = table.sample(0.5, 3).cache();
    try {
      Curvature model = Curvature.on(cached).formula("mdvis ~ lncoins").family("poisson");
      assertThat(model.fit().iterations()).isPositive();
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
    CurvatureException unknown = failure(() -> poisson().formula("mdvis ~ lncoin").estimate());
    assertThat(unknown.code()).isEqualTo(3);
    assertThat(unknown.getMessage()).contains("lncoin", "lncoins");
    CurvatureException key = failure(() -> poisson().set("infer.covarianse", "HC0").estimate());
    assertThat(key.code()).isEqualTo(2);
    assertThat(key.where()).contains("infer.covarianse");
    assertThat(key.remedy()).contains("covariance");
    CurvatureException path = failure(() -> poisson().set("input.path", "a.csv"));
    assertThat(path.what()).contains("rows come from the data frame");
    CurvatureException block = failure(() -> poisson().set("input", Map.of("path", "a.csv")));
    assertThat(block.what()).contains("rows come from the data frame");
    CurvatureException output = failure(() -> poisson().set("output.path", "a"));
    assertThat(output.what()).contains("results stay in memory");
    CurvatureException nothing =
        failure(() -> Curvature.on(table).tensor("x", Arrays.asList("lncoins", null)));
    assertThat(nothing.what()).contains("input.tensors.x[1] is null");
    assertThat(failure(() -> Curvature.on(null)).code()).isEqualTo(2);
    CurvatureException separated =
        failure(
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
        failure(() -> Curvature.on(stream).formula("value ~ 1").family("poisson").fit());
    assertThat(e.code()).isEqualTo(2);
    assertThat(e.remedy()).contains("foreachBatch");
  }

  /** The manual's page, as it stands. */
  @Test
  void thePageOfTheManualCompilesAndRuns() throws Exception {
    ManualPage.compile(
        temporary,
        "Page",
        """
            import java.util.List;
            import java.util.Map;
            import org.apache.spark.sql.Dataset;
            import org.apache.spark.sql.Row;
            import org.sparkcurvature.*;

            public final class Page {
              public static long run(Dataset<Row> table, String folder) {
                %s
                return gradients.count() + predicted.columns().length + eigenvalues.length;
              }
            }
            """
            .formatted(ManualPage.code("## In a Java program", "java")));
    int columns = table.columns().length + 5;
    assertThat(ManualPage.run(temporary, "Page", table, temporary.resolve("page").toString()))
        .isEqualTo(20190L + columns + 3);
  }

  /** The snippet for spark-shell, by the compiler that it has. */
  @Test
  void theSnippetForScalaCompilesAndRuns() throws Exception {
    Path source =
        Files.writeString(
            temporary.resolve("Snippet.scala"),
            """
            import org.apache.spark.sql.{DataFrame, Row}

            object Snippet {
              def run(table: DataFrame): Long = {
                %s
                predicted.count() + gradients.columns.length
              }
            }
            """
                .formatted(ManualPage.code("## In a Java program", "scala")));
    boolean compiled =
        scala.tools.nsc.Main.process(
            new String[] {"-usejavacp", "-nowarn", "-d", temporary.toString(), source.toString()});
    assertThat(compiled).isTrue();
    assertThat(ManualPage.run(temporary, "Snippet", table)).isEqualTo(20190L + 1);
  }

  /** Programs are compiled against Java and Spark SQL alone. */
  @Test
  void publicSignaturesHoldTypesOfJavaAndSparkSqlOnly() {
    for (Class<?> type :
        List.of(
            Curvature.class,
            CurvatureException.class,
            Derivatives.class,
            Effects.class,
            Estimates.class,
            Fit.class,
            Influences.class,
            Spectrum.class)) {
      assertThat(type.getConstructors()).isEmpty();
      for (Method method : type.getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers())) {
          List<Type> types = new ArrayList<>(Arrays.asList(method.getGenericParameterTypes()));
          types.add(method.getGenericReturnType());
          types.forEach(t -> assertOwnOrPlain(method, t));
        }
      }
    }
  }

  private static void assertOwnOrPlain(Method method, Type type) {
    if (type instanceof ParameterizedType parameterized) {
      assertOwnOrPlain(method, parameterized.getRawType());
      for (Type argument : parameterized.getActualTypeArguments()) {
        assertOwnOrPlain(method, argument);
      }
    } else if (type instanceof Class<?> plain) {
      Class<?> element = plain;
      while (element.isArray()) {
        element = element.getComponentType();
      }
      String name = element.getName();
      assertThat(
              element.isPrimitive()
                  || name.startsWith("java.")
                  || name.startsWith("org.apache.spark.sql.")
                  || element.getPackageName().equals("org.sparkcurvature"))
          .as(method + ": " + name)
          .isTrue();
    }
  }
}
