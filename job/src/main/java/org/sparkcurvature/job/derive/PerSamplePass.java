package org.sparkcurvature.job.derive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.TaskCompletionListener;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.source.InternalRows;
import org.sparkcurvature.job.source.Rejection;
import org.sparkcurvature.job.source.RowName;
import org.sparkcurvature.job.source.SampleBlock;
import org.sparkcurvature.job.source.SampleReader;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Engine;
import org.sparkcurvature.objective.NonFiniteException;
import org.sparkcurvature.objective.Request;

/**
 * The results of each sample, of the unweighted loss, as a table that is computed while it is read.
 */
public final class PerSamplePass {
  private PerSamplePass() {}

  private static final String VALUE = "value";

  /**
   * One row for each valid sample, those of weight 0 included, in the order of the input: {@code
   * id} where it is configured, {@code row}, the columns of {@link Derivation#columns} ({@code
   * value} as a number, all others as arrays), carried columns. Nothing runs before the table is
   * read or written; a task holds one block of samples at a time.
   *
   * <p>Reading it ends with a {@link org.sparkcurvature.job.errors.JobException} inside Spark's own
   * exception, which {@link org.sparkcurvature.job.errors.Failures#translate} takes out: with exit
   * code 4 if a result is not finite, with 3 at an invalid row where those end the run.
   *
   * @param source the samples, checked for the model
   * @param parameters every parameter's elements, row-major
   * @param device what to compute on
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if a carried column has the
   *     name of a result
   */
  public static Dataset<Row> dataset(
      Source source, Derivation derivation, Map<String, double[]> parameters, Device device) {
    Request request = derivation.request();
    Derivation sampled =
        new Derivation(
            derivation.model(),
            new Request(request.wrt(), Request.Global.NONE, request.perSample()),
            derivation.precision(),
            derivation.blockBytes());
    Broadcast<Engines> engines = Engines.send(source, sampled, parameters);
    boolean fail = source.failsOnInvalidRows();
    LongAccumulator engineTime = EngineTime.of(source.spark());
    int ids = source.hasId() ? 1 : 0;
    JavaRDD<InternalRow> rows =
        source.read(
            (partition, samples) ->
                new Results(samples, engines.value(), device, ids, fail, engineTime));
    return InternalRows.dataset(source.spark(), rows, schema(source, sampled));
  }

  /** The columns of {@link #dataset}. */
  static StructType schema(Source source, Derivation derivation) {
    List<StructField> kept = source.keptFields();
    int ids = source.hasId() ? 1 : 0;
    List<StructField> fields = new ArrayList<>(kept.subList(0, ids));
    fields.add(DataTypes.createStructField("row", DataTypes.LongType, false));
    for (Derivation.Column column : derivation.columns()) {
      DataType type =
          column.name().equals(VALUE)
              ? DataTypes.DoubleType
              : DataTypes.createArrayType(DataTypes.DoubleType, false);
      fields.add(DataTypes.createStructField(column.name(), type, false));
    }
    fields.addAll(kept.subList(ids, kept.size()));
    Set<String> names = new HashSet<>();
    for (StructField field : fields) {
      if (!names.add(field.name().toLowerCase(Locale.ROOT))) {
        throw Errors.configuration(
            "per-sample results would have two columns named '" + field.name() + "'",
            "curvature.input.carry",
            "give the carried column another name with curvature.input.sql, or leave it out");
      }
    }
    return new StructType(fields.toArray(StructField[]::new));
  }

  /**
   * The results of one partition, block by block. Rows that it gives are not overwritten by later
   * ones.
   */
  private static final class Results implements Iterator<InternalRow> {
    private final Source.Part samples;
    private final Engines engines;
    private final Device device;
    private final int ids;
    private final boolean fail;
    private final LongAccumulator engineTime;

    private Engine engine;
    private SampleBlock block;
    private SampleReader reader;
    private Derivation.Column[] columns;
    private double[][] results;
    private int filled;
    private int next;
    private boolean ended;
    private boolean closed;

    Results(
        Source.Part samples,
        Engines engines,
        Device device,
        int ids,
        boolean fail,
        LongAccumulator engineTime) {
      this.samples = samples;
      this.engines = engines;
      this.device = device;
      this.ids = ids;
      this.fail = fail;
      this.engineTime = engineTime;
    }

    @Override
    public boolean hasNext() {
      if (next == filled && !ended) {
        refill();
      }
      return next < filled;
    }

    private void refill() {
      if (engine == null) {
        if (samples.isEmpty()) {
          ended = true;
          return;
        }
        open();
      }
      next = 0;
      filled = reader.fill(0, block.capacity());
      if (fail && reader.tally().rejected() > 0) {
        throw Errors.invalidRows(
            reader.tally().rejections().stream().map(Rejection::toString).toList());
      }
      if (filled == 0) {
        ended = true;
        close();
        return;
      }
      long begin = System.nanoTime();
      try {
        engine.evaluate(filled);
      } catch (NonFiniteException e) {
        throw Errors.notFinite(
            e.where(),
            e.rows().stream()
                .map(position -> samples.name(block.number(position), block.kept(position)))
                .map(RowName::toString)
                .toList());
      }
      for (int c = 0; c < columns.length; c++) {
        results[c] = engine.column(columns[c].name());
      }
      engineTime.add(System.nanoTime() - begin);
    }

    private void close() {
      if (!closed) {
        closed = true;
        engine.close();
      }
    }

    private void open() {
      ComputeDevice.take(device);
      engine = engines.open();
      // Whoever reads may stop before the end.
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close());
      block = new SampleBlock(engine::input, engine.weights());
      reader = samples.all(block);
      columns = engines.planned().derivation().columns().toArray(Derivation.Column[]::new);
      results = new double[columns.length][];
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Object[] kept = block.kept(next);
      Object[] values = new Object[1 + columns.length + kept.length];
      int k = 0;
      for (; k < ids; k++) {
        values[k] = kept[k];
      }
      values[k++] = block.number(next);
      for (int c = 0; c < columns.length; c++) {
        int length = columns[c].length();
        values[k++] =
            columns[c].name().equals(VALUE)
                ? (Object) results[c][next]
                : UnsafeArrayData.fromPrimitiveArray(
                    Arrays.copyOfRange(results[c], next * length, (next + 1) * length));
      }
      for (int i = ids; i < kept.length; i++) {
        values[k++] = kept[i];
      }
      next++;
      return new GenericInternalRow(values);
    }
  }
}
