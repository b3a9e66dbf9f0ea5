package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.InputConfig;

/** Whatever is in a CSV file, its rows are those that Spark's own reader gives. */
class FastCsvFormatTest {
  private static final StructType COLUMNS =
      StructType.fromDDL("a STRING, b STRING, c STRING, _corrupt_record STRING");

  /** What lines are made of: numbers, and all that may mean something else than itself. */
  private static final List<String> PIECES =
      List.of(
          "1.5", "-2e3", "7", "x", ",", ",", ",", ",", ";", "\t", " ", "\"", "\\", "'", "^", "#",
          "é", "\u0000", "\u0001", "\"\"", "\"a,b\"", "\"a;b\"", "'a;b'", "\u007f", "\r", "");

  @TempDir Path folder;

  /** Columns b and the line that does not fit, then a, from files read by {@code format}. */
  private static Dataset<Row> read(String format, Map<String, String> options, Path path) {
    return LocalSpark.session()
        .read()
        .format(format)
        .options(options)
        .option("columnPruning", "false")
        .schema(COLUMNS)
        .load(path.toString())
        .select("b", "_corrupt_record", "a");
  }

  private static void isReadAlike(Map<String, String> options, Path path) {
    assertThat(FastCsvFormat.reads(options.keySet())).isTrue();
    Dataset<Row> plain = read(FastCsvFormat.class.getName(), options, path);
    assertThat(TableRows.of(plain).isColumnar()).isTrue();
    List<Row> rows = plain.collectAsList();
    assertThat(rows).isNotEmpty().isEqualTo(read("csv", options, path).collectAsList());
  }

