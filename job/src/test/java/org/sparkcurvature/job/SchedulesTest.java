package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;

/** The commands of {@code deploy/cron} and {@code deploy/airflow}, run as they stand there. */
class SchedulesTest {
  private static final Path CHECKOUT = Path.of(System.getProperty("user.dir")).resolve("..");

  /** A stand-in for Airflow that prints the command of the DAG's task. */
  private static final String AIRFLOW =
      """
      import sys, types
      class DAG:
          def __init__(self, **kwargs): assert kwargs["dag_id"] == "daily_derive"
          def __enter__(self): return self
          def __exit__(self, *failure): pass
      def BashOperator(task_id, bash_command, append_env):
          print(bash_command)
      for name in ("airflow", "airflow.operators", "airflow.operators.bash"):
          sys.modules[name] = types.ModuleType(name)
      sys.modules["airflow"].DAG = DAG
      sys.modules["airflow.operators.bash"].BashOperator = BashOperator
      exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"))
      """;

  @TempDir Path home;

  /** The scripts in a place where all is built, and a Spark that prints its arguments. */
  @BeforeEach
  void build() throws IOException {
    Path deploy = Files.createDirectories(home.resolve("deploy/cron")).getParent();
    for (String name : List.of("spark-curvature", "cron/daily-derive", "cron/daily.conf")) {
      Files.copy(CHECKOUT.resolve("deploy").resolve(name), deploy.resolve(name));
    }
    Matcher version =
        Pattern.compile("(?m)^version=(.*)$")
            .matcher(Files.readString(deploy.resolve("spark-curvature")));
    assertThat(version.find()).isTrue();
    Files.createDirectories(deploy.resolve("spark-home/target/spark-home/jars"));
    Path target = Files.createDirectories(home.resolve("job/target/lib")).getParent();
    Files.createFile(target.resolve("lib/spark-curvature-core-" + version.group(1) + ".jar"));
    Files.createFile(target.resolve("spark-curvature-job-" + version.group(1) + ".jar"));
    Path submit = Files.createDirectories(home.resolve("spark/bin")).resolve("spark-submit");
    Files.writeString(submit, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    assertThat(submit.toFile().setExecutable(true)).isTrue();
    Path day = Files.createDirectories(home.resolve("data/2026-01-31"));
    try (Stream<String> lines = Files.lines(CHECKOUT.resolve("conf/data/randhie.csv"))) {
      Files.write(day.resolve("visits.csv"), lines.limit(200).toList());
    }
  }

  @Test
  void cronDerivesADayOnce() throws Exception {
    String line =
        Files.readAllLines(CHECKOUT.resolve("deploy/cron/crontab")).stream()
            .filter(text -> text.startsWith("15 3 * * *"))
            .findFirst()
            .orElseThrow();
    String command = line.substring("15 3 * * *".length()).strip();
    assertThat(command).startsWith("$CHECKOUT/deploy/cron/daily-derive >$LOG");
    // Which day it is, is not left to the clock here.
    run("set -e\n" + command.replace("daily-derive >", "daily-derive 2026-01-31 >"));
    assertDerived(Files.readAllLines(home.resolve("log")));
  }

  @Test
  void airflowDerivesADayOnce() throws Exception {
    Path script = Files.writeString(home.resolve("airflow.py"), AIRFLOW);
    List<String> printed =
        run("python3 " + script + " " + CHECKOUT.resolve("deploy/airflow/daily_derive.py"));
    assertThat(printed).hasSize(1);
    assertDerived(run(printed.get(0).replace("{{ ds }}", "2026-01-31")));
  }

  @Test
  void whatIsNoDayIsRefused() throws Exception {
    Process process = start("$CHECKOUT/deploy/cron/daily-derive yesterday");
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("yesterday is no day such as 2026-01-31");
    assertThat(process.waitFor()).isEqualTo(2);
  }

  /** Runs the program with what reached spark-submit, twice. */
  private void assertDerived(List<String> submitted) throws IOException {
    LocalSpark.session();
    String[] arguments =
        submitted.subList(submitted.indexOf("derive"), submitted.size()).toArray(String[]::new);
    Console first = Console.run(arguments);
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(home.resolve("results/2026-01-31/_SUCCESS")).exists();
    JsonNode status =
        new ObjectMapper().readTree(home.resolve("results/status/2026-01-31.json").toFile());
    assertThat(status.get("state").asText()).isEqualTo("succeeded");
    assertThat(Console.run(arguments).out()).contains("a complete result is at");
  }

  private List<String> run(String command) throws Exception {
    Process process = start(command);
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text.lines().toList();
  }

  private Process start(String command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", command);
    builder.environment().put("CHECKOUT", home.toString());
    builder.environment().put("SPARK_CURVATURE_HOME", home.toString());
    builder.environment().put("DATA", home.resolve("data").toString());
    builder.environment().put("RESULTS", home.resolve("results").toString());
    builder.environment().put("LOG", home.resolve("log").toString());
    builder.environment().put("SPARK_HOME", home.resolve("spark").toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return builder.redirectErrorStream(true).start();
  }
}
