package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.storage.StorageLevel;
import org.sparkcurvature.engine.InputReads;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.reduce.Partitions;
import org.sparkcurvature.ops.IndexBounds;

/**
 * The samples that an input configuration names. Opening it reads no more than what is needed to
 * know the tensors' shapes; every pass over it then sees the same rows in the same partitions under
 * the same numbers, provided that the input itself has an order, as files have.
 *
 * <p>A row's number is its partition's number times 2^33 plus its position there, after {@code
 * where}, both from 0.
 */
public final class Source implements RowSamples {

  private static final String REASON = "reason";

  /** Tasks of one pass that take more time to be handed out than most inputs to be read. */
  private static final int MANY_TASKS = 20_000;

  private final SparkSession spark;
  private final InputConfig input;
  private final Projection projection;
  private final Dataset<Row> whole;

  /** The columns of samples, of {@link #whole}: analysed and planned by Spark once. */
  private final Dataset<Row> samples;

  private final TableRows rows;
  private final SampleFormat format;

  /** Of these samples: what else a changed source has valid are no changed rows. */
  private final Optional<RowChecks> checks;

  private Source(
      SparkSession spark,
      InputConfig input,
      Projection projection,
      Dataset<Row> whole,
      Dataset<Row> samples,
      TableRows rows,
      SampleFormat format,
      Optional<RowChecks> checks) {
    this.spark = spark;
    this.input = input;
    this.projection = projection;
    this.whole = whole;
    this.samples = samples;
    this.rows = rows;
    this.format = format;
    this.checks = checks;
  }

  /**
   * Opens the input and resolves its tensors.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3 if there is no such path,
   *     table or column, an expression cannot be computed, a column holds no numbers, or a shape
   *     has to be read from a first valid row and there is none
   */
  public static Source open(SparkSession spark, InputConfig input) {
    return open(spark, input, List.of(), "");
  }

  /**
   * As the other {@code open}, with expressions by which samples are grouped: their values are
   * handed on behind those of carried columns, as {@link KeyTexts}.
   *
   * @param where the place of the expressions in the configuration
   */
  public static Source open(
      SparkSession spark, InputConfig input, List<String> groups, String where) {
    Projection projection = new Projection(input, groups, where);
    OpenedTables opened = OpenedTables.of(spark, input, projection);
    TableRows rows = TableRows.of(opened.samples());
    SampleFormat format = projection.format(opened.samples().schema(), 0).in(rows.ordinals());
    Source source =
        new Source(
            spark,
            input,
            projection,
            opened.whole(),
            opened.samples(),
            rows,
            format,
            Optional.empty());
    return source.limited().shaped();
  }

  /**
   * A look at the input before samples are made of it: what expressions give for the rows that pass
   * the filter, in columns {@code _0}, {@code _1}, ...
   *
   * @param expressions columns or Spark SQL expressions, each with its key in the configuration
   * @throws org.sparkcurvature.job.errors.JobException as {@link #open} does
   */
  public static Dataset<Row> look(
      SparkSession spark, InputConfig input, Map<String, String> expressions) {
    Projection projection = Projection.ofExpressions(input, expressions);
    Dataset<Row> rows = OpenedTables.of(spark, input, projection).samples();
    // The first rows, whichever they are: what is looked for here is rough.
    return input.limit().isEmpty()
        ? rows
        : rows.limit((int) Math.min(Integer.MAX_VALUE, input.limit().getAsLong()));
  }

  /** All columns of the rows that pass the filter, of all tables. */
  public static Dataset<Row> rows(SparkSession spark, InputConfig input) {
    return OpenedTables.of(spark, input, Projection.ofExpressions(input, Map.of())).whole();
  }

  /** The columns of all tables. */
  public static List<StructField> columns(SparkSession spark, InputConfig input) {
    return Arrays.stream(rows(spark, input).schema().fields())
        .filter(field -> !field.name().equals(Tables.CORRUPT))
        .toList();
  }

