package org.sparkcurvature.job.command;

import java.io.IOException;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.regex.Pattern;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.job.config.ConfigurationException;
import org.sparkcurvature.job.config.Problem;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.OutOfMemoryException;
import org.sparkcurvature.job.errors.OutputInUseException;

/**
 * How a run that failed ends.
 *
 * @param exitCode the contract's, or {@link #DEFECT}
 * @param message all of it as one text
 * @param faults the same in parts, at least one
 */
public record RunOutcome(int exitCode, String message, List<Fault> faults) {
  /**
   * Something that is wrong.
   *
   * @param what what happened
   * @param where configuration path, file, column, row; empty where the whole run is meant
   * @param mend how to mend it; empty where {@code what} says it
   */
  public record Fault(String what, String where, String mend) {
    /** What a user reads: all messages have this form. */
    @Override
    public String toString() {
      return "error: " + JobException.message(what, where, mend);
    }
  }

  private static final Pattern PREDICATE =
      Pattern.compile("(is|has|must|takes|needs|cannot|holds|names|gives|was|stands) ");

  public RunOutcome {
    faults = List.copyOf(faults);
  }

  /**
   * The exit code of a defect of this program: an exception that nobody foresaw. The contract's own
   * codes are for faults that a user or an operator can mend.
   */
  static final int DEFECT = 1;

  /** What a failure means to a user. */
  public static RunOutcome of(Throwable failure) {
    if (failure instanceof ConfigurationException wrong) {
      return new RunOutcome(ExitCode.CONFIGURATION.code(), wrong.getMessage(), faults(wrong));
    }
    if (failure instanceof JobException refused && refused.exitCode() == ExitCode.CONFIGURATION) {
      return outcomeOf(refused); // a wrong configuration is wrong whatever ends the process
    }
    Throwable understood = Failures.understand(failure);
    if (Interruption.isUnderway() && !(understood instanceof OutOfMemoryException)) {
      return outcomeOf(Errors.interrupted(failure));
    }
    if (understood instanceof JobException known) {
      return outcomeOf(known);
    }
    for (Throwable link = failure; link != null; link = link.getCause()) {
      if (link instanceof ExpressionException) {
        return new RunOutcome(
            ExitCode.CONFIGURATION.code(),
            link.getMessage(),
            List.of(new Fault(link.getMessage(), "", "")));
      }
      if (isMisfit(link)) {
        return outcomeOf(Errors.misfit(Failures.reason(link), failure));
      }
      if (isStopped(link)) {
        return outcomeOf(Errors.interrupted(failure));
      }
      if (link instanceof IOException) {
        return outcomeOf(Errors.cluster(Failures.reason(failure), failure));
      }
    }
    String what = "this should not have happened: " + Failures.described(failure);
    String mend =
        "this is a defect of spark-curvature; run again with --debug and report what it prints";
    return new RunOutcome(
        DEFECT, JobException.message(what, "", mend), List.of(new Fault(what, "", mend)));
  }

  private static List<Fault> faults(ConfigurationException wrong) {
    return wrong.problems().stream()
        .map(
            problem ->
                new Fault(
                    ConfigurationException.cut(sentence(problem)),
                    problem.path() + problem.location().map(at -> " (" + at + ")").orElse(""),
                    problem.remedy()))
        .toList();
  }

  /** What says something of the key without naming it is said of it. */
  private static String sentence(Problem problem) {
    return PREDICATE.matcher(problem.what()).lookingAt()
        ? problem.path() + " " + problem.what()
        : problem.what();
  }

  /** Whether the same command may succeed when it is run again. */
  static boolean isWorthARetry(Throwable failure) {
    Throwable understood = Failures.understand(failure);
    return understood instanceof OutputInUseException
        || of(failure).exitCode() == ExitCode.CLUSTER.code();
  }

  /**
   * What Java throws where libraries are of versions that do not go together: none of ours, which
   * were built together.
   */
  private static boolean isMisfit(Throwable link) {
    String message = String.valueOf(link.getMessage());
    boolean linkage =
        link
                instanceof
                IncompatibleClassChangeError // no such method or field, or another kind of class
            || link instanceof UnsupportedClassVersionError
            || link instanceof ServiceConfigurationError
            || link instanceof NoClassDefFoundError && !message.startsWith("Could not initialize");
    return linkage && !message.contains("sparkcurvature");
  }

  /** What Spark throws when it is told to stop, as by a signal, while something runs. */
  private static boolean isStopped(Throwable link) {
    String message = String.valueOf(link.getMessage());
    return message.contains("SparkContext has been shutdown")
        || message.contains("SparkContext was shut down")
        || message.contains("stopped SparkContext");
  }

  private static RunOutcome outcomeOf(JobException exception) {
    return new RunOutcome(
        exception.exitCode().code(),
        exception.getMessage(),
        List.of(new Fault(exception.what(), exception.where(), exception.remedy())));
  }
}
