package org.sparkcurvature.job.groups;

import java.io.File;
import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
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
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.GroupsConfig;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.derive.ComputeDevice;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.job.source.InternalRows;
import org.sparkcurvature.job.source.KeyedRows;
import org.sparkcurvature.job.source.RowTally;

/** The fits of all groups as a table, computed while it is read. */
public final class GroupFits {
  private static final int MOST_EXAMPLES = 5;

  private final Dataset<Row> table;
  private final GroupTable form;
  private final CollectionAccumulator<byte[]> tallies;

  private GroupFits(Dataset<Row> table, GroupTable form, CollectionAccumulator<byte[]> tallies) {
    this.table = table;
    this.form = form;
    this.tallies = tallies;
  }

  /**
   * What became of the groups of one status.
   *
   * @param value exact sum of their values
   * @param weight exact sum of their weights
   * @param first of them, in the order of keys
   */
  public record Counted(
      long groups, BigDecimal value, BigDecimal weight, List<GroupsSummary.Example> first)
      implements Serializable {}

  /** What a partition had, counted by whoever read it last. */
  private record Tally(
      int partition, RowTally rows, Map<Status, Counting> groups, HeldOut.Losses heldOut)
      implements Serializable {}

  /** Counts the groups of one status. */
  private static final class Counting implements Serializable {
    private static final long serialVersionUID = 1L;

    private final ArrayList<GroupTable.Named> first = new ArrayList<>();
    private long groups;
    private BigDecimal value = BigDecimal.ZERO;
    private BigDecimal weight = BigDecimal.ZERO;

    void add(GroupTable form, InternalRow key, GroupResult result) {
      groups++;
      if (Double.isFinite(result.value())) {
        value = value.add(new BigDecimal(result.value()));
      }
      if (Double.isFinite(result.weight())) {
        weight = weight.add(new BigDecimal(result.weight()));
      }
      // A partition has its groups in the order of keys.
      if (first.size() < MOST_EXAMPLES) {
        first.add(form.named(key, result));
      }
    }

    void add(Counting other) {
      groups += other.groups;
      value = value.add(other.value);
      weight = weight.add(other.weight);
      first.addAll(other.first);
    }
  }

  /**
   * The table.
   *
   * @param rows of the input, brought together
   * @param adjustment of p-values, which the problem's settings ask for then
   */
  public static GroupFits of(
      SparkSession spark,
      KeyedRows rows,
      GroupProblem problem,
      GroupsConfig.Layout layout,
      InferConfig.Adjustment adjustment,
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
    Dataset<Row> table = InternalRows.dataset(spark, fitted, form.schema());
    return new GroupFits(
        Adjusted.of(table, rows.keys().size(), layout == GroupsConfig.Layout.LONG, adjustment),
        form,
        tallies);
  }

  /** Where tasks make files. */
  static Path folder() {
    File[] own = SparkEnv.get().blockManager().diskBlockManager().localDirs();
    return own[0].toPath();
  }

  /** The table: a row for each group, or one for each of its coefficients. */
  public Dataset<Row> table() {
    return table;
  }

  /** What became of the rows, once the table was read: by partition. */
  public List<RowTally> tallies() {
    return last().stream().map(Tally::rows).toList();
  }

  /** What became of the groups, once the table was read; statuses that none has are left out. */
  public Map<Status, Counted> counts() {
    Map<Status, Counting> sums = new TreeMap<>();
    last()
        .forEach(
            tally ->
                tally
                    .groups()
                    .forEach(
                        (status, counted) ->
                            sums.computeIfAbsent(status, s -> new Counting()).add(counted)));
    Map<Status, Counted> counts = new TreeMap<>();
    sums.forEach(
        (status, sum) ->
            counts.put(
                status,
                new Counted(
                    sum.groups, sum.value, sum.weight, form.first(sum.first, MOST_EXAMPLES))));
    return counts;
  }

  /** What a prior is worth, once the table was read; empty where there is none. */
  public Optional<GroupsSummary.HeldOutLoss> heldOut() {
    HeldOut.Losses sum = HeldOut.Losses.NONE;
    for (Tally tally : last()) {
      sum = sum.plus(tally.heldOut());
    }
    return sum.groups() == 0
        ? Optional.empty()
        : Optional.of(
            new GroupsSummary.HeldOutLoss(
                sum.groups(),
                sum.rows(),
                sum.own().doubleValue() / sum.weight().doubleValue(),
                sum.shrunken().doubleValue() / sum.weight().doubleValue()));
  }

  private List<Tally> last() {
    Map<Integer, Tally> last = new TreeMap<>();
    for (byte[] bytes : List.copyOf(tallies.value())) {
      Tally tally = Wire.value(bytes);
      last.put(tally.partition(), tally);
    }
    return List.copyOf(last.values());
  }

  /** Rows of the table of one partition. */
  private static final class Results implements Iterator<InternalRow> {
    private final GroupTask task;
    private final GroupTable form;
    private final int partition;
    private final CollectionAccumulator<byte[]> tallies;
    private Iterator<InternalRow> made = List.<InternalRow>of().iterator();
    private final TreeMap<Status, Counting> counts = new TreeMap<>();
    private HeldOut.Losses heldOut = HeldOut.Losses.NONE;
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
      TaskContext context = TaskContext.get();
      this.task = new GroupTask(problem, rows, context, folder());
      context.addTaskCompletionListener((TaskCompletionListener) c -> task.close());
    }

    @Override
    public boolean hasNext() {
      while (!made.hasNext() && !ended) {
        if (task.hasNext()) {
          GroupTask.Fitted fitted = task.next();
          GroupResult result = fitted.result();
          counts
              .computeIfAbsent(result.status(), status -> new Counting())
              .add(form, fitted.key(), result);
          heldOut = heldOut.plus(task.heldOut(fitted));
          made = form.rows(fitted.key(), result, task.shrunken(fitted));
        } else {
          ended = true;
          tallies.add(Wire.bytes(new Tally(partition, task.tally(), counts, heldOut)));
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
