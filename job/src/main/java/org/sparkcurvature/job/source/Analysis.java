package org.sparkcurvature.job.source;

import java.util.Collection;
import java.util.Map;
import org.apache.spark.SparkThrowable;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.PublicText;

/** Turns what Spark says of an expression into one short message. */
final class Analysis {
  private Analysis() {}

  /**
   * The message for an expression that Spark refuses.
   *
   * @param expression the expression as the user wrote it
   * @param where its place in the configuration
   * @param columns the columns there are
   */
  static JobException error(
      Exception e, String expression, String where, Collection<String> columns) {
    if (e instanceof SparkThrowable throwable && throwable.getCondition() != null) {
      Map<String, String> values = throwable.getMessageParameters();
      String condition = throwable.getCondition();
      if (condition.startsWith("UNRESOLVED_COLUMN")) {
        String name = values.getOrDefault("objectName", expression).replace("`", "");
        return Errors.missingColumn(name, place(name, expression, where), columns);
      }
      if (condition.startsWith("INVALID_IDENTIFIER")) {
        // Letters outside ASCII want backquotes within an expression; first there has to be a
        // column.
        String name = values.getOrDefault("ident", expression);
        if (columns.stream().noneMatch(name::equalsIgnoreCase)) {
          return Errors.missingColumn(name, place(name, expression, where), columns);
        }
      }
      if (condition.startsWith("UNRESOLVED_ROUTINE")) {
        String name = values.getOrDefault("routineName", "").replace("`", "");
        return Errors.expression(expression, where, "Spark SQL has no function " + name, e);
      }
    }
    return Errors.expression(expression, where, Failures.reason(e), e);
  }

  private static String place(String name, String expression, String where) {
    return name.equals(expression)
        ? where
        : where + ", in '" + PublicText.maskedExpression(expression) + "'";
  }
}
