package org.sparkcurvature.job.bench;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.language.LossModel;

/**
 * A logistic loss over a table of random doubles.
 *
 * @param rows how many rows
 * @param columns how many regressors, which lie in columns of their own
 */
record Logistic(long rows, int columns) {
  /** As {@code reference.conf} has them. */
  private static final long BLOCK_BYTES = 64L << 20;

  private static final long PARTITION_BYTES = 64L << 20;

  /** Value, gradient and Hessian of the sum. */
  static final Request HESSIAN =
      Request.by("beta").withSums(Request.Global.NONE.withValue().withGradient().withHessian());

  /** Of each row: its value, its gradient and its Hessian. */
  static Request perSample(Request.SampleHessianForm hessian) {
    return Request.by("beta")
        .withSamples(Request.PerSample.NONE.withValue().withGradient().withHessian(hessian));
  }

  /** The columns of the regressors. */
  String[] names() {
    return IntStream.range(0, columns).mapToObj(k -> "x" + k).toArray(String[]::new);
  }

  /** Random rows, the same at each call. */
  Dataset<Row> table(SparkSession spark, int partitions) {
    Column[] drawn = new Column[columns + 1];
    for (int k = 0; k < columns; k++) {
      drawn[k] = functions.randn(k).as("x" + k);
    }
    drawn[columns] = functions.rand(columns).lt(0.5).cast("double").as("y");
    return spark.range(0, rows, 1, partitions).select(drawn);
  }

  /** The table at {@code path}, which {@link Tables} wrote. */
  InputConfig input(String format, String path) {
    InputConfig files =
        Inputs.files(format, format.equals("csv") ? Map.of("header", "true") : Map.of(), path);
    return Inputs.partitionSize(
        Inputs.tensor(Inputs.list(files, "x", names()), "y", "y"), PARTITION_BYTES);
  }

  DerivativeSpec spec(Request request) {
    Map<String, Shape> tensors = Map.of("x", Shape.of(columns), "y", Shape.SCALAR);
    Map<String, Shape> parameters = Map.of("beta", Shape.of(columns));
    Model model =
        LossModel.parse(
                tensors.keySet(),
                parameters.keySet(),
                Map.of("eta", "dot(x, beta)"),
                "softplus(eta) - y * eta",
                Optional.empty())
            .compile(tensors, parameters)
            .loss();
    return new DerivativeSpec(model, request, Precision.DOUBLE, BLOCK_BYTES);
  }

  Map<String, double[]> parameters() {
    double[] beta = new double[columns];
    Random random = new Random(1);
    Arrays.setAll(beta, k -> 0.1 * random.nextGaussian());
    return Map.of("beta", beta);
  }
}
