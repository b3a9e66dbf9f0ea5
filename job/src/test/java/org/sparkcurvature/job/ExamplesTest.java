package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.sink.NpyFile;

/** The examples in conf/ as a user runs them: what the console shows and what the folder holds. */
class ExamplesTest {
  private static final Path HOME = Path.of(System.getenv("SPARK_CURVATURE_HOME"));

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  @Test
  void everyExampleHasATest() throws IOException {
    try (Stream<Path> files = Files.list(HOME.resolve("conf"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".conf"))
          .containsExactlyInAnyOrder(
              "reference.conf",
              "quickstart.conf",
              "gpu.conf",
              "seed1.conf",
              "seed2.conf",
              "seed3.conf",
              "fit.conf",
              "infer.conf",
              "influence.conf",
              "spectrum.conf",
              // Run by WalksTest.
              "survival.conf",
              "groups.conf",
              // Read by every run of a formula, and run by FamiliesTest.
              "families.conf",
              "formula.conf");
    }
  }

  /** The table of estimate, and what the commands after it make of its folder. */
  @Test
  void formula() throws IOException {
    Console console = complete("estimate", "formula");
    assertThat(console.out())
        .startsWith("estimate  mdvis, negative-binomial, link log; 20,190 rows, 9 parameters\n")
        .contains("\n  CONVERGED  5 iterations, relative gradient ")
        .contains("\n  reference  of C(fmde > 0) is false\n")
        .containsPattern("\\n  C\\(fmde > 0\\)\\[T\\.true\\] ")
        .containsPattern("\\n  physlm:hlthp ")
        .containsPattern("\\n  alpha +1\\.300 +0\\.031 +\\[ 1\\.239,  1\\.362\\]")
        .contains("exp of coefficients");
    assertThat(names())
        .containsExactly(
            "_SUCCESS",
            "config.conf",
            "covariance.npy",
            "estimates",
            "estimates.csv",
            "estimates.json",
            "history.json",
            "layout.json",
            "manifest.json",
            "parameters.json",
            "report.html",
            "summary.json");
  }

  @Test
  void quickstart() throws IOException {
    Console console = derive("quickstart");
    assertThat(console.out())
        .startsWith("derive  value, gradient and Hessian of a sum over 20,190 rows\n")
        .contains("\n  value      -7170.45\n")
        .containsPattern("\n  beta\\[disea\\] +694\\.978 ")
        .contains("positive definite, eigenvalues 1383 .. 1.631e+07,")
        .contains("NOT a stationary point")
        .contains("\n  wrote      " + temporary.resolve("out"))
        .contains("\n  next       deploy/spark-curvature fit --from " + temporary.resolve("out"));
    assertThat(console.out().lines().count()).isLessThan(25);
    assertThat(names())
        .containsExactly(
            "_SUCCESS",
            "config.conf",
            "gradient.npy",
            "hessian",
            "hessian.npy",
            "hessian_diagonal.npy",
            "layout.json",
            "manifest.json",
            "parameters.json",
            "per_sample",
            "report.html",
            "summary.json");

    JsonNode summary = json("summary.json");
    assertThat(summary.get("rows_used").asLong()).isEqualTo(20190);
    assertThat(summary.get("reduction").asText()).isEqualTo("sum");
    assertThat(summary.get("hessian").get("positive_definite").asBoolean()).isTrue();
    assertThat(summary.get("hessian").get("condition_number").asDouble()).isBetween(1e4, 1.3e4);
    assertThat(summary.get("gradient_norm").asDouble()).isBetween(1021.0, 1022.0);
    assertThat(summary.get("block_rows").asInt()).isPositive();
    assertThat(summary.get("timings_seconds").fieldNames())
        .toIterable()
        .contains("start_up", "open", "global_pass", "per_sample_pass", "write", "total");
    assertThat(summary.get("versions").get("spark").asText()).isEqualTo("4.2.0");
    assertThat(summary.get("backend").asText()).isIn("nd4j-native", "nd4j-cuda");
    assertThat(summary.get("device").asText())
        .startsWith(summary.get("backend").asText().equals("nd4j-native") ? "cpu" : "gpu");
    assertThat(summary.get("warnings").size()).isZero();

    JsonNode layout = json("layout.json");
    assertThat(layout.get(0).get("name").asText()).isEqualTo("b0");
    assertThat(layout.get(1).get("offset").asInt()).isEqualTo(1);
    assertThat(layout.get(1).get("shape").toString()).isEqualTo("[9]");
    assertThat(layout.get(1).get("labels").get(0).asText()).isEqualTo("lncoins");
    assertThat(layout.get(1).get("names").get(8).asText()).isEqualTo("beta[hlthp]");
    JsonNode beta = json("parameters.json").get("beta");
    assertThat(beta.get("shape").toString()).isEqualTo("[9]");
    assertThat(beta.get("values").get(1).asDouble()).isEqualTo(-0.25);
    assertThat(beta.get("labels").get(1).asText()).isEqualTo("idp");
    assertThat(temporary.resolve("out/config.conf")).content().contains("randhie.csv");

    NpyFile hessian = NpyFile.read(temporary.resolve("out/hessian.npy"));
    NpyFile diagonal = NpyFile.read(temporary.resolve("out/hessian_diagonal.npy"));
    for (int i = 0; i < 10; i++) {
      assertThat(diagonal.values()[i]).isEqualTo(hessian.values()[i * 10 + i]);
    }
    assertThat(LocalSpark.session().read().parquet(temporary + "/out/per_sample").columns())
        .containsExactly("id", "row", "value", "gradient", "hessian");
    // Only the root says that the result is complete.
    try (Stream<Path> files = Files.walk(temporary.resolve("out"))) {
      assertThat(files.filter(file -> file.endsWith("_SUCCESS"))).hasSize(1);
    }
  }

