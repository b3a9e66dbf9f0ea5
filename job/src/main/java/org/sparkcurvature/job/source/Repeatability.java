package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.CallMethodViaReflection;
import org.apache.spark.sql.catalyst.expressions.CurrentDate;
import org.apache.spark.sql.catalyst.expressions.CurrentTimestampLike;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.LocalTimestamp;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.expressions.TryReflect;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Sample;
import org.apache.spark.sql.catalyst.plans.logical.ScriptTransformation;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.sparkcurvature.job.config.Nondeterministic;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.PublicText;
import scala.Function1;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;

/**
 * Refuses functions of Spark SQL whose result another pass over the same rows need not give again,
 * and those that call into Java: every pass reads the rows anew, and so does a retried task.
 */
final class Repeatability {
  /** Functions whose value is of the user or the session, not of the row. */
  private static final Set<String> SURROUNDINGS =
      Set.of(
          "current_user",
          "session_user",
          "user",
          "current_database",
          "current_schema",
          "current_catalog");

  private final Nondeterministic allowed;

  /**
   * @param allowed what becomes of functions that are not deterministic; those that call into Java
   *     or depend on the user are refused in any case
   */
  Repeatability(Nondeterministic allowed) {
    this.allowed = allowed;
  }

  /** What is wrong with a function, and what to do instead. */
  private record Fault(String what, String remedy) {}

  /**
   * Refuses an expression of {@code selected} itself, not of its input.
   *
   * @param text the expression as the user wrote it
   * @param where its place in the configuration
   * @throws JobException with exit code 2, naming the function
   */
  void check(Dataset<Row> selected, String text, String where) {
    fault(own(selected)).ifPresent(fault -> refuse(fault, text, where));
  }

  /**
   * Refuses a query for anything in it: expressions, subqueries, views, and programs that it runs.
   *
   * @param text the query as the user wrote it, or the name of the table
   * @param where its place in the configuration
   * @throws JobException with exit code 2, naming the function
   */
  void checkAll(Dataset<Row> query, String text, String where) {
    checkAll(query.queryExecution().analyzed(), text, where);
  }

  /**
   * Refuses rows that a program hands over, but for what it has cached of them: that was computed
   * once, and rows that are chosen by where they happen to lie (some of them without an order, or a
   * sample) were chosen.
   *
   * @throws JobException with exit code 2
   */
  void checkGiven(Dataset<Row> rows, String where) {
    LogicalPlan plan = rows.queryExecution().withCachedData();
    checkAll(plan, "the data frame", where);
    checkChoice(plan, where);
  }

  private void checkAll(LogicalPlan plan, String text, String where) {
    fault(CollectionConverters.asJava(plan.collectWithSubqueries(new Nodes())))
        .ifPresent(fault -> refuse(fault, text, where));
  }

  private static void checkChoice(LogicalPlan plan, String where) {
    for (LogicalPlan node : CollectionConverters.asJava(plan.collectWithSubqueries(new Nodes()))) {
      boolean sampled = node instanceof Sample;
      boolean limited = node instanceof GlobalLimit limit && !isOrdered(limit);
      if (sampled || limited) {
        refuse(
            new Fault(
                sampled
                    ? "is a sample, whose rows may be others in the next pass"
                    : "has a limit without an order: the next pass may read other rows",
                "cache the data frame, write it to a table first"
                    + (limited ? ", or order it" : "")),
            "the data frame",
            where);
      }
    }
  }

  private static boolean isOrdered(LogicalPlan limit) {
    for (LogicalPlan node : CollectionConverters.asJava(limit.collectWithSubqueries(new Nodes()))) {
      if (node instanceof Sort) {
        return true;
      }
    }
    return false;
  }

  private static void refuse(Fault fault, String text, String where) {
    throw Errors.configuration(
        "'" + PublicText.maskedSql(text) + "' " + fault.what(), where, fault.remedy());
  }

  /** Whether an expression of {@code selected} itself would be refused. */
  boolean isAtFault(Dataset<Row> selected) {
    return fault(own(selected)).isPresent();
  }

