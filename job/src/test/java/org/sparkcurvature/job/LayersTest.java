package org.sparkcurvature.job;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
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

  /** A program's pools of threads are its own, and so are its class loaders. */
  @Test
  void nothingTakesASharedPoolOrAddsToClassLoaders() {
    noClasses()
        .should()
        .callMethod(ForkJoinPool.class, "commonPool")
        .orShould()
        .callMethod(Collection.class, "parallelStream")
        .orShould()
        .callMethodWhere(JavaCall.Predicates.target(name("parallel")))
        .orShould()
        .callMethodWhere(JavaCall.Predicates.target(name("addURL")))
        .orShould()
        .callMethodWhere(JavaCall.Predicates.target(name("setContextClassLoader")))
        .check(ALL);
  }

  /**
   * Each of these ends its threads: the signs of life of a folder, the line of progress, a plan.
   */
  @Test
  void fewClassesStartThreads() {
    noClasses()
        .that()
        .doNotHaveSimpleName("Mark")
        .and()
        .doNotHaveSimpleName("ProgressLine")
        .and()
        .doNotHaveSimpleName("CheapestMode")
        .should()
        .callCodeUnitWhere(
            JavaCall.Predicates.target(owner(assignableTo(Thread.class)))
                .and(JavaCall.Predicates.target(name("<init>"))))
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName(Executors.class.getName())
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
