package org.sparkcurvature.job.source;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.execution.ColumnarToRowExec;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.InputAdapter;
import org.apache.spark.sql.execution.ProjectExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.WholeStageCodegenExec;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The part of a physical plan that reads. Spark would turn batches of columns into rows, and copy
 * the columns that are chosen of each row; where nothing else follows but that choice, batches and
 * rows serve as they are. Not a stable interface of Spark: all use of it is here.
 */
final class PhysicalScan {
  private final SparkPlan scan;
  private final boolean columnar;
  private final int[] ordinals;

  private PhysicalScan(SparkPlan scan, boolean columnar, int[] ordinals) {
    this.scan = scan;
    this.columnar = columnar;
    this.ordinals = ordinals;
  }

  /** The scan under {@code plan}; empty where rows go through more than a choice of columns. */
  static Optional<PhysicalScan> of(SparkPlan plan) {
    SparkPlan top = inside(plan);
    // Copied: an element of Scala's lists is found by walking there.
    List<? extends NamedExpression> chosen = List.copyOf(CollectionConverters.asJava(top.output()));
    if (top instanceof ProjectExec project) {
      chosen = List.copyOf(CollectionConverters.asJava(project.projectList()));
      top = inside(project.child());
    }
    boolean columnar = top instanceof ColumnarToRowExec;
    SparkPlan scan = top instanceof ColumnarToRowExec rows ? rows.child() : top;
    if (!columnar && !(scan instanceof FileSourceScanExec) || chosen.isEmpty()) {
      return Optional.empty();
    }
    Map<Long, Integer> places = new HashMap<>();
    List<Attribute> read = List.copyOf(CollectionConverters.asJava(scan.output()));
    for (int k = 0; k < read.size(); k++) {
      places.put(read.get(k).exprId().id(), k);
    }
    int[] ordinals = new int[chosen.size()];
    for (int k = 0; k < ordinals.length; k++) {
      Expression column =
          chosen.get(k) instanceof Alias alias ? alias.child() : (Expression) chosen.get(k);
      if (!(column instanceof Attribute attribute)) {
        return Optional.empty();
      }
      Integer place = places.get(attribute.exprId().id());
      if (place == null) {
        return Optional.empty();
      }
      ordinals[k] = place;
    }
    return Optional.of(new PhysicalScan(scan, columnar, ordinals));
  }

  /** What code generation wraps. */
  private static SparkPlan inside(SparkPlan plan) {
    SparkPlan inner = plan;
    while (true) {
      if (inner instanceof WholeStageCodegenExec stage) {
        inner = stage.child();
      } else if (inner instanceof InputAdapter adapter) {
        inner = adapter.child();
      } else {
        return inner;
      }
    }
  }

  /** Whether it reads batches of columns. */
  boolean isColumnar() {
    return columnar;
  }

  /** Where the columns of the plan are in what is read. */
  int[] ordinals() {
    return ordinals.clone();
  }

  /** The batches; one is overwritten by the next of its partition. */
  JavaRDD<ColumnarBatch> batches() {
    return scan.executeColumnar().toJavaRDD();
  }

  /** The rows; one is overwritten by the next of its partition. */
  JavaRDD<InternalRow> rows() {
    return scan.execute().toJavaRDD();
  }
}
