package org.sparkcurvature.job.derive;

import java.util.ArrayList;
import java.util.Arrays;
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
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
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
      Source source, DerivativeSpec derivation, Map<String, double[]> parameters, Device device) {
    return dataset(source, derivation, parameters, device, Optional.empty());
  }

  /** The same, watched while it is read. */
  public static Dataset<Row> dataset(
      Source source,
      DerivativeSpec derivation,
      Map<String, double[]> parameters,
      Device device,
      Optional<RowWatch> watch) {
    Request request = derivation.request();
    DerivativeSpec sampled =
        derivation.with(Request.by(request.wrt()).withSamples(request.perSample()));
    int ids = source.hasId() ? 1 : 0;
    ArrayList<DerivativeSpec.Column> columns = new ArrayList<>(sampled.columns());
    return SamplePass.table(
        source,
        sampled,
        parameters,
        device,
        RowTallies.of(source.spark()),
        watch,
        partition -> new Rows(columns, ids),
        schema(source, sampled));
  }

  /** The columns of {@link #dataset}. */
  static StructType schema(Source source, DerivativeSpec derivation) {
    List<StructField> kept = source.keptFields();
    int ids = source.hasId() ? 1 : 0;
    List<StructField> fields = new ArrayList<>(kept.subList(0, ids));
    fields.add(DataTypes.createStructField("row", DataTypes.LongType, false));
    for (DerivativeSpec.Column column : derivation.columns()) {
      DataType type =
          column.name().equals(VALUE)
              ? DataTypes.DoubleType
              : DataTypes.createArrayType(DataTypes.DoubleType, false);
      fields.add(DataTypes.createStructField(column.name(), type, source.handsOnInvalidRows()));
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

  /** Makes rows of results. A row is not overwritten by later ones. */
  private record Rows(List<DerivativeSpec.Column> columns, int ids)
      implements SamplePass.Task<InternalRow> {
    @Override
    public Iterator<InternalRow> block(Engine results, SampleBlock block, int rows) {
      double[][] elements =
          columns.stream().map(column -> results.column(column.name())).toArray(double[][]::new);
      // One by one: of large rows only one should be there at a time.
      return IntStream.range(0, rows).mapToObj(row -> row(elements, block, row)).iterator();
    }

    private InternalRow row(double[][] elements, SampleBlock block, int row) {
      Object[] kept = block.kept(row);
      Object[] values = new Object[1 + elements.length + kept.length];
      int k = 0;
      for (; k < ids; k++) {
        values[k] = kept[k];
      }
      values[k++] = block.number(row);
      for (int c = 0; c < elements.length; c++) {
        int length = columns.get(c).length();
        if (block.isInvalid(row)) {
          values[k++] = null;
        } else if (columns.get(c).name().equals(VALUE)) {
          values[k++] = elements[c][row];
        } else {
          values[k++] =
              UnsafeArrayData.fromPrimitiveArray(
                  Arrays.copyOfRange(elements[c], row * length, (row + 1) * length));
        }
      }
      for (int i = ids; i < kept.length; i++) {
        values[k++] = kept[i];
      }
      return new GenericInternalRow(values);
    }
  }
}
