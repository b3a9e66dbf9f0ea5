package org.sparkcurvature.job.errors;

/** A process of the run had too little memory. */
public final class OutOfMemoryException extends JobException {
  private static final long serialVersionUID = 1L;

  OutOfMemoryException(String what, String where, String remedy, Throwable cause) {
    super(ExitCode.CLUSTER, what, where, remedy, cause);
  }
}
