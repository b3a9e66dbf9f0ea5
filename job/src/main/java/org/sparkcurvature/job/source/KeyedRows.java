package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.catalyst.optimizer.NormalizeFloatingNumbers$;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.SchemaUtils;
import org.apache.spark.util.LongAccumulator;
import org.sparkcurvature.job.config.Nondeterministic;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.reduce.Partitions;

/**
 * The samples of an input brought together by a key: all rows of one key are in one partition, in
 * no order. One shuffle does that.
 */
public final class KeyedRows {
  private static final String KEY = "curvature.fit.by";

  private final JavaRDD<InternalRow> rows;
  private final SampleFormat format;
  private final List<StructField> keys;
  private final boolean fail;
  private final LongAccumulator unexpected;

  private KeyedRows(
      JavaRDD<InternalRow> rows,
      SampleFormat format,
      List<StructField> keys,
      boolean fail,
      LongAccumulator unexpected) {
    this.rows = rows;
    this.format = format;
    this.keys = keys;
    this.fail = fail;
    this.unexpected = unexpected;
  }

  /** What a task makes of its partition. */
  @FunctionalInterface
  public interface Task<T> extends Serializable {
    /** Reads one partition. */
    Iterator<T> run(int partition, Part rows);
  }

  /** A column or expression, and what its values are called. */
  private record Key(String text, String name) {
    static Key of(String written) {
      return new Key(
          TensorConfig.withoutAlias(written), TensorConfig.alias(written).orElse(written));
    }
  }

