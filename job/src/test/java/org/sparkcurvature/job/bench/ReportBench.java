package org.sparkcurvature.job.bench;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.derive.PerSamplePass;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.job.watch.FittedValues;
import org.sparkcurvature.job.watch.RowWatch;

/** What it costs that passes look at rows for {@code report.html}: each beside itself without. */
public final class ReportBench {
  /** What the page may cost. */
  private static final double TARGET = 1.03;

  private static final Stopwatch.WarmUp WARM_UP = new Stopwatch.WarmUp(4, 20);

  /** Ratios near 1 take more rounds than others. */
  private static final int ROUNDS = 21;

  private final SparkSession spark;
  private final Tables tables;

  private ReportBench(SparkSession spark, Tables tables) {
    this.spark = spark;
    this.tables = tables;
  }

  /** Runs the cases: {@code --data DIRECTORY [--json] [--case NAME]}. */
  public static void main(String[] arguments) {
    SparkSession spark = LocalSpark.session();
    spark.sparkContext().setLogLevel("ERROR");
    Cases.run(arguments, data -> new ReportBench(spark, new Tables(data)).cases());
  }

  private Map<String, Supplier<List<Figure>>> cases() {
    Map<String, Supplier<List<Figure>>> cases = new LinkedHashMap<>();
    cases.put(
        "report-gradients",
        () ->
            List.of(
                written(
                    "report-gradients",
                    new Logistic(500_000, 50),
                    Request.SampleHessianForm.NONE)));
    cases.put(
        "report-hessians",
        () ->
            List.of(
                written(
                    "report-hessians",
                    new Logistic(50_000, 50),
                    Request.SampleHessianForm.PACKED)));
    cases.put("report-sums", () -> List.of(summed("report-sums", new Logistic(1_000_000, 50))));
    return cases;
  }

  /** Rows of results that are written to Parquet, looked at by value and norm of the gradient. */
  private Figure written(String name, Logistic data, Request.SampleHessianForm hessian) {
    Source source = Source.open(spark, data.input("parquet", tables.path(spark, data, "parquet")));
    DerivativeSpec spec = data.spec(Logistic.perSample(hessian));
    Dataset<Row> without =
        PerSamplePass.dataset(source, spec, data.parameters(), Device.AUTO, Optional.empty());
    RowWatch watch = RowWatch.of(spark.sparkContext(), List.of("value", "gradient"), false);
    Dataset<Row> with =
        PerSamplePass.dataset(source, spec, data.parameters(), Device.AUTO, Optional.of(watch));
    return figure(name, () -> write(with, "with"), () -> write(without, "without"));
  }

  /** A pass that sums derivatives, and takes down the losses of rows. */
  private Figure summed(String name, Logistic data) {
    Source source = Source.open(spark, data.input("parquet", tables.path(spark, data, "parquet")));
    DerivativeSpec spec = data.spec(Logistic.HESSIAN);
    FittedValues.Named losses = new FittedValues.Losses(Map.of());
    return figure(
        name,
        () ->
            GlobalPass.run(
                source, spec, data.parameters(), new double[0], Device.AUTO, Optional.of(losses)),
        () -> GlobalPass.run(source, spec, data.parameters(), Device.AUTO));
  }

  private static Figure figure(String name, Runnable with, Runnable without) {
    double[] ms = Stopwatch.medians(WARM_UP, ROUNDS, with, without);
    return new Figure(name, ms[0], Figure.Against.LIMIT, ms[1], TARGET);
  }

  private void write(Dataset<Row> rows, String name) {
    Path path = tables.folder().resolve("looks-" + name);
    rows.write().mode(SaveMode.Overwrite).parquet(path.toString());
  }
}
