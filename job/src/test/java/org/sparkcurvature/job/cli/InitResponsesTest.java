package org.sparkcurvature.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code init} takes for the response of a table, and its family. */
class InitResponsesTest extends InitCase {
  @Test
  void anotherResponseIsTaken() throws IOException {
    String written =
        running(HOME + "/conf/data/randhie.csv", "--response", "HLTHP", "--family", "binomial");

    assertThat(written).startsWith("# Response: hlthp, as --response says.");
    assertThat(formula(written)).startsWith("hlthp ~ mdvis + lncoins").doesNotContain("+ hlthp");
    assertThat(written).contains("# as --family says");
  }

  /** As R's lung has it: 1 censored, 2 dead. */
  @Test
  void anEventOfOneAndTwo() throws IOException {
    Random random = new Random(29);
    String written =
        running(
            parquet(
                new Columns()
                    .with("time", DataTypes.LongType, k -> 1L + random.nextInt(500))
                    .with("status", DataTypes.IntegerType, k -> 1 + random.nextInt(2))
                    .number("x")
                    .rows(ROWS)));

    assertThat(formula(written)).isEqualTo("surv(time, status - 1) ~ x");
    assertThat(written).contains("1 or 2; 2: the end was observed, 1: it was not yet");
  }

  @Test
  void aResponseOfTwoTexts() throws IOException {
    String written =
        running(
            parquet(
                new Columns()
                    .number("a")
                    .text("region", "n", "s")
                    .text("answer", "no", "yes")
                    .rows(ROWS)));

    assertThat(written).startsWith("# Response: answer, a guess: the last column, and a category");
    assertThat(formula(written)).isEqualTo("answer ~ a + region");
    assertThat(model(written).getString("family")).isEqualTo("binomial");
    String other = written.replace("# response { levels", "response { levels");
    assertThat(other).isNotEqualTo(written);
    Console run =
        Console.run(
            "check", "--config", Files.writeString(temporary.resolve("o.conf"), other).toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  /** The class of a house or a ticket predicts; its price, or whether one survived, does not. */
  @ParameterizedTest
  @CsvSource({"MS_SubClass, Sale_Price", "passenger_class, has_survived", "pos_y, unit sales"})
  void aWordOfANameCanTellLess(String predictor, String response) throws IOException {
    String written =
        running(
            parquet(
                new Columns()
                    .with(predictor, DataTypes.IntegerType, k -> 20 * (1 + k % 3))
                    .number(response)
                    .rows(ROWS)));

    assertThat(written.lines().findFirst().orElseThrow())
        .contains("Response: ", response, "for its name");
  }

  @Test
  void aResponseOfSeveralTexts() throws IOException {
    String written =
        running(
            parquet(
                new Columns()
                    .number("length")
                    .number("width")
                    .text("species", "a", "b", "c")
                    .rows(ROWS)));

    assertThat(formula(written)).isEqualTo("species ~ length + width");
    assertThat(model(written).getString("family")).isEqualTo("multinomial");
    assertThat(line(written, "species")).contains("text, 3 levels: a, b, c");
    assertThat(names()).hasSize(6);
  }

  @Test
  void aResponseOfTruthValuesWithColumnsThatTellIt() throws IOException {
    Random random = new Random(11);
    boolean[] truth = new boolean[ROWS];
    for (int k = 0; k < ROWS; k++) {
      truth[k] = random.nextInt(3) == 0;
    }
    String written =
        running(
            parquet(
                new Columns()
                    .with("label", DataTypes.BooleanType, k -> truth[k])
                    .number("x")
                    .with("code", DataTypes.IntegerType, k -> truth[k] ? 7 : 3)
                    .with(
                        "word",
                        DataTypes.StringType,
                        k -> truth[k] ? "up" : k % 2 == 0 ? "down" : "out")
                    .with("leak", DataTypes.DoubleType, k -> truth[k] ? 0.5 + k : 0.25 - k)
                    .with("steady", DataTypes.LongType, k -> 5L)
                    .with("nothing", DataTypes.StringType, k -> null)
                    .with(
                        "day",
                        DataTypes.DateType,
                        k -> java.sql.Date.valueOf("2024-02-%02d".formatted(1 + k % 28)))
                    .with(
                        "pair",
                        DataTypes.createArrayType(DataTypes.DoubleType),
                        k -> List.of(1.0, 2.0))
                    .rows(ROWS)));

    assertThat(written).startsWith("# Response: label, for its name.");
    assertThat(formula(written)).isEqualTo("label ~ x");
    assertThat(line(written, "code")).contains("label over again: their correlation is 1");
    assertThat(line(written, "word")).contains("it tells an outcome from the others by itself");
    assertThat(line(written, "leak")).contains("it tells an outcome from the others by itself");
    assertThat(line(written, "steady")).endsWith("always 5: constant");
    assertThat(line(written, "nothing")).endsWith("without a value");
    assertThat(line(written, "day"))
        .contains("dates from 2024-02-01 to 2024-02-28: a date; as a number: unix_date(day)");
    assertThat(line(written, "pair")).contains("as a term, + pair, each element has a coefficient");
  }

  @Test
  void columnsThatTellTheOutcomeTogether() throws IOException {
    Random random = new Random(23);
    double[] sums = new double[ROWS];
    String written =
        running(
            parquet(
                new Columns()
                    .with("a", DataTypes.DoubleType, k -> sums[k] = random.nextGaussian())
                    .number("b")
                    .with(
                        "c",
                        DataTypes.DoubleType,
                        k -> {
                          double c = random.nextGaussian();
                          sums[k] += c;
                          return c;
                        })
                    .with("kind", DataTypes.StringType, k -> sums[k] > 0.5 ? "up" : "down")
                    .rows(ROWS)));

    assertThat(formula(written)).isEqualTo("kind ~ a + b");
    assertThat(line(written, "c"))
        .endsWith("with those before it, it tells an outcome exactly: effects would be infinite");
  }

  @Test
  void positiveNumbersThatAreSkewed() throws IOException {
    Random random = new Random(13);
    String written =
        running(
            parquet(
                new Columns()
                    .with(
                        "cost",
                        DataTypes.DoubleType,
                        k -> 0.1 - 100 * Math.log(1 - random.nextDouble()))
                    .number("x")
                    .rows(ROWS)));

    assertThat(model(written).getString("family.name")).isEqualTo("gamma");
    assertThat(model(written).getString("family.link")).isEqualTo("log");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 2, binomial",
    "0, 1, binomial",
    "0, 9, negative-binomial",
    "3, 8, gaussian",
    "0, 2, multinomial",
    "1, 3, multinomial",
    "1, 5, multinomial"
  })
  void wholeNumbers(int least, int greatest, String family) throws IOException {
    Random random = new Random(17);
    String written =
        running(
            parquet(
                new Columns()
                    .number("x")
                    .with(
                        "y",
                        DataTypes.IntegerType,
                        k -> least + random.nextInt(greatest - least + 1))
                    .rows(ROWS)));

    assertThat(model(written).getString("family")).isEqualTo(family);
    assertThat(formula(written))
        .isEqualTo(greatest == 2 && least == 1 ? "double(y = 2) ~ x" : "y ~ x");
  }

  /** Variance over mean is no number there. */
  @Test
  void aResponseWhoseMeanIsZero() throws IOException {
    Random random = new Random(18);
    String written =
        running(
            parquet(
                new Columns()
                    .with("x", DataTypes.DoubleType, k -> random.nextGaussian())
                    .with("y", DataTypes.IntegerType, k -> k % 3 - 1)
                    .rows(300)));

    assertThat(model(written).getString("family")).isEqualTo("gaussian");
  }

  /** Small counts go as far as so many rows of them do. */
  @Test
  void smallCountsAreNoCodes() throws IOException {
    Random random = new Random(19);
    String written =
        running(
            parquet(
                new Columns()
                    .number("x")
                    .with(
                        "y",
                        DataTypes.IntegerType,
                        k -> {
                          int events = 0;
                          for (double t = random.nextDouble(); t > Math.exp(-0.7); ) {
                            t *= random.nextDouble();
                            events++;
                          }
                          return events;
                        })
                    .rows(ROWS)));

    assertThat(model(written).getString("family")).isEqualTo("poisson");
  }
}
