package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.InputConfig;

/** Files of more columns than Spark's parser has room for unless it is told otherwise. */
class WideTablesTest {

  private static final int COLUMNS = 20_500;

  @TempDir Path folder;

  @Test
  void anElementOfEachOfThousandsOfColumnsIsReadWhereItStands() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("wide.csv"),
            row(k -> "c" + k) + row(k -> "a") + row(Integer::toString) + row(k -> "1" + k));
    InputConfig input = Inputs.files("csv", Map.of("header", "true"), file);
    List<String> columns = IntStream.range(COLUMNS - 500, COLUMNS).mapToObj(k -> "c" + k).toList();
    Source source =
        Source.open(
            LocalSpark.session(),
            Inputs.where(
                Inputs.list(input, "x", columns.toArray(String[]::new)), "c0 = '0' OR c0 < c1"));
    assertThat(source.warnings()).singleElement().asString().contains("compares text");
    List<Sample> first = source.first(10);
    assertThat(first).hasSize(2);
    for (int k = 0; k < 500; k++) {
      double column = COLUMNS - 500 + k;
      assertThat(first.get(0).tensors().get("x")[k]).isEqualTo(column);
      assertThat(first.get(1).tensors().get("x")[k]).isEqualTo(100_000 + column);
    }
  }

  private static String row(IntFunction<String> cell) {
    return IntStream.range(0, COLUMNS).mapToObj(cell).collect(Collectors.joining(",")) + "\n";
  }
}
