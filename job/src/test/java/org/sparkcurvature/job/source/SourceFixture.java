package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;

/** Sources of files and of a table t. */
abstract class SourceFixture {
  @TempDir Path folder;

  Path csv(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  static Source open(InputConfig input) {
    return Source.open(LocalSpark.session(), input);
  }

  static List<double[]> tensor(Source source, String name) {
    return source.first(1000).stream().map(sample -> sample.tensors().get(name)).toList();
  }

  static double[] column(Source source, String name) {
    return tensor(source, name).stream().mapToDouble(values -> values[0]).toArray();
  }

  /** The reasons for which rows of a source are invalid, in their order. */
  static List<String> reasons(InputConfig input) {
    return open(Inputs.invalid(input, InvalidRows.QUARANTINE))
        .rejected()
        .select("reason")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  static JobException refused(InputConfig input) {
    JobException error = catchThrowableOfType(JobException.class, () -> open(input).first(10));
    assertThat(error.exitCode()).isEqualTo(ExitCode.DATA);
    return error;
  }

  static void query(String sql) {
    SparkSession spark = LocalSpark.session();
    spark.sql(sql).createOrReplaceTempView("t");
  }

  static InputConfig table() {
    return Inputs.of(new InputSource.Table("t"));
  }
}
