package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Request.Curvature;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.OutputFormat;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.derive.TiledPass;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.result.HessianReading;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.sink.OutputFolder;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.solve.Tiling;
import org.sparkcurvature.job.source.CachedSamples;
import org.sparkcurvature.job.source.LiteralPath;
import org.sparkcurvature.job.source.Source;

/** The Hessian and its like where no process is to hold them: executors write them in tiles. */
final class TiledMatrices {
  private final Derivatives derivatives;
  private final Device device;
  private final Tiling tiling;

  TiledMatrices(Derivatives derivatives, Device device, ClusterMemory memory) {
    this.derivatives = derivatives;
    this.device = device;
    this.tiling = tiling(derivatives, memory);
  }

  /** How the matrices are cut, so that what a task holds has room in its share of a heap. */
  static Tiling tiling(Derivatives derivatives, ClusterMemory memory) {
    return Tiling.of(derivatives.spec().layout().length(), MemoryCheck.elementsPerTask(memory));
  }

  /** The matrices that are asked for. */
  static List<Curvature> kinds(Derivatives derivatives) {
    Request.Global asked = derivatives.spec().request().global();
    List<Curvature> kinds = new ArrayList<>();
    if (asked.hessian() == Request.HessianForm.FULL) {
      kinds.add(Curvature.HESSIAN);
    }
    asked.ggn().ifPresent(z -> kinds.add(Curvature.GGN));
    if (asked.opg()) {
      kinds.add(Curvature.OPG);
    }
    return kinds;
  }

  /**
   * Bytes that tasks hand on by way of disks; 0 where it is not known how many samples there are.
   */
  static long handedOn(Derivatives derivatives) {
    Source source = derivatives.source();
    int order = derivatives.spec().layout().length();
    return source
        .rowBounds()
        .map(
            rows ->
                kinds(derivatives).size()
                    * TiledPass.handedOn(order, rows.most(), source.partitions()))
        .orElse(0L);
  }

  /**
   * Writes the tiles; returns {@code objective} with the Hessian's diagonal.
   *
   * @param samples over which a pass has been made
   * @param counts how many they are
   */
  Objective write(
      CachedSamples samples,
      RowCounts counts,
      Reduction reduction,
      OutputFolder folder,
      Objective objective) {
    double scale = reduction == Reduction.MEAN ? 1 / counts.weight() : 1;
    Objective.Hessian hessian = objective.hessian();
    for (Curvature kind : kinds(derivatives)) {
      TiledPass.Matrix matrix =
          new TiledPass.Matrix(
              derivatives.spec(),
              kind,
              derivatives.penalty().filter(penalty -> kind == Curvature.HESSIAN),
              tiling,
              scale);
      String name = TiledPass.name(kind);
      new ResultFiles(folder)
          .table(
              name,
              TiledPass.dataset(samples, counts.used(), matrix, derivatives.values(), device),
              OutputFormat.PARQUET);
      if (kind == Curvature.HESSIAN) {
        hessian =
            new Objective.Hessian.Diagonal(
                diagonal(samples.source().spark(), folder.entry(name).toString()));
      }
    }
    return new Objective(
        objective.value(), objective.gradient(), hessian, objective.ggn(), objective.opg());
  }

  /** The diagonal of a matrix that was written in tiles. */
  private double[] diagonal(SparkSession spark, String path) {
    double[] diagonal = new double[tiling.order()];
    Dataset<Row> tiles =
        spark
            .read()
            .parquet(LiteralPath.of(path))
            .where("row = col")
            .selectExpr("row", "transform(sequence(0, rows - 1), i -> values[i * cols + i]) AS d");
    for (Row tile : Failures.translate(tiles::collectAsList)) {
      int at = tile.getInt(0);
      for (Double element : tile.<Double>getList(1)) {
        diagonal[at++] = element;
      }
    }
    return diagonal;
  }

  /** What there is to say of a Hessian that was never in one place. */
  HessianReading reading(Objective objective) {
    Map<String, String> withheld = new LinkedHashMap<>();
    objective
        .hessianDiagonal()
        .ifPresent(
            diagonal ->
                withheld.put(
                    "hessian",
                    "it was written in tiles and never was in one place; diagonal from %s to %s"
                        .formatted(
                            Arrays.stream(diagonal).min().orElseThrow(),
                            Arrays.stream(diagonal).max().orElseThrow())));
    return new HessianReading(Map.of(), withheld);
  }
}
