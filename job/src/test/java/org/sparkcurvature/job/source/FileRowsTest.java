package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.config.InvalidRows;

class FileRowsTest {
  private static final int ROWS = 1003;

  @TempDir Path folder;

  private InputConfig rows(String format, String name, int files) {
    LocalSpark.session()
        .range(0, ROWS, 1, files)
        .selectExpr("id AS a", "id % 7 AS part")
        .write()
        .partitionBy("part")
        .format(format)
        .save(folder.resolve(name).toString());
    return Inputs.files(format, Map.of(), folder.resolve(name));
  }

  private static Optional<RowBounds> bounds(InputConfig input) {
    return bounds(input, "a");
  }

  private static Optional<RowBounds> bounds(InputConfig input, String column) {
    return Source.open(LocalSpark.session(), Inputs.tensor(input, "x", column + " + 1"))
        .rowBounds();
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "orc"})
  void footersSayHowManyRowsThereAre(String format) {
    InputConfig input = rows(format, "rows", 3);
    assertThat(bounds(input)).contains(new RowBounds(ROWS, ROWS));
    // A partition's own files tell its rows; a filter within files does not.
    assertThat(bounds(Inputs.where(input, "part = 2"))).contains(new RowBounds(143, 143));
    assertThat(bounds(Inputs.where(input, "a < 10"))).contains(new RowBounds(0, ROWS));
    assertThat(bounds(Inputs.limit(input, 10))).contains(new RowBounds(10, 10));
    assertThat(bounds(Inputs.limit(input, 5000))).contains(new RowBounds(ROWS, ROWS));
    // Each row may be invalid and left out.
    InputConfig dropping = Inputs.invalid(input, InvalidRows.DROP);
    assertThat(bounds(dropping)).contains(new RowBounds(0, ROWS));
    assertThat(bounds(Inputs.maxRejected(dropping, 0.1))).contains(new RowBounds(902, ROWS));
  }

  @Test
  void severalFoldersAreAddedUp() {
    rows("parquet", "one", 1);
    rows("parquet", "two", 2);
    assertThat(
            bounds(Inputs.files("parquet", Map.of(), folder.resolve("one"), folder.resolve("two"))))
        .contains(new RowBounds(2 * ROWS, 2 * ROWS));
  }

  @Test
  void ofManyFilesOnlySomeAreLookedInto() {
    // 7 values in each of 20 files.
    RowBounds bounds = bounds(rows("parquet", "many", 20)).orElseThrow();
    assertThat(bounds.least()).isBetween(ROWS / 7L, ROWS / 3L);
    assertThat(bounds.most()).isBetween((long) (0.9 * ROWS), (long) (1.1 * ROWS));
  }

  @Test
  void noRowsAreNone() {
    LocalSpark.session().range(0).selectExpr("id AS a").write().parquet(folder + "/none");
    assertThat(bounds(Inputs.files("parquet", Map.of(), folder.resolve("none"))))
        .contains(new RowBounds(0, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "json"})
  void theLengthOfTextSaysAboutHowManyRowsItHas(String format) {
    LocalSpark.session()
        .range(0, 200_000, 1, 3)
        .selectExpr("id + 1000000 AS a")
        .write()
        .format(format)
        .save(folder + "/" + format);
    InputConfig input = Inputs.files(format, Map.of(), folder.resolve(format));
    String column = format.equals("csv") ? "_c0" : "a";
    RowBounds bounds = bounds(input, column).orElseThrow();
    assertThat(bounds.least()).isZero();
    assertThat(bounds.most()).isBetween(199_000L, 201_000L);
    assertThat(bounds(Inputs.limit(input, 5), column)).contains(new RowBounds(5, 5));
  }

  @Test
  void nothingIsKnownOfTextThatIsNotAsItStands() throws Exception {
    Path json = Files.writeString(folder.resolve("a.json"), "[\n{\n\"a\":\n1}\n]\n");
    assertThat(bounds(Inputs.files("json", Map.of("multiline", "true"), json))).isEmpty();
    Path packed = folder.resolve("a.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write("a\n1\n".getBytes(StandardCharsets.US_ASCII));
    }
    assertThat(bounds(Inputs.csv(packed))).isEmpty();
  }

  @Test
  void nothingIsKnownOfQueriesThatMakeRows() {
    rows("parquet", "rows", 1);
    for (String query :
        new String[] {
          "SELECT explode(array(a, a)) AS a FROM parquet.`%s/rows`",
          "SELECT a FROM parquet.`%s/rows` GROUP BY a",
          "SELECT id AS a FROM range(10)"
        }) {
      assertThat(bounds(Inputs.of(new InputSource.Query(query.formatted(folder))))).isEmpty();
    }
  }
}
