package org.sparkcurvature.job.bench;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.derive.TiledPass;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.solve.Tiling;
import org.sparkcurvature.job.source.CachedSamples;
import org.sparkcurvature.job.source.Source;

/** The Hessian of a softmax regression, 1,000 to 10 (P = 10,000), summed and written in tiles. */
final class LargeMatrix {
  private static final int CLASSES = 10;
  private static final int WIDTH = 1000;
  private static final int ROWS = 20_000;
  private static final int ORDER = CLASSES * WIDTH;
  private static final Map<String, Shape> PARAMETERS = Map.of("W", Shape.of(CLASSES, WIDTH));

  /** The columns of the matrix product that the limit is reckoned from. */
  private static final int MEASURED = 2000;

  private final SparkSession spark;
  private final Tables tables;

  LargeMatrix(SparkSession spark, Tables tables) {
    this.spark = spark;
    this.tables = tables;
  }

  /** Beside a matrix product of M P^2/2 multiply-adds. */
  Figure tiles(String name, double target) {
    InputConfig files = Inputs.files("parquet", Map.of(), table());
    InputConfig input = Inputs.tensor(Inputs.tensor(files, "x", "x"), "y", "y");
    double[] w = new double[ORDER];
    Random random = new Random(1);
    Arrays.setAll(w, k -> random.nextGaussian());
    TiledPass.Matrix matrix =
        new TiledPass.Matrix(
            spec(),
            Request.Curvature.HESSIAN,
            Optional.empty(),
            Tiling.of(ORDER, Long.MAX_VALUE),
            1);
    String out = tables.folder().resolve("tiles").toString();
    try (CachedSamples samples = Source.open(spark, input).keep();
        MatrixProducts product = new MatrixProducts(ROWS, MEASURED, 2)) {
      GlobalPass.run(samples, firstPass(), Map.of("W", w), Device.AUTO);
      double[] ms =
          Stopwatch.medians(
              0,
              1,
              () ->
                  TiledPass.dataset(samples, ROWS, matrix, Map.of("W", w), Device.AUTO)
                      .write()
                      .mode(SaveMode.Overwrite)
                      .parquet(out));
      double scale = (double) ORDER * ORDER / 2 / MEASURED / MEASURED;
      return new Figure(name, ms[0], Figure.Against.LIMIT, product.milliseconds() * scale, target);
    }
  }

  private String table() {
    String path = tables.folder().resolve(ROWS + "-arrays-of-" + WIDTH + ".parquet").toString();
    if (!new java.io.File(path, "_SUCCESS").exists()) {
      Dataset<?> rows =
          spark
              .range(0, ROWS, 1, 8)
              .select(
                  functions
                      .expr(
                          "transform(sequence(0, %d), i -> sin(id * 31.7 + i * i))"
                              .formatted(WIDTH - 1))
                      .as("x"),
                  functions.expr("id %% %d".formatted(CLASSES)).as("y"));
      rows.write().mode(SaveMode.Overwrite).parquet(path);
    }
    return path;
  }

  private static DerivativeSpec firstPass() {
    Request.Global global = Request.Global.NONE.withValue().withGradient();
    return with(global);
  }

  private static DerivativeSpec spec() {
    return with(Request.Global.NONE.withHessian());
  }

  private static DerivativeSpec with(Request.Global global) {
    Map<String, Shape> tensors = Map.of("x", Shape.of(WIDTH), "y", Shape.SCALAR);
    Model model =
        LossModel.parse(
                tensors.keySet(),
                PARAMETERS.keySet(),
                Map.of(),
                "cross_entropy(matmul(W, x), y)",
                Optional.empty())
            .compile(tensors, PARAMETERS)
            .loss();
    return new DerivativeSpec(model, Request.by("W").withSums(global), Precision.DOUBLE, 64L << 20);
  }
}
