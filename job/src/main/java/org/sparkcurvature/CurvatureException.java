package org.sparkcurvature;

import org.sparkcurvature.job.errors.JobException;

/**
 * What is wrong, in three parts: what happened, where, and how to mend it. The code is that with
 * which the command would end: 2 the configuration, 3 the data, 4 there is no answer, 5 it may work
 * later, 1 a defect of this program.
 */
public final class CurvatureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final String what;
  private final String where;
  private final String remedy;

  /** One that has no cause. */
  public static CurvatureException of(int code, String what, String where, String remedy) {
    return new CurvatureException(code, what, where, remedy, null);
  }

  CurvatureException(int code, String what, String where, String remedy, Throwable cause) {
    super(JobException.message(what, where, remedy), cause);
    this.code = code;
    this.what = what;
    this.where = where;
    this.remedy = remedy;
  }

  /** With which the command would end: 1 to 5. */
  public int code() {
    return code;
  }

  /** What happened. */
  public String what() {
    return what;
  }

  /** The key, file, column or row; empty where the whole run is meant. */
  public String where() {
    return where;
  }

  /** How to mend it; empty where {@link #what} says it. */
  public String remedy() {
    return remedy;
  }
}
