package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;

/** Groups that have no estimate, or only just one. */
class GroupVerdictsTest extends GroupedRows {
  /** A group without a valid row, with too few, with a constant column, with an absent level. */
  @Test
  void eachGroupHasItsVerdict() throws Exception {
    StringBuilder text = new StringBuilder("g,x,h,y\n");
    Random random = new Random(8);
    for (int i = 0; i < 30; i++) {
      text.append("good,%s,%s,%d%n".formatted(random.nextGaussian(), "ab".charAt(i % 2), i % 4));
      text.append("const,5,%s,%d%n".formatted("ab".charAt(i % 2), i % 4));
      text.append("absent,%s,a,%d%n".formatted(random.nextGaussian(), i % 4));
      text.append("zero,%s,%s,0%n".formatted(random.nextGaussian(), "ab".charAt(i % 2)));
    }
    text.append("bad,,a,1\nfew,1,a,2\nfew,2,b,1\n");
    Path rows = Files.writeString(temporary.resolve("verdicts.csv"), text);
    String model = "formula = \"y ~ x + C(h)\", family = poisson";
    String[] settings = {"input.path=\"" + rows + "\"", "input.invalid-rows=drop", "fit.by=[g]"};
    Console console = run("fit", "verdicts", model, settings);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(groups("verdicts").stream().map(row -> row.get(0) + " " + row.getAs("status")))
        .containsExactly(
            "absent collinear",
            "bad invalid",
            "const collinear",
            "few too-few-rows",
            "good converged",
            "zero separable");
    List<Row> groups = groups("verdicts");
    assertThat(groups.get(0).<String>getAs("message")).contains("C(h)[T.b]");
    assertThat(groups.get(2).<String>getAs("message")).endsWith("x - 5 Intercept");
    assertThat(groups.get(1).<Long>getAs("rows")).isZero();
    assertThat(groups.get(1).getList(groups.get(1).fieldIndex("estimate"))).containsOnlyNulls();
    Console dropped = run("fit", "dropped", model, with(settings, "model.collinear=drop"));
    assertThat(dropped.exitCode()).as(dropped.err()).isZero();
    List<Row> left = groups("dropped");
    assertThat(left.get(0).<String>getAs("status")).isEqualTo("converged");
    List<Double> estimate = left.get(0).getList(left.get(0).fieldIndex("estimate"));
    assertThat(estimate.get(1)).isNull();
    String alone = "formula = \"y ~ x\", family = poisson";
    Console single = run("estimate", "single", alone, settings[0], "input.where=\"g = 'absent'\"");
    assertThat(single.exitCode()).as(single.err()).isZero();
    for (int i = 0; i < 2; i++) {
      JsonNode its = json("single", "estimates.json").get("estimates").get(i);
      assertThat(estimate.get(2 * i))
          .isCloseTo(
              its.get("estimate").asDouble(), within(1e-9 * its.get("std_error").asDouble()));
    }
  }

  /** Rows whose response the family does not have, valid and not. */
  @Test
  void responsesOutsideTheFamily() throws Exception {
    StringBuilder text = new StringBuilder("g,x,y\n");
    Random random = new Random(4);
    for (int i = 0; i < 40; i++) {
      text.append("%s,%s,%d%n".formatted(i % 2, random.nextGaussian(), random.nextInt(2)));
    }
    Path valid = Files.writeString(temporary.resolve("valid.csv"), text + "0,,7\n");
    Path outside = Files.writeString(temporary.resolve("outside.csv"), text + "0,0.5,7\n");
    String logistic = "formula = \"y ~ x\", family = binomial";
    Console console =
        run(
            "estimate",
            "invalid-row",
            logistic,
            "input.path=\"" + valid + "\"",
            "input.invalid-rows=drop",
            "fit.by=[g]");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(json("invalid-row", "summary.json").path("rows_rejected").asInt()).isEqualTo(1);
    console = run("estimate", "outside", logistic, "input.path=\"" + outside + "\"", "fit.by=[g]");
    assertThat(console.exitCode()).isEqualTo(3);
    assertThat(console.err()).contains("binomial", "7");
    // Where the filter leaves it out, there is none.
    console =
        run(
            "estimate",
            "left-out",
            logistic,
            "input.path=\"" + outside + "\"",
            "input.where=\"y < 5\"",
            "fit.by=[g]");
    assertThat(console.exitCode()).as(console.err()).isZero();
  }

