package org.sparkcurvature.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.job.LocalSpark;

/** {@code init}: what it writes runs as it is, and names what it leaves out. */
class InitCommandTest extends InitCase {
  @Test
  void countsOfDoctorVisits() throws IOException {
    String written = running(HOME + "/conf/data/randhie.csv");

    assertThat(written)
        .startsWith("# Response: mdvis, a guess: the first column that can be one; no name tells.");
    assertThat(formula(written))
        .isEqualTo("mdvis ~ lncoins + idp + lpi + fmde + physlm + disea + hlthg + hlthf + hlthp");
    assertThat(model(written).getString("family")).isEqualTo("negative-binomial");
    // As pandas has them: 2.8604, 20.2888.
    assertThat(line(written, "mdvis"))
        .endsWith("whole numbers from 0 to 77, 59 distinct; mean 2.86, variance 20.29");
    assertThat(line(written, "id")).endsWith("all distinct: an identifier by its name, and unique");
    assertThat(ConfigFactory.parseString(written).getString("curvature.input.options.header"))
        .isEqualTo("true");
    assertThat(written).doesNotContain("invalid-rows");
  }

  /** The manual shows what is written, but for where the table and the result are. */
  @Test
  void theManualShowsWhatIsWritten() throws IOException {
    String written =
        init(HOME + "/conf/data/randhie.csv")
            .out()
            .replace(HOME + "/", "")
            .replace(temporary.resolve("out").toString(), "out/randhie");
    assertThat(Files.readString(Path.of(HOME, "conf/README.md")))
        .contains("```hocon\n" + written + "```\n");
  }

  @Test
  void survivalWithDatesAndIdentifiers() throws IOException {
    String[] lines = new String[ROWS + 1];
    lines[0] = "patientId,entered,left_on,followup time,died,arm,age,nr,status_code";
    Random random = new Random(3);
    for (int k = 0; k < ROWS; k++) {
      int died = random.nextInt(2);
      lines[k + 1] =
          "P%05d,2020-%02d-%02d,%d.%d.2021,%.3f,%d,%s,%d,%d,%d"
              .formatted(
                  7 * k,
                  1 + k % 12,
                  1 + k % 28,
                  1 + k % 28,
                  1 + k % 12,
                  0.01 + random.nextDouble() * 40,
                  died,
                  random.nextBoolean() ? "drug" : "placebo",
                  20 + random.nextInt(60),
                  1000 + k,
                  died + 1);
    }
    String written = running(csv(lines));

    assertThat(written).startsWith("# Response: `followup time`, for its name and that of died.");
    assertThat(formula(written)).isEqualTo("surv(`followup time`, died) ~ arm + age");
    assertThat(model(written).getString("family")).isEqualTo("weibull");
    assertThat(line(written, "patientId")).contains("an identifier by its name, and unique");
    assertThat(line(written, "entered")).endsWith("a date");
    assertThat(line(written, "left_on")).endsWith("a date");
    assertThat(line(written, "nr")).contains("a whole number of its own in each row");
    assertThat(line(written, "status_code")).contains("died over again");
    assertThat(written).contains("# id = \"patientId\"");
    assertThat(names()).containsExactly("Intercept", "arm[T.placebo]", "age", "scale");
  }

  /** What cars have no air bag of is a level, and what has no value is told as it is written. */
  @Test
  void noneIsALevel() throws IOException {
    Random random = new Random(4);
    String table =
        csv(
            "price,airbags,width",
            ROWS,
            row ->
                String.format(
                    Locale.ROOT,
                    "%.3f,%s,%s",
                    random.nextGaussian(),
                    List.of("None", "Driver", "Both").get(row % 3),
                    row % 40 == 0
                        ? "NA"
                        : String.format(Locale.ROOT, "%.2f", random.nextGaussian())));
    String written = running(table);
    assertThat(line(written, "airbags")).endsWith("text, 3 levels: Both, Driver, None");
    assertThat(line(written, "width")).endsWith("; missing: 2.5%, written 'NA'");
    assertThat(names())
        .containsExactly("Intercept", "airbags[T.Driver]", "airbags[T.None]", "width");
  }