  @Test
  void seed1() throws IOException {
    Console console = derive("seed1");
    assertThat(console.out())
        .containsPattern("row 0\n +value +225\n")
        .containsPattern("row 1\n +value +900\n")
        .containsPattern("row 2\n +value +2025\n")
        .containsPattern("gradient +30 +60 +90 +120 +150\n")
        .containsPattern("gradient +60 +120 +180 +240 +300\n")
        .containsPattern("gradient +90 +180 +270 +360 +450\n");
    String hessian =
        """
        Hessian +a\\[a0\\] +2 +4 +6 +8 +10
         +a\\[a1\\] +4 +8 +12 +16 +20
         +a\\[a2\\] +6 +12 +18 +24 +30
         +a\\[a3\\] +8 +16 +24 +32 +40
         +a\\[a4\\] +10 +20 +30 +40 +50
        """;
    assertThat(console.out()).containsPattern("(?s)(" + hessian + ".*){3}");
    assertThat(names()).doesNotContain("gradient.npy", "hessian.npy", "hessian");
  }

  @Test
  void seed2() throws IOException {
    Console console = derive("seed2", "--show", "hessian");
    assertThat(console.out())
        .contains("\n  value      0.912963\n")
        .containsPattern("beta\\[0\\] +0\\.102457 ")
        .containsPattern("beta\\[1\\] +0\\.0663437 ")
        .containsPattern("beta\\[2\\] +0\\.00258758 ")
        .containsPattern("beta\\[0\\] +2 +-0\\.0905134 +0\\.0272339\n")
        .containsPattern("beta\\[1\\] +-0\\.0905134 +1\\.95257 +-0\\.0614515\n")
        .containsPattern("beta\\[2\\] +0\\.0272339 +-0\\.0614515 +1\\.87504\n")
        .contains("positive definite");
  }

