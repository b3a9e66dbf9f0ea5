package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;

/**
 * Which reader files get, and which they must not get: that of plain files in a table of a lake.
 */
class FormatsTest {

  @TempDir Path folder;

  private static double[] read(InputConfig input) {
    return Source.open(LocalSpark.session(), Inputs.tensor(input, "x", "a")).first(100).stream()
        .mapToDouble(sample -> sample.tensors().get("x")[0])
        .toArray();
  }

  private static JobException refused(InputConfig input) {
    return catchThrowableOfType(JobException.class, () -> read(input));
  }

  private InputConfig files(String format, String... paths) {
    return Inputs.files(
        format,
        Map.of("header", "true"),
        Arrays.stream(paths).map(folder::resolve).toArray(Object[]::new));
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  // ---------------------------------------------------------------- tables of lakes

  @Test
  void filesOfDeltaAreNotItsRows() {
    // 2,000 rows, of which 200 were deleted: in two files, the older of which counts no more.
    Path delta = Path.of("src/test/resources/input/delta").toAbsolutePath();
    JobException error =
        refused(Inputs.tensor(Inputs.files("parquet", Map.of(), delta), "y", "x1"));
    assertThat(error.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(error.what())
        .isEqualTo(
            delta
                + " is a table of Delta: its log says which of its files count, and read one by one"
                + " they also give rows that were deleted or replaced");
    assertThat(error.where()).isEqualTo("curvature.input.path");
    assertThat(error.remedy())
        .contains("format = delta")
        .contains("--packages io.delta:delta-spark_4.2_2.13:VERSION")
        .contains("curvature.input.table");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // what lies there                       | what is read          | the table that is named
        "Delta   | t/_delta_log/0.json            | t                     | t",
        "Delta   | t/_delta_log/0.json            | t/*.csv               | t",
        "Delta   | t/_delta_log/0.json            | t/a.csv               | t",
        "Delta   | t/_delta_log/0.json            | t/day=1               | t",
        "Delta   | t/_delta_log/0.json            | t/day=*/b.csv         | t",
        "Delta   | t/_delta_log/0.json            | *                     | t",
        "Delta   | t/_delta_log/0.json            | .                     | t",
        "Delta   | t/day=1/_delta_log/0.json      | t                     | t/day=1",
        "Iceberg | t/metadata/v1.metadata.json    | t                     | t",
        "Iceberg | t/metadata/1-a.metadata.json   | t/day=1/b.csv         | t",
        "Iceberg | t/metadata/v1.metadata.json    | {t,u}                 | t",
        "Hudi    | t/.hoodie/hoodie.properties    | t                     | t",
        "Hudi    | t/.hoodie/hoodie.properties    | ?/day=1/*             | t",
      })
  void aTableIsFoundFromWhereverItIsRead(String kind, String log, String path, String named)
      throws IOException {
    write(log, "{}");
    write("t/a.csv", "a,day\n1,1\n");
    write("t/day=1/b.csv", "a\n2\n");
    write("u/c.csv", "a\n3\n");
    for (String format : List.of("csv", "json")) {
      JobException error = refused(files(format, path));
      assertThat(error.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(error.what())
          .startsWith(folder.resolve(named) + " is a table of " + kind)
          .hasSizeLessThan(400);
      assertThat(error.remedy()).contains("format = " + kind.toLowerCase(java.util.Locale.ROOT));
      assertThat(error.remedy().contains("--packages")).isEqualTo(!kind.equals("Hudi"));
    }
  }

  @Test
  void alsoInAQueryOrBelowFoldersThatAreReadWhole() throws IOException {
    write("lake/one/t/.hoodie/hoodie.properties", "");
    write("lake/one/t/a.csv", "a\n1\n");
    InputConfig recursive =
        Inputs.files(
            "csv", Map.of("header", "true", "recursiveFileLookup", "true"), folder.resolve("lake"));
    assertThat(refused(recursive).what()).contains("lake/one/t is a table of Hudi");
    InputConfig query =
        Inputs.of(
            new InputSource.Query(
                "SELECT _c0 AS a FROM csv.`" + folder.resolve("lake/one/t") + "`"));
    assertThat(refused(query).what()).contains("lake/one/t is a table of Hudi");
    assertThat(refused(query).where()).isEqualTo("curvature.input.sql");
  }

  @Test
  void whatOnlyLooksLikeATableIsRead() throws IOException {
    write("t/metadata/readme.json", "{}");
    write("t/a.csv", "a\n1\n");
    assertThat(read(files("csv", "t/*.csv"))).containsExactly(1);
    // The log itself is made of files, too.
    write("d/_delta_log/0.json", "{\"a\": 7}");
    assertThat(read(files("json", "d/_delta_log/0.json"))).containsExactly(7);
  }

  @Test
  void aTableIsReadWhereItsReaderIsOnTheClassPath() throws IOException {
    write("t/.hoodie/hoodie.properties", "");
    write("t/a.parquet", "replaced");
    assertThat(read(files("hudi", "t"))).containsExactly(42);
    assertThat(read(files("hudi", "?"))).containsExactly(42);
    assertThat(read(files("auto", "t"))).containsExactly(42);
    JobException error = refused(files("iceberg", "t"));
    assertThat(error.what()).isEqualTo("Spark has no reader for the format 'iceberg'");
    assertThat(error.remedy()).contains("--packages org.apache.iceberg:iceberg-spark-runtime-4.2");
  }

  // ---------------------------------------------------------------- names of files

  @ParameterizedTest
  @CsvSource({
    "a.csv, csv",
    "a.CSV, csv",
    "a.csv.gz, csv",
    "a.tsv, csv",
    "a.b.parquet, parquet",
    "part-0.snappy.parquet, parquet",
    "a.json.bz2, json",
    "a.jsonl, json",
    "a.ndjson.zst, json",
    "a.orc, orc",
    "a.zlib.orc, orc",
    "a.avro, avro",
    "a.libsvm, libsvm",
    "a.dat,",
    "csv,",
    "a.csv.old,",
    "parquet.d,"
  })
  void namesCallForReaders(String name, String format) {
    assertThat(FileNames.format(name).orElse(null)).isEqualTo(format);
  }

  @ParameterizedTest
  @CsvSource({"parquet, x.parquet", "orc, deep", "json, x.json", "parquet, deep/year=2026"})
  void theReaderIsTakenFromTheNames(String format, String name) {
    Path to = folder.resolve(name);
    LocalSpark.session().sql("SELECT 1.5D AS a").coalesce(1).write().format(format).save("" + to);
    String read = name.contains("/") ? "deep" : name;
    assertThat(read(Inputs.files("auto", Map.of(), folder.resolve(read)))).containsExactly(1.5);
    if (!name.contains("/")) {
      assertThat(read(Inputs.files("auto", Map.of(), folder + "/" + name + "/*")))
          .containsExactly(1.5);
    }
  }

  @Test
  void csvIsWhatNamesThatTellNothingMean() throws IOException {
    write("a.dat", "a\n1\n");
    Path zipped = folder.resolve("b.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write("a\n2\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read(files("auto", "a.dat", "b.csv.gz"))).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void namesThatCallForSeveralReadersAreRefused() throws IOException {
    write("d/a.csv", "a\n1\n");
    write("d/b.json", "{\"a\": 2}");
    for (InputConfig input : List.of(files("auto", "d"), files("auto", "d/a.csv", "d/b.json"))) {
      JobException error = refused(input);
      assertThat(error.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(error.what()).endsWith("call for different readers: csv (a.csv), json (b.json)");
      assertThat(error.where()).isEqualTo("curvature.input.format");
    }
    assertThat(read(files("csv", "d/a.csv"))).containsExactly(1);
  }

  @Test
  void nothingThereIsStillNothing() {
    assertThat(refused(files("auto", "none.parquet")).exitCode()).isEqualTo(ExitCode.DATA);
    assertThat(refused(files("auto", "none.parquet")).what()).startsWith("there is nothing at ");
  }
}
