package org.sparkcurvature.job.groups;

import java.io.File;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.TaskCompletionListener;
import org.sparkcurvature.job.config.GroupsConfig;
import org.sparkcurvature.job.derive.ComputeDevice;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.job.source.InternalRows;
import org.sparkcurvature.job.source.KeyedRows;
import org.sparkcurvature.job.source.RowTally;

/** The fits of all groups as a table, computed while it is read. */
public final class GroupFits {
  private final Dataset<Row> table;
  private final CollectionAccumulator<byte[]> tallies;

  private GroupFits(Dataset<Row> table, CollectionAccumulator<byte[]> tallies) {
    this.table = table;
    this.tallies = tallies;
  }

  /** What became of the rows of a partition. */
  private record Tally(int partition, RowTally rows) implements Serializable {}

  /**
   * The table.
   *
   * @param rows of the input, brought together
   */
  public static GroupFits of(
      SparkSession spark,
      KeyedRows rows,
      GroupProblem problem,
      GroupsConfig.Layout layout,
      Device device) {
    Broadcast<byte[]> sent =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(Wire.bytes(problem));
    GroupTable form = new GroupTable(problem, rows.keys(), layout);
    CollectionAccumulator<byte[]> tallies = spark.sparkContext().collectionAccumulator("groups");
    JavaRDD<InternalRow> fitted =
        rows.run(
            (partition, part) -> {
              ComputeDevice.take(device);
              return new Results(Wire.value(sent.value()), part, form, partition, tallies);
            });
    return new GroupFits(InternalRows.dataset(spark, fitted, form.schema()), tallies);
  }

  /** The table: a row for each group, or one for each of its coefficients. */
  public Dataset<Row> table() {
    return table;
  }

  /** What became of the rows, once the table was read: by partition. */
  public List<RowTally> tallies() {
    Map<Integer, RowTally> last = new java.util.TreeMap<>();
    for (byte[] bytes : List.copyOf(tallies.value())) {
      Tally tally = Wire.value(bytes);
      last.put(tally.partition(), tally.rows());
    }
    return new ArrayList<>(last.values());
  }

  /** Rows of the table of one partition. */
  private static final class Results implements Iterator<InternalRow> {
    private final GroupTask task;
    private final GroupTable form;
    private final int partition;
    private final CollectionAccumulator<byte[]> tallies;
    private Iterator<InternalRow> made = List.<InternalRow>of().iterator();
    private boolean ended;

    Results(
        GroupProblem problem,
        KeyedRows.Part rows,
        GroupTable form,
        int partition,
        CollectionAccumulator<byte[]> tallies) {
      this.form = form;
      this.partition = partition;
      this.tallies = tallies;
      this.task = new GroupTask(problem, rows, folder());
      TaskContext context = TaskContext.get();
      if (context != null) {
        context.addTaskCompletionListener((TaskCompletionListener) c -> task.close());
      }
    }

    private static Path folder() {
      File[] own = SparkEnv.get().blockManager().diskBlockManager().localDirs();
      return own[0].toPath();
    }

    @Override
    public boolean hasNext() {
      while (!made.hasNext() && !ended) {
        if (task.hasNext()) {
          GroupTask.Fitted fitted = task.next();
          made = form.rows(fitted.key(), fitted.fit().result());
        } else {
          ended = true;
          tallies.add(Wire.bytes(new Tally(partition, task.tally())));
        }
      }
      return made.hasNext();
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return made.next();
    }
  }
}