  /** What each group is fitted to is told in the words of a fit to all rows. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "y ~ x | binomial | 7",
        "string(y) ~ x | binomial | 7",
        "cbind(y, 3 - y) ~ x | binomial | 7",
        "y - 1 ~ x | poisson | -1",
        "y / 7 ~ x | beta | 1",
        "y ~ x | gamma | 0",
        "surv(x * x + 1, y) ~ z | weibull | 7",
        "surv(y, y / 7) ~ x | weibull | 0",
        "y / 0 ~ x | poisson | y / 0",
      })
  void oddResponsesAreToldAsOfOneFit(String formula, String family, String shown) throws Exception {
    StringBuilder text = new StringBuilder("g,x,z,y\n");
    for (int i = 0; i < 30; i++) {
      text.append("%d,%s,%s,%d%n".formatted(i % 2, i % 7 + 0.5, i % 5, i == 20 ? 7 : i % 3 / 2));
    }
    Path rows = Files.writeString(temporary.resolve("odd.csv"), text);
    String model = "formula = \"" + formula + "\", family = " + family;
    String input = "input.path=\"" + rows + "\"";
    Console all = run("estimate", "odd", model, input, "input.invalid-rows=drop");
    assertThat(all.exitCode()).as(all.err()).isNotZero();
    assertThat(all.err()).contains(shown);
    String adaptive = "spark.sql.adaptive.enabled";
    try {
      for (String isAdaptive : List.of("true", "false")) {
        LocalSpark.session().conf().set(adaptive, isAdaptive);
        Console groups =
            run("estimate", "odd", model, input, "input.invalid-rows=drop", "fit.by=[g]");
        assertThat(groups.exitCode()).isEqualTo(all.exitCode());
        assertThat(error(groups)).isEqualTo(error(all));
        assertThat(temporary.resolve("odd").resolve("_SUCCESS")).doesNotExist();
      }
    } finally {
      LocalSpark.session().conf().unset(adaptive);
    }
  }

  /** What is told behind the lines of progress. */
  private static String error(Console console) {
    return console.err().substring(console.err().indexOf("error: "));
  }

  /** A penalty on slopes holds no intercept back; exact fits end, and have no errors to tell. */
  @Test
  void extremesEnd() throws Exception {
    StringBuilder text = new StringBuilder("g,x,y,d\n");
    Random random = new Random(9);
    for (int i = 0; i < 12; i++) {
      double x = random.nextGaussian();
      text.append("ones,%s,1,%s%n".formatted(x, 2 * x + 1));
      text.append("both,%s,%d,%s%n".formatted(x, i % 2, 1e9 * (2 * x + 1)));
    }
    text.append("two,1,0,3\ntwo,2,1,5\n");
    Path rows = Files.writeString(temporary.resolve("extremes.csv"), text);
    String input = "input.path=\"" + rows + "\"";
    String logistic = "formula = \"y ~ x\", family = binomial";
    assertThat(run("fit", "ridge", logistic, input, "fit.by=[g]", "fit.l2=0.5").exitCode())
        .isZero();
    assertThat(groups("ridge").stream().map(row -> row.get(0) + " " + row.getAs("status")))
        .containsExactly("both converged", "ones separable", "two converged");
    assertThat(groups("ridge").get(1).<String>getAs("message")).endsWith("along Intercept");
    Console scaled =
        run(
            "fit",
            "scaled",
            "parameters { a = 0, s { value = 1, transform = log } },"
                + " loss = \"square(y - a) / s + log(s)\"",
            input,
            "input.tensors.y=d",
            "fit.by=[g]",
            "fit.l2=0.5");
    assertThat(scaled.exitCode()).as(scaled.err()).isEqualTo(2);
    assertThat(scaled.err()).contains("l2 is above 0 for s");
    String line = "formula = \"d ~ x\", family = gaussian";
    assertThat(run("fit", "exact", line, input, "fit.by=[g]").exitCode()).isZero();
    for (Row row : groups("exact")) {
      assertThat(row.<String>getAs("status")).as(row.toString()).isEqualTo("converged");
      double unit = row.get(0).equals("both") ? 1e9 : 1;
      List<Double> estimates = row.getList(row.fieldIndex("estimate"));
      assertThat(estimates.get(0)).isCloseTo(unit, within(1e-12 * unit));
      assertThat(estimates.get(1)).isCloseTo(2 * unit, within(1e-12 * unit));
    }
    Row two = groups("exact").get(2);
    assertThat(two.<Double>getList(two.fieldIndex("std_error"))).containsOnlyNulls();
    assertThat(two.<String>getAs("message")).contains("no degrees of freedom");
  }