  @Test
  void theMistakeOfSeed2IsRefusedWithAdvice() {
    Console console = run("seed2", "--set", "model.loss=\"square(y - x * beta)\"");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err()).contains("must be a scalar").contains("[3]").contains("dot(x, beta)");
    assertThat(temporary.resolve("out")).doesNotExist();
  }

  @Test
  void seed3() throws IOException {
    Console console = derive("seed3", "--show", "rows");
    assertThat(console.out())
        .containsPattern("adjoint_out +2 +2 +2 +2 +2\n")
        .containsPattern("jacobian_out\\[4\\]( +0\\.500000){5}\n")
        .containsPattern("adjoint_out \\* jacobian_out( +5){5}\n")
        .containsPattern("gradient( +5){5}\n")
        .contains("gradient and adjoint_out * jacobian_out differ by at most 0\n");
  }

  /** The estimates that the other examples begin with are those of this one. */
  @Test
  void fit() throws IOException {
    Console console = complete("fit", "fit");
    assertThat(console.out())
        .startsWith("fit  a likelihood by hand; 20,190 rows, 11 parameters\n  CONVERGED  ")
        .contains("(wanted 1e-10); minimum\n")
        .containsPattern("dispersion +1\\.29295");
    assertThat(names())
        .containsExactly(
            "_SUCCESS",
            "config.conf",
            "history.json",
            "layout.json",
            "manifest.json",
            "parameters.json",
            "report.html",
            "summary.json");
    JsonNode shipped =
        new ObjectMapper().readTree(HOME.resolve("conf/data/randhie-fit.json").toFile());
    JsonNode fitted = json("parameters.json");
    for (String name : List.of("b0", "beta", "dispersion")) {
      JsonNode values = shipped.get(name).get("values");
      for (int k = 0; k < values.size(); k++) {
        assertThat(fitted.get(name).get("values").get(k).asDouble())
            .isCloseTo(values.get(k).asDouble(), within(1e-9));
      }
    }
  }

  @Test
  void infer() throws IOException {
    Console console = complete("infer", "infer");
    assertThat(console.out())
        .contains("  std.err.   cluster by 4,038 groups of floor(id / 5), times G/(G-1)")
        .containsPattern("poor = exp\\(beta\\[hlthp\\]\\) +1\\.19 ")
        .contains("health: beta[hlthg] = beta[hlthf] = beta[hlthp] = 0  chi2(3) 6.31  p 0.097");
    assertThat(names()).contains("covariance.npy", "estimates", "estimates.json");
    JsonNode estimates = json("estimates.json").get("estimates");
    assertThat(estimates.size()).isEqualTo(13);
    // exp(b0) has exp(b0) times the standard error of b0.
    double b0 = estimates.get(0).get("estimate").asDouble();
    assertThat(estimates.get(11).get("name").asText()).isEqualTo("visits");
    assertThat(estimates.get(11).get("std_error").asDouble())
        .isCloseTo(Math.exp(b0) * estimates.get(0).get("std_error").asDouble(), within(1e-12));
  }

  @Test
  void influence() throws IOException {
    Console console = complete("influence", "influence");
    assertThat(console.out())
        .startsWith(
            "influence  of leaving a row out, on beta[lncoins] = -0.0579 (std.err. 0.0061)\n")
        .containsPattern("id 327 +-0\\.00159 +-0\\.26\n")
        .contains("the sign of the estimate stays");
    assertThat(LocalSpark.session().read().parquet(temporary + "/out/influence").columns())
        .containsExactly("id", "row", "influence");
    // At the minimum gradients add up to nothing, and so do influences.
    double sum =
        LocalSpark.session()
            .read()
            .parquet(temporary + "/out/influence")
            .selectExpr("sum(influence)")
            .first()
            .getDouble(0);
    assertThat(sum).isCloseTo(0, within(1e-9));
  }

  @Test
  void spectrum() throws IOException {
    Console console = complete("spectrum", "spectrum");
    assertThat(console.out())
        .startsWith("spectrum  MINIMUM: 11 of 11 eigenvalues positive; condition 14524\n")
        .contains("beta[hlthp] (97% of the direction)");
    assertThat(NpyFile.read(temporary.resolve("out/eigenvalues.npy")).values())
        .hasSize(11)
        .isSorted();
    assertThat(json("summary.json").get("condition_number").asDouble()).isBetween(1.4e4, 1.5e4);
  }

  /** With a GPU or without one, the numbers of the quickstart. */
  @Test
  void gpu() throws IOException {
    assertThat(derive("gpu").out()).contains("\n  value      -7170.45\n");
    assertThat(json("summary.json").get("device").asText()).isNotEmpty();
    assertThat(json("summary.json").get("backend").asText()).isNotEmpty();
  }

  private Console derive(String example, String... more) {
    return complete("derive", example, more);
  }

  private Console complete(String command, String example, String... more) {
    Console console = typed(command, example, more);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(temporary.resolve("out/_SUCCESS")).exists();
    assertThat(console.out().lines()).allMatch(line -> line.length() <= 80 || line.contains("/"));
    return console;
  }

  private Console run(String example, String... more) {
    return typed("derive", example, more);
  }

  private Console typed(String command, String example, String... more) {
    List<String> arguments =
        Stream.concat(
                Stream.of(
                    command,
                    "--config",
                    HOME.resolve("conf/" + example + ".conf").toString(),
                    "--set",
                    "output.path=\"" + temporary.resolve("out") + "\""),
                Stream.of(more))
            .toList();
    return Console.run(arguments.toArray(String[]::new));
  }

  private JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(temporary.resolve("out").resolve(name).toFile());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(temporary.resolve("out"))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
