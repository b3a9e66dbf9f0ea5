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

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.sparkcurvature");

  @Test
  void noPackagesUseEachOther() {
    slices().matching("org.sparkcurvature.job.(*)..").should().beFreeOfCycles().check(JOB);
  }

  @Test
  void nothingKnowsADerivativeRuleOrAPlan() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.sparkcurvature.diff..", "org.sparkcurvature.plan..")
        .check(JOB);
  }

  /** What programs use stands on the commands, not below them. */
  @Test
  void nothingUsesTheInterfaceOfPrograms() {
    noClasses().should().dependOnClassesThat().resideInAPackage("org.sparkcurvature").check(JOB);
  }

  /** A program's process is its own: only the command line ends one, or hears of its end. */
  @Test
  void nothingEndsAProcess() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.sparkcurvature.job.cli")
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(ALL);
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("org.sparkcurvature.job.command.Interruption")
        .should()
        .callMethod(Runtime.class, "addShutdownHook", Thread.class)
        .orShould()
        .dependOnClassesThat()
        .haveSimpleName("ShutdownHookManager")
        .check(ALL);
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
