package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which classes of others the program's own refer to. */
class ForeignClassesTest {
  /** What the jar carries, and what every Spark brings with an interface that is kept. */
  private static final List<String> ALLOWED =
      List.of(
          "org.sparkcurvature.",
          "java.",
          "javax.",
          "scala.",
          "org.apache.spark.",
          "org.apache.hadoop.",
          "org.slf4j.",
          "org.nd4j.",
          "org.bytedeco.",
          "com.typesafe.config.",
          "org.apache.commons.cli.",
          "ch.randelshofer.",
          "com.sun.jna.",
          "com.sun.management.",
          "org.hipparchus.");

  /** Spark's interface for programs, which is kept from one minor release to the next. */
  private static final List<String> PUBLIC =
      List.of(
          "org\\.apache\\.spark\\.(SparkConf|SparkContext|SparkException|SparkThrowable|TaskContext"
              + "|Partition|Partitioner|JobExecutionStatus|SparkStatusTracker|SparkJobInfo"
              + "|SparkStageInfo)",
          "org\\.apache\\.spark\\.(api\\.java|broadcast|rdd|storage|serializer|launcher)\\..*",
          "org\\.apache\\.spark\\.ml\\.(linalg|param|attribute|util|feature)\\..*",
          "org\\.apache\\.spark\\.ml\\.(Estimator|Model|Transformer|PipelineStage|functions)",
          "org\\.apache\\.spark\\.mllib\\.linalg\\..*",
          "org\\.apache\\.spark\\.scheduler\\.SparkListener\\w*",
          "org\\.apache\\.spark\\.sql\\.[A-Z]\\w*",
          "org\\.apache\\.spark\\.sql\\.functions",
          "org\\.apache\\.spark\\.sql\\.(api\\.java|catalog|expressions|sources|streaming|types|util)"
              + "\\..*");

  private static SortedSet<String> foreign() {
    SortedSet<String> found = new TreeSet<>();
    for (JavaClass own :
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.sparkcurvature")) {
      for (Dependency dependency : own.getDirectDependenciesFromSelf()) {
        String name = dependency.getTargetClass().getBaseComponentType().getName();
        if (name.contains(".")) {
          found.add(name.replaceFirst("\\$.*", ""));
        }
      }
    }
    return found;
  }

  private static List<String> listed(String file) throws IOException {
    try (InputStream in = ForeignClassesTest.class.getResourceAsStream("/foreign/" + file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    }
  }

  /**
   * Classes that Spark may move or change in any release: a new one is a decision, and what is used
   * no more leaves the list.
   */
  @Test
  void classesWithinSparkAreListed() throws IOException {
    List<String> used =
        foreign().stream()
            .filter(name -> name.startsWith("org.apache.spark."))
            .filter(name -> PUBLIC.stream().noneMatch(name::matches))
            .toList();
    assertThat(used).containsExactlyElementsOf(listed("spark-internals.txt"));
  }

  /** Libraries that Spark ships are there in the version that it ships, if at all. */
  @Test
  void librariesOfSparkAreListed() throws IOException {
    List<String> others =
        foreign().stream()
            .filter(name -> ALLOWED.stream().noneMatch(name::startsWith))
            .map(name -> name.replaceFirst("\\.\\w*$", ""))
            .distinct()
            .toList();
    assertThat(others).containsExactlyElementsOf(listed("spark-libraries.txt"));
  }

  /** The lists name what is on the class path: that of the Spark that is supported. */
  @Test
  void whatIsListedExists() throws Exception {
    for (String name : listed("spark-internals.txt")) {
      assertThat(Class.forName(name, false, getClass().getClassLoader())).isNotNull();
    }
  }
}