  /** A weight can be one of bodies. */
  @Test
  void weightsOfRowsAreNoPredictors() throws IOException {
    Random random = new Random(8);
    String table =
        csv(
            "y,weight,sampling_weight,x",
            ROWS,
            row ->
                String.format(
                    Locale.ROOT,
                    "%.3f,%.1f,%.4f,%.3f",
                    random.nextGaussian(),
                    50 + 40 * random.nextDouble(),
                    1 + random.nextDouble(),
                    random.nextGaussian()));
    String written = running(table);
    assertThat(formula(written)).isEqualTo("y ~ weight + x");
    assertThat(line(written, "weight"))
        .endsWith("; input.weight = \"weight\" if it is how much a row counts");
    assertThat(line(written, "sampling_weight"))
        .endsWith("how much a row counts, by its name: input.weight = \"sampling_weight\" says so");
  }

  @Test
  void aWideTableWithZipCodesAndMissingValues() throws IOException {
    int further = 300;
    String[] lines = new String[ROWS + 1];
    lines[0] =
        "zip;home;one;region;seldom;odd;target;"
            + IntStream.range(0, further).mapToObj(k -> "x" + k).collect(Collectors.joining(";"));
    Random random = new Random(5);
    for (int k = 0; k < ROWS; k++) {
      lines[k + 1] =
          Stream.concat(
                  Stream.of(
                      "%05d".formatted(random.nextInt(99999)),
                      "%04d".formatted(random.nextInt(3000)),
                      "same",
                      k % 19 == 0 ? "NA" : List.of("north", "south", "east").get(k % 3),
                      k % 5 == 0 ? "4" : "",
                      k % 50 == 0 ? "?" : Integer.toString(random.nextInt(9)),
                      k % 10 == 0 ? "" : "%.4f".formatted(random.nextGaussian())),
                  random
                      .doubles(further)
                      .mapToObj(x -> x < 0.001 ? "" : String.format(Locale.ROOT, "%.4f", x)))
              .collect(Collectors.joining(";"));
    }
    String written = running(csv(lines));

    Config input = ConfigFactory.parseString(written).getConfig("curvature.input");
    assertThat(input.getString("options.sep")).isEqualTo(";");
    assertThat(input.getString("options.nullValue")).isEqualTo("NA");
    assertThat(input.getString("invalid-rows")).isEqualTo("drop");
    assertThat(line(written, "zip")).contains("a code, such as zip codes");
    assertThat(line(written, "home")).contains("numbers with leading zeros");
    assertThat(line(written, "one")).endsWith("constant");
    assertThat(line(written, "seldom")).contains("missing: 80%");
    assertThat(line(written, "odd")).contains("numbers and '?': try_cast(odd AS DOUBLE)");
    assertThat(formula(written))
        .startsWith("target ~ region + x0 + x1")
        .doesNotContain("zip", "home", "seldom", "odd");
    // One coefficient to ten rows, of which some hundred lack a value.
    long predictors = formula(written).chars().filter(c -> c == '+').count() + 1;
    assertThat(predictors).isBetween(35L, 55L);
    assertThat(written)
        .contains("rows, which lack a value of the model")
        .contains("more: behind the first 100 predictors");
    assertThat(names()).contains("region[T.north]", "region[T.south]");
    assertThat(names()).doesNotContain("region[T.NA]");
  }

  /** Columns that could have been in the model are missing elsewhere than it is. */
  @Test
  void rowsThatLackAValueAreThoseOfTheModel() throws IOException {
    Random random = new Random(9);
    String table =
        csv(
            "a,b,c,d,e,f,y",
            60,
            row -> {
              List<String> cells = new ArrayList<>();
              for (int column = 0; column < 6; column++) {
                boolean lacks = column == 5 && row % 6 == 0;
                cells.add(lacks ? "" : String.format(Locale.ROOT, "%.3f", random.nextGaussian()));
              }
              cells.add(row % 3 == 0 ? "yes" : "no");
              return String.join(",", cells);
            });
    String written = running(table);

    assertThat(formula(written)).isEqualTo("y ~ a");
    assertThat(written)
        .contains(
            "#   b, c, d, e, f: behind the first 1 coefficient, which is what 10 rows of the rarest outcome bear")
        .doesNotContain("invalid-rows");
  }

