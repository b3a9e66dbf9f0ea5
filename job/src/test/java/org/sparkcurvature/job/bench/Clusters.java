package org.sparkcurvature.job.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.source.Source;

/** Passes on standalone clusters of this machine, each executor a process with one core. */
final class Clusters {
  /**
   * Executors begin with nothing compiled. The compiler of one has the other core to itself, those
   * of two compete with the passes: it takes so many until they are done.
   */
  private static final Stopwatch.WarmUp MANY_PASSES = new Stopwatch.WarmUp(120, 0);

  /** As many seconds for tables of few rows as for tables of many. */
  private static final Stopwatch.WarmUp LONG = new Stopwatch.WarmUp(8, 30);

  private static final int ROUNDS = 7;

  private final Tables tables;

  Clusters(Tables tables) {
    this.tables = tables;
  }

  /**
   * What a pass took.
   *
   * @param ms its milliseconds
   * @param empty those of a job that does nothing
   * @param peak the most memory that an executor held, in bytes
   */
  private record Pass(double ms, double empty, long peak) {}

  /** Two executors beside one. */
  Figure scaling(String name, Logistic data, double target) {
    Pass one = pass(data, 1, MANY_PASSES);
    Pass two = pass(data, 2, MANY_PASSES);
    return new Figure(name, two.ms(), Figure.Against.PEER, one.ms(), target);
  }

  /**
   * From few rows to many on one executor: the time of a million rows at this table's speed, less
   * what a job without work takes, beside that of a table of a million; then the same of the peak
   * of memory, in MB.
   */
  List<Figure> sizes(long[] rows, int columns, double target) {
    List<Figure> figures = new ArrayList<>();
    Pass base = pass(new Logistic(1_000_000, columns), 1, LONG);
    for (long count : rows) {
      Pass pass = pass(new Logistic(count, columns), 1, LONG);
      double perMillion = (pass.ms() - pass.empty()) * 1e6 / count;
      figures.add(
          new Figure(
              "time-per-million-" + count,
              perMillion,
              Figure.Against.LIMIT,
              base.ms() - base.empty(),
              target));
      figures.add(
          new Figure(
              "peak-mb-" + count,
              pass.peak() / 1e6,
              Figure.Against.LIMIT,
              base.peak() / 1e6,
              target));
    }
    return figures;
  }

  private Pass pass(Logistic data, int executors, Stopwatch.WarmUp warmUp) {
    LocalSpark.stop();
    String path = tables.path(LocalSpark.on("local[2]", Map.of()), data, "parquet");
    LocalSpark.stop();
    SparkSession spark = LocalSpark.on("local-cluster[%d,1,1024]".formatted(executors), Map.of());
    spark.sparkContext().setLogLevel("ERROR");
    Source source = Source.open(spark, data.input("parquet", path));
    DerivativeSpec spec = data.spec(Logistic.HESSIAN);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    int partitions = source.partitions();
    double[] ms =
        Stopwatch.medians(
            warmUp,
            ROUNDS,
            () -> GlobalPass.run(source, spec, data.parameters(), Device.AUTO),
            () -> context.parallelize(List.of(1), partitions).count());
    long peak = context.parallelize(List.of(1, 2, 3, 4), 4).map(k -> peak()).reduce(Math::max);
    LocalSpark.stop();
    return new Pass(ms[0], ms[1], peak);
  }

  /** The most memory that this process has held, in bytes, as Linux counts it. */
  private static long peak() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
