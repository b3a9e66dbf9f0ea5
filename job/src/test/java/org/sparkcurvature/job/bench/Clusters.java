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
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.objective.Derivation;

/** Passes on standalone clusters of this machine, each executor a process with one core. */
final class Clusters {
  /**
   * Executors begin with nothing compiled. The compiler of one has the other core to itself, those
   * of two compete with the passes: it takes so many until they are done.
   */
  private static final int WARM_UPS = 120;

  /** The same for tables of many rows, each pass of which takes long. */
  private static final int FEWER_WARM_UPS = 8;

  private static final int ROUNDS = 7;

  private final Tables tables;

  Clusters(Tables tables) {
    this.tables = tables;
  }

  /**
   * What a pass took.
   *
   * @param ms its milliseconds
   * @param peak the most memory that an executor held, in bytes
   */
  private record Pass(double ms, long peak) {}

  /** Two executors beside one. */
  Figure scaling(String name, Logistic data, double target) {
    Pass one = pass(data, 1, WARM_UPS);
    Pass two = pass(data, 2, WARM_UPS);
    return new Figure(name, two.ms(), Figure.Against.PEER, one.ms(), target);
  }

  /**
   * From few rows to many on one executor: the time of so many rows at the largest table's speed,
   * beside the time at the speed of a table of a million; then the same of the peak of memory, in
   * MB.
   */
  List<Figure> sizes(long[] rows, int columns, double target) {
    List<Figure> figures = new ArrayList<>();
    Pass base = pass(new Logistic(1_000_000, columns), 1, FEWER_WARM_UPS);
    for (long count : rows) {
      Pass pass = pass(new Logistic(count, columns), 1, FEWER_WARM_UPS);
      double perMillion = pass.ms() * 1e6 / count;
      figures.add(
          new Figure(
              "time-per-million-" + count, perMillion, Figure.Against.LIMIT, base.ms(), target));
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

  private Pass pass(Logistic data, int executors, int warmUps) {
    LocalSpark.stop();
    String path = tables.path(LocalSpark.on("local[2]", Map.of()), data, "parquet");
    LocalSpark.stop();
    SparkSession spark = LocalSpark.on("local-cluster[%d,1,1024]".formatted(executors), Map.of());
    spark.sparkContext().setLogLevel("ERROR");
    Source source = Source.open(spark, data.input("parquet", path));
    Derivation derivation = data.derivation(Logistic.HESSIAN);
    double ms =
        Stopwatch.medians(
            warmUps,
            ROUNDS,
            () -> GlobalPass.run(source, derivation, data.parameters(), Device.AUTO))[0];
    long peak =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.of(1, 2, 3, 4), 4)
            .map(k -> peak())
            .reduce(Math::max);
    LocalSpark.stop();
    return new Pass(ms, peak);
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
