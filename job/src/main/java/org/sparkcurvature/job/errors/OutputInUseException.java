package org.sparkcurvature.job.errors;

/** Another run writes the output. */
public final class OutputInUseException extends JobException {
  private static final long serialVersionUID = 1L;

  OutputInUseException(String what, String where, String remedy) {
    super(ExitCode.CONFIGURATION, what, where, remedy);
  }
}
