package org.sparkcurvature.job.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.storage.StorageLevel;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.derive.PerSamplePass;
import org.sparkcurvature.job.source.InternalRows;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.job.watch.RowWatch;
import org.sparkcurvature.ml.DerivativeTransformer;

/** Per-sample results to Parquet files, beside Spark writing the same rows from memory. */
final class Writing {
  private static final int WARM_UPS = 2;
  private static final int ROUNDS = 5;

  private final SparkSession spark;
  private final Tables tables;

  Writing(SparkSession spark, Tables tables) {
    this.spark = spark;
    this.tables = tables;
  }

  Figure perSample(String name, Logistic data, Request.SampleHessianForm hessian, double target) {
    Source source = Source.open(spark, data.input("parquet", tables.path(spark, data, "parquet")));
    // As derive writes them, with a look at what the page shows.
    RowWatch watch = RowWatch.of(spark.sparkContext(), List.of("value", "gradient"), false);
    Dataset<Row> computed =
        PerSamplePass.dataset(
            source,
            data.spec(Logistic.perSample(hessian)),
            data.parameters(),
            Device.AUTO,
            Optional.of(watch));
    JavaRDD<InternalRow> rows =
        InternalRows.of(computed).map(InternalRow::copy).persist(StorageLevel.MEMORY_ONLY());
    rows.count();
    Dataset<Row> ready = InternalRows.dataset(spark, rows, computed.schema());
    double[] ms =
        Stopwatch.medians(
            WARM_UPS, ROUNDS, () -> write(computed, "ours"), () -> write(ready, "ready"));
    rows.unpersist(true);
    return new Figure(name, ms[0], Figure.Against.PEER, ms[1], target);
  }

  /**
   * A stage of Spark ML that adds gradients to rows, beside the command's gradients with the same
   * columns carried, and beside its gradients alone.
   */
  List<Figure> transform(String name, Logistic data, double target) {
    String path = tables.path(spark, data, "parquet");
    InputConfig input = data.input("parquet", path);
    List<String> own = new ArrayList<>(List.of(data.names()));
    own.add("y");
    Request gradients = Request.by("beta").withSamples(Request.PerSample.NONE.withGradient());
    Dataset<Row> alone =
        PerSamplePass.dataset(
            Source.open(spark, input), data.spec(gradients), data.parameters(), Device.AUTO);
    Dataset<Row> carrying =
        PerSamplePass.dataset(
            Source.open(spark, input.joined(input.source(), input.tensors(), own)),
            data.spec(gradients),
            data.parameters(),
            Device.AUTO);
    Dataset<Row> stage =
        new DerivativeTransformer()
            .setConfiguration(
                """
                curvature {
                  input { tensors { x = [%s], y = y } }
                  model {
                    parameters { beta { labels = x, fill = 0.0 } }
                    define { eta = "dot(x, beta)" }
                    loss = "softplus(eta) - y * eta"
                  }
                }
                """
                    .formatted(String.join(", ", data.names())))
            .setParameters(data.parameters())
            .transform(spark.read().parquet(path));
    double[] ms =
        Stopwatch.medians(
            WARM_UPS,
            ROUNDS,
            () -> Passes.noop(stage),
            () -> Passes.noop(carrying),
            () -> Passes.noop(alone));
    return List.of(
        new Figure(name, ms[0], Figure.Against.PEER, ms[1], target),
        new Figure(name + "-alone", ms[0], Figure.Against.PEER, ms[2], target));
  }

  private void write(Dataset<Row> rows, String name) {
    Path path = tables.folder().resolve("written-" + name);
    rows.write().mode(SaveMode.Overwrite).parquet(path.toString());
  }
}
