package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    Files.createFile(home.resolve("a b.conf"));
  }

  /** One that can be read. */
  private String configuration() {
    return home + "/a b.conf";
  }

  // ---------------------------------------------------------------- what is seen without a program

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ft --config x | there is no command 'ft' | perhaps fit was meant: ",
        "derive | there is neither --config FILE nor --from FOLDER | --config conf/quickstart.conf",
        "derive --confg=x | there is no option --confg | write --config, or see ",
        "derive --config /no/such.conf | /no/such.conf does not exist | give the path or URI",
        "fit --config=/no/such.conf | /no/such.conf does not exist | give the path or URI",
        "infer --from /no/such | there is no result at /no/such | an earlier command wrote",
        "fit --set | --set has no value | fit --help",
        "fit my.conf | there is no argument 'my.conf' | fit --config my.conf",
      })
  void itIsToldWithoutStartingJava(String words, String what, String mend) throws Exception {
    for (boolean json : new boolean[] {false, true}) {
      String[] typed = (words + (json ? " --json" : "")).split(" ");
      if (words.equals("fit --set")) {
        typed = json ? new String[] {"fit", "--json", "--set"} : typed;
      }
      Ended ended = end(Map.of("JAVA_HOME", "/nowhere", "PATH", path()), typed);
      assertThat(ended.code()).as(ended.err()).isEqualTo(2);
      assertThat(ended.err().lines()).hasSize(3);
      assertThat(ended.err()).startsWith("error: " + what).contains("\n  at: ").contains(mend);
      if (json) {
        JsonNode error = new ObjectMapper().readTree(ended.out()).get("error");
        assertThat(error.get("code").asInt()).isEqualTo(2);
        assertThat(error.get("what").asText()).startsWith(what);
        assertThat(error.get("mend").asText()).contains(mend);
      } else {
        assertThat(ended.out()).isEmpty();
      }
    }
  }

  private static String path() {
    return System.getenv("PATH");
  }

  @Test
  void textOfAnErrorIsJson() throws Exception {
    Ended ended = end(Map.of(), "fit", "--json", "--config", "/no/\"such\\ä\n.conf");
    assertThat(new ObjectMapper().readTree(ended.out()).get("error").get("what").asText())
        .isEqualTo("/no/\"such\\ä\n.conf does not exist");
  }

  /** On this machine's cores one Java is started, with what Spark's launcher said of it once. */
  @Test
  void withSettingsAloneTheProgramIsStartedAsItIs() throws Exception {
    Path java = Files.createDirectories(home.resolve("jdk/bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/bash
        if [[ " $* " == *org.apache.spark.launcher.Main* ]]; then
          echo launcher >>'%s/starts'
          printf '\\n%%s\\0' java --add-opens=java.base/java.lang=ALL-UNNAMED -cp x SparkSubmit | tr -d '\\n'
          exit
        fi
        echo "$SPARK_CURVATURE_READY" >&2
        printf '%%s\\n' "$@"
        """
            .formatted(home));
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"17.0.9\"\n");
    Map<String, String> embedded =
        Map.of("JAVA_HOME", home.resolve("jdk").toString(), "SPARK_HOME", "");
    for (int k = 0; k < 2; k++) {
      Ended ended =
          end(
              embedded,
              "fit",
              "--config",
              configuration(),
              "--",
              "--driver-memory",
              "3g",
              "--conf",
              "spark.sql.shuffle.partitions=7");
      assertThat(ended.code()).as(ended.err()).isZero();
      assertThat(ended.out().lines())
          .contains(
              "--add-opens=java.base/java.lang=ALL-UNNAMED",
              "-Xmx3g",
              "-Dspark.master=local[*]",
              "-Dspark.sql.shuffle.partitions=7")
          .endsWith("org.sparkcurvature.job.cli.Main", "fit", "--config", configuration());
    }
    assertThat(home.resolve("starts")).hasContent("launcher");
    // Whatever spark-submit has to look after goes its way.
    for (String option :
        List.of("--packages=a:b:1", "--jars=x.jar", "--properties-file=/dev/null")) {
      assertThat(end(embedded, "fit", "--config", configuration(), "--", option).out())
          .doesNotContain("-Dspark.master");
    }
    assertThat(
            end(
                    embedded,
                    "fit",
                    "--config",
                    configuration(),
                    "--",
                    "--master",
                    "local-cluster[1,1,1024]")
                .out())
        .doesNotContain("-Dspark.master");
  }

  /** The program writes an archive of classes where it succeeds; later runs start from it. */
  @Test
  void anArchiveOfClassesIsKeptOfARunThatSucceeds() throws Exception {
    Path java = Files.createDirectories(home.resolve("jdk/bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/bash
        if [[ " $* " == *org.apache.spark.launcher.Main* ]]; then
          printf '\\n%s\\0' java -cp x SparkSubmit | tr -d '\\n'
          exit
        fi
        echo "$SPARK_CURVATURE_READY" >&2
        printf '%s\\n' "$@" "archive ${SPARK_CURVATURE_ARCHIVE-}"
        [[ " $* " != *" infer "* ]] || exit 2
        [[ -z ${SPARK_CURVATURE_ARCHIVE-} ]] || echo classes >"$SPARK_CURVATURE_ARCHIVE"
        """);
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"17.0.9\"\n");
    Map<String, String> embedded =
        Map.of("JAVA_HOME", home.resolve("jdk").toString(), "SPARK_HOME", "");
    String target = home.resolve("target/classes-direct-").toString();
    for (String command : List.of("infer", "fit")) {
      Ended ended = end(embedded, command, "--config", configuration());
      assertThat(ended.code()).as(ended.err()).isEqualTo(command.equals("fit") ? 0 : 2);
      assertThat(ended.out().lines())
          .contains("-XX:+RecordDynamicDumpInfo")
          .noneMatch(line -> line.contains("ArchiveClassesAtExit"))
          .anyMatch(line -> line.startsWith("archive " + target));
    }
    try (var kept = Files.list(home.resolve("target"))) {
      assertThat(kept.map(Path::toString).filter(path -> path.startsWith(target)))
          .singleElement()
          .asString()
          .endsWith(".jsa");
    }
    assertThat(end(embedded, "infer", "--config", configuration()).out().lines())
        .anyMatch(line -> line.startsWith("-XX:SharedArchiveFile=" + target))
        .contains("archive ");
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
    List<String> arguments =
        run("derive", "--config", home + "/a b.conf", "--", "--master", "local[3]");
    assertThat(arguments).containsSubsequence("--master", "local[3]", "derive", "--config");
    assertThat(arguments).endsWith("derive", "--config", home + "/a b.conf");
  }

  // ---------------------------------------------------------------- Spark that does not start

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "1 | Exception in thread \"main\" java.lang.RuntimeException: [unresolved dependency: org.no#such;1.0: not found] | 2 | error: there are no such packages in the repositories: org.no#such;1.0",
        "1 | Server access error at url https://repo1.maven.org/x (java.net.UnknownHostException: repo1)\\nException in thread \"main\" java.lang.RuntimeException: [unresolved dependency: a#b;1: not found] | 5 | error: packages cannot be fetched, their repositories do not answer: a#b;1",
        "1 | Exception in thread \"main\" org.apache.spark.SparkException: When running with master 'yarn' either HADOOP_CONF_DIR or YARN_CONF_DIR must be set in the environment. | 2 | error: Spark does not know the YARN cluster",
        "1 | Error: Unrecognized option: --executor-memroy\\n\\nUsage: spark-submit [options] | 2 | error: Spark does not start: Unrecognized option: --executor-memroy",
        "1 | Usage: spark-submit [options] <app jar>\\nOptions: | 2 | error: Spark does not start: one of these is no option of spark-submit: --mastre",
        "1 | Unrecognized VM option 'UseFoo'\\nError: Could not create the Java Virtual Machine.\\nError: A fatal exception has occurred. | 2 | error: Spark does not start: Unrecognized VM option 'UseFoo'",
        "1 | Invalid maximum heap size: -Xmx9x\\nError: Could not create the Java Virtual Machine. | 2 | error: Spark does not start: Invalid maximum heap size: -Xmx9x",
        "1 | #\\n# There is insufficient memory for the Java Runtime Environment to continue. | 5 | error: Java does not start: There is insufficient memory for the Java",
        "1 | Exception in thread \"main\" org.apache.spark.SparkException: [X.Y] Something broke\\n\\tat a.b.C(D.java:1) | 2 | error: Spark does not start: Something broke",
        "1 |  | 2 | error: Spark does not start: it ended with 1 and said nothing",
        "137 |  | 5 | error: the process was killed while Spark started",
      })
  void aSparkThatDoesNotStartIsOneMessage(int status, String said, int code, String message)
      throws Exception {
    submit("printf '%s' \"$SAID\" | sed 's/\\\\n/\\n/g' >&2; exit " + status);
    Ended ended =
        end(
            Map.of("SAID", said == null ? "" : said),
            "derive",
            "--config",
            configuration(),
            "--",
            "--mastre=a");
    assertThat(ended.code()).as(ended.err()).isEqualTo(code);
    assertThat(ended.err().lines()).hasSize(3);
    assertThat(ended.err()).startsWith(message).contains("\n  to mend it: ");
    Ended told =
        end(
            Map.of("SAID", said == null ? "" : said),
            "derive",
            "--debug",
            "--config",
            configuration(),
            "--",
            "--mastre=a");
    assertThat(told.err()).contains(said == null ? "" : said.split("\\\\n")[0]).contains(message);
  }

  @Test
  void whatIsSaidWhileSparkStartsIsKeptForThoseWhoAsk() throws Exception {
    submit(
        "echo ':: loading settings' >&2; echo 'Warning: Ignoring non-Spark config property' >&2;"
            + " echo \"$SPARK_CURVATURE_READY\" >&2; echo 'error: no such column' >&2; exit 3");
    Ended ended = end(Map.of(), "derive", "--config", configuration());
    assertThat(ended.code()).isEqualTo(3);
    assertThat(ended.err())
        .isEqualTo("Warning: Ignoring non-Spark config property\nerror: no such column\n");
    assertThat(end(Map.of(), "derive", "--debug", "--config", configuration()).err())
        .contains(":: loading settings");
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 143})
  void aSignalReachesTheProgramWhichHasTheLastWord(int code) throws Exception {
    submit(
        "trap 'echo error: interrupted >&2; exit "
            + code
            + "' TERM; echo \"$SPARK_CURVATURE_READY\" >&2;"
            + " echo up; for i in $(seq 200); do sleep 0.1; done");
    Process process = start(Map.of(), "derive", "--config", configuration());
    assertThat(process.inputReader().readLine()).isEqualTo("up");
    process.toHandle().destroy(); // process.destroy() would close its streams
    String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isEqualTo(5);
    assertThat(said).isEqualTo("error: interrupted\n");
  }

  // ---------------------------------------------------------------- what it stands on

  @ParameterizedTest
  @CsvSource({
    "2.12-3.5.1, false",
    "2.13-3.5.1, false",
    "2.13-4.0.1, true",
    "2.13-4.1.7, true",
    "2.13-4.2.0, true",
    "2.13-4.3.0, false"
  })
  void sparkHasToBeOfAVersionThatTheProgramRunsOn(String version, boolean fits) throws Exception {
    Files.createDirectories(home.resolve("spark/jars"));
    Files.createFile(home.resolve("spark/jars/spark-core_" + version + ".jar"));
    Ended ended = end(java("17.0.9"), "derive", "--config", configuration());
    assertThat(ended.code()).isEqualTo(fits ? 0 : 2);
    if (!fits) {
      assertThat(ended.err().lines()).hasSize(3);
      assertThat(ended.err())
          .startsWith("error: ")
          .contains(
              "SPARK_HOME is Spark "
                  + version.substring(5, 8)
                  + " with Scala "
                  + version.substring(0, 4))
          .contains("runs on Spark 4.0, 4.1 and 4.2 with Scala 2.13");
    }
  }

  /** The environment that leads to a Java of this version, which does nothing. */
  private Map<String, String> java(String version) throws IOException {
    Path java = Files.createDirectories(home.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"" + version + "\"\n");
    return Map.of("JAVA_HOME", home.resolve("jdk").toString());
  }

  @ParameterizedTest
  @CsvSource({"11.0.2, 2", "1.8.0_392, 2", "17.0.9, 0", "21, 0", "25.0.1, 0", "26, 2"})
  void javaHasToBeOneThatSparkRunsOn(String version, int code) throws Exception {
    Ended ended = end(java(version), "derive", "--config", configuration());
    assertThat(ended.code()).as(ended.err()).isEqualTo(code);
    if (code != 0) {
      assertThat(ended.err().lines()).hasSize(3);
      assertThat(ended.err())
          .startsWith("error: ")
          .contains("Spark 4.2 runs on Java 17 to 25")
          .contains("set JAVA_HOME");
    }
  }

  @Test
  void jarsOfTwoVersionsAreNoSpark() throws Exception {
    Path jars = Files.createDirectories(home.resolve("spark/jars"));
    Files.createFile(jars.resolve("spark-core_2.13-4.1.0.jar"));
    Files.createFile(jars.resolve("spark-core_2.13-4.2.0.jar"));
    Ended ended = end(Map.of(), "derive", "--config", configuration());
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err().lines()).hasSize(3);
    assertThat(ended.err())
        .startsWith("error: there are jars of Spark 4.1 and 4.2 in ")
        .contains("mvn clean package");
  }

  @Test
  void anInstallationThatCannotBeWrittenIsUsedAsItIs() throws Exception {
    Files.writeString(home.resolve("target"), "where no folder can be made");
    assertThat(end(Map.of(), "derive", "--config", configuration()).code()).isZero();
    // Without what is built there is one message, not that of mkdir.
    Files.delete(home.resolve("job/target/lib").toFile().listFiles()[0].toPath());
    Ended ended = end(Map.of(), "derive", "--config", configuration());
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err().lines()).hasSize(3);
    assertThat(ended.err())
        .startsWith("error: ")
        .contains("is not built")
        .contains("cannot be written");
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "", "no_SUCH"})
  void withoutALocaleTextIsUtf8(String locale) throws Exception {
    submit("echo \"$LC_ALL\"; printf '%s\\n' \"$@\" | tail -n 1");
    Ended ended =
        end(
            Map.of("LC_ALL", locale, "LC_CTYPE", "", "LANG", "C"),
            "derive",
            "--config",
            configuration(),
            "--set",
            "input.where=größe = 'ä'");
    assertThat(ended.out().lines().toList().get(0).toLowerCase(Locale.ROOT).replace("-", ""))
        .endsWith(".utf8");
    assertThat(ended.out()).endsWith("input.where=größe = 'ä'\n");
  }

  @Test
  void helpIsKept() throws Exception {
    Path java = Files.createDirectories(home.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho java >>'" + home + "/starts'\necho Usage: fit\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    for (int k = 0; k < 3; k++) {
      Ended ended = end(Map.of("JAVA_HOME", home.resolve("jdk").toString()), "fit", "--help");
      assertThat(ended.code()).as(ended.err()).isZero();
      assertThat(ended.out()).isEqualTo("Usage: fit\n");
    }
    assertThat(home.resolve("starts")).hasContent("java");
  }

  /** What is kept for all who ask next must not be in the form that one of them asked for. */
  @Test
  void keptHelpIsThatOfTheCommandAlone() throws Exception {
    Path java = Files.createDirectories(home.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho \"$*\" >'" + home + "/asked'\necho Usage: fit\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Ended ended =
        end(Map.of("JAVA_HOME", home.resolve("jdk").toString()), "fit", "--json", "--help");
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(Files.readString(home.resolve("asked"))).endsWith("Main fit --help\n");
  }

  @Test
  void aClusterRefusesAPortThatIsTaken() throws Exception {
    Path start = Files.createDirectories(home.resolve("deploy/cluster")).resolve("start");
    Files.copy(Path.of(System.getProperty("user.dir")).resolve("../deploy/cluster/start"), start);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ProcessBuilder builder = new ProcessBuilder("bash", start.toString(), "1");
      builder.environment().put("PORT", Integer.toString(taken.getLocalPort()));
      builder.redirectErrorStream(true);
      Process process = builder.start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).isEqualTo(2);
      assertThat(said).contains("port " + taken.getLocalPort() + " is taken").hasLineCount(1);
      assertThat(home.resolve("target/cluster")).doesNotExist();
    }
  }

  // ----------------------------------------------------------------

  /** How the launcher ended. */
  private record Ended(int code, String out, String err) {}

  /** A Spark whose spark-submit does this. */
  private void submit(String script) throws IOException {
    Files.writeString(home.resolve("spark/bin/spark-submit"), "#!/bin/bash\n" + script + "\n");
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("bash", launcher.toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().put("SPARK_HOME", home.resolve("spark").toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private Ended end(Map<String, String> environment, String... arguments) throws Exception {
    Process process = start(environment, arguments);
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), out, err);
  }

  private List<String> submitted(String properties) throws Exception {
    Path file = Files.writeString(home.resolve("spark.properties"), properties + "\n");
    return run("check", "--config", configuration(), "--", "--properties-file", file.toString());
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
