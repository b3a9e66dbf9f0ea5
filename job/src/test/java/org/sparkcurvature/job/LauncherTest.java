package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code deploy/spark-curvature} hands to a spark-submit. */
class LauncherTest {
  @TempDir Path home;

  private Path launcher;

  /**
   * A copy of the launcher in a place where all is built, and a Spark that prints its arguments.
   */
  @BeforeEach
  void build() throws IOException {
    Path script = Path.of(System.getProperty("user.dir")).resolve("../deploy/spark-curvature");
    launcher = Files.createDirectories(home.resolve("deploy")).resolve("spark-curvature");
    Files.copy(script, launcher);
    Matcher version = Pattern.compile("(?m)^version=(.*)$").matcher(Files.readString(script));
    assertThat(version.find()).isTrue();
    Files.createDirectories(home.resolve("deploy/spark-home/target/spark-home/jars"));
    Path target = Files.createDirectories(home.resolve("job/target/lib")).getParent();
    Files.createFile(target.resolve("lib/spark-curvature-core-" + version.group(1) + ".jar"));
    Files.createFile(target.resolve("spark-curvature-job-" + version.group(1) + ".jar"));
    Path submit = Files.createDirectories(home.resolve("spark/bin")).resolve("spark-submit");
    Files.writeString(submit, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    assertThat(submit.toFile().setExecutable(true)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.master local[2]",
        "spark.master=local[2]",
        "  spark.master \t:  local[2] \t\r",
        "spark.master yarn\nspark.master local[2]\nspark.master.rest.enabled true",
        "# spark.master yarn\nspark.master local[2]\nspark.masterful yarn",
      })
  void aMasterInAPropertiesFileIsOnThisMachine(String properties) throws Exception {
    assertThat(submitted(properties)).contains("spark.driver.memory=2g");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"spark.master yarn", "spark.master.local local[2]", "spark.masters=local"})
  void orItIsNot(String properties) throws Exception {
    assertThat(submitted(properties))
        .doesNotContain("spark.driver.memory=2g")
        .contains("spark.executor.memoryOverheadFactor=0.5");
  }

  @Test
  void whatFollowsTheDashesGoesToSpark() throws Exception {
    List<String> arguments = run("derive", "--config", "a b.conf", "--", "--master", "local[3]");
    assertThat(arguments).containsSubsequence("--master", "local[3]", "derive", "--config");
    assertThat(arguments).endsWith("derive", "--config", "a b.conf");
  }

  private List<String> submitted(String properties) throws Exception {
    Path file = Files.writeString(home.resolve("spark.properties"), properties + "\n");
    return run("check", "--config", "x", "--", "--properties-file", file.toString());
  }

  private List<String> run(String... arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("bash", launcher.toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().put("SPARK_HOME", home.resolve("spark").toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectErrorStream(true);
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text.lines().toList();
  }
}
