package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.rules.Vocabulary;

/**
 * The samples that an input configuration names. Opening it reads no more than what is needed to
 * know the tensors' shapes; every pass over it then sees the same rows in the same partitions under
 * the same numbers, provided that the input itself has an order, as files have.
 *
 * <p>A row's number is its partition's number times 2^33 plus its position there, after {@code
 * where}, both from 0.
 */
public final class Source {

  private static final String REASON = "reason";

  /** Partitions in which to look for a first row: one, then four times as many each time. */
  private static final int SEARCH_GROWTH = 4;

  /**
   * Partitions of a table that has no files, such as range(n); Spark would take the number of
   * cores.
   */
  private static final int LEAF_PARTITIONS = 8;

  private final SparkSession spark;
  private final InputConfig input;
  private final Projection projection;
  private final Dataset<Row> whole;
  private final JavaRDD<InternalRow> rows;
  private final SampleFormat format;

  private Source(
      SparkSession spark,
      InputConfig input,
      Projection projection,
      Dataset<Row> whole,
      JavaRDD<InternalRow> rows,
      SampleFormat format) {
    this.spark = spark;
    this.input = input;
    this.projection = projection;
    this.whole = whole;
    this.rows = rows;
    this.format = format;
  }

  /**
   * Opens the input and resolves its tensors.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3 if there is no such path,
   *     table or column, an expression cannot be computed, a column holds no numbers, or a shape
   *     has to be read from a first valid row and there is none
   */
  public static Source open(SparkSession spark, InputConfig input) {
    org.apache.spark.sql.classic.SparkSession session = session(spark, input);
    Projection projection = new Projection(input);
    List<Dataset<Row>> tables = new ArrayList<>();
    for (Tables.Table table : new Tables(session).open(input.source())) {
      Dataset<Row> filtered = projection.filtered(table.rows());
      projection.of(
          filtered,
          List.of()); // each table must have the columns: a union would fill them with null
      tables.add(filtered);
    }
    Dataset<Row> whole = tables.stream().reduce((a, b) -> a.unionByName(b, true)).orElseThrow();
    Dataset<Row> samples = projection.of(whole, List.of());
    JavaRDD<InternalRow> rows = InternalRows.of(samples);
    Source source =
        new Source(spark, input, projection, whole, rows, projection.format(samples.schema(), 0));
    return source.limited().shaped();
  }

  /** A session in which reading does not depend on the number of cores, and a bad cell is null. */
  private static org.apache.spark.sql.classic.SparkSession session(
      SparkSession spark, InputConfig input) {
    org.apache.spark.sql.classic.SparkSession session =
        ((org.apache.spark.sql.classic.SparkSession) spark).cloneSession();
    String bytes = input.partitionSizeBytes() + "b";
    Map.of(
            "spark.sql.ansi.enabled",
            "false",
            "spark.sql.files.minPartitionNum",
            "1",
            "spark.sql.files.maxPartitionBytes",
            bytes,
            "spark.sql.leafNodeDefaultParallelism",
            Integer.toString(LEAF_PARTITIONS),
            "spark.sql.adaptive.coalescePartitions.parallelismFirst",
            "false",
            "spark.sql.adaptive.advisoryPartitionSizeInBytes",
            bytes)
        .forEach(session.conf()::set);
    return session;
  }

