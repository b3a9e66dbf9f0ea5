package org.sparkcurvature.job.source;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.sparkcurvature.job.config.TensorConfig;

/** The codes of a categorical column: each level's place among the levels. Travels to the tasks. */
final class LevelCodes implements UDF1<String, Double> {
  private static final long serialVersionUID = 1L;

  private final HashMap<String, Double> codes;
  private final boolean unseenIsReference;

  private LevelCodes(Map<String, Double> codes, boolean unseenIsReference) {
    this.codes = new HashMap<>(codes);
    this.unseenIsReference = unseenIsReference;
  }

  /** The codes of a column as a column. */
  static Column of(TensorConfig.Encoded encoded, Column column) {
    Map<String, Double> codes = new HashMap<>();
    List<String> levels = encoded.levels();
    for (int k = 0; k < levels.size(); k++) {
      codes.put(levels.get(k), (double) k);
    }
    return functions
        .udf(
            new LevelCodes(codes, encoded.unseen() == TensorConfig.Unseen.REFERENCE),
            DataTypes.DoubleType)
        .apply(column.cast(DataTypes.StringType));
  }

  @Override
  public Double call(String level) {
    return level == null
        ? null
        : codes.getOrDefault(level, unseenIsReference ? Double.valueOf(0) : null);
  }
}
