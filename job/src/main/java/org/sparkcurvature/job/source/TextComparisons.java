package org.sparkcurvature.job.source;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.BinaryComparison;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GreaterThan;
import org.apache.spark.sql.catalyst.expressions.GreaterThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.Greatest;
import org.apache.spark.sql.catalyst.expressions.Least;
import org.apache.spark.sql.catalyst.expressions.LessThan;
import org.apache.spark.sql.catalyst.expressions.LessThanOrEqual;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import scala.Function1;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;

/**
 * Lets text be compared with integers as numbers. Where text meets an integer in a comparison,
 * Spark casts the text to an integer, so that {@code age > 30} is false for the text 30.5.
 */
final class TextComparisons {
  private TextComparisons() {}

  /**
   * {@code selected} with the comparisons of its own expressions, not those of its input, made in
   * doubles.
   */
  static Dataset<Row> inDoubles(Dataset<Row> selected) {
    LogicalPlan plan = selected.queryExecution().analyzed();
    LogicalPlan changed = plan.transformExpressionsUp(new Rule());
    return changed == plan
        ? selected
        : org.apache.spark.sql.classic.Dataset.ofRows(
            (SparkSession) selected.sparkSession(), changed);
  }

  /** Whether an expression of {@code selected} itself orders columns of text among each other. */
  static boolean hasTextOrder(Dataset<Row> selected) {
    boolean[] found = {false};
    selected
        .queryExecution()
        .analyzed()
        .expressions()
        .foreach(
            top -> {
              top.foreach(
                  expression -> {
                    found[0] |= isTextOrder(expression);
                    return BoxedUnit.UNIT;
                  });
              return BoxedUnit.UNIT;
            });
    return found[0];
  }

  private static boolean isTextOrder(Expression expression) {
    boolean orders =
        expression instanceof GreaterThan
            || expression instanceof GreaterThanOrEqual
            || expression instanceof LessThan
            || expression instanceof LessThanOrEqual
            || expression instanceof Greatest
            || expression instanceof Least;
    return orders
        && expression
            .children()
            .forall(child -> child.dataType() instanceof StringType && !child.foldable());
  }

  private static final class Rule extends AbstractPartialFunction<Expression, Expression> {
    @Override
    public boolean isDefinedAt(Expression expression) {
      return expression instanceof BinaryComparison comparison
          && (isTextAsInteger(comparison.left()) || isTextAsInteger(comparison.right()));
    }

    @Override
    public <A extends Expression, B> B applyOrElse(A expression, Function1<A, B> otherwise) {
      if (!isDefinedAt(expression)) {
        return otherwise.apply(expression);
      }
      BinaryComparison comparison = (BinaryComparison) expression;
      @SuppressWarnings("unchecked") // B is Expression or above it
      B result =
          (B)
              comparison.withNewChildren(
                  sequence(asDouble(comparison.left()), asDouble(comparison.right())));
      return result;
    }

    private static scala.collection.immutable.Seq<Expression> sequence(
        Expression left, Expression right) {
      return scala.collection.immutable.Nil$.MODULE$.$colon$colon(right).$colon$colon(left);
    }

    /** A cast that Spark added: one that the user wrote is what he wants. */
    private static boolean isTextAsInteger(Expression expression) {
      return expression instanceof Cast cast
          && cast.dataType() instanceof IntegralType
          && cast.child().dataType() instanceof StringType
          && cast.getTagValue(Cast.USER_SPECIFIED_CAST()).isEmpty();
    }

    private static Expression asDouble(Expression expression) {
      Cast like = expression instanceof Cast cast && isTextAsInteger(cast) ? cast : null;
      return like == null
          ? new Cast(expression, DataTypes.DoubleType, scala.Option.<String>empty())
          : like.copy(like.child(), DataTypes.DoubleType, like.timeZoneId(), like.evalMode());
    }
  }
}
