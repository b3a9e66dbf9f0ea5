package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.catalog.Table;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.job.LocalSpark;

/** The session of a program: it stays as it was, and no other is taken. */
class ProgramSessionsTest {
  private static SparkSession spark;
  private static Dataset<Row> table;

  @BeforeAll
  static void readTable() {
    spark = LocalSpark.session();
    table = ProgramTables.visits(spark);
  }

  private static Curvature poisson() {
    return ProgramTables.poisson(table);
  }

  /** Rows of a machine whose disk is full. */
  private static Curvature onFullDisk() {
    UDF1<Integer, Double> full =
        visits -> {
          throw new IOException("No space left on device");
        };
    return Curvature.on(
            table.withColumn(
                "y", functions.udf(full, DataTypes.DoubleType).apply(functions.col("mdvis"))))
        .formula("y ~ lncoins")
        .family("poisson");
  }

  private record State(
      Map<String, String> configuration,
      int persistent,
      List<String> views,
      List<String> sharedViews,
      String description,
      String group,
      String callSite,
      SparkSession active,
      SparkSession byDefault,
      boolean stopped) {}

  private static State state() throws AnalysisException {
    SparkContext context = spark.sparkContext();
    Map<String, String> configuration = new LinkedHashMap<>();
    scala.jdk.javaapi.CollectionConverters.asJava(spark.conf().getAll())
        .forEach(configuration::put);
    return new State(
        configuration,
        scala.jdk.javaapi.CollectionConverters.asJava(context.getPersistentRDDs()).size(),
        views(spark.catalog().listTables()),
        views(spark.catalog().listTables("global_temp")),
        String.valueOf(context.getLocalProperty("spark.job.description")),
        String.valueOf(context.getLocalProperty("spark.jobGroup.id")),
        String.valueOf(context.getLocalProperty("callSite.short")),
        SparkSession.getActiveSession().get(),
        SparkSession.getDefaultSession().get(),
        context.isStopped());
  }

  private static List<String> views(Dataset<Table> tables) {
    return tables.collectAsList().stream().map(Table::name).sorted().toList();
  }

  @Test
  void theSessionStaysAsItWas() throws Exception {
    table.createOrReplaceTempView("mine");
    Dataset<Row> cached = table.cache();
    cached.count();
    spark.sparkContext().setJobGroup("mine", "my own", false);
    try {
      State before = state();
      Curvature.on(cached).formula(ProgramTables.FORMULA).family("poisson").estimate();
      assertThat(state()).isEqualTo(before);
      // After a failure, too.
      assertThat(
              ProgramTables.failure(() -> poisson().formula("mdvis ~ nothing").estimate()).code())
          .isEqualTo(3);
      assertThat(
              ProgramTables.failure(() -> poisson().set("fit.max-iterations", 1).estimate()).code())
          .isEqualTo(4);
      assertThat(ProgramTables.failure(() -> poisson().set("infer.levle", 0.9).estimate()).code())
          .isEqualTo(2);
      assertThat(ProgramTables.failure(() -> onFullDisk().fit()).code()).isEqualTo(5);
      assertThat(state()).isEqualTo(before);
      assertThat(poisson().estimate().observations()).isEqualTo(20190);
    } finally {
      spark.sparkContext().clearJobGroup();
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
}
