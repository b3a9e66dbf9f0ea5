package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The Python package as users have it: its wheel, with the jar of this build, beside the PySpark
 * that pip installs, in virtual environments under target. {@code -Dpython.tests=all} runs the slow
 * ones too, {@code -Dpython.tests=none} none.
 */
@Tag("packaged")
class PythonPackageTest {
  private static final Path HOME = Path.of(System.getenv("SPARK_CURVATURE_HOME"));
  private static final Path SOURCES = HOME.resolve("deploy/python");
  private static final Path TARGET = Path.of("target").toAbsolutePath();

  /** The newest Java that the oldest Spark runs on. */
  private static final int LAST_JAVA_OF_OLDEST = 23;

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

  /** What runs the tests of the package on the Spark of the build, and those of its types. */
  private static final List<String> ALL =
      List.of(
          "numpy",
          "pandas>=2",
          "pytest>=8",
          "pytest-xdist>=3.6",
          "matplotlib>=3.8",
          "nbclient>=0.10",
          "ipykernel>=6",
          "mypy>=1.11");

  private static final List<String> FEW = List.of("numpy", "pandas>=2", "pytest>=8");

  private static String wanted() {
    String wanted = System.getProperty("python.tests", "main");
    if (wanted.equals("none")) {
      leaveOut("-Dpython.tests=none");
    }
    if (Boolean.getBoolean("shaded.skip")) {
      leaveOut("there is no jar for the wheel (-Dshaded.skip)");
    }
    return wanted;
  }

  /** The Python of a virtual environment with a PySpark, made once. */
  private static Path python(String name, String pyspark, List<String> packages) throws Exception {
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
    Path environment = TARGET.resolve(name);
    Path python = environment.resolve("bin/python");
    if (!Files.exists(python)) {
      Outcome made = run(Map.of(), TARGET, "python3", "-m", "venv", environment.toString());
      if (made.status() != 0) {
        leaveOut("python3 -m venv failed: " + made.output().strip());
      }
    }
    List<String> install = new ArrayList<>(List.of(python.toString(), "-m", "pip", "install"));
    install.addAll(List.of("--quiet", "--disable-pip-version-check"));
    install.addAll(List.of("--retries", "1", "--timeout", "30"));
    install.addAll(List.of("pyspark==" + pyspark, "setuptools>=70.1"));
    install.addAll(packages);
    Outcome installed = run(Map.of(), TARGET, install.toArray(String[]::new));
    if (installed.status() != 0) {
      leaveOut("pip cannot install pyspark " + pyspark + ": " + lastLine(installed.output()));
    }
    return python;
  }

  /** The wheel, built by the first who needs it. */
  private static Path built;

  /** Installs the wheel. */
  private static synchronized Path wheel(Path python) throws Exception {
    if (built == null) {
      // Without an index, what was installed before is enough.
      assertSucceeds(
          run(
              Map.of("PATH", python.getParent() + ":" + System.getenv("PATH")),
              TARGET,
              SOURCES.resolve("build").toString(),
              "--no-build-isolation"));
      try (Stream<Path> files = Files.list(SOURCES.resolve("dist"))) {
        built = files.filter(file -> file.toString().endsWith(".whl")).findFirst().orElseThrow();
      }
    }
    List<String> install = new ArrayList<>(List.of(python.toString(), "-m", "pip", "install"));
    install.addAll(List.of("--quiet", "--disable-pip-version-check"));
    install.addAll(List.of("--no-deps", "--force-reinstall", built.toString()));
    assertSucceeds(run(Map.of(), TARGET, install.toArray(String[]::new)));
    return built;
  }

  private static void pytest(Path python, Path wheel, List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(python.toString(), "-m", "pytest", "-q"));
    command.addAll(List.of("-p", "no:cacheprovider", "--durations", "5"));
    command.addAll(arguments);
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
            command.toArray(String[]::new));
    assertSucceeds(tested);
    assertThat(lastLine(tested.output())).contains(" passed").doesNotContain("skipped");
    System.out.println("PythonPackageTest: " + lastLine(tested.output()));
  }

  @Test
  void theTestsOfThePackagePass() throws Exception {
    String wanted = wanted();
    Path python = python("python", org.apache.spark.package$.MODULE$.SPARK_VERSION(), ALL);
    List<String> tests = new ArrayList<>(List.of("--numprocesses", "2", "--dist", "loadfile"));
    tests.addAll(List.of("-m", wanted.equals("all") ? "" : "not slow"));
    // Sessions, wheels and transfers take as long again: they are run before a release.
    if (wanted.equals("main")) {
      tests.add(SOURCES.resolve("tests/test_curvature.py").toString());
      tests.add(SOURCES.resolve("tests/test_ml.py").toString());
    } else {
      tests.add(SOURCES.resolve("tests").toString());
    }
    pytest(python, wheel(python), tests);
    Outcome typed =
        run(Map.of(), SOURCES, python.toString(), "-m", "mypy", "--cache-dir=/dev/null");
    assertSucceeds(typed);
  }

  /** One jar serves all Sparks that are supported: what differs most from the build's is run. */
  @Test
  void theOldestSparkRunsThePackage() throws Exception {
    wanted();
    Properties built = new Properties();
    try (InputStream in = getClass().getResourceAsStream("/org/sparkcurvature/built.properties")) {
      built.load(in);
    }
    String oldest = built.getProperty("supported").split(" ")[0];
    if (Runtime.version().feature() > LAST_JAVA_OF_OLDEST) {
      leaveOut("Spark " + oldest + " does not run on Java " + Runtime.version().feature());
    }
    Path python = python("python-oldest", oldest + ".*", FEW);
    pytest(
        python,
        wheel(python),
        List.of(
            "-m",
            "oldest",
            SOURCES.resolve("tests/test_curvature.py").toString(),
            SOURCES.resolve("tests/test_ml.py").toString()));
  }

  private static void assertSucceeds(Outcome outcome) {
    assertThat(outcome.status()).as(outcome.output()).isZero();
  }

  private static String lastLine(String output) {
    String[] lines = output.strip().split("\n");
    return lines[lines.length - 1];
  }
}
