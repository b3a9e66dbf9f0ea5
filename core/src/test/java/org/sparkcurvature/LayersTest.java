package org.sparkcurvature;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
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
        .layer("plan")
        .definedBy("org.sparkcurvature.plan")
        .layer("backend")
        .definedBy("org.sparkcurvature.backend")
        .layer("engine")
        .definedBy("org.sparkcurvature.engine")
        .whereLayer("graph")
        .mayNotAccessAnyLayer()
        .whereLayer("ops")
        .mayOnlyAccessLayers("graph")
        .whereLayer("rewrite")
        .mayOnlyAccessLayers("graph", "ops")
        .whereLayer("diff")
        .mayOnlyAccessLayers("graph", "ops")
        .whereLayer("plan")
        .mayOnlyAccessLayers("graph", "ops")
        .whereLayer("backend")
        .mayOnlyAccessLayers("graph", "ops", "plan")
        .check(CORE);
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
