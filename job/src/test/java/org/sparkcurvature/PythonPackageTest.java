package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The Python package as users have it: its wheel, with the jar of this build, beside the PySpark
 * that pip installs, in a virtual environment under target. {@code -Dpython.tests=all} runs the
 * slow ones too, {@code -Dpython.tests=none} none.
 */
@Tag("packaged")
class PythonPackageTest {
  private static final Path HOME = Path.of(System.getenv("SPARK_CURVATURE_HOME"));
  private static final Path TARGET = Path.of("target").toAbsolutePath();

  private record Outcome(int status, String output) {}

  private static Outcome run(Map<String, String> environment, Path folder, String... command)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile(TARGET, "python", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    // The embedded Spark of the other tests is not that of pip.
    builder.environment().keySet().removeIf(name -> name.startsWith("SPARK_"));
    builder.environment().putAll(environment);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return new Outcome(127, e.getMessage());
    }
    if (!process.waitFor(20, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      return new Outcome(124, Files.readString(log, StandardCharsets.UTF_8));
    }
    String output = Files.readString(log, StandardCharsets.UTF_8);
    Files.delete(log);
    return new Outcome(process.exitValue(), output);
  }

  private static void leaveOut(String reason) {
    System.out.println("PythonPackageTest leaves the Python package out: " + reason);
    abort(reason);
  }

  @Test
  void theTestsOfThePackagePass() throws Exception {
    String wanted = System.getProperty("python.tests", "main");
    if (wanted.equals("none")) {
      leaveOut("-Dpython.tests=none");
    }
    if (Boolean.getBoolean("shaded.skip")) {
      leaveOut("there is no jar for the wheel (-Dshaded.skip)");
    }
    Outcome version =
        run(
            Map.of(),
            TARGET,
            "python3",
            "-c",
            "import sys; sys.exit(0 if sys.version_info >= (3, 10) else 9)");
    if (version.status() != 0) {
      leaveOut("there is no Python 3.10 or later");
    }
    Path environment = TARGET.resolve("python");
    Path python = environment.resolve("bin/python");
    if (!Files.exists(python)) {
      Outcome made = run(Map.of(), TARGET, "python3", "-m", "venv", environment.toString());
      if (made.status() != 0) {
        leaveOut("python3 -m venv failed: " + made.output().strip());
      }
    }
    String spark = org.apache.spark.package$.MODULE$.SPARK_VERSION();
    List<String> install =
        new ArrayList<>(
            List.of(
                python.toString(),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--retries",
                "1",
                "--timeout",
                "30"));
    install.addAll(
        List.of(
            "pyspark==" + spark,
            "setuptools>=70.1",
            "numpy",
            "pandas>=2",
            "pytest>=8",
            "pytest-xdist>=3.6",
            "matplotlib>=3.8",
            "nbclient>=0.10",
            "ipykernel>=6",
            "mypy>=1.11"));
    Outcome installed = run(Map.of(), TARGET, install.toArray(String[]::new));
    if (installed.status() != 0) {
      leaveOut("pip cannot install pyspark " + spark + ": " + lastLine(installed.output()));
    }
    Path sources = HOME.resolve("deploy/python");
    String path = environment.resolve("bin") + ":" + System.getenv("PATH");
    // Without an index, what was installed before is enough.
    assertSucceeds(
        run(
            Map.of("PATH", path),
            TARGET,
            sources.resolve("build").toString(),
            "--no-build-isolation"));
    Path wheel;
    try (Stream<Path> built = Files.list(sources.resolve("dist"))) {
      wheel = built.filter(file -> file.toString().endsWith(".whl")).findFirst().orElseThrow();
    }
    assertSucceeds(
        run(
            Map.of(),
            TARGET,
            python.toString(),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--force-reinstall",
            wheel.toString()));
    // Sessions, wheels and transfers take as long again: they are run before a release.
    List<String> tests =
        new ArrayList<>(
            List.of(
                python.toString(),
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "--numprocesses",
                "2",
                "--dist",
                "loadfile",
                "--durations",
                "5",
                "-m",
                wanted.equals("all") ? "" : "not slow"));
    tests.addAll(
        wanted.equals("main")
            ? List.of(
                sources.resolve("tests/test_curvature.py").toString(),
                sources.resolve("tests/test_ml.py").toString())
            : List.of(sources.resolve("tests").toString()));
    Outcome tested =
        run(
            Map.of(
                "SPARK_CURVATURE_HOME",
                HOME.toString(),
                "SPARK_CURVATURE_WHEEL",
                wheel.toString(),
                "SPARK_CURVATURE_OLD_CONFIG",
                TARGET.resolve("other-libraries/config-1.2.1.jar").toString(),
                "SPARK_LOCAL_IP",
                "127.0.0.1",
                "OMP_NUM_THREADS",
                "1",
                "PYTHONDONTWRITEBYTECODE",
                "1"),
            TARGET,
            tests.toArray(String[]::new));
    assertSucceeds(tested);
    assertThat(lastLine(tested.output())).contains(" passed").doesNotContain("skipped");
    System.out.println("PythonPackageTest: " + lastLine(tested.output()));
    Outcome typed =
        run(Map.of(), sources, python.toString(), "-m", "mypy", "--cache-dir=/dev/null");
    assertSucceeds(typed);
  }

  private static void assertSucceeds(Outcome outcome) {
    assertThat(outcome.status()).as(outcome.output()).isZero();
  }

  private static String lastLine(String output) {
    String[] lines = output.strip().split("\n");
    return lines[lines.length - 1];
  }
}