  @Test
  void theOrderOfGradesIsLeftToTheUser() throws IOException {
    Random random = new Random(4);
    String table =
        csv(
            "grade,x",
            ROWS,
            row ->
                String.format(
                    Locale.ROOT,
                    "%s,%.3f",
                    List.of("low", "middle", "high").get(random.nextInt(3)),
                    random.nextGaussian()));
    String written = running(table, "--response", "grade", "--family", "ordered");

    assertThat(written)
        .contains(
            "    response { levels = [\"high\", \"low\", \"middle\"] } # here by letter: put them in order, the lowest first");
  }

  /** Names as nobody should give them: what is written names each column, and the model runs. */
  @Test
  void hostileNames() throws IOException {
    List<String> names =
        List.of(
            "a b",
            "it's",
            "say \"x\"",
            "new\nline",
            "back`tick",
            "case",
            "x + 1",
            "${x}",
            "\"\"\"",
            "a.b",
            "null",
            "\u202eabc",
            "# no",
            "--",
            "tab\tx",
            "bell\u0007",
            "back\\slash",
            "C(x)",
            "~",
            "zero\u200bwidth",
            "\ufeffmark",
            "1",
            "`quoted`",
            "ü",
            "}",
            "y:z",
            "/* c");
    Columns columns = new Columns().number("target");
    names.forEach(columns::number);
    columns.text("texts", "ä\"", "b'", "c\\n", "d\ne");
    String written = running(parquet(columns.rows(ROWS)));

    assertThat(names()).hasSize(1 + names.size() + 3);
    assertThat(written)
        .contains("zero\\u200bwidth", "\\ufeffmark")
        .doesNotContain("\u200b", "\ufeff");
    Dataset<Row> table =
        LocalSpark.session().read().parquet(temporary.resolve("table.parquet").toString());
    double[] expected = leastSquares(table, names, "texts", List.of("b'", "c\\n", "d\ne", "ä\""));
    JsonNode found = estimates();
    assertThat(found).hasSize(expected.length);
    List<Double> values = new ArrayList<>();
    found.forEach(each -> values.add(each.path("estimate").asDouble()));
    List<Double> sorted = values.stream().sorted().toList();
    double[] wanted = Arrays.stream(expected).sorted().toArray();
    for (int k = 0; k < wanted.length; k++) {
      assertThat(sorted.get(k)).isCloseTo(wanted[k], within(1e-9));
    }
  }

  /** Coefficients by commons-math, of columns as they are named in the table. */
  private static double[] leastSquares(
      Dataset<Row> table, List<String> names, String category, List<String> levels) {
    List<Row> rows = table.collectAsList();
    double[] y = new double[rows.size()];
    double[][] x = new double[rows.size()][names.size() + levels.size() - 1];
    for (int k = 0; k < y.length; k++) {
      y[k] = rows.get(k).<Double>getAs("target");
      for (int j = 0; j < names.size(); j++) {
        x[k][j] = rows.get(k).<Double>getAs(names.get(j));
      }
      int level = levels.indexOf(rows.get(k).<String>getAs(category));
      if (level > 0) {
        x[k][names.size() + level - 1] = 1;
      }
    }
    var regression = new org.apache.commons.math3.stat.regression.OLSMultipleLinearRegression();
    regression.newSampleData(y, x);
    return regression.estimateRegressionParameters();
  }

  // ---- the same bytes

