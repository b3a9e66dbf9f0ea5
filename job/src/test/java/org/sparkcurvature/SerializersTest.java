package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.ml.LossEstimator;

/** On a session whose serializer writes registered classes alone. */
class SerializersTest {
  private static final Map<String, String> STRICT =
      Map.of(
          "spark.serializer", "org.apache.spark.serializer.KryoSerializer",
          "spark.kryo.registrationRequired", "true",
          "spark.kryo.registrator", "org.sparkcurvature.KryoRegistration");

  @AfterEach
  void stop() {
    LocalSpark.stop();
  }

  private static Dataset<Row> table(SparkSession spark) {
    return spark
        .range(0, 300, 1, 3)
        .selectExpr(
            "id % 4 AS y", "sin(id * id) AS x", "id % 3 AS g", "if(id % 2 = 0, 'a', 'b') AS s");
  }

  @Test
  void kryoMayRequireRegistration() {
    LocalSpark.stop();
    Dataset<Row> table = table(LocalSpark.on("local[2]", STRICT));
    Curvature model = Curvature.on(table).formula("y ~ x + C(s)").family("poisson");
    Estimates estimates = model.estimate("HC1");
    assertThat(estimates.standardErrors()).hasSize(3).doesNotContain(Double.NaN);
    assertThat(model.groups("g").estimate("cluster").standardErrors()).hasSize(3);
    assertThat(estimates.predict(table, Map.of("interval", "confidence")).collectAsList())
        .hasSize(300);
    assertThat(estimates.effects(table, Map.of("slopes", List.of("x"))).estimates()).hasSize(2);
    assertThat(model.at(estimates.parameters()).influence().table().collectAsList()).hasSize(300);
    assertThat(model.at(estimates.parameters()).spectrum().eigenvalues()).hasSize(3);
    Derivatives derivatives =
        Curvature.on(table)
            .tensor("x", "x")
            .tensor("y", "y")
            .parameter("b", 0.5)
            .loss("square(y - b * x)")
            .set("derive.per-sample", Map.of("gradient", true))
            .derive();
    assertThat(derivatives.perSample().collectAsList()).hasSize(300);
    assertThat(
            Curvature.on(table)
                .formula("y ~ x")
                .family("poisson")
                .by("s")
                .estimate()
                .table()
                .collectAsList())
        .hasSize(2);
    assertThat(
            new LossEstimator()
                .setFormula("y ~ x")
                .setFamily("poisson")
                .fit(table)
                .transform(table)
                .collectAsList())
        .hasSize(300);
  }

  @Test
  void kryoWithoutTheRegistrationIsExplained() {
    LocalSpark.stop();
    Map<String, String> unregistered = new java.util.HashMap<>(STRICT);
    unregistered.remove("spark.kryo.registrator");
    Dataset<Row> table = table(LocalSpark.on("local[2]", unregistered));
    CurvatureException e =
        catchThrowableOfType(
            CurvatureException.class,
            () -> Curvature.on(table).formula("y ~ x").family("poisson").fit());
    assertThat(e.code()).isEqualTo(2);
    assertThat(e.remedy()).contains("org.sparkcurvature.KryoRegistration");
  }

  /** Executors are processes of their own, and have what is in Spark's own folder. */
  @Test
  void theJarOnTheDriverAloneIsExplained() {
    LocalSpark.stop();
    SparkSession.Builder builder = SparkSession.builder().master("local-cluster[1,1,1024]");
    LocalSpark.CONFIGURATION.forEach(builder::config);
    Dataset<Row> table = table(builder.getOrCreate());
    Curvature byHand =
        Curvature.on(table).tensor("x", "x").parameter("b", 0.5).loss("square(b - x)");
    Curvature byFormula = Curvature.on(table).formula("y ~ x").family("poisson");
    for (Callable<?> work :
        List.<Callable<?>>of(
            byHand::derive,
            byFormula::estimate,
            () -> byFormula.by("s").estimate().counts(),
            () -> new LossEstimator().setFormula("y ~ x").setFamily("poisson").fit(table))) {
      CurvatureException e = catchThrowableOfType(CurvatureException.class, work::call);
      assertThat(e.code()).isEqualTo(2);
      assertThat(e.what()).isEqualTo("executors do not have the jar of spark-curvature");
      assertThat(e.remedy()).contains("--jars");
    }
    assertThat(table.count()).as("the session goes on").isEqualTo(300);
  }
}
