package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The Python package against the PySpark that pip installs, on the classes of this build: the tests
 * of deploy/python, in a virtual environment under target.
 */
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
    if (!process.waitFor(10, TimeUnit.MINUTES)) {
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

  /** Everything on the class path that Spark does not bring itself. */
  private static String classPath() {
    Path jars = Path.of(System.getenv("SPARK_HOME"), "jars");
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(entry -> !Files.exists(jars.resolve(entry.getFileName().toString())))
        .map(Path::toString)
        .filter(entry -> !entry.contains("test-classes") && !entry.contains("junit"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void theTestsOfThePackagePass() throws Exception {
    if (!Boolean.getBoolean("python.tests")) {
      leaveOut("it takes pip's 430 MB of pyspark and two minutes (-Dpython.tests=true)");
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
                "1"));
    install.addAll(
        List.of(
            "pyspark==" + spark,
            "numpy",
            "pandas>=2",
            "pytest>=8",
            "matplotlib>=3.8",
            "nbclient>=0.10",
            "ipykernel>=6",
            "mypy>=1.11"));
    Outcome installed = run(Map.of(), TARGET, install.toArray(String[]::new));
    if (installed.status() != 0) {
      leaveOut("pip cannot install pyspark " + spark + ": " + lastLine(installed.output()));
    }
    Path sources = HOME.resolve("deploy/python");
    Outcome tested =
        run(
            Map.of(
                "SPARK_CURVATURE_HOME",
                HOME.toString(),
                "SPARK_CURVATURE_CLASSPATH",
                classPath(),
                "SPARK_LOCAL_IP",
                "127.0.0.1",
                "OMP_NUM_THREADS",
                "1",
                "PYTHONPATH",
                sources.toString(),
                "PYTHONDONTWRITEBYTECODE",
                "1"),
            TARGET,
            python.toString(),
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            sources.resolve("tests").toString());
    assertThat(tested.status()).as(tested.output()).isZero();
    assertThat(lastLine(tested.output())).contains("28 passed").doesNotContain("skipped");
    Outcome typed =
        run(Map.of(), sources, python.toString(), "-m", "mypy", "--cache-dir=/dev/null");
    assertThat(typed.status()).as(typed.output()).isZero();
  }

  private static String lastLine(String output) {
    String[] lines = output.strip().split("\n");
    return lines[lines.length - 1];
  }
}