  /** Random lines, plain ones among them. */
  private static String lines(int count, String separator) {
    Random random = new Random(3);
    StringBuilder text = new StringBuilder();
    for (int k = 0; k < count; k++) {
      if (k % 3 == 0) {
        text.append(String.join(separator, "1", Double.toString(random.nextGaussian()), "id" + k));
      } else {
        for (int piece = random.nextInt(8); piece > 0; piece--) {
          text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
      }
      text.append(k % 5 == 0 ? "\r\n" : "\n");
    }
    return text.append("1,2,3").toString();
  }

  private static Map<String, String> options(String described) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : described.isEmpty() ? new String[0] : described.split("\\|")) {
      options.put(option.split("=", 2)[0], option.split("=", 2)[1]);
    }
    return options;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "header=false",
        "header=true",
        "sep=;",
        "sep=\t",
        "delimiter= ",
        "sep=;|quote='|escape=^|comment=#|header=true",
        "comment=-",
        "quote=|comment=é"
      })
  void linesMeanWhatTheyMeanToSpark(String described) throws IOException {
    Map<String, String> options = options(described);
    String separator = options.getOrDefault("sep", options.getOrDefault("delimiter", ","));
    String header = String.join(separator, "a", "b", "c");
    Path path = Files.writeString(folder.resolve("t.csv"), header + lines(5000, separator));
    isReadAlike(options, path);
  }

  private static StructType columns(String format, Map<String, String> options, Path path) {
    return LocalSpark.session()
        .read()
        .format(format)
        .options(options)
        .load(path.toString())
        .schema();
  }

  /** Names that are empty, double, quoted, blank, marked; files without a line; first comments. */
  @ParameterizedTest
  @ValueSource(
      strings = {"", "header=true", "sep=;|header=true", "comment=#|header=true", "comment=#"})
  void columnsAreThoseOfSpark(String described) throws IOException {
    Map<String, String> options = options(described);
    Random random = new Random(5);
    List<String> firsts =
        new ArrayList<>(List.of("", "\n\n", "\r\n  \n", " ", "\"\"", "#", "a,a,A,,"));
    for (int k = 0; k < 60; k++) {
      StringBuilder line = new StringBuilder(k % 4 == 0 ? "\ufeff" : k % 4 == 1 ? "#x\n \n" : "");
      for (int piece = random.nextInt(9); piece > 0; piece--) {
        line.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      firsts.add(line.append(k % 2 == 0 ? "\n1,2\n" : "").toString());
    }
    for (String first : firsts) {
      Path path = Files.writeString(folder.resolve("t.csv"), first);
      assertThat(columns(FastCsvFormat.class.getName(), options, path))
          .as("first line %s", first)
          .isEqualTo(columns("csv", options, path));
    }
    Path zipped = folder.resolve("t.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write("\nx,\"y\ny\",é\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(columns(FastCsvFormat.class.getName(), options, zipped))
        .isEqualTo(columns("csv", options, zipped));
  }

  /** What takes the longest of a short run. */
  @Test
  void columnsOfOneFileTakeNoJob() throws IOException {
    Path path = Files.writeString(folder.resolve("t.csv"), "a,b\n1,2\n");
    SparkContext context = LocalSpark.session().sparkContext();
    int before = context.statusTracker().getJobIdsForGroup(null).length;
    columns(FastCsvFormat.class.getName(), Map.of("header", "true"), path);
    assertThat(context.statusTracker().getJobIdsForGroup(null)).hasSize(before);
    columns("csv", Map.of("header", "true"), path);
    assertThat(context.statusTracker().getJobIdsForGroup(null)).hasSizeGreaterThan(before);
  }

  @Test
  void longLinesAndFilesOfAllKinds() throws IOException {
    String text = "\ufeffa,b,c\n  \n1,2,3\n\n" + "1".repeat(3_000_000) + ",\"é\",\n,,\n4,5,6";
    isReadAlike(Map.of("header", "true"), Files.writeString(folder.resolve("t.csv"), text));
    Path zipped = folder.resolve("t.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write(lines(3000, ",").getBytes(StandardCharsets.UTF_8));
    }
    isReadAlike(Map.of(), zipped);
  }

  @Test
  void splitsOfAFileAreThoseOfSpark() throws IOException {
    Path path = Files.writeString(folder.resolve("t.csv"), "a,b,c\n" + lines(30_000, ","));
    InputConfig input =
        Inputs.partitionSize(Inputs.id(Inputs.list(Inputs.csv(path), "x", "a"), "b"), 50_000);
    Source plain = Source.open(LocalSpark.session(), input);
    assertThat(plain.isColumnar()).isTrue();
    assertThat(plain.partitions()).isGreaterThan(5);
    Source spark =
        Source.open(
            LocalSpark.session(),
            Inputs.partitionSize(
                Inputs.id(
                    Inputs.list(
                        Inputs.files("csv", Map.of("header", "true", "nullValue", ""), path),
                        "x",
                        "a"),
                    "b"),
                50_000));
    assertThat(spark.isColumnar()).isFalse();
    assertThat(plain.first(20_000)).hasSizeGreaterThan(10_000);
    assertThat(
            plain.first(20_000).stream()
                .map(sample -> sample.row() + " " + sample.tensors().get("x")[0]))
        .isEqualTo(
            spark.first(20_000).stream()
                .map(sample -> sample.row() + " " + sample.tensors().get("x")[0])
                .toList());
    assertThat(plain.rejected().collectAsList()).isEqualTo(spark.rejected().collectAsList());
  }

  @Test
  void partitionsOfPathsAreColumns() throws IOException {
    for (String day : List.of("mon", "tue")) {
      Files.createDirectories(folder.resolve("day=" + day));
      Files.writeString(folder.resolve("day=" + day).resolve("t.csv"), "a,b\n1,2\n3,4\n");
    }
    InputConfig input = Inputs.id(Inputs.list(Inputs.csv(folder), "x", "a", "b"), "day");
    Source source = Source.open(LocalSpark.session(), input);
    assertThat(source.isColumnar()).isTrue();
    assertThat(source.first(9).stream().map(sample -> sample.row().id()))
        .containsExactlyInAnyOrder("mon", "mon", "tue", "tue");
  }

  @Test
  void whatSparkIsAskedToTypeIsReadBySpark() throws IOException {
    Path path = Files.writeString(folder.resolve("t.csv"), "a,b\n1,2\n3,4\n");
    Map<String, String> options = Map.of("header", "true", "inferSchema", "true");
    Source source =
        Source.open(
            LocalSpark.session(), Inputs.list(Inputs.files("csv", options, path), "x", "a", "b"));
    assertThat(source.isColumnar()).isFalse();
    assertThat(source.first(2).get(1).tensors().get("x")).containsExactly(3, 4);
  }
}
