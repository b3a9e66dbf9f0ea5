package org.sparkcurvature.job.errors;

/** The input has no rows. */
public final class NoRowsException extends JobException {
  private static final long serialVersionUID = 1L;

  NoRowsException(String what, String where, String remedy) {
    super(ExitCode.DATA, what, where, remedy);
  }
}
