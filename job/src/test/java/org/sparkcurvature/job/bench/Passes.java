package org.sparkcurvature.job.bench;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.GeneralizedLinearRegression;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.source.CachedSamples;
import org.sparkcurvature.job.source.Samples;
import org.sparkcurvature.job.source.Source;

/** Value, gradient and Hessian of a logistic loss in one pass over a table. */
final class Passes {
  private static final Stopwatch.WarmUp WARM_UP = new Stopwatch.WarmUp(10, 40);
  private static final int ROUNDS = 9;

  /** Passes over kept samples are short: until the JVM has compiled them, they wait for it. */
  private static final int SHORT_WARM_UPS = 80;

  private static final int SHORT_ROUNDS = 15;

  private final SparkSession spark;
  private final Tables tables;

  Passes(SparkSession spark, Tables tables) {
    this.spark = spark;
    this.tables = tables;
  }

  private static Runnable pass(Samples samples, Logistic data) {
    DerivativeSpec spec = data.spec(Logistic.HESSIAN);
    return () -> GlobalPass.run(samples, spec, data.parameters(), Device.AUTO);
  }

  static void noop(Dataset<Row> rows) {
    rows.write().format("noop").mode("overwrite").save();
  }

  /** Beside reading the same columns and doing nothing with them. */
  Figure scan(String name, Logistic data, String format, double target) {
    InputConfig input = data.input(format, tables.path(spark, data, format));
    Dataset<Row> rows =
        spark.read().format(format).option("header", "true").load(tables.path(spark, data, format));
    Source source = Source.open(spark, input);
    double[] ms = Stopwatch.medians(WARM_UP, ROUNDS, pass(source, data), () -> noop(rows));
    return new Figure(name, ms[0], Figure.Against.LIMIT, ms[1], target);
  }

  /** As {@link #scan}, where Spark's readers give rows and no batches of columns. */
  Figure scanOfRows(String name, Logistic data, double target) {
    SparkSession rowWise = spark.newSession();
    rowWise.conf().set("spark.sql.parquet.enableVectorizedReader", false);
    return new Passes(rowWise, tables).scan(name, data, "parquet", target);
  }

  /** A second pass over samples that executors keep, less what a job without work takes. */
  Figure kept(String name, Logistic data, double target) {
    String path = tables.path(spark, data, "parquet");
    try (CachedSamples kept = Source.open(spark, data.input("parquet", path)).keep();
        MatrixProducts products = new MatrixProducts((int) data.rows(), data.columns(), 2)) {
      double before = products.milliseconds();
      double[] ms = kept(kept, data);
      double limit = Math.min(before, products.milliseconds());
      return new Figure(name, ms[0] - ms[1], Figure.Against.LIMIT, limit, target);
    }
  }

  private double[] kept(CachedSamples kept, Logistic data) {
    int partitions = kept.source().partitions();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return Stopwatch.medians(
        SHORT_WARM_UPS,
        SHORT_ROUNDS,
        pass(kept, data),
        () -> context.parallelize(java.util.List.of(1), partitions).count());
  }

  /**
   * An iteration of Newton's method over kept samples beside one of MLlib's, which is by weighted
   * least squares, over its cached table.
   */
  Figure mllib(String name, Logistic data, double target) {
    String path = tables.path(spark, data, "parquet");
    Dataset<Row> rows =
        new VectorAssembler()
            .setInputCols(data.names())
            .setOutputCol("features")
            .transform(spark.read().parquet(path))
            .select("features", "y")
            .persist(StorageLevel.MEMORY_AND_DISK());
    rows.count();
    GeneralizedLinearRegression regression =
        new GeneralizedLinearRegression()
            .setFamily("binomial")
            .setLabelCol("y")
            .setFitIntercept(false)
            .setTol(1e-300)
            .setMaxIter(3);
    GeneralizedLinearRegressionModel[] model = new GeneralizedLinearRegressionModel[1];
    double fit = Stopwatch.medians(1, 3, () -> model[0] = regression.fit(rows))[0];
    int iterations = model[0].summary().numIterations();
    rows.unpersist(true);
    try (CachedSamples kept = Source.open(spark, data.input("parquet", path)).keep()) {
      double ours = kept(kept, data)[0];
      return new Figure(name, ours, Figure.Against.PEER, fit / iterations, target);
    }
  }
}
