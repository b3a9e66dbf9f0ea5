package org.sparkcurvature.job.derive;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.source.SampleBlock;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.job.watch.RowWatch;

/**
 * The results of each sample, of the unweighted loss, as a table that is computed while it is read.
 */
public final class PerSamplePass {
  private PerSamplePass() {}

  private static final String VALUE = "value";

  /** What a cell of a row holds. */
  enum Part {
    /** A column that is handed on. */
    HANDED_ON,
    /** The sample's number. */
    NUMBER,
    /** A result. */
    RESULT
  }

  /**
   * A column of rows.
   *
   * @param index which of the columns that are handed on, or of the results
   * @param length of an array; 0: it is a number
   */
  record Output(Part part, int index, int length) implements Serializable {}

  /**
   * One row for each valid sample, those of weight 0 included, in the order of the input: {@code
   * id} where it is configured, {@code row}, the columns of {@link DerivativeSpec#columns} ({@code
   * value} as a number, all others as arrays), carried columns. Where the source hands on invalid
   * rows, these have null in the place of results. Nothing runs before the table is read or
   * written; a task holds one block of samples at a time.
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
      Source source, DerivativeSpec spec, Map<String, double[]> parameters, Device device) {
    return dataset(source, spec, parameters, device, Optional.empty());
  }

  /** The same, watched while it is read. */
  public static Dataset<Row> dataset(
      Source source,
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      Device device,
      Optional<RowWatch> watch) {
    int ids = source.hasId() ? 1 : 0;
    List<StructField> kept = source.keptFields();
    Columns columns = new Columns(source, spec);
    for (int k = 0; k < ids; k++) {
      columns.handOn(k, kept.get(k));
    }
    columns.add(Part.NUMBER, 0, 0, DataTypes.createStructField("row", DataTypes.LongType, false));
    spec.columns().forEach(column -> columns.add(column.name(), column.name()));
    for (int k = ids; k < kept.size(); k++) {
      columns.handOn(k, kept.get(k));
    }
    return columns.table(parameters, device, watch);
  }

  /**
   * As the other one, under names of the caller's own: carried columns, then results.
   *
   * @param handedOn what the columns of {@link Source#keptFields} are called
   * @param named what results are called, by their names; others are left out
   */
  public static Dataset<Row> dataset(
      Source source,
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      Device device,
      List<StructField> handedOn,
      Map<String, String> named) {
    Columns columns = new Columns(source, spec);
    for (int k = source.hasId() ? 1 : 0; k < handedOn.size(); k++) {
      columns.handOn(k, handedOn.get(k));
    }
    named.forEach(columns::add);
    return columns.table(parameters, device, Optional.empty());
  }

  /** The columns of rows, and what they are called. */
  private static final class Columns {
    private final Source source;
    private final DerivativeSpec sampled;
    private final ArrayList<Output> outputs = new ArrayList<>();
    private final List<StructField> fields = new ArrayList<>();

    Columns(Source source, DerivativeSpec spec) {
      this.source = source;
      Request request = spec.request();
      this.sampled = spec.with(Request.by(request.wrt()).withSamples(request.perSample()));
    }

    void add(Part part, int index, int length, StructField field) {
      outputs.add(new Output(part, index, length));
      fields.add(field);
    }

    void handOn(int index, StructField field) {
      add(Part.HANDED_ON, index, 0, field);
    }

    void add(String result, String name) {
      boolean isNumber = result.equals(VALUE);
      DataType type =
          isNumber ? DataTypes.DoubleType : DataTypes.createArrayType(DataTypes.DoubleType, false);
      List<DerivativeSpec.Column> columns = sampled.columns();
      for (int c = 0; c < columns.size(); c++) {
        if (columns.get(c).name().equals(result)) {
          add(
              Part.RESULT,
              c,
              isNumber ? 0 : columns.get(c).length(),
              DataTypes.createStructField(name, type, source.handsOnInvalidRows()));
        }
      }
    }

    Dataset<Row> table(Map<String, double[]> parameters, Device device, Optional<RowWatch> watch) {
      ArrayList<DerivativeSpec.Column> results = new ArrayList<>(sampled.columns());
      ArrayList<Output> columns = outputs;
      StructType schema = schema();
      RowWatch.Watcher watcher = watch.map(own -> own.watcher(schema)).orElse(null);
      return SamplePass.table(
          source,
          sampled,
          parameters,
          device,
          Optional.empty(),
          Optional.empty(),
          partition ->
              new Rows(
                  results,
                  columns,
                  watcher == null ? Optional.empty() : Optional.of(watcher.begin())),
          schema);
    }

    private StructType schema() {
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
  }

  /**
   * Makes rows of results. A row is overwritten by the next one.
   *
   * @param watching sees all rows of a block before the first is handed on: what it needs is then
   *     still in the processor's cache, from which whoever takes rows drives it out
   */
  private record Rows(
      List<DerivativeSpec.Column> results,
      List<Output> columns,
      Optional<RowWatch.Watching> watching)
      implements SamplePass.Task<InternalRow> {
    @Override
    public Iterator<InternalRow> block(Engine engine, SampleBlock block, int rows) {
      double[][] elements =
          results.stream().map(column -> engine.column(column.name())).toArray(double[][]::new);
      ResultRow view = new ResultRow(block, elements, columns);
      watching.ifPresent(
          own -> {
            for (int row = 0; row < rows; row++) {
              own.see(view.at(row));
            }
          });
      return IntStream.range(0, rows).mapToObj(view::at).iterator();
    }

    @Override
    public Iterator<InternalRow> end() {
      watching.ifPresent(RowWatch.Watching::end);
      return Collections.emptyIterator();
    }
  }
}
