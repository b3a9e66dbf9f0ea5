package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;

/** Levels of categorical columns: looked for, kept beside the parameters, and ruling later runs. */
class EncodingsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path temporary;

  @BeforeAll
  static void makeRows() throws IOException {
    LocalSpark.session();
    Random random = new Random(5);
    List<String> lines = new ArrayList<>(List.of("y,x,site,arm"));
    for (int i = 0; i < 400; i++) {
      double x = random.nextGaussian();
      String site = List.of("north", "east", "west").get(random.nextInt(3));
      String arm = List.of("a", "b").get(random.nextInt(2));
      double mean = Math.exp(0.3 + 0.4 * x + (site.equals("west") ? 0.5 : 0));
      lines.add((int) (mean * (0.5 + random.nextDouble())) + "," + x + "," + site + "," + arm);
    }
    Files.write(temporary.resolve("all.csv"), lines);
    Files.write(
        temporary.resolve("few.csv"), lines.stream().filter(l -> !l.contains("north")).toList());
    lines.add("1,0.5,south,a");
    Files.write(temporary.resolve("more.csv"), lines);
  }

  private static String byHand(String encode) {
    return """
        curvature {
          input {
            path = "%s", options { header = true }
            tensors { x = x, y = y }
            encode { %s }
          }
          model {
            parameters { b0 = 0.0, b = 0.0, a { labels = site, fill = 0.0 } }
            define { eta = "b0 + b * x + a[site]" }
            loss = "exp(eta) - y * eta + lgamma(y + 1)", likelihood = true
          }
          output { mode = overwrite }
        }
        """
        .formatted(temporary.resolve("all.csv"), encode);
  }

  private static String byFormula(String terms) {
    return """
        curvature {
          input { path = "%s", options { header = true } }
          model { formula = "y ~ %s", family = poisson }
          output { mode = overwrite }
        }
        """
        .formatted(temporary.resolve("all.csv"), terms);
  }

  private static Console run(String command, String configuration, String out, String... settings)
      throws Exception {
    Path file = Files.writeString(temporary.resolve(out + ".conf"), configuration);
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("output.path=\"" + temporary.resolve(out) + "\"");
    all.add("infer.covariance=nonrobust");
    return Console.run(command, file, all);
  }

  private static void done(Console console) {
    assertThat(console.exitCode()).as(console.err()).isZero();
  }

  private static JsonNode json(String file) throws IOException {
    return JSON.readTree(temporary.resolve(file).toFile());
  }

  private static String rows(String file) {
    return "input.path=\"" + temporary.resolve(file) + "\"";
  }

  private static String from(String fit) {
    return "model.parameters-from=\"" + temporary.resolve(fit).resolve("parameters.json") + "\"";
  }

  /** A lookup by hand, its reference held, is the formula's category. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "site { reference = west } | C(site, ref => 'west')",
        "site { levels = [west, north, east], reference = west } | C(site, ref => 'west')",
        "site { column = \"concat('at ', site)\", reference = \"at west\" } | C(site, ref => 'west')",
      })
  void aLookupByHandIsTheFormulasCategory(String encode, String term) throws Exception {
    done(run("estimate", byHand(encode), "hand"));
    done(run("estimate", byFormula("x + " + term), "formula"));
    JsonNode hand = json("hand/estimates.json").get("estimates");
    JsonNode formula = json("formula/estimates.json").get("estimates");
    assertThat(json("hand/estimates.json").get("log_likelihood").asDouble())
        .isCloseTo(json("formula/estimates.json").get("log_likelihood").asDouble(), within(1e-8));
    int compared = 0;
    for (JsonNode own : hand) {
      String level = own.get("name").asText().replaceAll("a\\[(at )?(.*)]", "$2");
      if (level.equals("west")) {
        assertThat(own.get("estimate").asDouble()).isZero();
        assertThat(own.get("std_error").isNull()).isTrue();
      }
      for (JsonNode other : formula) {
        if (other.get("name").asText().endsWith("[T." + level + "]")) {
          double error = other.get("std_error").asDouble();
          assertThat(own.get("estimate").asDouble())
              .isCloseTo(other.get("estimate").asDouble(), within(1e-7 * error));
          assertThat(own.get("std_error").asDouble()).isCloseTo(error, within(1e-8 * error));
          compared++;
        }
      }
    }
    assertThat(compared).isEqualTo(2);
    assertThat(json("hand/parameters.json").at("/encodings/site/levels").get(0).asText())
        .endsWith("west");
    assertThat(json("hand/parameters.json").at("/encodings/site/levels")).hasSize(3);
    assertThat(Files.readString(temporary.resolve("hand/config.conf"))).contains("north");
  }

  /** Rows without one of the levels are rows of the same model. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x + C(site) | beta, b_site",
        "x + C(site):arm | beta, b_site_arm",
        "x + C(site, ref => 'west') + arm | beta, b_arm",
      })
  void theLevelsOfAFitRuleLaterRuns(String terms, String wrt) throws Exception {
    String by = "derive.wrt=[" + wrt + "]";
    done(run("fit", byFormula(terms), "fit"));
    done(run("derive", byFormula(terms), "later", rows("few.csv"), from("fit"), by));
    assertThat(json("later/parameters.json")).isEqualTo(json("fit/parameters.json"));
    Console more = run("derive", byFormula(terms), "later", rows("more.csv"), from("fit"), by);
    assertThat(more.exitCode()).isEqualTo(3);
    assertThat(more.err()).contains("south");
    done(
        run(
            "derive",
            byFormula(terms),
            "later",
            rows("more.csv"),
            from("fit"),
            by,
            "model.unseen=reference"));
    assertThat(json("later/summary.json").get("rows_used").asInt()).isEqualTo(401);
  }

  /** The order of levels is that which is said. */
  @Test
  void levelsAreInTheOrderThatIsSaid() throws Exception {
    done(
        run(
            "fit",
            byFormula("x + C(site)"),
            "said",
            "model.levels={ site = [west, north, east] }"));
    assertThat(json("said/parameters.json").at("/b_site/labels").toString())
        .isEqualTo("[\"C(site)[T.north]\",\"C(site)[T.east]\"]");
    Console few =
        run("fit", byFormula("x + C(site)"), "said", "model.levels={ site = [west, north] }");
    assertThat(few.exitCode()).isEqualTo(3);
    assertThat(few.err()).contains("is 'east', none of its 2 levels");
    Console one = run("fit", byFormula("x + C(site)"), "said", "model.levels={ site = [west] }");
    assertThat(one.exitCode()).isEqualTo(2);
  }

  @Test
  void theLevelsOfALookupByHandRuleLaterRuns() throws Exception {
    String by = "derive.wrt=[b0, b, a]";
    done(run("fit", byHand("site { reference = west }"), "fit"));
    done(
        run(
            "derive",
            byHand("site { reference = west }"),
            "later",
            rows("few.csv"),
            from("fit"),
            by));
    assertThat(json("later/layout.json").toString()).contains("a[north]");
    Console more =
        run(
            "derive",
            byHand("site { reference = west }"),
            "later",
            rows("more.csv"),
            from("fit"),
            by);
    assertThat(more.exitCode()).isEqualTo(3);
    assertThat(more.err()).contains("south");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | site { levels = [] } | is an empty list",
        "2 | site { levels = [a, a] } | names a level twice",
        "2 | site { levels = [a, b], reference = c } | names c, which is none of its levels",
        "2 | site = north | is no block",
        "2 | site { levels = [[a], b] } | is no list of texts",
        "2 | site { reference { a = b } } | must be text",
        "2 | site {}, x {} | the name x is used twice",
        "2 | site { colunm = site } | column",
        "3 | site { reference = south } | site has no level south",
        "3 | site { levels = [north, west], reference = west } | is 'east', none of its 2 levels",
        "3 | site { column = sites } | no column 'sites'",
      })
  void whatIsWrongIsSaid(int exitCode, String encode, String message) throws Exception {
    Console console = run("fit", byHand(encode), "wrong");
    assertThat(console.err()).contains(message);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(exitCode);
  }
}