  /** The plan's own node, and all nodes of subqueries in its expressions. */
  private static List<LogicalPlan> own(Dataset<Row> selected) {
    LogicalPlan plan = selected.queryExecution().analyzed();
    List<LogicalPlan> nodes = new ArrayList<>(List.of(plan));
    CollectionConverters.asJava(plan.subqueries())
        .forEach(
            query ->
                nodes.addAll(
                    CollectionConverters.asJava(query.collectWithSubqueries(new Nodes()))));
    return nodes;
  }

  private Optional<Fault> fault(Iterable<LogicalPlan> nodes) {
    List<Fault> faults = new ArrayList<>();
    for (LogicalPlan node : nodes) {
      if (node instanceof ScriptTransformation) {
        faults.add(
            new Fault("runs a program by TRANSFORM", "write its output to a table and read that"));
      }
      for (Expression top : CollectionConverters.asJava(node.expressions())) {
        top.foreach(
            expression -> {
              fault(expression).ifPresent(faults::add);
              return BoxedUnit.UNIT;
            });
      }
    }
    return faults.stream().findFirst();
  }

  private Optional<Fault> fault(Expression expression) {
    if (expression instanceof CallMethodViaReflection || expression instanceof TryReflect) {
      return Optional.of(
          new Fault(
              "calls a method of Java by " + expression.prettyName(),
              "write it with functions of Spark SQL, or register a function of your own"));
    }
    if (SURROUNDINGS.contains(expression.prettyName())) {
      return Optional.of(
          new Fault(
              "depends on who runs it, by " + expression.prettyName(),
              "write the value itself, or give it as a variable: ${USER}"));
    }
    return allowed == Nondeterministic.ALLOWED ? Optional.empty() : nondeterministic(expression);
  }

  private static Optional<Fault> nondeterministic(Expression expression) {
    boolean clock =
        expression instanceof CurrentTimestampLike
            || expression instanceof CurrentDate
            // By name: Spark 4.0 has no such function.
            || expression.prettyName().equals("current_time")
            || expression instanceof LocalTimestamp;
    if (clock) {
      return Optional.of(
          new Fault(
              "reads the clock by " + expression.prettyName(),
              "write the date itself, as in where = \"day = DATE'2026-01-31'\", or give it as a"
                  + " variable: ${DAY}"));
    }
    if (expression.prettyName().startsWith("input_file_")) {
      return Optional.of(
          new Fault(
              "depends on how files are read, by " + expression.prettyName(),
              "take the column _metadata.file_path, _metadata.file_name or _metadata.file_block_start"));
    }
    // A function of several operands is not deterministic where one of them is not.
    // What a subquery computes is looked at by itself.
    boolean random =
        !expression.deterministic()
            && !isOfMllib(expression)
            && !(expression instanceof SubqueryExpression)
            && CollectionConverters.asJava(expression.children()).stream()
                .allMatch(Expression::deterministic);
    return random
        ? Optional.of(
            new Fault(
                "is different in every pass over the rows, by " + expression.prettyName(),
                "take a share of the rows by a hash of a column, as in where = \"xxhash64(id) % 10 ="
                    + " 0\", or write such columns to a table first; where one pass suffices, set"
                    + " curvature.input.allow-nondeterministic = true"))
        : Optional.empty();
  }

  /** Those of StringIndexer and others are marked so that each row is computed once. */
  private static boolean isOfMllib(Expression expression) {
    return expression instanceof ScalaUDF udf
        && udf.function().getClass().getName().startsWith("org.apache.spark.ml.");
  }

  /** Every node of a plan. */
  private static final class Nodes extends AbstractPartialFunction<LogicalPlan, LogicalPlan> {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean isDefinedAt(LogicalPlan plan) {
      return true;
    }

    @Override
    public <A extends LogicalPlan, B> B applyOrElse(A plan, Function1<A, B> otherwise) {
      @SuppressWarnings("unchecked") // B is LogicalPlan or above it
      B node = (B) plan;
      return node;
    }
  }
}