  /**
   * Brings rows together.
   *
   * @param whole the rows of the input that pass the filter
   * @param projection what is asked for of them
   * @param shaped the format of samples, with all shapes
   * @param by columns or expressions, with {@code AS name} where that is wanted
   * @param taken names that keys cannot have
   * @param expectation what rows are looked at for on the way
   * @throws JobException with exit code 3 if there is no such column, or an expression cannot be
   *     computed; with 2 if values of its type cannot be grouped, or a name is taken
   */
  static KeyedRows of(
      Dataset<Row> whole,
      Projection projection,
      SampleFormat shaped,
      List<String> by,
      Set<String> taken,
      int partitions,
      boolean fail,
      Optional<Expectation> expectation) {
    List<Key> keys = by.stream().map(Key::of).toList();
    refuseTaken(keys, taken);
    ColumnNames names = new ColumnNames(whole.schema());
    List<Column> columns = new ArrayList<>();
    for (int k = 0; k < keys.size(); k++) {
      columns.add(column(whole, keys.get(k), names).as("key_" + k));
    }
    Dataset<Row> wide = projection.of(whole, columns);
    int count = keys.size();
    SampleFormat format = projection.format(wide.schema(), count).shapedAs(shaped);
    LongAccumulator unexpected = whole.sparkSession().sparkContext().longAccumulator("unexpected");
    if (expectation.isPresent()) {
      wide = expectation.get().noted(wide, columns(format, wide.schema()), unexpected);
    }
    Column[] byKey =
        IntStream.range(0, count).mapToObj(k -> functions.col("key_" + k)).toArray(Column[]::new);
    JavaRDD<InternalRow> together = PackedRows.together(wide, byKey, partitions);
    List<StructField> fields = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      StructField field = wide.schema().fields()[k];
      fields.add(new StructField(keys.get(k).name(), field.dataType(), true, field.metadata()));
    }
    return new KeyedRows(together, format, fields, fail, unexpected);
  }

  /** The columns of the tensors that have one each. */
  private static Map<String, String> columns(SampleFormat format, StructType schema) {
    Map<String, String> columns = new HashMap<>();
    for (SampleFormat.Tensor tensor : format.tensors()) {
      if (tensor.elements().size() == 1) {
        columns.put(tensor.name(), schema.fieldNames()[tensor.elements().get(0).ordinal()]);
      }
    }
    return columns;
  }

  /** The values of keys in the rows of a table, NaN and 0 as where rows are brought together. */
  public static List<Column> columns(Dataset<Row> table, List<String> by) {
    ColumnNames names = new ColumnNames(table.schema());
    return by.stream().map(Key::of).map(key -> column(table, key, names)).toList();
  }

  /** What keys are called. */
  public static List<String> names(List<String> by) {
    return by.stream().map(Key::of).map(Key::name).toList();
  }

  private static void refuseTaken(List<Key> keys, Set<String> taken) {
    Set<String> used = new HashSet<>();
    taken.forEach(name -> used.add(name.toLowerCase(Locale.ROOT)));
    for (Key key : keys) {
      if (!used.add(key.name().toLowerCase(Locale.ROOT))) {
        throw Errors.configuration(
            "the table of estimates has a column %s of its own, and a key has this name"
                .formatted(key.name()),
            KEY,
            "give it another name, as in \"" + key.text() + " AS " + key.name() + "_key\"");
      }
    }
  }

  /** NaN is one value, and so are 0 and -0, as where Spark groups. */
  private static Column column(Dataset<Row> whole, Key key, ColumnNames names) {
    try {
      Column column = names.named(key.text()).map(Quoted::column).orElse(null);
      if (column == null) {
        column = functions.expr(key.text());
      }
      Dataset<Row> selected = whole.select(column);
      // Whatever is allowed elsewhere: a row's group is looked for more than once.
      new Repeatability(Nondeterministic.REFUSED).check(selected, key.text(), KEY);
      DataType type = selected.schema().fields()[0].dataType();
      if (!RowOrdering.isOrderable(type)) {
        throw Errors.configuration(
            "'%s' is of the type %s, by which Spark does not group"
                .formatted(PublicText.maskedExpression(key.text()), type.simpleString()),
            KEY,
            "name a column of numbers, texts or dates, or an expression that gives one");
      }
      NamedExpression resolved =
          ((Project) selected.queryExecution().analyzed()).projectList().head();
      if (SchemaUtils.hasNonUTF8BinaryCollation(type)) {
        throw Errors.configuration(
            "'%s' is text of the collation of %s, in which texts that differ are equal"
                .formatted(PublicText.maskedExpression(key.text()), type.simpleString()),
            KEY,
            "write collate(%s, 'UTF8_BINARY') AS ..., or upper(...) for one case"
                .formatted(key.text()));
      }
      return ExpressionUtils.column(
          NormalizeFloatingNumbers$.MODULE$.normalize(
              resolved instanceof Alias alias ? alias.child() : (Expression) resolved));
    } catch (JobException e) {
      throw e;
    } catch (Exception e) {
      throw Analysis.error(e, key.text(), KEY, Arrays.asList(whole.columns()));
    }
  }

  /**
   * Whether there was a row that was not as expected among those that were read so far, which may
   * be none. It may be no valid sample.
   */
  public boolean isUnexpected() {
    return unexpected.value() > 0;
  }

  /** The keys' columns. */
  public List<StructField> keys() {
    return keys;
  }

  /** A task for each partition. Nothing runs until the result is asked for. */
  public <T> JavaRDD<T> run(Task<T> task) {
    SampleFormat sent = format;
    DataType[] types = keys.stream().map(StructField::dataType).toArray(DataType[]::new);
    boolean failing = fail;
    return Partitions.map(
        rows,
        (partition, arriving) ->
            task.run(partition, new Part(sent, partition, arriving, types, failing)));
  }

  /** The rows of one partition, one after the other, in no order. */
  public static final class Part {
    private final SampleFormat format;
    private final int partition;
    private final Iterator<InternalRow> rows;
    private final KeyNumbers keys;
    private final boolean fail;
    private SampleScan scan;
    private long zeroWeight;

    private Part(
        SampleFormat format,
        int partition,
        Iterator<InternalRow> rows,
        DataType[] types,
        boolean fail) {
      this.format = format;
      this.partition = partition;
      this.rows = rows;
      this.keys = new KeyNumbers(types);
      this.fail = fail;
    }

    /** Begins to read, once, into these arrays. */
    public void begin(SampleBlock block) {
      scan = format.scan(partition, rows, block::tensor);
    }

    /** Room for so many samples. */
    public SampleBlock block(int samples) {
      return format.block(samples);
    }

    /**
     * Goes to the next row, valid or not, and writes its tensors where it is valid.
     *
     * @return false if there is none
     * @throws JobException with exit code 3 at an invalid row, where those end the run
     */
    public boolean next(int position) {
      if (!scan.nextRow(position)) {
        return false;
      }
      if (fail && !scan.isValid()) {
        throw Errors.invalidRows(
            scan.rejections().lines(scan.read()), scan.rejections().wayOut(scan.read()));
      }
      if (scan.isValid() && scan.weight() == 0) {
        zeroWeight++;
      }
      return true;
    }

    /** Whether the current row is a valid sample. */
    public boolean isValid() {
      return scan.isValid();
    }

    /** The weight of the current row, which is valid. */
    public double weight() {
      return scan.weight();
    }

    /** The values of the current row that are handed on. */
    public Object[] kept() {
      return scan.kept();
    }

    /** Notes the key of the current row, valid or not, among {@link #keys}. */
    public void noteKey() {
      keys.note(scan.row());
    }

    /** The keys so far. */
    public KeyNumbers keys() {
      return keys;
    }

    /** What became of the rows so far. */
    public RowTally tally() {
      return scan == null
          ? new RowTally(0, 0, 0, new Rejections())
          : new RowTally(scan.read(), scan.rejected(), zeroWeight, scan.rejections());
    }
  }
}
