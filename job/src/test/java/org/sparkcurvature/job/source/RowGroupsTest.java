package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;

class RowGroupsTest {
  private static final int ROWS = 200_000;

  @TempDir Path folder;

  private Source source(RowGroup.Kind kind, String... columns) {
    String format = kind.name().toLowerCase(Locale.ROOT);
    LocalSpark.session()
        .range(0, ROWS, 1, 1)
        .selectExpr("rand(1) AS A", "rand(2) AS b", "struct(rand(3) AS d, rand(4) AS e) AS c")
        .write()
        .option("compression", "none")
        .option("parquet.enable.dictionary", "false")
        .option(kind.option(), 1_000_000)
        .mode("overwrite")
        .format(format)
        .save(folder.resolve(format).toString());
    return Source.open(
        LocalSpark.session(),
        Inputs.list(Inputs.files(format, Map.of(), folder.resolve(format)), "x", columns));
  }

  private long bytesOfFiles() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("part"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theBytesAreThoseOfTheColumnsThatAreRead(RowGroup.Kind kind) throws IOException {
    List<RowGroup> groups = source(kind, "a").largestRowGroups(1);
    assertThat(groups).hasSizeGreaterThan(3).isSortedAccordingTo((a, b) -> longer(a, b));
    assertThat(groups).allMatch(group -> group.kind() == kind && group.file().contains("part-"));
    assertThat((double) sum(groups)).isCloseTo(8.0 * ROWS, within(0.01 * 8 * ROWS));
    // A struct is read with all of it that is asked for, or whole.
    assertThat((double) sum(source(kind, "b", "c.d").largestRowGroups(1)))
        .isBetween(0.99 * 16 * ROWS, 1.01 * 24 * ROWS);
    assertThat(source(kind, "a").largestRowGroups(bytesOfFiles() + 1)).isEmpty();
  }

  private static int longer(RowGroup a, RowGroup b) {
    return Long.compare(b.bytes(), a.bytes());
  }

  private static long sum(List<RowGroup> groups) {
    return groups.stream().mapToLong(RowGroup::bytes).sum();
  }

  @Test
  void textHasNone() throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), "a\n1\n");
    assertThat(
            Source.open(LocalSpark.session(), Inputs.tensor(Inputs.csv(path), "x", "a"))
                .largestRowGroups(0))
        .isEmpty();
  }
}
