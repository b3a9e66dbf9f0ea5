package org.sparkcurvature.job.page;

import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.result.StageMetrics;
import org.sparkcurvature.job.sink.OutputFolder;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.source.InputListing;

/** Pages for tests. */
final class Pages {
  /** Names that are markup, script, right-to-left or control characters elsewhere. */
  static final List<String> HOSTILE =
      List.of(
          "</td></table><script>window.owned = 1</script>",
          "\" onmouseover=\"window.owned = 2",
          "<img src=x onerror='window.owned = 3'>",
          "a\u202edrowssap\u202c",
          "\u001b[31mred\u001b[0m",
          "'; window.owned = 4; //",
          "&lt;b&gt;",
          "=1+1");

  private Pages() {}

  /** A page of so many estimates, with every picture that an estimation has. */
  static String estimates(List<String> names) {
    Random random = new Random(4);
    PageContent content =
        new PageContent("Estimates of y", PageContent.Status.GOOD, "Converged: a minimum.");
    content.number("log-likelihood", "-123.4");
    List<Estimate> estimates = new ArrayList<>();
    for (int k = 0; k < names.size(); k++) {
      estimates.add(
          Estimate.of(
              names.get(k), "beta", k, 3 * random.nextGaussian(), 0.5 + random.nextDouble(), 0.95));
    }
    EstimatePictures.table(content, "Estimates", estimates, 0.95, "z", "estimates.csv");
    EstimatePictures.intervals(content, "intervals", estimates, 0.95);
    int p = names.size();
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(p))];
    for (int k = 0; k < packed.length; k++) {
      packed[k] = 0.6 * random.nextGaussian();
    }
    for (int i = 0; i < p; i++) {
      packed[SymmetricMatrix.index(p, i, i)] = 4;
    }
    MatrixPictures.add(
        content,
        "correlations",
        "correlations of the estimates",
        names,
        SymmetricMatrix.ofPacked(p, packed));
    double[] eigenvalues = random.doubles(p, -1, 1e6).sorted().toArray();
    MatrixPictures.eigenvalues(content, eigenvalues, true, OptionalInt.of(0));
    return ReportPage.of(description(names.get(0)), content);
  }

  static List<String> names(int p) {
    return IntStream.range(0, p).mapToObj(k -> "beta[column_" + k + "]").toList();
  }

  /** A run whose texts hold a name. */
  static RunDescription description(String name) {
    return new RunDescription(
        "deploy/spark-curvature estimate --config out/result/config.conf",
        new ModelConfig(Map.of(), Map.of("eta", name), "exp(eta)", Optional.empty(), false),
        Optional.empty(),
        Optional.of(new RunSummary.Rows(1000, 990, 10, Map.of(name + " is null", 10L))),
        990,
        Map.of("start_up", 2.0, "fit", 1.5),
        4.25,
        Optional.of(
            new RunSummary.Machinery(
                Map.of(),
                "nd4j-native",
                "cpu",
                Precision.DOUBLE,
                100,
                Map.of("fit", new StageMetrics(2, 1000, 1_000_000, 0, 1.5, 1.0)))),
        Map.of("spark", "4.1.0"),
        List.of(name + " is odd."),
        "curvature { model { loss = \"" + name + "\" } }",
        List.of(new InputListing.Entry("/data/" + name, 1000, 0)),
        List.of(
            new OutputFolder.Listed("estimates.csv", 100, OptionalLong.empty()),
            new OutputFolder.Listed("estimates/part-0.parquet", 50, OptionalLong.of(3)),
            new OutputFolder.Listed("estimates/part-1.parquet", 60, OptionalLong.of(4))),
        "out/result",
        ZonedDateTime.parse("2026-01-02T03:04:05+01:00"));
  }
}
