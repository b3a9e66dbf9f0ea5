package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.sink.NpyFile;

/** Runs of {@code derive} on a few rows: every form of output, and every way to fail. */
class EndToEndRunsTest {
  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  @BeforeEach
  void rows() throws IOException {
    Files.writeString(
        temporary.resolve("rows.csv"),
        """
        name,u,v,y,w
        p,1,2,3,1
        q,2,-1,0.5,2
        r,0,1,1,0
        s,-1,1,2,1
        """);
  }

  // l = (y - u a - v b)^2 at a = 0.5, b = -1: residuals 4.5, -1.5, 2, 3.5; weights 1, 2, 0, 1.
  // value 22; gradient -2 sum w r (u, v); Hessian 2 sum w (u, v)(u, v)'.

  @Test
  void weightsPenaltyAndSum() throws IOException {
    Console console =
        derive(
            "input.weight = w",
            "model.penalty = \"10 * square(a) + b\"",
            "derive { wrt = [a, b], reduction = sum, per-sample { value = true, gradient = true } }",
            "input { id = name, carry = [w] }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    // penalty 2.5 - 1, its gradient (10, 1), its Hessian (20, 0, 0).
    assertThat(summary().get("value").asDouble()).isEqualTo(4.5 * 4.5 + 2 * 2.25 + 12.25 + 1.5);
    assertThat(npy("gradient.npy"))
        .containsExactly(-2 * (4.5 - 6 - 3.5) + 10, -2 * (9 + 3 + 3.5) + 1);
    assertThat(npy("hessian.npy")).containsExactly(2 * 10 + 20, 2 * -3, 2 * -3, 2 * 7);
    assertThat(summary().get("sum_of_weights").asDouble()).isEqualTo(4);
    assertThat(summary().get("rows_read").asInt()).isEqualTo(4);
    assertThat(summary().get("rows_used").asInt()).isEqualTo(3);
    List<Row> rows =
        LocalSpark.session()
            .read()
            .parquet(temporary + "/out/per_sample")
            .orderBy("row")
            .collectAsList();
    // Unweighted, rows of weight 0 included.
    assertThat(rows)
        .extracting(row -> row.<Double>getAs("value"))
        .containsExactly(20.25, 2.25, 4.0, 12.25);
    assertThat(rows).extracting(row -> row.<String>getAs("id")).containsExactly("p", "q", "r", "s");
    assertThat(rows.get(0).schema().fieldNames())
        .containsExactly("id", "row", "value", "gradient", "w");
    assertThat(console.out()).contains("plus the penalty").contains("  weights    add up to 4\n");
  }

  @Test
  void theMeanIsTheSumOverTheSumOfWeightsPlusThePenaltyOnce() throws IOException {
    derive(
        "input.weight = w",
        "model.penalty = \"10 * square(a) + b\"",
        "derive { wrt = [a, b], reduction = mean }");
    assertThat(summary().get("value").asDouble()).isEqualTo(37.0 / 4 + 1.5);
    assertThat(npy("gradient.npy")[0]).isCloseTo(10.0 / 4 + 10, within(1e-14));
    assertThat(npy("hessian.npy")[3]).isCloseTo(14.0 / 4, within(1e-14));
  }

  @Test
  void blocksHaveAFileForEachName() throws IOException {
    Console console = derive("derive { wrt = [a, b], reduction = sum, global.hessian = blocks }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(npy("hessian_a.npy")).containsExactly(2 * 6);
    assertThat(npy("hessian_b.npy")).containsExactly(2 * 7);
    assertThat(names())
        .contains("hessian_a", "hessian_b")
        .doesNotContain("hessian", "hessian.npy", "hessian_diagonal.npy");
    assertThat(summary().get("hessian_a").get("definiteness").asText())
        .isEqualTo("positive definite");
    assertThat(console.out()).contains("Hessian    a: ").contains("Hessian    b: ");
  }

  @Test
  void theDiagonalAlone() throws IOException {
    derive("derive { wrt = [a, b], reduction = sum, global.hessian = diagonal }");
    assertThat(npy("hessian_diagonal.npy")).containsExactly(12, 14);
    assertThat(names()).doesNotContain("hessian", "hessian.npy");
    assertThat(summary().get("hessian").get("not_computed").asText()).contains("diagonal");
  }

  @Test
  void theOtherCurvatures() throws IOException {
    Console console =
        derive(
            "model { define { z = \"u * a + v * b\" }, loss = \"square(y - z)\" }",
            "derive { wrt = [a, b], reduction = sum, global { ggn = z, opg = true } }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    // A convex loss of a linear predictor: its Gauss-Newton matrix is its Hessian.
    assertThat(npy("ggn.npy")).containsExactly(npy("hessian.npy"));
    // sum of gradients' outer products: g = -2 r (u, v), rows of weight 1 all.
    double[] opg = new double[4];
    double[][] rows = {{4.5, 1, 2}, {-1.5, 2, -1}, {2, 0, 1}, {3.5, -1, 1}};
    for (double[] row : rows) {
      for (int k = 0; k < 4; k++) {
        opg[k] += 4 * row[0] * row[0] * row[1 + k / 2] * row[1 + k % 2];
      }
    }
    assertThat(npy("opg.npy")).containsExactly(opg);
    assertThat(LocalSpark.session().read().parquet(temporary + "/out/opg").count()).isEqualTo(1);
    assertThat(names()).contains("ggn", "opg", "hessian");
  }

  @Test
  void rejectedRowsAreWrittenWithTheirReason() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "name,u,v,y,w\np,1,2,3,1\nq,2,x,0,1\n");
    Console console = derive("input.invalid-rows = quarantine", "derive.wrt = [a, b]");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(summary().get("rows_rejected").asInt()).isEqualTo(1);
    List<Row> rejected =
        LocalSpark.session().read().parquet(temporary + "/out/rejected").collectAsList();
    assertThat(rejected).hasSize(1);
    assertThat(rejected.get(0).<String>getAs("name")).isEqualTo("q");
    assertThat(rejected.get(0).<String>getAs("reason")).contains("x");
    assertThat(console.out()).contains("1 invalid and left out");
  }

  @Test
  void rejectedRowsThatTheFormatHasNoFormForAreAFaultOfTheOutput() throws IOException {
    Path file = temporary.resolve("intervals.conf");
    Files.writeString(
        file,
        """
        curvature {
          input {
            sql = "SELECT *, make_interval(u) AS n FROM VALUES (1, 2, 3), (1, 2, null) AS t(u, v, y)"
            tensors { u = u, v = v, y = y }
            invalid-rows = quarantine
          }
          model { parameters { a = 0.5, b = -1 }, loss = "square(y - u * a - v * b)" }
          derive.wrt = [a, b]
          output.path = "%s/out"
        }
        """
            .formatted(temporary));
    Console console = Console.run("derive", "--config", file.toString());
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err())
        .contains("rejected cannot be written: ")
        .contains("curvature.output.format")
        .doesNotContain("the input cannot be read");
    assertThat(temporary.resolve("out")).doesNotExist();
  }

