package org.sparkcurvature.graph;

/**
 * An expression that has no meaning: shapes that do not meet, a wrong number of arguments. The
 * message says what and how to mend it.
 */
public final class ExpressionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ExpressionException(String message) {
    super(message);
  }
}
