package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.CallMethodViaReflection;
import org.apache.spark.sql.catalyst.expressions.CurrentDate;
import org.apache.spark.sql.catalyst.expressions.CurrentTimestampLike;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.LocalTimestamp;
import org.apache.spark.sql.catalyst.expressions.TryReflect;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.PublicText;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * Refuses functions of Spark SQL whose result another pass over the same rows need not give again,
 * and those that call into Java: every pass reads the rows anew, and so does a retried task.
 */
final class Repeatability {
  private Repeatability() {}

  /** What is wrong with a function, and what to do instead. */
  private record Fault(String what, String remedy) {}

  /**
   * Refuses an expression of {@code selected} itself, not of its input.
   *
   * @param text the expression as the user wrote it
   * @param where its place in the configuration
   * @throws JobException with exit code 2, naming the function
   */
  static void check(Dataset<Row> selected, String text, String where) {
    fault(selected)
        .ifPresent(
            fault -> {
              throw Errors.configuration(
                  "'" + PublicText.maskedExpression(text) + "' " + fault.what(),
                  where,
                  fault.remedy());
            });
  }

  /** Whether an expression of {@code selected} itself would be refused. */
  static boolean isAtFault(Dataset<Row> selected) {
    return fault(selected).isPresent();
  }

  private static Optional<Fault> fault(Dataset<Row> selected) {
    List<Fault> faults = new ArrayList<>();
    for (Expression top :
        CollectionConverters.asJava(selected.queryExecution().analyzed().expressions())) {
      top.foreach(
          expression -> {
            fault(expression).ifPresent(faults::add);
            return BoxedUnit.UNIT;
          });
    }
    return faults.stream().findFirst();
  }

  private static Optional<Fault> fault(Expression expression) {
    if (expression instanceof CallMethodViaReflection || expression instanceof TryReflect) {
      return Optional.of(
          new Fault(
              "calls a method of Java by " + expression.prettyName(),
              "write it with functions of Spark SQL, or register a function of your own"));
    }
    boolean clock =
        expression instanceof CurrentTimestampLike
            || expression instanceof CurrentDate
            || expression instanceof LocalTimestamp;
    if (clock) {
      return Optional.of(
          new Fault(
              "reads the clock by " + expression.prettyName(),
              "write the date itself, as in where = \"day = DATE'2026-01-31'\", or give it as a"
                  + " variable: ${DAY}"));
    }
    // A function of several operands is not deterministic where one of them is not.
    boolean random =
        !expression.deterministic()
            && CollectionConverters.asJava(expression.children()).stream()
                .allMatch(Expression::deterministic);
    return random
        ? Optional.of(
            new Fault(
                "is different in every pass over the rows, by " + expression.prettyName(),
                "take a share of the rows by a hash of a column, as in where = \"xxhash64(id) % 10 ="
                    + " 0\", or write such columns to a table first"))
        : Optional.empty();
  }
}
