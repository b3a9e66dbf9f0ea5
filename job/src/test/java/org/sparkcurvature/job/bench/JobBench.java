package org.sparkcurvature.job.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.LocalSpark;

/**
 * What passes over tables take on two cores, beside what they cannot do without or what others take
 * for the same, measured in turn in one run.
 */
public final class JobBench {
  private static final Logistic MILLION = new Logistic(1_000_000, 50);

  private final Tables tables;

  private JobBench(Tables tables) {
    this.tables = tables;
  }

  /** Runs the cases: {@code --data DIRECTORY [--json] [--case NAME]}. */
  public static void main(String[] arguments) {
    Cases.run(arguments, data -> new JobBench(new Tables(data)).cases());
  }

  private static SparkSession spark() {
    SparkSession spark = LocalSpark.session();
    spark.sparkContext().setLogLevel("ERROR");
    return spark;
  }

  private Passes passes() {
    return new Passes(spark(), tables);
  }

  private Writing writing() {
    return new Writing(spark(), tables);
  }

  /** By name; targets are those that the project has set itself. */
  private Map<String, Supplier<List<Figure>>> cases() {
    Map<String, Supplier<List<Figure>>> cases = new LinkedHashMap<>();
    cases.put(
        "scan-parquet", () -> List.of(passes().scan("scan-parquet", MILLION, "parquet", 0.8)));
    cases.put("scan-orc", () -> List.of(passes().scan("scan-orc", MILLION, "orc", 0.8)));
    cases.put("scan-rows", () -> List.of(passes().scanOfRows("scan-rows", MILLION, 1.3)));
    cases.put("scan-csv", () -> List.of(passes().scan("scan-csv", MILLION, "csv", 1.3)));
    cases.put("kept", () -> List.of(passes().kept("kept", MILLION, 2)));
    cases.put("mllib-iteration", () -> List.of(passes().mllib("mllib-iteration", MILLION, 1)));
    cases.put(
        "per-sample-gradients",
        () ->
            List.of(
                writing()
                    .perSample(
                        "per-sample-gradients",
                        new Logistic(500_000, 50),
                        Request.SampleHessianForm.NONE,
                        0.7)));
    cases.put(
        "per-sample-hessians",
        () ->
            List.of(
                writing()
                    .perSample(
                        "per-sample-hessians",
                        new Logistic(50_000, 50),
                        Request.SampleHessianForm.PACKED,
                        0.7)));
    cases.put(
        "transform-gradients",
        () -> writing().transform("transform-gradients", new Logistic(500_000, 50), 0.9));
    cases.put("tiles", () -> List.of(new LargeMatrix(spark(), tables).tiles("tiles", 3)));
    cases.put("executors", () -> List.of(new Clusters(tables).scaling("executors", MILLION, 1.6)));
    cases.put(
        "rows",
        () ->
            new Clusters(tables)
                .sizes(new long[] {100_000, 1_000_000, 5_000_000, 20_000_000}, 20, 1.2));
    return cases;
  }
}
