package org.sparkcurvature.job.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.sparkcurvature.job.errors.Errors;
import scala.util.Properties$;

/**
 * Whether Spark, Scala and the libraries that a user adds fit together. Uses of Spark here are
 * those that every version has.
 */
public final class Compatibility {
  private Compatibility() {}

  private static final Pattern MINOR = Pattern.compile("^(\\d+\\.\\d+)");

  /**
   * How libraries name the Scala, and some also the Spark, that they are built for: {@code
   * delta-spark_4.0_2.13}, {@code iceberg-spark-runtime-3.5_2.12}.
   */
  private static final Pattern BUILT_FOR =
      Pattern.compile("spark[\\w-]*?(?:[_-](\\d\\.\\d+))?_(2\\.1\\d|3)(?=[^\\d]|$)");

  /** Which keys of Spark name libraries. */
  private static final List<String> LISTS = List.of("spark.jars", "spark.jars.packages");

  /**
   * Refuses a Spark that the program does not run on, and libraries for another Spark or Scala than
   * those that are here.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2
   */
  public static void check() {
    String spark = minor(org.apache.spark.package$.MODULE$.SPARK_VERSION());
    String scala = minor(Properties$.MODULE$.versionNumberString());
    checkSpark(spark);
    // SparkConf reads the same properties, but loads two thousand classes for it.
    List<String> others =
        LISTS.stream()
            .flatMap(key -> Stream.of(System.getProperty(key, "").split(",")))
            .flatMap(library -> misfit(library.strip(), spark, scala).stream())
            .toList();
    if (!others.isEmpty()) {
      throw Errors.otherLibraries(others, spark, scala);
    }
  }

  /** Refuses a Spark that the program does not run on. */
  static void checkSpark() {
    checkSpark(minor(org.apache.spark.package$.MODULE$.SPARK_VERSION()));
  }

  static void checkSpark(String spark) {
    List<String> supported = supported();
    if (!supported.isEmpty() && !supported.contains(spark)) {
      throw Errors.otherSpark(spark, supported);
    }
  }

  /** What a library is built for, where that is not what is here. */
  static Optional<String> misfit(String library, String spark, String scala) {
    String name = library.substring(library.lastIndexOf('/') + 1);
    Matcher built = BUILT_FOR.matcher(name);
    if (!built.find()) {
      return Optional.empty();
    }
    List<String> misfits = new ArrayList<>();
    if (built.group(1) != null && !built.group(1).equals(spark)) {
      misfits.add("Spark " + built.group(1));
    }
    if (!built.group(2).equals(scala)) {
      misfits.add("Scala " + built.group(2));
    }
    return misfits.isEmpty()
        ? Optional.empty()
        : Optional.of(name + " (" + String.join(", ", misfits) + ")");
  }

  private static String minor(String version) {
    Matcher minor = MINOR.matcher(version);
    return minor.find() ? minor.group(1) : version;
  }

  /** The versions that the program runs on; empty where the build did not write them down. */
  private static List<String> supported() {
    try (InputStream in =
        Compatibility.class.getResourceAsStream("/org/sparkcurvature/built.properties")) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return Stream.of(properties.getProperty("supported", "").split(" "))
          .filter(version -> MINOR.matcher(version).find())
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
