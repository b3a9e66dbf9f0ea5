package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.LocalSpark;

/** Folders whose names would be patterns. */
class LiteralPathTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"plain", "out [1]", "{a,b}", "a*b?", "back\\slash", "50%20ü"})
  void whatWasWrittenIsRead(String name) {
    SparkSession spark = LocalSpark.session();
    // Beside it is what the pattern would match.
    for (String other : new String[] {"out 1", "a", "b", "acbd", name}) {
      spark
          .range(other.length())
          .write()
          .mode("overwrite")
          .parquet(folder.resolve(other).toString());
    }
    String path = folder.resolve(name).toString();
    assertThat(spark.read().parquet(LiteralPath.of(path)).count()).isEqualTo(name.length());
  }
}
