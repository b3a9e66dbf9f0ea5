package org.sparkcurvature;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Each package stands on those before it, as core's README has them. */
class LayersTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.sparkcurvature");

  @Test
  void noArrowRunsBackUp() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("graph")
        .definedBy("org.sparkcurvature.graph")
        .layer("ops")
        .definedBy("org.sparkcurvature.ops")
        .layer("rewrite")
        .definedBy("org.sparkcurvature.rewrite")
        .layer("diff")
        .definedBy("org.sparkcurvature.diff")
        .layer("plan.steps")
        .definedBy("org.sparkcurvature.plan.steps")
        .layer("plan.lower")
        .definedBy("org.sparkcurvature.plan.lower")
        .layer("plan.passes")
        .definedBy("org.sparkcurvature.plan.passes")
        .layer("plan")
        .definedBy("org.sparkcurvature.plan")
        .layer("backend")
        .definedBy("org.sparkcurvature.backend")
        .layer("engine")
        .definedBy("org.sparkcurvature.engine")
        .layer("verify")
        .definedBy("org.sparkcurvature.verify")
        .whereLayer("graph")
        .mayNotAccessAnyLayer()
        .whereLayer("ops")
        .mayOnlyAccessLayers("graph")
        .whereLayer("rewrite")
        .mayOnlyAccessLayers("graph", "ops")
        .whereLayer("diff")
        .mayOnlyAccessLayers("graph", "ops")
        .whereLayer("plan.steps")
        .mayOnlyAccessLayers("graph", "ops")
        .whereLayer("plan.lower")
        .mayOnlyAccessLayers("graph", "ops", "plan.steps")
        .whereLayer("plan.passes")
        .mayOnlyAccessLayers("graph", "ops", "plan.steps")
        .whereLayer("plan")
        .mayOnlyAccessLayers("graph", "ops", "plan.steps", "plan.lower", "plan.passes")
        .whereLayer("backend")
        .mayOnlyAccessLayers("graph", "ops", "plan.steps", "plan")
        .whereLayer("engine")
        .mayOnlyAccessLayers(
            "graph", "ops", "rewrite", "diff", "plan.steps", "plan.passes", "plan", "backend")
        .whereLayer("verify")
        .mayOnlyAccessLayers("graph", "ops", "engine")
        .check(CORE);
  }

  /** A new package has its place above before it has a class. */
  @Test
  void everyPackageHasItsLayer() {
    Set<String> packages =
        CORE.stream().map(JavaClass::getPackageName).collect(Collectors.toCollection(TreeSet::new));
    assertThat(packages)
        .containsExactly(
            "org.sparkcurvature.backend",
            "org.sparkcurvature.diff",
            "org.sparkcurvature.engine",
            "org.sparkcurvature.graph",
            "org.sparkcurvature.ops",
            "org.sparkcurvature.plan",
            "org.sparkcurvature.plan.lower",
            "org.sparkcurvature.plan.passes",
            "org.sparkcurvature.plan.steps",
            "org.sparkcurvature.rewrite",
            "org.sparkcurvature.verify");
  }

  @Test
  void theBackendAloneKnowsNd4j() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.sparkcurvature.backend")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.nd4j..", "org.bytedeco..")
        .check(CORE);
  }
}