  @Test
  void theSameBytesWhateverThePartitions() {
    Columns columns = new Columns().number("a").number("b").text("c", "x", "y", "z");
    Random random = new Random(19);
    columns
        .with("id", DataTypes.LongType, k -> (long) k)
        .with(
            "gap", DataTypes.DoubleType, k -> random.nextInt(4) == 0 ? null : random.nextGaussian())
        .with(
            "hole",
            DataTypes.StringType,
            k -> random.nextInt(4) == 0 ? null : "v" + random.nextInt(4))
        .with("amount", DataTypes.DoubleType, k -> Math.exp(random.nextGaussian()))
        .with("y", DataTypes.IntegerType, k -> random.nextInt(6));
    Dataset<Row> rows = columns.rows(2_000).cache();
    List<String> written = new ArrayList<>();
    for (int partitions : new int[] {1, 3, 17}) {
      Column order = functions.xxhash64(functions.col("id"), functions.lit(partitions));
      written.add(
          init(parquet(rows.repartition(partitions, order).sortWithinPartitions(order))).out());
      written.add(
          init(parquet(rows.coalesce(1)), "--set", "input.partition-size=" + 1000 * partitions)
              .out()
              .replaceFirst("    partition-size = .*\n", ""));
    }
    assertThat(written).first().asString().contains("y ~ a + b + c + hole + amount");
    assertThat(written).allMatch(text -> text.equals(written.get(0)));
  }

  // ---- other tables

  @Test
  void queriesAndTablesOfTheCatalogue() throws IOException {
    new Columns().number("x").number("y").rows(100).createOrReplaceTempView("for_init");
    assertThat(running("--sql", "SELECT x, y, 1 AS one FROM for_init WHERE x > -1"))
        .contains("sql = \"SELECT x, y, 1 AS one FROM for_init WHERE x > -1\"");
    assertThat(running("--sql", "SELECT x, y, 2 * x AS z, 3 * x AS Z FROM for_init"))
        .contains("#   z, Z: Spark does not tell their names apart", "\"y ~ x\"");
    assertThat(running("--table", "for_init", "--set", "input.where=x < 1"))
        .contains("table = \"for_init\"\n    where = \"x < 1\"");
  }

  @Test
  void severalFilesAndNoHeader() throws IOException {
    Path one = Files.writeString(temporary.resolve("one.csv"), "1.5,2\n2.5,1\n4,1\n3.25,7\n");
    Path two = Files.writeString(temporary.resolve("two.csv"), "1.75,2\n2.5,3\n8,1\n3.5,4\n");
    assertThat(running(one.toString(), two.toString()))
        .contains("# options { header = true }", "_c0 ~ _c1", "one.csv\"\n      \"");
  }

  @Test
  void numbersThatAreTexts() throws IOException {
    String[] lines = new String[101];
    lines[0] = "y;comma;money;share;thousands;mixed";
    for (int k = 1; k < lines.length; k++) {
      lines[k] =
          "%d;%d,5;$%d.20;%d%%;%d,%03d;%s"
              .formatted(k % 7, k, k, k, k, k, k % 10 == 0 ? "many" : Integer.toString(k));
    }
    String written = running(csv(lines));
    assertThat(formula(written)).isEqualTo("y ~ 1");
    assertThat(written).startsWith("# Response: y, for its name.").contains("No other column");
    Map<String, String> read =
        Map.of(
            "comma", "double(replace(comma, ',', '.'))",
            "money", "double(regexp_replace(money, '[^0-9.+-]', ''))",
            "share", "double(regexp_replace(share, '[^0-9.+-]', ''))",
            "thousands", "double(regexp_replace(thousands, '[^0-9.+-]', ''))",
            "mixed", "try_cast(mixed AS DOUBLE)");
    read.forEach((name, expression) -> assertThat(line(written, name)).contains(expression));
    // What is said to read them does.
    String all = written.replace("y ~ 1", "y ~ " + String.join(" + ", read.values()));
    Path file = Files.writeString(temporary.resolve("all.conf"), all);
    Console run =
        Console.run("check", "--config", file.toString(), "--set", "input.invalid-rows=drop");
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  /** What is written holds no secret, and says that it lacks one. */
  @Test
  void secretsAreNotWritten() throws IOException {
    String written =
        init(csv("x,y", "1.5,2", "2.5,3", "3,4"), "--set", "input.options.password=hunter2").out();
    assertThat(written)
        .startsWith("# Fill in what stands masked or cut below")
        .contains("password = (masked)")
        .doesNotContain("hunter2");
  }
}
