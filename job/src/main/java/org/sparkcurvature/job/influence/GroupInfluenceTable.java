package org.sparkcurvature.job.influence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.derive.RowTallies;
import org.sparkcurvature.job.derive.SamplePass;
import org.sparkcurvature.job.source.InternalRows;
import org.sparkcurvature.job.source.SampleBlock;
import org.sparkcurvature.job.source.Source;

/**
 * What leaving each row out adds to the parameters of its group, to first order: {@code id} where
 * it is configured, {@code row}, {@code influence} (w H^-1 g) and {@code self_influence} (w^2 g'
 * H^-1 g), null where the group has no estimates; carried columns.
 */
public final class GroupInfluenceTable {
  private GroupInfluenceTable() {}

  /**
   * The table. Nothing runs before it is read.
   *
   * @param source rows whose last carried column is their group's inverse Hessian: the upper
   *     triangle row by row, null where there is none, its elements where the group does not tell a
   *     parameter
   * @param gradients of the loss by the parameters, for each row
   * @param tallies is told what became of the rows as the table is read
   */
  public static Dataset<Row> of(
      Source source,
      DerivativeSpec gradients,
      Map<String, double[]> parameters,
      Device device,
      RowTallies tallies) {
    int ids = source.hasId() ? 1 : 0;
    int p = gradients.layout().length();
    JavaRDD<InternalRow> rows =
        SamplePass.run(
            source, gradients, parameters, device, tallies, partition -> new Rows(p, ids));
    List<StructField> kept = source.keptFields();
    List<StructField> fields = new ArrayList<>(kept.subList(0, ids));
    DataType numbers = DataTypes.createArrayType(DataTypes.DoubleType, true);
    fields.add(DataTypes.createStructField("row", DataTypes.LongType, false));
    fields.add(DataTypes.createStructField("influence", numbers, true));
    fields.add(DataTypes.createStructField("self_influence", DataTypes.DoubleType, true));
    fields.addAll(kept.subList(ids, kept.size() - 1));
    return InternalRows.dataset(
        source.spark(), rows, new StructType(fields.toArray(StructField[]::new)));
  }

  private record Rows(int p, int ids) implements SamplePass.Task<InternalRow> {
    @Override
    public Iterator<InternalRow> block(Engine results, SampleBlock block, int rows) {
      double[] gradients = results.column("gradient");
      return IntStream.range(0, rows)
          .mapToObj(row -> row(gradients, block.kept(row), block, row))
          .iterator();
    }

    private InternalRow row(double[] gradients, Object[] kept, SampleBlock block, int row) {
      List<Object> values = new ArrayList<>(Arrays.asList(kept).subList(0, ids));
      values.add(block.number(row));
      ArrayData inverse = (ArrayData) kept[kept.length - 1];
      if (inverse == null) {
        values.add(null);
        values.add(null);
      } else {
        double weight = block.weights()[row];
        double[] influence = new double[p];
        boolean[] told = new boolean[p];
        int at = 0;
        for (int i = 0; i < p; i++) {
          told[i] = !inverse.isNullAt(at);
          for (int j = i; j < p; j++) {
            double element = inverse.isNullAt(at) ? 0 : inverse.getDouble(at);
            at++;
            influence[i] += element * gradients[row * p + j];
            if (j > i) {
              influence[j] += element * gradients[row * p + i];
            }
          }
        }
        double self = 0;
        Object[] elements = new Object[p];
        for (int i = 0; i < p; i++) {
          influence[i] *= weight;
          self += influence[i] * gradients[row * p + i];
          elements[i] = told[i] ? (Object) influence[i] : null;
        }
        values.add(new GenericArrayData(elements));
        values.add(weight * self);
      }
      values.addAll(Arrays.asList(kept).subList(ids, kept.length - 1));
      return new GenericInternalRow(values.toArray());
    }
  }
}
