package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;

/** Every command that writes a result leaves a page with what its files say. */
class ReportsTest {
  private static final String MODEL = "formula = \"y ~ x + z + C(g)\", family = binomial";

  @TempDir static Path folder;

  @BeforeAll
  static void fit() throws IOException {
    rows(folder, 600);
    Console run =
        Console.run(
            folder,
            "estimate",
            "fit",
            MODEL,
            "infer.transform=exp",
            "infer.tables=[csv, latex, markdown]",
            "input.id=who",
            "influence.linear-predictor=eta");
    assertThat(run.err() + run.out()).contains("fit");
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  private static void rows(Path at, int count) throws IOException {
    Random random = new Random(1);
    List<String> rows = new ArrayList<>(List.of("who,y,x,z,g"));
    for (int k = 0; k < count; k++) {
      double x = random.nextGaussian();
      double z = 1e-3 * random.nextGaussian();
      int y = random.nextDouble() < 1 / (1 + Math.exp(-x)) ? 1 : 0;
      rows.add("canary-" + k + "," + y + "," + x + "," + z + "," + "abc".charAt(k % 3));
    }
    Files.write(at.resolve("rows.csv"), rows);
  }

  private static String page(String result) throws IOException {
    Path of = folder.resolve(result);
    String manifest = Files.readString(of.resolve("manifest.json"));
    assertThat(manifest).contains("report.html");
    return Files.readString(of.resolve("report.html"));
  }

  private static Console from(String command, String output, String... settings) {
    Console run = Console.from(folder.resolve("fit"), command, folder.resolve(output), settings);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  @Test
  void theTableIsThatOfTheFiles() throws IOException {
    String page = page("fit");

    JsonNode estimates =
        new ObjectMapper().readTree(folder.resolve("fit/estimates.json").toFile()).get("estimates");
    assertThat(estimates.size()).isEqualTo(5);
    for (JsonNode estimate : estimates) {
      for (String key : List.of("estimate", "std_error", "z", "p", "ci_low", "ci_high")) {
        assertThat(page).contains("data-v=\"" + estimate.get(key).doubleValue() + "\"");
      }
    }
    assertThat(page)
        .contains("y ~ x + z + C(g)")
        .contains("Converged after")
        .contains("600 read, 600 used")
        .contains("id=\"intervals\"")
        .contains("id=\"ratios\"")
        .contains("id=\"correlations\"")
        .contains("id=\"convergence\"")
        .contains("id=\"calibration\"")
        .contains("id=\"residuals\"")
        .contains("id=\"response\"")
        .contains(
            ">a</td><td data-v=\"200\">200</td><td class=\"text\">reference</td>",
            ">c</td><td data-v=\"200\">200</td><td class=\"text\"></td>")
        .contains("estimates.csv")
        .doesNotContain(System.getProperty("user.home") + "/")
        .doesNotContain(System.getProperty("user.dir") + "/");
  }

  @Test
  void tablesForOtherProgramsHoldTheSameNumbers() throws IOException {
    JsonNode estimates =
        new ObjectMapper().readTree(folder.resolve("fit/estimates.json").toFile()).get("estimates");
    List<String> csv = Files.readAllLines(folder.resolve("fit/estimates.csv"));
    assertThat(csv.get(0))
        .isEqualTo(
            "name,parameter,index,estimate,std_error,z,p,ci_low,ci_high,exp,exp_ci_low,exp_ci_high");
    assertThat(csv).hasSize(6);
    for (int k = 0; k < 5; k++) {
      String[] cells = csv.get(k + 1).split(",");
      assertThat(cells[0]).isEqualTo(estimates.get(k).get("name").asText());
      assertThat(Double.parseDouble(cells[3]))
          .isEqualTo(estimates.get(k).get("estimate").asDouble());
      assertThat(Double.parseDouble(cells[9])).isEqualTo(estimates.get(k).get("exp").asDouble());
    }
    assertThat(Files.readString(folder.resolve("fit/estimates.tex")))
        .contains("\\begin{tabular}{lrrrrrr}")
        .contains("C(g)[T.b] & $")
        .contains("\\bottomrule");
    assertThat(Files.readString(folder.resolve("fit/estimates.md")))
        .contains("| --- | ---: |")
        .contains("C(g)\\[T.b\\]");
  }

  @Test
  void everyCommandLeavesOne() throws IOException {
    from("infer", "infer");
    assertThat(page("infer")).contains("Standard errors").contains("id=\"intervals\"");
    from("influence", "influence");
    assertThat(page("influence"))
        .contains("canary-")
        .contains("id=\"rows-leverage\"")
        .contains("id=\"rows-cooks_distance\"")
        .contains("id=\"rows-residual_pearson-leverage\"")
        .contains("Size of the Pearson residual against leverage");
    from("spectrum", "spectrum");
    assertThat(page("spectrum")).contains("The point is a minimum").contains("id=\"eigenvalues\"");
    from("predict", "predict", "predict.residuals=[pearson]");
    assertThat(page("predict"))
        .contains("600 rows have predictions")
        .contains("id=\"rows-mean\"")
        .contains("id=\"rows-residual_pearson\"");
    from("effects", "effects", "effects.slopes=[x, z]");
    assertThat(page("effects")).contains("id=\"slopes\"").contains("slopes");
    from(
        "derive",
        "derive",
        "derive.per-sample.gradient=true",
        "derive.per-sample.value=true",
        "derive.wrt=[Intercept, beta]");
    assertThat(page("derive"))
        .contains("id=\"rows-value\"")
        .contains("id=\"rows-gradient\"")
        .contains("id=\"hessian\"")
        .contains("id=\"eigenvalues\"");
  }

  @Test
  void rowsAreNotNamedWhereTheyMayNotBe() throws IOException {
    from("influence", "private", "report.rows=none");
    assertThat(page("private")).doesNotContain("canary-").contains("id=\"rows-leverage\"");
    Console run =
        Console.run(
            folder,
            "estimate",
            "groups",
            MODEL.replace(" + C(g)", ""),
            "fit.by=[g]",
            "report.rows=none");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(page("groups")).contains("3 of 3 groups have estimates").doesNotContain(">a<");
  }

  /** Its rows are counted, as those of other commands are. */
  @Test
  void effectsTellOfTheirRows() throws IOException {
    from("effects", "counted", "effects.slopes=[x]");
    assertThat(page("counted")).contains("600 read, 600 used");
  }

  /** And not by the expression that joins its levels. */
  @Test
  void anInteractionIsNamedByItsColumns() throws IOException {
    Console fit =
        Console.run(
            folder,
            "estimate",
            "crossed",
            "formula = \"y ~ g * C(x > 0)\", family = binomial",
            "output.mode=overwrite");
    assertThat(fit.exitCode()).as(fit.err()).isZero();
    assertThat(page("crossed").replaceAll("<[^>]*>", "|").replaceAll("[|\\n]+", "|"))
        .contains(
            "Levels of g:x &gt; 0|level|rows|part in the model|others|406|reference|b, true|95|")
        .doesNotContain("Levels of IF");
  }

  /** Those with a variance show residuals, the others what each row adds to the value. */
  @Test
  void modelsWithoutAVarianceShowTheirLosses() throws IOException {
    Console fit =
        Console.run(
            folder,
            "estimate",
            "multinomial",
            "formula = \"g ~ x + C(y)\", family = multinomial",
            "output.mode=overwrite");
    assertThat(fit.exitCode()).as(fit.err()).isZero();
    for (String result : List.of("multinomial", "again")) {
      if (result.equals("again")) {
        Console infer =
            Console.from(folder.resolve("multinomial"), "infer", folder.resolve("again"));
        assertThat(infer.exitCode()).as(infer.err()).isZero();
      }
      String page = page(result).replaceAll("<[^>]*>", "|").replaceAll("[|\\n]+", "|");
      assertThat(page)
          .contains("Negative log-likelihood of a row: median 1.")
          .contains("Levels of g|level|rows|part in the model|a|200|reference|b|200|c|200|")
          .doesNotContain("Pearson");
    }
    assertThat(page("fit")).contains("Pearson residual").doesNotContain("log-likelihood of a row");
  }

  @Test
  void foldersMayHaveBracketsInTheirNames() throws IOException {
    from("predict", "[a]{b}");
    assertThat(page("[a]{b}")).contains("600 rows have predictions");
  }

  /** Estimates under a penalty have no errors of their own. */
  @Test
  void thereIsNoNextStepThatWouldBeRefused() throws IOException {
    assertThat(Console.run(folder, "fit", "plain", MODEL).out()).contains("  next ");
    assertThat(Console.run(folder, "fit", "ridge", MODEL, "fit.l2=0.1").out())
        .contains("CONVERGED")
        .doesNotContain("  next ");
  }

  @Test
  void influencesByGroupsCountTheRowsLeftOut(@TempDir Path other) throws IOException {
    rows(other, 300);
    Path rows = other.resolve("rows.csv");
    Files.writeString(rows, Files.readString(rows) + "canary-x,1,,0,a\n");
    String model = MODEL.replace(" + C(g)", "");
    String[] settings = {"fit.by=[g]", "input.invalid-rows=drop"};
    Console run = Console.run(other, "influence", "influence", model, settings);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("1 of 301 rows are invalid and left out");
    JsonNode summary =
        new ObjectMapper().readTree(other.resolve("influence/summary.json").toFile());
    assertThat(summary.get("rows_rejected").asInt()).isEqualTo(1);
    assertThat(summary.get("rows_used").asInt()).isEqualTo(300);
  }

  /** A fit and the errors of its estimates read the same rows. */
  @Test
  void theRowsLeftOutAreToldOnce(@TempDir Path other) throws IOException {
    rows(other, 300);
    Path rows = other.resolve("rows.csv");
    Files.writeString(rows, Files.readString(rows) + "canary-x,1,,0,a\n");
    Console run = Console.run(other, "estimate", "told", MODEL, "input.invalid-rows=drop");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).containsOnlyOnce("1 of 301 rows are invalid and left out");
    JsonNode summary = new ObjectMapper().readTree(other.resolve("told/summary.json").toFile());
    assertThat(summary.get("warnings").toString()).containsOnlyOnce("1 of 301 rows are invalid");
  }

  @Test
  void whatDidNotConvergeSaysSo() throws IOException {
    Console run = Console.run(folder, "estimate", "stopped", MODEL, "fit.max-iterations=1");
    assertThat(run.exitCode()).isEqualTo(4);
    String page = Files.readString(folder.resolve("stopped/report.html"));
    assertThat(page).contains("Not converged").contains("Last point, not estimates");
    assertThat(page).doesNotContain("a minimum");
  }

  /** What a page takes does not grow with the rows. */
  @Test
  void thePageDoesNotGrowWithTheRows(@TempDir Path more) throws IOException {
    rows(more, 60_000);
    Console few = Console.run(folder, "derive", "few", loss(), perRow());
    Console many = Console.run(more, "derive", "many", loss(), perRow());
    assertThat(few.exitCode()).as(few.err()).isZero();
    assertThat(many.exitCode()).as(many.err()).isZero();
    long small = Files.size(folder.resolve("few/report.html"));
    long large = Files.size(more.resolve("many/report.html"));
    assertThat(large / (double) small).isBetween(0.9, 1.1);
    assertThat(
            Pattern.compile("60,000 rows")
                .matcher(Files.readString(more.resolve("many/report.html")))
                .find())
        .isTrue();
  }

  private static String loss() {
    return "parameters { b { value = 0.1 }, c { value = 0.2 } }, loss = \"square(y - b - c * x)\"";
  }

  private static String[] perRow() {
    return new String[] {
      "input.tensors={ x = x, y = y }",
      "input.id=who",
      "derive.wrt=[b, c]",
      "derive.per-sample={ value = true, gradient = true }"
    };
  }
}