  /** Whether a value is made of several: an array, a vector, a struct, a map. */
  public static boolean isOfSeveral(DataType type) {
    return type instanceof ArrayType
        || type instanceof StructType
        || type instanceof MapType
        || type instanceof UserDefinedType<?>;
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
   * This source, with rows invalid where they have no value, or an index that {@code model} has no
   * element for, in a branch that they may take.
   */
  public Source checkedFor(Model model) {
    return checkedFor(model, List.of());
  }

  /**
   * As the other {@code checkedFor}.
   *
   * @param values names of definitions whose values are asked for in every row
   */
  public Source checkedFor(Model model, List<String> values) {
    Source bounded = withIndexBounds(IndexBounds.of(model));
    return bounded.with(bounded.format.withReads(new InputReads(model, values)));
  }

  private Source with(SampleFormat changed) {
    return new Source(spark, input, projection, whole, samples, rows, changed, Optional.empty());
  }

  /**
   * This source, where a pass ends if it meets other rows than the first pass, if there are more.
   */
  public Source comparingPasses() {
    if (input.source() instanceof GivenRows given && given.reading() == GivenRows.Reading.ONCE) {
      return this;
    }
    return new Source(
        spark,
        input,
        projection,
        whole,
        samples,
        rows,
        format,
        Optional.of(new RowChecks(spark.sparkContext())));
  }

  /**
   * What Spark is asked to compute and is hardly meant, as sentences for the user: text that is
   * compared letter by letter, a width that follows the files.
   */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>(projection.warnings(whole));
    if (Tables.hasOpenWidth(input.source())) {
      input
          .tensors()
          .forEach(
              (name, tensor) -> {
                if (OpenedTables.isFeatures(tensor) && tensor.knownShape().isEmpty()) {
                  warnings.add(
                      "curvature.input.tensors.%s: the width of libsvm's features, %d, is the largest index in these files; other files may have another. Give shape = [n], or input.options.numFeatures"
                          .formatted(name, shapes().get(name).size()));
                }
              });
    }
    if (partitions() > MANY_TASKS) {
      warnings.add(
          "every pass over the input takes %,d tasks; input.partition-size = %s makes fewer of files."
              .formatted(
                  partitions(), Errors.bytes(Math.max(64L << 20, 4 * input.partitionSizeBytes()))));
    }
    return warnings;
  }

  /** What messages call the input. */
  public String describe() {
    return Tables.describe(input.source());
  }

  /** The files that are read, as far as the plan names them; none of a table that has no files. */
  public InputListing listing() {
    return InputFiles.of(whole);
  }

  /** Says that there is no row, valid or not. */
  public JobException noRows() {
    return noRows(input);
  }

  /** Says that an input has no row, valid or not. */
  public static JobException noRows(InputConfig input) {
    String described = Tables.describe(input.source());
    return input.where().isPresent()
        ? Errors.noRowsPassTheFilter(described)
        : Errors.noRows(described);
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
    return rows.partitions();
  }

  /**
   * The largest row groups of the largest Parquet files, or stripes of ORC files, that are read, in
   * descending order; none where there are no such files.
   *
   * @param atLeast bytes of a file below which it is not looked into
   */
  public List<RowGroup> largestRowGroups(long atLeast) {
    return samples.isStreaming() ? List.of() : RowGroups.of(samples, atLeast);
  }

  /**
   * How many samples there are, or the run ends, as far as files and {@code input.limit} tell;
   * empty where they do not. Runs no task.
   */
  public Optional<RowBounds> rowBounds() {
    Optional<RowBounds> rows =
        format.quotas().isEmpty()
            ? FileRows.of(samples)
            : Optional.of(RowBounds.of(format.quotas().stream().mapToLong(Long::longValue).sum()));
    double valid = failsOnInvalidRows() ? 1 : 1 - input.acceptance().maxRejected();
    return rows.map(all -> new RowBounds((long) (valid * all.least()), all.most()));
  }

