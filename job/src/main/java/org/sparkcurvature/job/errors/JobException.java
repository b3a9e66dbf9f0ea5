package org.sparkcurvature.job.errors;

/**
 * A fault that ends the run with one message and no stack trace. Made by {@link Errors}.
 *
 * <p>The message is what a user reads: {@code what}, then {@code where} and {@code remedy}, each on
 * its own line where there is one.
 */
public class JobException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;
  private final String what;
  private final String where;
  private final String remedy;

  /**
   * @param exitCode how the process ends
   * @param what what happened, one sentence or several lines, no full stop at the end
   * @param where configuration path, file, column, row; empty where the whole run is meant
   * @param remedy how to mend it; empty where {@code what} says it
   */
  JobException(ExitCode exitCode, String what, String where, String remedy) {
    super(message(what, where, remedy));
    this.exitCode = exitCode;
    this.what = what;
    this.where = where;
    this.remedy = remedy;
  }

  JobException(ExitCode exitCode, String what, String where, String remedy, Throwable cause) {
    this(exitCode, what, where, remedy);
    initCause(cause);
  }

  public ExitCode exitCode() {
    return exitCode;
  }

  public String what() {
    return what;
  }

  public String where() {
    return where;
  }

  public String remedy() {
    return remedy;
  }

  /** The three parts as one text. */
  public static String message(String what, String where, String remedy) {
    return what
        + (where.isEmpty() ? "" : "\n  at: " + where)
        + (remedy.isEmpty() ? "" : "\n  to mend it: " + remedy);
  }
}