  /** The shape of each input tensor, in the order of the configuration. */
  public Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    format.tensors().forEach(tensor -> shapes.put(tensor.name(), new Shape(tensor.extents())));
    return Collections.unmodifiableMap(shapes);
  }

  /**
   * The names of each tensor's elements, row-major: columns or expressions; empty where only their
   * positions tell them apart.
   */
  public Map<String, List<String>> labels() {
    Map<String, List<String>> labels = new LinkedHashMap<>();
    input.tensors().forEach((name, tensor) -> labels.put(name, tensor.labels()));
    return Collections.unmodifiableMap(labels);
  }

  /**
   * This source, with rows invalid where a tensor is no index.
   *
   * @param bounds for each tensor that the loss uses as an index, what its values must be below:
   *     integers from 0
   */
  public Source withIndexBounds(Map<String, Integer> bounds) {
    List<SampleFormat.Tensor> tensors =
        format.tensors().stream()
            .map(
                t ->
                    new SampleFormat.Tensor(
                        t.name(),
                        t.extents(),
                        t.elements(),
                        bounds.getOrDefault(t.name(), SampleFormat.UNBOUNDED)))
            .toList();
    return with(format.withTensors(tensors));
  }

  /**
   * This source, with rows invalid where they hold an index that {@code model} has no element for.
   */
  public Source checkedFor(Model model) {
    return withIndexBounds(Vocabulary.indexBounds(model));
  }

  private Source with(SampleFormat changed) {
    return new Source(spark, input, projection, whole, rows, changed);
  }

  /**
   * What Spark is asked to compute and is hardly meant, as sentences for the user: text that is
   * compared letter by letter.
   */
  public List<String> warnings() {
    return projection.warnings(whole);
  }

  /** What messages call the input. */
  public String describe() {
    return Tables.describe(input.source());
  }

  /** Says that there is no row, valid or not. */
  public JobException noRows() {
    return input.where().isPresent()
        ? Errors.noRowsPassTheFilter(describe())
        : Errors.noRows(describe());
  }

  public InputConfig input() {
    return input;
  }

  public SparkSession spark() {
    return spark;
  }

  /**
   * The number of partitions, which depends on the input and the configured partition size alone.
   */
  public int partitions() {
    return rows.getNumPartitions();
  }

  /** Whether an invalid row ends the run. */
  public boolean failsOnInvalidRows() {
    return input.invalidRows() == InvalidRows.FAIL;
  }

  /**
   * The columns that per-sample results carry: {@code id} first, where there is one. Their values
   * are {@link SampleScan#kept}.
   */
  public List<StructField> keptFields() {
    List<StructField> fields = new ArrayList<>();
    format
        .id()
        .forEach(
            column -> fields.add(DataTypes.createStructField(column.name(), column.type(), true)));
    format
        .carried()
        .forEach(
            column -> fields.add(DataTypes.createStructField(column.name(), column.type(), true)));
    return fields;
  }

  /** Whether per-sample results carry an id. */
  public boolean hasId() {
    return !format.id().isEmpty();
  }

  /** Sends parameters to every executor once. */
  public Broadcast<Map<String, double[]>> broadcast(Map<String, double[]> parameters) {
    Map<String, double[]> sent = new HashMap<>(parameters);
    return JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(sent);
  }

  /** What a task makes of its samples. */
  @FunctionalInterface
  public interface Task<T> extends Serializable {

    /**
     * Reads one partition.
     *
     * @param partition the partition's number
     * @param samples the partition's rows, not begun yet
     */
    Iterator<T> run(int partition, Samples samples);
  }

  /** The rows of a partition that are yet to be read. */
  public static final class Samples {
    private final SampleFormat format;
    private final int partition;
    private final Iterator<InternalRow> rows;

    Samples(SampleFormat format, int partition, Iterator<InternalRow> rows) {
      this.format = format;
      this.partition = partition;
      this.rows = rows;
    }

    /** Whether there is no row at all, valid or not. */
    public boolean isEmpty() {
      return format.quota(partition) == 0 || !rows.hasNext();
    }

    /**
     * Begins to read, once.
     *
     * @param targets the array to fill for each tensor, by name: sample after sample, row-major
     *     each
     */
    public SampleScan into(Function<String, double[]> targets) {
      return format.scan(partition, rows, targets);
    }

    /** Begins to read, once, keeping one sample at a time: to count and check. */
    public SampleScan check() {
      return format.check(partition, rows);
    }
  }

  /**
   * A task for each partition, in the order of partitions. Nothing runs until the result is asked
   * for.
   */
  public <T> JavaRDD<T> run(Task<T> task) {
    SampleFormat sent = format;
    return rows.mapPartitionsWithIndex(
        (partition, iterator) -> task.run(partition, new Samples(sent, partition, iterator)), true);
  }

  /** The first valid samples in the order of rows, at most {@code count}. */
  public List<Sample> first(int count) {
    SampleFormat sent = format;
    JavaRDD<ArrayList<Sample>> heads =
        rows.mapPartitionsWithIndex(
            (partition, iterator) -> List.of(first(sent, partition, iterator, count)).iterator(),
            true);
    List<Sample> samples = new ArrayList<>();
    inOrder(
        heads,
        head -> {
          samples.addAll(head);
          return samples.size() >= count;
        });
    return samples.size() > count ? samples.subList(0, count) : samples;
  }

  private static ArrayList<Sample> first(
      SampleFormat format, int partition, Iterator<InternalRow> rows, int count) {
    Map<String, double[]> arrays = new LinkedHashMap<>();
    format.tensors().forEach(tensor -> arrays.put(tensor.name(), new double[tensor.size()]));
    SampleScan scan = format.scan(partition, rows, arrays::get);
    ArrayList<Sample> samples = new ArrayList<>();
    while (samples.size() < count && scan.next(0)) {
      Map<String, double[]> copies = new LinkedHashMap<>();
      arrays.forEach((name, values) -> copies.put(name, values.clone()));
      samples.add(new Sample(scan.name(), scan.weight(), copies));
    }
    return samples;
  }

  /**
   * The invalid rows, whole, with the column {@code reason} behind their own. Reads the input
   * again.
   */
  public Dataset<Row> rejected() {
    List<String> names =
        Arrays.stream(whole.columns()).filter(name -> !name.equals(Tables.CORRUPT)).toList();
    Dataset<Row> wide =
        projection.of(whole, names.stream().map(name -> Projection.quoted(name, whole)).toList());
    StructField[] fields = Arrays.copyOf(wide.schema().fields(), names.size());
    SampleFormat sent =
        projection.format(wide.schema(), names.size()).shapedAs(format).withQuotas(format.quotas());
    StructField[] all = Arrays.copyOf(fields, fields.length + 1);
    all[fields.length] =
        DataTypes.createStructField(unused(REASON, names), DataTypes.StringType, false);
    JavaRDD<InternalRow> rejected =
        InternalRows.of(wide)
            .mapPartitionsWithIndex(
                (partition, iterator) -> new RejectedRows(sent.check(partition, iterator), fields),
                true);
    return InternalRows.dataset(spark, rejected, new StructType(all));
  }

  private static String unused(String name, List<String> names) {
    return names.stream().anyMatch(name::equalsIgnoreCase)
        ? unused("rejection_" + name, names)
        : name;
  }

  /** The quotas of each partition where the configuration limits the rows. */
  private Source limited() {
    if (input.limit().isEmpty()) {
      return this;
    }
    long limit = input.limit().getAsLong();
    JavaRDD<Long> counts =
        rows.mapPartitionsWithIndex(
            (partition, iterator) -> {
              long count = 0;
              while (count < limit && iterator.hasNext()) {
                iterator.next();
                count++;
              }
              return List.of(count).iterator();
            },
            true);
    List<Long> quotas = new ArrayList<>();
    inOrder(
        counts,
        count -> {
          long left = limit - quotas.stream().mapToLong(Long::longValue).sum();
          quotas.add(Math.min(left, count));
          return count >= left;
        });
    // A list without entries would mean no limit.
    return with(format.withQuotas(quotas.isEmpty() ? List.of(0L) : quotas));
  }

  /**
   * What a partition tells of open shapes: those of its first valid row, none where it has no such
   * row.
   */
  private record Shapes(List<List<Integer>> extents, long read, List<Rejection> rejections)
      implements Serializable {}

  /** The shapes that the configuration leaves open, as the first valid row has them. */
  private Source shaped() {
    List<String> open = projection.open(format);
    if (open.isEmpty()) {
      return this;
    }
    SampleFormat sent = format;
    JavaRDD<Shapes> found =
        rows.mapPartitionsWithIndex(
            (partition, iterator) -> List.of(shapes(sent, open, partition, iterator)).iterator(),
            true);
    List<Shapes> seen = new ArrayList<>();
    inOrder(
        found,
        shapes -> {
          seen.add(shapes);
          return !shapes.extents().isEmpty();
        });
    for (Shapes shapes : seen) {
      if (!shapes.extents().isEmpty()) {
        return with(format.withExtents(open, shapes.extents()));
      }
    }
    long read = seen.stream().mapToLong(Shapes::read).sum();
    if (read == 0) {
      throw noRows();
    }
    throw Errors.allRowsRejected(
        read,
        seen.stream()
            .flatMap(shapes -> shapes.rejections().stream())
            .limit(SampleScan.SHOWN)
            .map(Rejection::toString)
            .toList());
  }

  private static Shapes shapes(
      SampleFormat format, List<String> open, int partition, Iterator<InternalRow> rows) {
    List<Rejection> rejections = new ArrayList<>();
    long read = 0;
    for (; read < format.quota(partition) && rows.hasNext(); read++) {
      InternalRow row = rows.next();
      List<List<Integer>> extents = new ArrayList<>();
      String reason;
      try {
        for (SampleFormat.Tensor tensor : format.tensors()) {
          if (open.contains(tensor.name())) {
            extents.add(tensor.shapeIn(row));
          }
        }
        SampleScan scan =
            format
                .withExtents(open, extents)
                .check(partition, Collections.singleton(row).iterator());
        scan.nextRow(0);
        if (scan.isValid()) {
          return new Shapes(extents, read + 1, rejections);
        }
        reason = scan.reason();
      } catch (InvalidValue e) {
        reason = e.getMessage();
      }
      if (rejections.size() < SampleScan.SHOWN) {
        rejections.add(new Rejection(format.name(row, partition, read), reason));
      }
    }
    return new Shapes(List.of(), read, rejections);
  }

  /**
   * Hands what each partition gives to {@code enough}, in the order of partitions, until it says
   * so; runs no more partitions than that takes, give or take.
   */
  private static <T extends Serializable> void inOrder(
      JavaRDD<T> onePerPartition, Predicate<T> enough) {
    JavaRDD<byte[]> sent = onePerPartition.map(Wire::bytes);
    int partitions = onePerPartition.getNumPartitions();
    int next = 0;
    int batch = 1;
    while (next < partitions) {
      int[] numbers = IntStream.range(next, Math.min(partitions, next + batch)).toArray();
      List<byte[]>[] results = Failures.translate(() -> sent.collectPartitions(numbers));
      for (List<byte[]> result : results) {
        if (enough.test(Wire.value(result.get(0)))) {
          return;
        }
      }
      next += numbers.length;
      batch *= SEARCH_GROWTH;
    }
  }

  /** Invalid rows with their reason. */
  private static final class RejectedRows implements Iterator<InternalRow> {
    private final SampleScan scan;
    private final StructField[] fields;
    private boolean ready;

    RejectedRows(SampleScan scan, StructField[] fields) {
      this.scan = scan;
      this.fields = fields;
    }

    @Override
    public boolean hasNext() {
      while (!ready && scan.nextRow(0)) {
        ready = !scan.isValid();
      }
      return ready;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      ready = false;
      Object[] values = new Object[fields.length + 1];
      for (int k = 0; k < fields.length; k++) {
        values[k] = scan.value(k, fields[k].dataType());
      }
      values[fields.length] = UTF8String.fromString(scan.reason());
      return new GenericInternalRow(values);
    }
  }
}
