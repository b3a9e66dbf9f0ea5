package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about what is shipped names the libraries and versions that are there. */
class ThirdPartyTest {

  /** {@code artifact-version} of each row of the page's first table. */
  private static Set<String> listed() throws IOException {
    return Files.readAllLines(Path.of("THIRD-PARTY.md")).stream()
        .takeWhile(line -> !line.startsWith("## Known"))
        .filter(line -> line.startsWith("| ") && !line.startsWith("| library"))
        .filter(line -> !line.startsWith("| ---"))
        .map(line -> line.split("\\|"))
        .map(cells -> cells[1].strip() + "-" + cells[2].strip())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyRowIsAJarOfTheClassPath() throws IOException {
    List<String> jars =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(path -> Path.of(path).getFileName().toString())
            .toList();
    assertThat(listed()).hasSizeGreaterThan(15);
    assertThat(listed()).allSatisfy(row -> assertThat(jars).contains(row + ".jar"));
  }

  @Test
  void everyJarOfNd4jHasARow() throws IOException {
    // What ND4J brings is what changes without anyone asking for it.
    try (Stream<String> brought =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(path -> path.contains("nd4j") || path.contains("bytedeco"))
            .map(path -> Path.of(path).getFileName().toString())
            .filter(jar -> !jar.contains("linux-") && !jar.contains("test"))
            .map(jar -> jar.replace(".jar", ""))) {
      assertThat(listed()).containsAll(brought.toList());
    }
  }
}
