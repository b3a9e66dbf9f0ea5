package org.sparkcurvature.job.derive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.language.LossModel;

/** A loss with data in CSV files, and what it gives when it is computed without Spark. */
final class Problems {
  private Problems() {}

  static final Map<String, double[]> PARAMETERS =
      Map.of("b0", new double[] {0.1}, "beta", new double[] {0.3, -0.2, 0.5});

  static final Request EVERYTHING =
      Request.by("b0", "beta")
          .withSums(
              Request.Global.NONE.withValue().withGradient().withHessian().withGgn("eta").withOpg())
          .withSamples(
              Request.PerSample.NONE
                  .withValue()
                  .withGradient()
                  .withHessian(Request.SampleHessianForm.PACKED)
                  .withValuesOf("eta", "loss")
                  .withJacobiansOf("eta")
                  .withAdjointsOf("eta"));

  /** Value, gradient and Hessian, summed and per sample: what any loss has. */
  static final Request EVERYTHING_PLAIN =
      Request.by("b0", "beta")
          .withSums(Request.Global.NONE.withValue().withGradient().withHessian())
          .withSamples(
              Request.PerSample.NONE
                  .withValue()
                  .withGradient()
                  .withHessian(Request.SampleHessianForm.FULL));

  /** A Poisson loss of three columns. */
  static Model poisson() {
    return model(Map.of("eta", "b0 + dot(x, beta)"), "exp(eta) - y * eta");
  }

  /** The same of so many columns. */
  static Model poisson(int columns) {
    return model(Map.of("eta", "b0 + dot(x, beta)"), "exp(eta) - y * eta", columns);
  }

  static Model model(Map<String, String> definitions, String loss) {
    return model(definitions, loss, 3);
  }

  private static Model model(Map<String, String> definitions, String loss, int columns) {
    Map<String, Shape> tensors = new LinkedHashMap<>();
    tensors.put("x", Shape.of(columns));
    tensors.put("y", Shape.SCALAR);
    Map<String, Shape> parameters = new LinkedHashMap<>();
    parameters.put("b0", Shape.SCALAR);
    parameters.put("beta", Shape.of(columns));
    return LossModel.parse(
            tensors.keySet(), parameters.keySet(), definitions, loss, Optional.empty())
        .compile(tensors, parameters)
        .loss();
  }

  static DerivativeSpec spec(Model model, Request request, long blockBytes) {
    return new DerivativeSpec(model, request, Precision.DOUBLE, blockBytes);
  }

  /** The fewest bytes with which a block of the engine has at least this many rows. */
  static long bytesFor(Model model, Request request, int rows) {
    long low = 0;
    long high = 1L << 40;
    while (high - low > 1) {
      long middle = (low + high) / 2;
      if (spec(model, request, middle).cost().blockRows() >= rows) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /** A row of data. */
  record Observation(double[] x, double y, double weight) {}

  /** Random rows; every tenth of weight 0. */
  static List<Observation> observations(int count) {
    Random random = new Random(count);
    List<Observation> rows = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      double[] x = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
      rows.add(new Observation(x, random.nextInt(5), k % 10 == 3 ? 0 : 0.5 + random.nextDouble()));
    }
    return rows;
  }

  /** The rows as so many CSV files, each of which is a partition; row k has the id rk. */
  static InputConfig input(Path folder, List<Observation> rows, int files) throws IOException {
    List<String> paths = new ArrayList<>();
    long largest = 1;
    for (int f = 0; f < files; f++) {
      StringBuilder text = new StringBuilder("a,b,c,y,w,name\n");
      for (int k = rows.size() * f / files; k < rows.size() * (f + 1) / files; k++) {
        Observation row = rows.get(k);
        text.append(
            "%s,%s,%s,%s,%s,r%d%n"
                .formatted(row.x()[0], row.x()[1], row.x()[2], row.y(), row.weight(), k));
      }
      Path path = Files.writeString(folder.resolve("part-%04d.csv".formatted(f)), text);
      largest = Math.max(largest, Files.size(path));
      paths.add(path.toString());
    }
    InputConfig input = Inputs.of(new InputSource.Files(paths, "csv", Map.of("header", "true")));
    input = Inputs.tensor(Inputs.list(input, "x", "a", "b", "c"), "y", "y");
    return Inputs.partitionSize(Inputs.id(Inputs.weight(input, "w"), "name", "y"), largest);
  }

  /** The sums over the rows whose weight is not 0, in their order. */
  static Sums sums(DerivativeSpec spec, List<Observation> rows) {
    DerivativeSpec summed =
        spec(
            spec.model(),
            Request.by(spec.request().wrt()).withSums(spec.request().global()),
            spec.blockBytes());
    Sums sums = Sums.zero(summed);
    loop(
        summed,
        rows.stream().filter(row -> row.weight() != 0).toList(),
        (engine, first, count) -> engine.addTo(sums));
    return sums;
  }

  /** What to do with each block. */
  @FunctionalInterface
  interface Block {
    void done(Engine engine, int first, int count);
  }

  static void loop(DerivativeSpec spec, List<Observation> rows, Block block) {
    try (Engine engine = spec.open(PARAMETERS)) {
      for (int first = 0; first < rows.size(); first += engine.blockRows()) {
        int count = Math.min(engine.blockRows(), rows.size() - first);
        for (int k = 0; k < count; k++) {
          Observation row = rows.get(first + k);
          System.arraycopy(row.x(), 0, engine.input("x"), 3 * k, 3);
          engine.input("y")[k] = row.y();
          engine.weights()[k] = row.weight();
        }
        engine.evaluate(count);
        block.done(engine, first, count);
      }
    }
  }
}
