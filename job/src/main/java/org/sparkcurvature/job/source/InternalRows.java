package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.CreateStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.DeserializeToObject;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MapPartitions;
import org.apache.spark.sql.catalyst.plans.logical.SerializeFromObject;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.reduce.Partitions;
import org.sparkcurvature.job.watch.RowWatch;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * The way between tables and Spark's internal rows, which hold numbers unboxed. Not a stable
 * interface of Spark: all use of it is here.
 */
public final class InternalRows {
  private InternalRows() {}

  /**
   * The rows of {@code table}, planned now. A row is overwritten by the next one of its partition.
   */
  public static JavaRDD<InternalRow> of(Dataset<Row> table) {
    return Failures.translate(() -> table.queryExecution().toRdd().toJavaRDD());
  }

  /**
   * The rows that tasks make of those of {@code table}, as a part of its plan: nothing of it runs
   * here, and of a stream it gives a stream. A row is overwritten by the next one of its partition.
   *
   * @param spark the session of the result
   * @param schema of the rows that tasks make
   */
  public static Dataset<Row> mapped(
      SparkSession spark,
      Dataset<Row> table,
      Partitions.Task<InternalRow, InternalRow> task,
      StructType schema) {
    LogicalPlan rows = table.queryExecution().analyzed();
    LogicalPlan read =
        new DeserializeToObject(
            CreateStruct.apply(expressions(rows)), attribute("arriving", table.schema()), rows);
    AttributeReference made = attribute("made", schema);
    LogicalPlan mapped = new MapPartitions(new Mapped(task), made, read);
    List<NamedExpression> columns = new ArrayList<>();
    for (int k = 0; k < schema.length(); k++) {
      StructField field = schema.fields()[k];
      columns.add(
          new Alias(
              new GetStructField(made, k, Option.apply(field.name())),
              field.name(),
              NamedExpression.newExprId(),
              CollectionConverters.asScala(List.<String>of()).toSeq(),
              Option.apply(field.metadata()),
              CollectionConverters.asScala(List.<String>of()).toSeq()));
    }
    return org.apache.spark.sql.classic.Dataset$.MODULE$.ofRows(
        (org.apache.spark.sql.classic.SparkSession) spark,
        new SerializeFromObject(CollectionConverters.asScala(columns).toSeq(), mapped));
  }

  @SuppressWarnings("unchecked") // attributes are expressions
  private static scala.collection.immutable.Seq<Expression> expressions(LogicalPlan rows) {
    return (scala.collection.immutable.Seq<Expression>)
        (scala.collection.immutable.Seq<?>) rows.output();
  }

  private static AttributeReference attribute(String name, StructType type) {
    return new AttributeReference(
        name,
        type,
        false,
        Metadata.empty(),
        NamedExpression.newExprId(),
        CollectionConverters.asScala(List.<String>of()).toSeq());
  }

  private static final class Mapped
      extends AbstractFunction1<
          scala.collection.Iterator<Object>, scala.collection.Iterator<Object>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Partitions.Task<InternalRow, InternalRow> task;

    Mapped(Partitions.Task<InternalRow, InternalRow> task) {
      this.task = task;
    }

    @Override
    @SuppressWarnings("unchecked") // as the plan around it has it
    public scala.collection.Iterator<Object> apply(scala.collection.Iterator<Object> arriving) {
      java.util.Iterator<?> rows = CollectionConverters.asJava(arriving);
      return CollectionConverters.asScala(
          (java.util.Iterator<Object>)
              (java.util.Iterator<?>)
                  task.run(TaskContext.getPartitionId(), (java.util.Iterator<InternalRow>) rows));
    }
  }

  /** The same, watched while it is read. */
  public static Dataset<Row> dataset(
      SparkSession spark, JavaRDD<InternalRow> rows, StructType schema, Optional<RowWatch> watch) {
    if (watch.isEmpty()) {
      return dataset(spark, rows, schema);
    }
    RowWatch.Watcher watcher = watch.get().watcher(schema);
    return dataset(spark, rows.mapPartitions(watcher::over, true), schema);
  }

  /** The table of {@code rows}, which are of {@code schema}. */
  public static Dataset<Row> dataset(
      SparkSession spark, JavaRDD<InternalRow> rows, StructType schema) {
    return ((org.apache.spark.sql.classic.SparkSession) spark)
        .internalCreateDataFrame(rows.rdd(), schema, false);
  }
}
