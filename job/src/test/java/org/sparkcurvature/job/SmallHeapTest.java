package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.cli.Program;
import org.sparkcurvature.job.source.RowGroup;

/** Inputs that are larger than the process, which reads them or says what it would take. */
class SmallHeapTest {
  private static final int HEAP = 224;

  @TempDir Path folder;

  private Path configuration(String input) throws IOException {
    return Files.writeString(
        folder.resolve("run.conf"),
        """
        curvature {
          input { %s, tensors { x = x, y = y } }
          model { parameters { b = 0.5 }, loss = "square(y - b * x)" }
          derive.reduction = sum
          output.path = "%s/out"
        }
        """
            .formatted(input, folder));
  }

  private Console derive(String input) throws Exception {
    return Program.inSmallHeap(
        HEAP, folder.resolve("log"), "derive", "--config", configuration(input).toString());
  }

  @Test
  void aPartitionOfTextMayBeLargerThanTheHeapAndThanAllOthers() throws Exception {
    int rows = 2_000_000;
    String padding = "p".repeat(140);
    try (Writer large = gzip("large.csv.gz");
        Writer small = gzip("small.csv.gz")) {
      large.write("x,y,padding\n");
      for (int k = 0; k < rows; k++) {
        large.write("1,2," + padding + "\n");
      }
      small.write("x,y,padding\n3,4,\n");
    }
    Console console = derive("path = \"%s/*.csv.gz\", options { header = true }".formatted(folder));
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode summary = new ObjectMapper().readTree(folder.resolve("out/summary.json").toFile());
    assertThat(summary.get("rows_used").asLong()).isEqualTo(rows + 1);
    assertThat(summary.get("value").asDouble()).isEqualTo(rows * 2.25 + 6.25);
  }

  private Writer gzip(String name) throws IOException {
    return new OutputStreamWriter(
        new GZIPOutputStream(Files.newOutputStream(folder.resolve(name))),
        StandardCharsets.US_ASCII);
  }

  /** A file in which 14,000,000 rows of two doubles that are read, and one that is not, are one. */
  private String largeRows(RowGroup.Kind kind) {
    String format = kind.name().toLowerCase(Locale.ROOT);
    LocalSpark.session()
        .range(0, 14_000_000, 1, 1)
        .selectExpr("rand(1) AS x", "rand(2) AS y", "0D AS unused")
        .write()
        .option(kind.option(), 1 << 30)
        .option("compression", "uncompressed")
        .option("parquet.enable.dictionary", "false")
        .format(format)
        .save(folder + "/rows");
    return "path = \"%s/rows\", format = %s".formatted(folder, format);
  }

  private void isRefused(Console console, String rows, String where, String option) {
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err())
        .contains(
            "error: the largest %s (in the columns that are read), of file:%s/rows/part-00000"
                .formatted(rows, folder))
        .containsPattern("takes 213\\.[67] MiB; there are 196.0 MiB")
        .contains(where)
        .contains("give a heap of 244.")
        .contains("(-- --driver-memory 1g)")
        .contains(option);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aRowGroupThatDoesNotFitIsRefusedWithItsSize() throws Exception {
    String input = largeRows(RowGroup.Kind.PARQUET);
    isRefused(derive(input), "row group", "curvature.input.path", "parquet.block.size");
    Path log = folder.resolve("log");
    String[] check = {"check", "--config", configuration(input).toString()};
    isRefused(
        Program.inSmallHeap(HEAP, log, check),
        "row group",
        "curvature.input.path",
        "parquet.block.size");
  }

  @Test
  void aStripeThatDoesNotFitIsRefusedInValidationRowsToo() throws Exception {
    String validation = largeRows(RowGroup.Kind.ORC);
    isRefused(derive(validation), "stripe", "curvature.input.path", "orc.stripe.size");
    Files.writeString(folder.resolve("few.csv"), "x,y\n1,2\n2,3\n");
    isRefused(
        Program.inSmallHeap(
            HEAP,
            folder.resolve("log"),
            "influence",
            "--config",
            configuration(
                    "path = \"%s/few.csv\", format = csv, options { header = true }"
                        .formatted(folder))
                .toString(),
            "--set",
            "influence.validation={ %s }".formatted(validation)),
        "stripe",
        "curvature.influence.validation",
        "orc.stripe.size");
  }

  @Test
  void memoryThatRunsOutInATaskIsSaidWithTheHeap() throws Exception {
    Console console =
        derive(
            "sql = \"SELECT id AS x, length(repeat(string(id), 300000000)) AS y FROM range(10, 14)\"");
    assertThat(console.exitCode()).as(console.err()).isEqualTo(5);
    assertThat(console.err())
        .contains("error: memory ran out: Java heap space; the heap is of 224.0 MiB")
        .contains("for up to 2 tasks at once")
        .contains("at: spark.driver.memory")
        .contains("-- --driver-memory 448m")
        .contains("-- --master local[1]");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aHeapThatSparkDoesNotTakeIsAFaultOfTheOptions() throws Exception {
    Console console =
        Program.run(
            HEAP,
            List.of("spark.master=local[2]"),
            folder.resolve("log"),
            "derive",
            "--config",
            configuration("sql = \"SELECT 1 AS x, 2 AS y\"").toString());
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err())
        .contains("error: Spark does not start: System memory")
        .contains("--driver-memory");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void memoryThatRunsOutInAnExecutorIsSaidWithItsHeap() throws Exception {
    Console console =
        Program.run(
            1024,
            List.of(
                "spark.master=local-cluster[1,1,600]",
                "spark.executor.memory=600m",
                "spark.task.maxFailures=1",
                "spark.executor.extraClassPath=" + System.getProperty("java.class.path")),
            folder.resolve("log"),
            "derive",
            "--config",
            configuration(
                    "sql = \"SELECT /*+ COALESCE(1) */ id AS x, length(repeat(string(id), 900000000)) AS y FROM range(10, 14)\"")
                .toString());
    assertThat(console.exitCode()).as(console.err()).isEqualTo(5);
    assertThat(console.err())
        .containsPattern("error: memory ran out: (Java heap space|executors were lost)")
        .contains("; executors have heaps of 600.0 MiB")
        .contains("at: spark.executor.memory")
        .contains("-- --executor-memory 1200m");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
