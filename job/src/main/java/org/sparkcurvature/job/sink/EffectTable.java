package org.sparkcurvature.job.sink;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.predict.Effect;

/** Effects as a table, one row each, in one file, and as JSON. */
public final class EffectTable {
  private static final StructType SCHEMA =
      new StructType()
          .add("effect", DataTypes.StringType, false)
          .add("column", DataTypes.StringType, true)
          .add("from", DataTypes.StringType, true)
          .add("to", DataTypes.StringType, true)
          .add("group", DataTypes.createArrayType(DataTypes.StringType, true), false)
          .add("estimate", DataTypes.DoubleType, true)
          .add("std_error", DataTypes.DoubleType, true)
          .add("z", DataTypes.DoubleType, true)
          .add("p", DataTypes.DoubleType, true)
          .add("ci_low", DataTypes.DoubleType, true)
          .add("ci_high", DataTypes.DoubleType, true);

  private EffectTable() {}

  /** The table. */
  public static Dataset<Row> of(SparkSession spark, List<Effect> effects) {
    return spark
        .createDataFrame(effects.stream().map(EffectTable::row).toList(), SCHEMA)
        .coalesce(1);
  }

  private static Row row(Effect effect) {
    Estimate e = effect.estimate();
    return RowFactory.create(
        effect.kind(),
        text(effect.column()),
        text(effect.from()),
        text(effect.to()),
        effect.group().toArray(new String[0]),
        finite(e.estimate()),
        finite(e.stdError()),
        finite(e.z()),
        finite(e.p()),
        finite(e.ciLow()),
        finite(e.ciHigh()));
  }

  /** {@code effects.json}. */
  static Object json(String of, List<Effect> effects) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("of", of);
    object.put("effects", effects.stream().map(EffectTable::json).toList());
    return object;
  }

  private static Object json(Effect effect) {
    Estimate e = effect.estimate();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("effect", effect.kind());
    object.put("column", text(effect.column()));
    object.put("from", text(effect.from()));
    object.put("to", text(effect.to()));
    object.put("group", effect.group());
    object.put("estimate", finite(e.estimate()));
    object.put("std_error", finite(e.stdError()));
    object.put("z", finite(e.z()));
    object.put("p", finite(e.p()));
    object.put("ci_low", finite(e.ciLow()));
    object.put("ci_high", finite(e.ciHigh()));
    return object;
  }

  private static String text(String text) {
    return text.isEmpty() ? null : text;
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? Double.valueOf(value) : null;
  }
}
