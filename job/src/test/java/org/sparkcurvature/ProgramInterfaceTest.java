package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.LocalSpark;

/** The interface of programs: its types, and the pages of the manual that show it. */
class ProgramInterfaceTest {
  @TempDir static Path temporary;

  private static Dataset<Row> table;

  @BeforeAll
  static void readTable() {
    table = ProgramTables.visits(LocalSpark.session());
  }

  /** The manual's page, as it stands. */
  @Test
  void thePageOfTheManualCompilesAndRuns() throws Exception {
    ManualPage.compile(
        temporary,
        "Page",
        """
            import java.util.List;
            import java.util.Map;
            import org.apache.spark.sql.Dataset;
            import org.apache.spark.sql.Row;
            import org.sparkcurvature.*;

            public final class Page {
              public static long run(Dataset<Row> table, String folder) {
                %s
                return gradients.count() + predicted.columns().length + eigenvalues.length;
              }
            }
            """
            .formatted(ManualPage.code("## In a Java program", "java")));
    int columns = table.columns().length + 5;
    assertThat(ManualPage.run(temporary, "Page", table, temporary.resolve("page").toString()))
        .isEqualTo(20190L + columns + 3);
  }

  /** The snippet for spark-shell, by the compiler that it has. */
  @Test
  void theSnippetForScalaCompilesAndRuns() throws Exception {
    Path source =
        Files.writeString(
            temporary.resolve("Snippet.scala"),
            """
            import org.apache.spark.sql.{DataFrame, Row}

            object Snippet {
              def run(table: DataFrame): Long = {
                %s
                predicted.count() + gradients.columns.length
              }
            }
            """
                .formatted(ManualPage.code("## In a Java program", "scala")));
    boolean compiled =
        scala.tools.nsc.Main.process(
            new String[] {"-usejavacp", "-nowarn", "-d", temporary.toString(), source.toString()});
    assertThat(compiled).isTrue();
    assertThat(ManualPage.run(temporary, "Snippet", table)).isEqualTo(20190L + 1);
  }

  /** Programs are compiled against Java and Spark SQL alone. */
  @Test
  void publicSignaturesHoldTypesOfJavaAndSparkSqlOnly() {
    for (Class<?> type :
        List.of(
            Curvature.class,
            CurvatureException.class,
            Derivatives.class,
            Effects.class,
            Estimates.class,
            Fit.class,
            GroupEstimates.class,
            Influences.class,
            Spectrum.class)) {
      assertThat(type.getConstructors()).isEmpty();
      for (Method method : type.getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers())) {
          List<Type> types = new ArrayList<>(Arrays.asList(method.getGenericParameterTypes()));
          types.add(method.getGenericReturnType());
          types.forEach(t -> assertOwnOrPlain(method, t));
        }
      }
    }
  }

  private static void assertOwnOrPlain(Method method, Type type) {
    if (type instanceof ParameterizedType parameterized) {
      assertOwnOrPlain(method, parameterized.getRawType());
      for (Type argument : parameterized.getActualTypeArguments()) {
        assertOwnOrPlain(method, argument);
      }
    } else if (type instanceof Class<?> plain) {
      Class<?> element = plain;
      while (element.isArray()) {
        element = element.getComponentType();
      }
      String name = element.getName();
      assertThat(
              element.isPrimitive()
                  || name.startsWith("java.")
                  || name.startsWith("org.apache.spark.sql.")
                  || element.getPackageName().equals("org.sparkcurvature"))
          .as(method + ": " + name)
          .isTrue();
    }
  }
}
