package org.sparkcurvature.job.command;

import java.io.IOException;
import java.util.ServiceConfigurationError;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.job.config.ConfigurationException;
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
 * @param message what a user reads
 */
public record Ending(int exitCode, String message) {
  /**
   * The exit code of a defect of this program: an exception that nobody foresaw. The contract's own
   * codes are for faults that a user or an operator can mend.
   */
  static final int DEFECT = 1;

  /** What a failure means to a user. */
  public static Ending of(Throwable failure) {
    if (failure instanceof ConfigurationException) {
      return new Ending(ExitCode.CONFIGURATION.code(), failure.getMessage());
    }
    Throwable understood = Failures.understand(failure);
    if (Interruption.isUnderway() && !(understood instanceof OutOfMemoryException)) {
      return ending(Errors.interrupted(failure));
    }
    if (understood instanceof JobException known) {
      return new Ending(known.exitCode().code(), known.getMessage());
    }
    for (Throwable link = failure; link != null; link = link.getCause()) {
      if (link instanceof ExpressionException) {
        return new Ending(ExitCode.CONFIGURATION.code(), link.getMessage());
      }
      if (isMisfit(link)) {
        return ending(Errors.misfit(Failures.reason(link), failure));
      }
      if (isStopped(link)) {
        return ending(Errors.interrupted(failure));
      }
      if (link instanceof IOException) {
        return ending(Errors.cluster(Failures.reason(failure), failure));
      }
    }
    return new Ending(
        DEFECT,
        "this should not have happened: %s%n  to mend it: this is a defect of spark-curvature; run again with --debug and report what it prints"
            .formatted(Failures.described(failure)));
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

  private static Ending ending(JobException exception) {
    return new Ending(exception.exitCode().code(), exception.getMessage());
  }
}
