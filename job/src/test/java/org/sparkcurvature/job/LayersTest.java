package org.sparkcurvature.job;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What the packages of job may use. */
class LayersTest {
  private static final JavaClasses JOB =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.sparkcurvature.job");

  @Test
  void noPackagesUseEachOther() {
    slices().matching("org.sparkcurvature.job.(*)..").should().beFreeOfCycles().check(JOB);
  }

  @Test
  void nothingKnowsADerivativeRuleOrAPlan() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.sparkcurvature.diff", "org.sparkcurvature.plan")
        .check(JOB);
  }

  @Test
  void methodsOfFittingKnowNoSpark() {
    noClasses()
        .that()
        .resideInAnyPackage("org.sparkcurvature.job.fit", "org.sparkcurvature.job.solve")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..")
        .check(JOB);
  }
}
