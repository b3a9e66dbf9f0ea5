package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.tools.ToolProvider;
import org.apache.spark.sql.Dataset;

/** Snippets of the manual, as they stand, compiled and run. */
public final class ManualPage {
  private ManualPage() {}

  /** The first block of code in a language behind a heading. */
  public static String code(String heading, String language) throws IOException {
    String manual =
        Files.readString(Path.of(System.getenv("SPARK_CURVATURE_HOME"), "conf/README.md"));
    String page = manual.substring(manual.indexOf(heading));
    String fence = "```" + language + "\n";
    String code = page.substring(page.indexOf(fence) + fence.length());
    return code.substring(0, code.indexOf("```"));
  }

  /** Compiles a class of Java into a folder. */
  public static void compile(Path folder, String name, String source) throws IOException {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-proc:none", "-d", folder.toString(), file.toString());
    assertThat(failed).isZero();
  }

  /** Calls {@code run} of a class that was compiled into a folder: a data frame, then texts. */
  public static Object run(Path folder, String name, Object... arguments) throws Exception {
    Class<?>[] types =
        Arrays.stream(arguments)
            .map(argument -> argument instanceof String ? String.class : Dataset.class)
            .toArray(Class<?>[]::new);
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, ManualPage.class.getClassLoader())) {
      Method run = loader.loadClass(name).getMethod("run", types);
      return run.invoke(null, arguments);
    }
  }
}
