package org.sparkcurvature.job;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;

/** What other commands make of one model for each group. */
class GroupedCommandsTest extends GroupedRows {
  private static Console from(String folder, String command, String output, String... settings) {
    return Console.from(
        temporary.resolve(folder),
        command,
        temporary.resolve(output),
        with(settings, "output.mode=overwrite"));
  }

  /** Every row is kept, with the mean of its own group's model, or with none. */
  @ParameterizedTest
  @CsvSource({"wide, null", "long, pooled"})
  void rowsFindTheirGroups(String layout, String unseen) throws Exception {
    String model = "formula = \"y ~ x + C(h)\", family = poisson";
    Console fit =
        run(
            "estimate",
            "fitted",
            model,
            "fit.by=[g]",
            "fit.by-layout=" + layout,
            "fit.start=pooled",
            "input.where=\"g < 9 and not (g = 4 and y > 0)\"");
    assertThat(fit.exitCode()).as(fit.err()).isZero();
    assertThat(fit.out()).contains("CONVERGED  8 of 9 groups; 1 separable");
    Console console =
        from(
            "fitted",
            "predict",
            "predicted",
            "input.where=null",
            "input.carry=[g, x, h]",
            "predict.unseen-groups=" + unseen);
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> rows = table("predicted/predictions").collectAsList();
    assertThat(rows).hasSize(Files.readAllLines(temporary.resolve("rows.csv")).size() - 1);
    List<Row> groups =
        table("fitted/estimates")
            .orderBy(
                layout.equals("wide")
                    ? new Column[] {col("g")}
                    : new Column[] {col("g"), col("index")})
            .collectAsList();
    for (Row row : rows) {
      int g = Integer.parseInt(row.getAs("g").toString());
      String expected = g == 4 ? "separable" : g < 9 ? "converged" : "unseen";
      assertThat(row.<String>getAs("group_status")).isEqualTo(expected);
      if (g == 4 || g > 8 && unseen.equals("null")) {
        assertThat(row.<Object>getAs("mean")).isNull();
        continue;
      }
      double mean = row.getAs("mean");
      if (g < 9) {
        List<Double> beta = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          beta.add(
              layout.equals("wide")
                  ? groups.get(g).<Double>getList(groups.get(g).fieldIndex("estimate")).get(i)
                  : groups.get(4 * g + i).<Double>getAs("estimate"));
        }
        double x = Double.parseDouble(row.getAs("x").toString());
        String h = row.getAs("h");
        double eta =
            beta.get(0)
                + beta.get(3) * x
                + (h.equals("b") ? beta.get(1) : h.equals("c") ? beta.get(2) : 0);
        assertThat(mean).isCloseTo(Math.exp(eta), within(1e-12 * Math.exp(eta)));
      } else {
        assertThat(mean).isPositive();
      }
    }
    Console refused =
        Console.from(
            temporary.resolve("fitted"),
            "predict",
            temporary.resolve("refused"),
            "input.where=null",
            "predict.unseen-groups=fail");
    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(3);
    assertThat(refused.err()).contains("of groups that the fit has not seen");
  }

  /** A row's influence is on its own group, and is what it is there alone. */
  @Test
  void rowsInfluenceTheirGroups() throws Exception {
    String model = "formula = \"y ~ x + t\", family = poisson";
    String where = "not (g = 4 and y > 0)";
    Console console =
        run(
            "influence",
            "influences",
            model,
            "fit.by=[g]",
            "input.weight=w",
            "input.carry=[g, x, t, y]",
            "input.where=\"" + where + "\"");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).startsWith("influence  by g: ");
    List<Row> rows = table("influences/influence").collectAsList();
    assertThat(rows.stream().filter(row -> row.getAs("g").equals("4")))
        .isNotEmpty()
        .allMatch(row -> row.getAs("group_status").equals("separable"))
        .allMatch(row -> row.getAs("influence") == null);
    String[] alone = {"input.weight=w", "input.where=\"g = 3\""};
    assertThat(run("estimate", "third", model, alone).exitCode()).isZero();
    Console single = from("third", "influence", "single", "input.carry=[x, t, y]");
    assertThat(single.exitCode()).as(single.err()).isZero();
    List<Row> expected = table("single/influence").collectAsList();
    List<Row> third = rows.stream().filter(row -> row.getAs("g").equals("3")).toList();
    assertThat(third).hasSameSizeAs(expected);
    for (Row its : expected) {
      Row own =
          third.stream()
              .filter(
                  row ->
                      row.getAs("x").equals(its.getAs("x"))
                          && row.getAs("t").equals(its.getAs("t")))
              .findFirst()
              .orElseThrow();
      List<Double> influence = own.getList(own.fieldIndex("influence"));
      List<Double> other = its.getList(its.fieldIndex("influence"));
      for (int i = 0; i < 3; i++) {
        assertThat(influence.get(i)).isCloseTo(other.get(i), within(1e-9));
      }
      assertThat(own.<Double>getAs("self_influence"))
          .isCloseTo(its.<Double>getAs("self_influence"), within(1e-9));
    }
  }

  /** A line for each group, by its own estimates: what effects of its rows alone are. */
  @Test
  void effectsAreThoseOfEachGroup() throws Exception {
    String model = "formula = \"y ~ x + C(h)\", family = poisson";
    String[] asked = {
      "effects.slopes=[x]", "effects.elasticities=[x]", "effects.contrasts={ h = [a, c] }"
    };
    String where = "input.where=\"g < 6 and not (g = 4 and y > 0)\"";
    assertThat(
            run(
                    "estimate",
                    "kept",
                    model,
                    "fit.by=[\"g AS place\"]",
                    "fit.by-covariance=true",
                    "infer.covariance=HC1",
                    where)
                .exitCode())
        .isZero();
    Console console = from("kept", "effects", "many", asked);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(
            run("estimate", "alone", model, "infer.covariance=HC1", "input.where=\"g = 3\"")
                .exitCode())
        .isZero();
    Console single = from("alone", "effects", "one", asked);
    assertThat(single.exitCode()).as(single.err()).isZero();
    JsonNode many = json("many", "effects.json").get("effects");
    JsonNode one = json("one", "effects.json").get("effects");
    assertThat(one).hasSize(4);
    // Of five groups with estimates.
    assertThat(many).hasSize(5 * 4);
    for (JsonNode its : one) {
      List<JsonNode> own = new ArrayList<>();
      many.forEach(
          effect -> {
            if (effect.get("effect").equals(its.get("effect"))
                && effect.get("group").toString().contains("\"3\"")) {
              own.add(effect);
            }
          });
      assertThat(own).as(its.toString()).hasSize(1);
      for (String key : List.of("estimate", "std_error")) {
        double expected = its.get(key).asDouble();
        assertThat(own.get(0).get(key).asDouble())
            .as(its + " " + key)
            .isCloseTo(expected, within(1e-8 * Math.abs(expected)));
      }
    }
    assertThat(run("estimate", "kept", model, "fit.by=[g]", where).exitCode()).isZero();
    Console without = from("kept", "effects", "none", asked);
    assertThat(without.err()).contains("by-covariance = true");
    assertThat(without.exitCode()).isEqualTo(2);
  }

  /** The key null is another group than the text null, and 0 is the same one as -0. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "if(g = 1, null, if(g = 2, 'null', string(g)))",
        "if(g = 1 and x > 3, double('-0'), double(g) - 1)"
      })
  void effectsAreOfKeysAndNotOfTheirTexts(String key) throws Exception {
    String model = "formula = \"y ~ x\", family = poisson";
    String where = "input.where=\"g in (1, 2, 3)\"";
    List<List<Double>> found = new ArrayList<>();
    for (String by : List.of("g", key)) {
      assertThat(
              run(
                      "estimate",
                      "kept",
                      model,
                      "fit.by=[\"" + by + " AS place\"]",
                      "fit.by-covariance=true",
                      where)
                  .exitCode())
          .isZero();
      Console console = from("kept", "effects", "keys");
      assertThat(console.exitCode()).as(console.err()).isZero();
      List<Double> numbers = new ArrayList<>();
      for (JsonNode effect : json("keys", "effects.json").get("effects")) {
        numbers.add(effect.get("estimate").asDouble());
        numbers.add(effect.get("std_error").asDouble());
      }
      found.add(numbers.stream().sorted().toList());
    }
    assertThat(found.get(0)).hasSize(3 * 2);
    assertThat(found.get(1)).hasSameSizeAs(found.get(0));
    for (int k = 0; k < found.get(0).size(); k++) {
      assertThat(found.get(1).get(k)).isCloseTo(found.get(0).get(k), within(1e-9));
    }
  }

  /** A group without a level, one without the reference, and one whose predictors are collinear. */
  @ParameterizedTest
  @ValueSource(strings = {"wide", "long"})
  void whatAGroupDoesNotTellIsNull(String layout) throws Exception {
    StringBuilder text = new StringBuilder("g,s,x,v,y\n");
    Random random = new Random(12);
    for (int i = 0; i < 240; i++) {
      String group = List.of("all", "no q", "no p", "line").get(i % 4);
      String level = List.of("p", "q", "r").get(i / 4 % 3);
      if (group.endsWith(level)) {
        continue;
      }
      double x = random.nextGaussian();
      double v = group.equals("line") ? 2 * x : random.nextGaussian();
      text.append("%s,%s,%s,%s,%d%n".formatted(group, level, x, v, poisson(2 + x * x, random)));
    }
    Path fitted = Files.writeString(temporary.resolve("levels.csv"), text);
    StringBuilder asked = new StringBuilder("g,s,x,v,y\n");
    for (String group : List.of("all", "no q", "no p", "line")) {
      for (String level : List.of("p", "q", "r")) {
        asked.append("%s,%s,0.5,1.0,1%n%s,%s,0.5,0.3,1%n".formatted(group, level, group, level));
      }
    }
    Path rows = Files.writeString(temporary.resolve("levels-asked.csv"), asked);
    String model = "formula = \"y ~ x + v + C(s)\", family = poisson, collinear = drop";
    String input = "input.path=\"" + fitted + "\"";
    String output = "levels-" + layout;
    boolean wide = layout.equals("wide");
    Console console =
        run(
            "estimate",
            output,
            model,
            input,
            "fit.by=[g]",
            "fit.by-covariance=" + wide,
            "fit.by-layout=" + layout);
    assertThat(console.exitCode()).as(console.err()).isZero();
    console =
        from(
            output,
            "predict",
            output + "-means",
            "input.path=\"" + rows + "\"",
            "input.carry=[g, s, v]",
            "predict.residuals=[response]");
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> means = table(output + "-means/predictions").collectAsList();
    assertThat(means).hasSize(24);
    for (Row row : means) {
      String group = row.getAs("g");
      boolean determined =
          group.equals("line")
              ? row.getAs("v").equals("1.0")
              : !group.endsWith(row.<String>getAs("s"));
      assertThat(row.<Double>getAs("mean") != null).as(row.toString()).isEqualTo(determined);
      assertThat(row.<Double>getAs("residual_response") != null).isEqualTo(determined);
    }
    if (!wide) {
      return;
    }
    console =
        from(output, "effects", output + "-effects", input, "effects.contrasts={s=[p, q, r]}");
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<String> found =
        table(output + "-effects/effects").filter("effect = 'contrast'").collectAsList().stream()
            .filter(row -> row.getAs("estimate") == null)
            .peek(row -> assertThat(row.<Double>getAs("std_error")).isNull())
            .map(row -> row.getList(row.fieldIndex("group")).get(0) + " " + row.getAs("to"))
            .sorted()
            .toList();
    assertThat(found).containsExactly("no p q", "no p r", "no q q");
    console =
        run("influence", output + "-influence", model, input, "fit.by=[g]", "input.carry=[g]");
    assertThat(console.exitCode()).as(console.err()).isZero();
    for (Row row : table(output + "-influence/influence").collectAsList()) {
      long unknown =
          row.getList(row.fieldIndex("influence")).stream().filter(e -> e == null).count();
      assertThat(unknown).as(row.toString()).isEqualTo(row.getAs("g").equals("all") ? 0 : 1);
    }
  }
}