  @Test
  void warningsAreToldAndKept() throws IOException {
    Console console = derive("model.parameters.c = 1", "derive.wrt = [a, b]");
    assertThat(console.err()).containsPattern("warning: .*\\bc\\b");
    assertThat(summary().get("warnings").get(0).asText()).containsPattern("\\bc\\b");
  }

  @Test
  void textComparedLetterByLetterIsWarnedOf() throws IOException {
    Console console = derive("derive.wrt = [a, b]", "input.where = \"u <= y\"");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err()).contains("'u <= y' compares text letter by letter");
    assertThat(summary().get("warnings").get(0).asText()).contains("u <= y");
  }

  @Test
  void aSecondRunIsRefusedReplacedOrDone() throws IOException {
    assertThat(derive("derive.wrt = [a, b]").exitCode()).isZero();
    Console refused = derive("derive.wrt = [a, b]");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("exists already").doesNotContain("starting Spark");
    Console done = derive("derive.wrt = [a, b]", "output.mode = ignore");
    assertThat(done.exitCode()).isZero();
    assertThat(done.err()).doesNotContain("starting Spark");
    assertThat(npy("gradient.npy")).hasSize(2);
    Console other = derive("derive.wrt = [b]", "output.mode = ignore");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("it was made with another configuration");
    Console replaced =
        derive("derive { wrt = [b], global.hessian = none }", "output.mode = overwrite");
    assertThat(replaced.exitCode()).isZero();
    assertThat(npy("gradient.npy")).hasSize(1);
    assertThat(names()).doesNotContain("hessian", "hessian.npy").contains("_SUCCESS");
  }

  @Test
  void theManifestListsEveryFileWithItsLengthAndChecksumOrRows() throws Exception {
    String[] settings = {"derive.wrt = [a, b]", "derive.per-sample.value = true"};
    assertThat(derive(settings).exitCode()).isZero();
    JsonNode manifest =
        new ObjectMapper().readTree(temporary.resolve("out/manifest.json").toFile());
    assertThat(Files.readString(temporary.resolve("out/_SUCCESS")).strip())
        .isEqualTo(manifest.get("run_id").asText());
    assertThat(manifest.get("input").get("files").asInt()).isOne();
    assertThat(manifest.get("input").get("bytes").asLong())
        .isEqualTo(Files.size(temporary.resolve("rows.csv")));
    Set<String> listed = new HashSet<>();
    long rows = 0;
    for (JsonNode file : manifest.get("files")) {
      String path = file.get("path").asText();
      byte[] content = Files.readAllBytes(temporary.resolve("out").resolve(path));
      assertThat(file.get("bytes").asInt()).as(path).isEqualTo(content.length);
      if (path.contains("/")) {
        rows += path.startsWith("per_sample/") ? file.get("rows").asLong() : 0;
      } else {
        assertThat(file.get("sha256").asText())
            .as(path)
            .isEqualTo(
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
      }
      listed.add(path);
    }
    assertThat(rows).isEqualTo(4);
    assertThat(listed).contains("gradient.npy", "hessian.npy", "summary.json", "config.conf");
    try (Stream<Path> files = Files.walk(temporary.resolve("out"))) {
      assertThat(
              files
                  .filter(Files::isRegularFile)
                  .map(file -> temporary.resolve("out").relativize(file).toString())
                  .filter(path -> !path.endsWith(".crc"))
                  .filter(path -> !path.matches("_SUCCESS|manifest\\.json")))
          .containsExactlyInAnyOrderElementsOf(listed);
    }
  }

  @Test
  void aQueryOfTheOutputIsRefusedBeforeAnythingIsRemoved() throws IOException {
    assertThat(derive("derive.wrt = [a, b]", "derive.per-sample.value = true").exitCode()).isZero();
    List<String> names = names();
    Path query = temporary.resolve("query.conf");
    Files.writeString(
        query,
        """
        curvature {
          input {
            sql = "SELECT value AS u FROM parquet.`%1$s/out/per_sample`", tensors { u = u }
          }
          model { parameters { a = 0.5 }, loss = "square(u - a)" }
          output { path = "%1$s/out", mode = overwrite }
        }
        """
            .formatted(temporary));
    Console console = Console.run("derive", "--config", query.toString());
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err()).contains("it holds the input").contains("out/per_sample/part-");
    assertThat(names()).isEqualTo(names);
  }

  /** Whatever goes wrong, and wherever: no folder is left, and an old result stays. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3 | input.path = /nowhere.csv",
        "3 | input.tensors.u = nosuch",
        "3 | input.where = \"u > 100\"",
        "3 | input.weight = \"0 * w\"",
        "3 | input.tensors.u = name",
        "4 | model.loss = \"log(u * a)\"",
        "4 | model.penalty = \"log(b)\"",
        "4 | derive { global { value = false, gradient = false, hessian = none }, per-sample { value = true } }, model.loss = \"1 / u + a + b\"",
        "2 | model.loss = \"square(y - nosuch)\"",
        "2 | device = gpu",
      })
  void aRunThatFailsLeavesNothing(int exitCode, String setting) throws IOException {
    Console console = derive("derive.wrt = [a, b]", setting);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(exitCode);
    assertThat(console.out()).isEmpty();
    assertThat(console.err()).contains("error: ").doesNotContain("\tat ");
    assertThat(temporary.resolve("out")).doesNotExist();

    assertThat(derive("derive.wrt = [a, b]").exitCode()).isZero();
    byte[] before = Files.readAllBytes(temporary.resolve("out/gradient.npy"));
    List<String> names = names();
    Console again = derive("derive.wrt = [a, b]", "output.mode = overwrite", setting);
    assertThat(again.exitCode()).isEqualTo(exitCode);
    assertThat(names()).isEqualTo(names).contains("_SUCCESS");
    assertThat(Files.readAllBytes(temporary.resolve("out/gradient.npy"))).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "blocks"})
  void aHessianThatCannotBeHeldIsRefusedBeforeComputing(String form) {
    Console console =
        derive(
            "model.parameters { W { shape = [100000], fill = 0 } }",
            "model.loss = \"square(y - a * u - b * v - sum(W))\"",
            "derive { wrt = [W, a], global.hessian = " + form + " }");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err())
        .contains("adding up hessian for P = 100,001")
        .contains("takes 149.0 GiB; there are ")
        .contains("set global.hessian = diagonal (3.1 MiB), name less in derive.wrt")
        .contains("derive.wrt")
        .doesNotContain("reading rows");
    assertThat(temporary.resolve("out")).doesNotExist();
  }

  private Console derive(String... settings) {
    String conf =
        """
        curvature {
          input {
            path = "%1$s/rows.csv", options { header = true }
            tensors { u = u, v = v, y = y }
          }
          model { parameters { a = 0.5, b = -1 }, loss = "square(y - u * a - v * b)" }
          output { path = "%1$s/out" }
        }
        """
            .formatted(temporary);
    try {
      Path file = temporary.resolve("run.conf");
      Path more = temporary.resolve("more.conf");
      Files.writeString(file, conf);
      Files.writeString(more, "curvature {\n" + String.join("\n", settings) + "\n}\n");
      return Console.run("derive", "--config", file.toString(), "--config", more.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private double[] npy(String name) throws IOException {
    return NpyFile.read(temporary.resolve("out").resolve(name)).values();
  }

  private JsonNode summary() throws IOException {
    return new ObjectMapper().readTree(temporary.resolve("out/summary.json").toFile());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(temporary.resolve("out"))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
