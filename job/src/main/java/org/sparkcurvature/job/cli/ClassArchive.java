package org.sparkcurvature.job.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The archive of loaded classes that lets later runs start faster. The launcher says where it is to
 * be; the JVM has to have been started with {@code -XX:+RecordDynamicDumpInfo}.
 */
final class ClassArchive {
  private static final String PLACE = "SPARK_CURVATURE_ARCHIVE";

  /** A class that the JVM did not have from itself, and not one that it made. */
  private static final Pattern LOADED =
      Pattern.compile("--([\\w.$]+)/0x[0-9a-f]+(?: \\(intf\\))?$", Pattern.MULTILINE);

  private ClassArchive() {}

  /** Where the launcher wants one; empty where there is one already, or none can be kept. */
  static Optional<String> wanted() {
    return Optional.ofNullable(System.getenv(PLACE)).filter(place -> !place.isBlank());
  }

  /**
   * Writes it; a JVM that cannot leaves it out, as no result is worth less for that. What the JVM
   * prints about it on standard output, which is the result's, goes nowhere, and so does all else
   * that is printed there from then on.
   */
  static void write(String place) {
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    try {
      link(asked("vmClassHierarchy"));
      asked("vmCds", "dynamic_dump", place);
    } catch (JMException | RuntimeException e) {
      // The next run tries again.
    }
  }

  /** What the JVM does for its diagnostic command of this name. */
  private static String asked(String command, String... arguments) throws JMException {
    return String.valueOf(
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                command,
                new Object[] {arguments},
                new String[] {String[].class.getName()}));
  }

  /**
   * Has every class linked, as others are left out of the archive: Java links a class that is asked
   * for its constructors.
   *
   * @param hierarchy all classes, as the JVM prints them
   */
  private static void link(String hierarchy) {
    Matcher loaded = LOADED.matcher(hierarchy);
    while (loaded.find()) {
      try {
        var unused =
            Class.forName(loaded.group(1), false, ClassArchive.class.getClassLoader())
                .getDeclaredConstructors();
      } catch (ClassNotFoundException | LinkageError e) {
        // One of another class loader, or one that needs what is not there.
      }
    }
  }
}
