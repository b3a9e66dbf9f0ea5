package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.report.Style;
import org.sparkcurvature.job.source.Source;

/** What is reckoned beforehand, beside what files take. */
class ResultSizeTest {
  private static final int ROWS = 30_000;

  /** Beside their pages, files of Parquet have footers and levels of a bit or so a number. */
  private static final long FOOTERS = 8 << 10;

  private static final double LEVELS = 1.02;

  private static final String RANDOM = "transform(sequence(1, 20), i -> rand(3))";

  @TempDir Path folder;

  private void rows(String x) throws IOException {
    LocalSpark.session()
        .range(0, ROWS, 1, 2)
        .selectExpr("id", x + " AS x", "rand(7) AS y")
        .write()
        .parquet(folder + "/rows");
    Files.writeString(
        folder.resolve("run.conf"),
        """
            curvature {
              input {
                path = "%1$s/rows", format = parquet, id = id
                tensors { x { column = x, shape = [20] }, y = y }
              }
              model {
                parameters { b = 0.1, beta { labels = x, fill = 0.1 } }
                define { eta = "b + dot(x, beta)" }
                loss = "exp(eta) - y * eta"
              }
              derive { wrt = [b, beta] }
              output { path = "%1$s/out" }
            }
            """
            .formatted(folder));
  }

  private ResultSize reckoned(boolean tiled, String... settings) {
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    ParsedJob parsedJob =
        ParsedJob.read(
            new Terminal(nowhere, nowhere, Map.of(), Style.PLAIN),
            List.of(folder.resolve("run.conf").toString()),
            List.of(settings),
            Purpose.DERIVATIVES);
    Source source = Source.open(LocalSpark.session(), parsedJob.configuration().input());
    return ResultSize.of(Derivatives.of(parsedJob, source), tiled);
  }

  private long bytes(String name) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("out").resolve(name))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private void run(String... settings) {
    Console console = Console.run("derive", folder.resolve("run.conf"), List.of(settings));
    assertThat(console.exitCode()).as(console.err()).isZero();
  }

  /** Every file but JSON and the page, which are small, is reckoned with; npy to the byte. */
  private void assertAllPartsWithin(ResultSize size) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> !name.matches(".*\\.json|config\\.conf|report\\.html|_SUCCESS")))
          .containsExactlyInAnyOrderElementsOf(
              size.parts().stream().map(ResultSize.Part::name).toList());
    }
    for (ResultSize.Part part : size.parts()) {
      if (part.name().endsWith(".npy")) {
        assertThat(bytes(part.name())).as(part.name()).isEqualTo(part.least());
        assertThat(part.most()).isEqualTo(part.least());
      } else {
        assertThat(bytes(part.name()))
            .as(part.name())
            .isBetween(part.least(), (long) (LEVELS * part.most()) + FOOTERS);
      }
    }
  }

  /** The numbers of most data do not compress. */
  @Test
  void rowsOfRandomNumbersTakeEightBytesEach() throws IOException {
    rows(RANDOM);
    String[] settings = {
      "derive.global = { opg = true, ggn = eta }",
      "derive.per-sample = { value = true, gradient = true, hessian = packed, adjoint-of = [eta] }"
    };
    ResultSize size = reckoned(false, settings);
    run(settings);
    assertAllPartsWithin(size);
    ResultSize.Part rows = size.parts().get(size.parts().size() - 1);
    assertThat(rows.most()).isEqualTo(ROWS * (8 + 8 + 8L * (1 + 21 + 231 + 1)));
    assertThat((double) bytes("per_sample")).isBetween(0.9 * rows.most(), 1.02 * rows.most());
  }

  /** Numbers that are all the same take what no codec can do without, and hardly more. */
  @ParameterizedTest
  @CsvSource({"snappy, 1.5", "uncompressed, 1.05", "zstd, 1e9"})
  void rowsOfEqualNumbersTakeTheLeast(String codec, double above) throws IOException {
    String before = LocalSpark.session().conf().get("spark.sql.parquet.compression.codec");
    LocalSpark.session().conf().set("spark.sql.parquet.compression.codec", codec);
    try {
      rows("array_repeat(0D, 20)");
      String[] settings = {"derive.per-sample.hessian = packed", "model.loss = \"eta\""};
      ResultSize size = reckoned(false, settings);
      run(settings);
      assertAllPartsWithin(size);
      ResultSize.Part rows = size.parts().get(size.parts().size() - 1);
      assertThat(rows.least() == 0).isEqualTo(codec.equals("zstd"));
      assertThat((double) bytes("per_sample")).isLessThan(above * Math.max(rows.least(), 1));
    } finally {
      LocalSpark.session().conf().set("spark.sql.parquet.compression.codec", before);
    }
  }

  @Test
  void blocksDiagonalsAndTilesAreReckoned() throws IOException {
    rows(RANDOM);
    run("derive.global.hessian = blocks");
    assertAllPartsWithin(reckoned(false, "derive.global.hessian = blocks"));

    assertThat(reckoned(true).parts())
        .extracting(ResultSize.Part::name)
        .containsExactly("gradient.npy", "hessian_diagonal.npy", "hessian");
    assertThat(reckoned(false, "derive.global.hessian = diagonal").least())
        .isEqualTo(2 * (128 + 8 * 21));
  }
}
