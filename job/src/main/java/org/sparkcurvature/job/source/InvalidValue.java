package org.sparkcurvature.job.source;

/**
 * A value that makes its row invalid. It never leaves this package; it has no stack trace, so that
 * many invalid rows stay cheap.
 */
final class InvalidValue extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong, as it follows the name of the column: {@code is null}
   */
  InvalidValue(String message) {
    super(message, null, false, false);
  }
}