  /** Counts that vary no more than Poisson's, and residuals with lighter tails than normal ones. */
  @Test
  void parametersAtTheEndOfTheirRangeHaveNoEstimate() throws Exception {
    StringBuilder text = new StringBuilder("g,x,n,t\n");
    Random random = new Random(12);
    for (int i = 0; i < 400; i++) {
      double x = random.nextGaussian();
      int n = 0;
      for (int trial = 0; trial < 8; trial++) {
        n += random.nextDouble() < Math.exp(1 + 0.3 * x) / 8 ? 1 : 0;
      }
      text.append("%d,%s,%d,%s%n".formatted(i % 5, x, n, x + 2 * random.nextDouble() - 1));
    }
    Path rows = Files.writeString(temporary.resolve("ends.csv"), text);
    String[] settings = {"input.path=\"" + rows + "\"", "fit.by=[g]"};
    String[][] pairs = {
      {
        "n ~ x", "negative-binomial", "poisson", "no estimate of alpha, which goes to the lower end"
      },
      {"t ~ x", "student-t", "gaussian", "no estimate of df, which goes to the upper end"}
    };
    for (String[] pair : pairs) {
      for (String covariance : List.of("nonrobust", "HC0")) {
        String model = "formula = \"%s\", family = %s";
        String[] all = with(settings, "infer.covariance=" + covariance, "output.mode=overwrite");
        Console with = run("estimate", "with", model.formatted(pair[0], pair[1]), all);
        assertThat(with.exitCode()).as(with.err()).isZero();
        Console without = run("estimate", "without", model.formatted(pair[0], pair[2]), all);
        assertThat(without.exitCode()).as(without.err()).isZero();
        List<Row> found = groups("with");
        List<Row> expected = groups("without");
        for (int g = 0; g < 5; g++) {
          Row row = found.get(g);
          assertThat(row.<String>getAs("status")).isEqualTo("converged");
          assertThat(row.<String>getAs("message")).startsWith(pair[3]);
          List<Double> estimate = row.getList(row.fieldIndex("estimate"));
          List<Double> error = row.getList(row.fieldIndex("std_error"));
          assertThat(estimate.get(estimate.size() - 1)).isNull();
          assertThat(error.get(error.size() - 1)).isNull();
          Row other = expected.get(g);
          List<Double> plain = other.getList(other.fieldIndex("estimate"));
          List<Double> plainError = other.getList(other.fieldIndex("std_error"));
          for (int i = 0; i < 2; i++) {
            assertThat(estimate.get(i)).isCloseTo(plain.get(i), within(1e-6 * plainError.get(i)));
            // Least squares divides by n - k, the likelihood by n.
            double factor =
                pair[2].equals("gaussian") && covariance.equals("nonrobust")
                    ? Math.sqrt(78.0 / 80)
                    : 1;
            assertThat(error.get(i))
                .isCloseTo(factor * plainError.get(i), within(1e-6 * plainError.get(i)));
          }
        }
      }
    }
  }
}
