package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.LocalSpark;

/** The files that an input reads are known, whatever leads to them. */
class InputFilesTest {
  @TempDir Path folder;

  @Test
  void filesBehindViewsJoinsAndSubqueriesAreFound() throws IOException {
    SparkSession spark = LocalSpark.session();
    for (String name : new String[] {"a", "b", "c", "d"}) {
      spark.range(3).toDF(name).coalesce(1).write().parquet(folder.resolve(name).toString());
    }
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("d"));
    spark.read().parquet(folder.resolve("a").toString()).createOrReplaceTempView("input_files_a");
    String sql =
        "SELECT a FROM input_files_a JOIN parquet.`%1$s/b` ON a = b"
            + " WHERE a IN (SELECT c FROM parquet.`%1$s/c`)"
            + " AND (SELECT max(d) FROM parquet.`%1$s/link`) > 0";
    InputListing listing = InputFiles.of(spark.sql(sql.formatted(folder)));
    assertThat(listing.roots())
        .containsExactly(
            "file:" + folder + "/a",
            "file:" + folder + "/b",
            "file:" + folder + "/c",
            "file:" + folder + "/link");
    assertThat(listing.files()).hasSize(4);
    assertThat(listing.files())
        .allSatisfy(
            file -> {
              assertThat(file.path()).endsWith(".parquet");
              Path path = Path.of(file.path().substring("file:".length()));
              assertThat(file.bytes()).isEqualTo(Files.size(path));
              assertThat(file.modified()).isEqualTo(Files.getLastModifiedTime(path).toMillis());
            });
    assertThat(InputFiles.of(spark.range(5).toDF("x")).files()).isEmpty();
  }
}
