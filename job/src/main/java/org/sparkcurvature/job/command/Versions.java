package org.sparkcurvature.job.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** Which program this is, and what it stands on. */
public final class Versions {
  private Versions() {}

  /** Versions by name: spark-curvature, spark, nd4j, java. */
  public static Map<String, String> all() {
    Map<String, String> versions = new LinkedHashMap<>();
    String own = Versions.class.getPackage().getImplementationVersion();
    versions.put("spark-curvature", Optional.ofNullable(own).orElse("development"));
    versions.put("spark", org.apache.spark.package$.MODULE$.SPARK_VERSION());
    versions.put("nd4j", ofArtifact("org.nd4j", "nd4j-api").orElse("unknown"));
    versions.put("java", System.getProperty("java.version"));
    return versions;
  }

  /** A line for each. */
  public static List<String> lines() {
    return all().entrySet().stream()
        .map(version -> version.getKey() + " " + version.getValue())
        .toList();
  }

  /** What Maven wrote into an artifact on the class path. */
  private static Optional<String> ofArtifact(String group, String artifact) {
    String resource = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
    try (InputStream in = Versions.class.getResourceAsStream(resource)) {
      if (in == null) {
        return Optional.empty();
      }
      Properties properties = new Properties();
      properties.load(in);
      return Optional.ofNullable(properties.getProperty("version"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