  /** Whether rows come as batches of columns, so that no row is made of them. */
  public boolean isColumnar() {
    return rows.isColumnar();
  }

  /** Whether an invalid row ends the run. */
  public boolean failsOnInvalidRows() {
    return invalid() == BlockScan.Invalid.FAILS;
  }

  /** Whether invalid rows are handed on, without results. */
  public boolean handsOnInvalidRows() {
    return invalid() == BlockScan.Invalid.IS_HANDED_ON;
  }

  private BlockScan.Invalid invalid() {
    return switch (input.invalidRows()) {
      case FAIL -> BlockScan.Invalid.FAILS;
      case DROP, QUARANTINE -> BlockScan.Invalid.IS_LEFT_OUT;
      case KEEP -> BlockScan.Invalid.IS_HANDED_ON;
    };
  }

  /**
   * The columns that per-sample results carry: {@code id} first, where there is one. Their values
   * are {@link SampleBlock#kept}.
   */
  public List<StructField> keptFields() {
    List<StructField> fields = new ArrayList<>();
    format
        .id()
        .forEach(
            column ->
                fields.add(
                    DataTypes.createStructField(column.name(), column.type(), column.nullable())));
    format
        .carried()
        .forEach(
            column ->
                fields.add(
                    DataTypes.createStructField(column.name(), column.type(), column.nullable())));
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

  @Override
  public <T> JavaRDD<T> read(RowSamples.Reading<T> task) {
    return read(
        task, checks.map(own -> own.pass(partitions(), describe())).orElse(RowChecks.UNCHECKED));
  }

  /** As the other one, for those who keep what they read. */
  <T> JavaRDD<T> readOnce(RowSamples.Reading<T> task) {
    return read(task, RowChecks.UNCHECKED);
  }

  private <T> JavaRDD<T> read(RowSamples.Reading<T> task, RowChecks.Pass pass) {
    SampleFormat sent = format;
    BlockScan.Invalid invalid = invalid();
    return rows.run(
        (partition, arriving) ->
            task.run(partition, new Arriving(sent, partition, arriving, invalid, pass)));
  }

  /**
   * The rows that tasks make of the samples, as a table that is computed while it is read; a stream
   * of them where the input is one.
   */
  public Dataset<Row> table(RowSamples.Reading<InternalRow> task, StructType schema) {
    if (!samples.isStreaming()) {
      return InternalRows.dataset(spark, read(task), schema);
    }
    SampleFormat sent = format;
    BlockScan.Invalid invalid = invalid();
    return InternalRows.mapped(
        spark,
        samples,
        (partition, arriving) ->
            task.run(
                partition,
                new Arriving(
                    sent, partition, PartitionRows.of(arriving), invalid, RowChecks.UNCHECKED)),
        schema);
  }

  @Override
  public <T> JavaRDD<T> run(Samples.Task<T> task) {
    return read(task::run);
  }

  @Override
  public Source source() {
    return this;
  }

  /**
   * The samples of this input, for programs that pass over them many times: the first pass reads
   * the input, executors keep what it read, and those that follow take it from there. Nothing runs
   * before the first pass. To be closed.
   */
  public CachedSamples keep() {
    return new CachedSamples(this, format, StorageLevel.MEMORY_AND_DISK());
  }

  /**
   * The samples of this input brought together by a key.
   *
   * @param by columns or expressions, with {@code AS name} where that is wanted
   * @param taken names that keys cannot have
   * @param partitions how many there are to be
   * @param expectation what rows are looked at for on the way
   * @throws org.sparkcurvature.job.errors.JobException as {@link #open} does, and with exit code 2
   *     if a key is of a type by which Spark does not group, or has a name that is taken
   */
  public KeyedRows keyed(
      List<String> by, Set<String> taken, int partitions, Optional<Expectation> expectation) {
    return KeyedRows.of(
        whole, projection, format, by, taken, partitions, failsOnInvalidRows(), expectation);
  }

  /** As {@link #keep}, with all that rows have to hand on. */
  public CachedRows keepRows() {
    return new CachedRows(this, format, StorageLevel.MEMORY_AND_DISK());
  }

  /** The first valid samples in the order of rows, at most {@code count}. */
  public List<Sample> first(int count) {
    return lookup().first(count);
  }

  /**
   * What messages call rows, in the order given. Where rows have ids, the partitions that they lie
   * in are read again.
   *
   * @param numbers the numbers of rows that this has
   */
  public List<RowName> names(List<Long> numbers) {
    return hasId()
        ? lookup().names(numbers)
        : numbers.stream().map(number -> new RowName(number, "")).toList();
  }

  private Lookup lookup() {
    return new Lookup(rows, format);
  }

  /**
   * The invalid rows, whole, with the column {@code reason} behind their own. Reads the input
   * again.
   */
  public Dataset<Row> rejected() {
    List<String> names =
        Arrays.stream(whole.columns()).filter(name -> !name.equals(Tables.CORRUPT)).toList();
    Dataset<Row> wide = projection.of(whole, names.stream().map(Quoted::column).toList());
    StructField[] fields = Arrays.copyOf(wide.schema().fields(), names.size());
    SampleFormat sent =
        projection.format(wide.schema(), names.size()).shapedAs(format).withQuotas(format.quotas());
    StructField[] all = Arrays.copyOf(fields, fields.length + 1);
    all[fields.length] =
        DataTypes.createStructField(unused(REASON, names), DataTypes.StringType, false);
    JavaRDD<InternalRow> rejected =
        Partitions.map(
            InternalRows.of(wide),
            (partition, iterator) -> new RejectedRows(sent.check(partition, iterator), fields));
    return InternalRows.dataset(spark, rejected, new StructType(all));
  }

  private static String unused(String name, List<String> names) {
    return names.stream().anyMatch(name::equalsIgnoreCase)
        ? unused("rejection_" + name, names)
        : name;
  }

  private Source limited() {
    if (input.limit().isEmpty()) {
      return this;
    }
    refuseStream("a limit", "curvature.input.limit", "leave it out");
    return with(format.withQuotas(lookup().quotas(input.limit().getAsLong())));
  }

  /** Refuses what takes a look at rows before they come. */
  private void refuseStream(String what, String where, String remedy) {
    if (samples.isStreaming()) {
      throw Errors.configuration(
          what + " takes a look at the first rows, which a stream does not have yet",
          where,
          remedy);
    }
  }

  /**
   * The shapes that the configuration leaves open, as Spark ML tells them of vectors, and otherwise
   * as most of the first valid rows have them.
   */
  private Source shaped() {
    List<String> open = projection.open(format);
    if (open.isEmpty()) {
      return this;
    }
    List<String> told = new ArrayList<>();
    List<List<Integer>> extents = new ArrayList<>();
    List<String> left = new ArrayList<>(open);
    for (SampleFormat.Tensor tensor : projection.format(samples.schema(), 0).tensors()) {
      int size = Vectors.size(samples.schema().fields()[tensor.elements().get(0).ordinal()]);
      if (size > 0 && left.remove(tensor.name())) {
        told.add(tensor.name());
        extents.add(List.of(size));
      }
    }
    return with(format.withExtents(told, extents)).shaped(left);
  }

  private Source shaped(List<String> open) {
    if (open.isEmpty()) {
      return this;
    }
    refuseStream(
        "the shape of " + open.get(0),
        "curvature.input.tensors." + open.get(0),
        "say it: %s { column = ..., shape = [n] }".formatted(open.get(0)));
    Lookup.Shapes found = lookup().shapes(open);
    if (!found.extents().isEmpty()) {
      return with(format.withExtents(open, found.extents()));
    } else if (found.read() == 0) {
      throw noRows();
    }
    throw Errors.allRowsRejected(
        found.read(),
        found.rejections().lines(found.read()),
        found.rejections().wayOut(found.read()));
  }
}
