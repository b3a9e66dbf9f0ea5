package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in core/README.md, compiled as it stands there and run. */
class ReadmeExampleTest {
  private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @TempDir Path temporary;

  @Test
  void theExampleComputesWhatItSays() throws Throwable {
    String example = example();
    assertThat(example.lines().filter(line -> !line.isBlank()).count()).isLessThanOrEqualTo(20);
    int rows = 500;
    double[] x = new double[3 * rows];
    double[] y = new double[rows];
    double[] beta = {0.5, -1, 0.25};
    Random random = new Random(3);
    for (int m = 0; m < rows; m++) {
      for (int i = 0; i < 3; i++) {
        x[3 * m + i] = random.nextGaussian();
      }
      y[m] = random.nextInt(2);
    }
    Sums sums = (Sums) compiled(example).invoke(x, y, beta);
    double value = 0;
    double[] gradient = new double[3];
    double[] hessian = new double[6];
    for (int m = 0; m < rows; m++) {
      double z = x[3 * m] * beta[0] + x[3 * m + 1] * beta[1] + x[3 * m + 2] * beta[2];
      double p = 1 / (1 + Math.exp(-z));
      value += Math.log(1 + Math.exp(z)) - y[m] * z;
      for (int i = 0, at = 0; i < 3; i++) {
        gradient[i] += (p - y[m]) * x[3 * m + i];
        for (int j = i; j < 3; j++) {
          hessian[at++] += p * (1 - p) * x[3 * m + i] * x[3 * m + j];
        }
      }
    }
    assertThat(sums.value()).isCloseTo(value, within(1e-11));
    assertThat(sums.gradient()).containsExactly(gradient, within(1e-11));
    assertThat(sums.curvature(Request.Curvature.HESSIAN)).containsExactly(hessian, within(1e-11));
  }

  private static String example() throws IOException {
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("README.md")));
    assertThat(example.find()).isTrue();
    return example.group(1);
  }

  private MethodHandle compiled(String example) throws Exception {
    Path source = temporary.resolve("Logistic.java");
    Files.writeString(source, example);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of(
            "-Werror", "-cp", System.getProperty("java.class.path"), "-d", temporary.toString());
    boolean compiles =
        compiler
            .getTask(
                messages,
                null,
                null,
                options,
                null,
                compiler.getStandardFileManager(null, null, null).getJavaFileObjects(source))
            .call();
    assertThat(compiles).as(messages.toString()).isTrue();
    URLClassLoader loader =
        new URLClassLoader(
            new URL[] {temporary.toUri().toURL()}, ReadmeExampleTest.class.getClassLoader());
    Class<?> logistic = loader.loadClass("Logistic");
    return MethodHandles.privateLookupIn(logistic, MethodHandles.lookup())
        .findStatic(
            logistic,
            "derivatives",
            MethodType.methodType(Sums.class, double[].class, double[].class, double[].class));
  }
}
