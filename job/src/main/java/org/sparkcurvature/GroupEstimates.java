package org.sparkcurvature;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.StorageLevel;
import org.sparkcurvature.job.command.Programs;

/**
 * One model for each of many groups. Groups are fitted when the table is read, each time; where it
 * is read more than once, take {@link #computed}.
 */
public final class GroupEstimates extends Written {
  private final Programs.Grouped groups;

  GroupEstimates(Programs.Grouped groups) {
    super(groups.writing());
    this.groups = groups;
  }

  /**
   * Fits now: the same estimates, whose table is held in executors' memory and on their disks as
   * long as it is used.
   *
   * @throws CurvatureException with code 4 if no group has estimates, or more than the share {@code
   *     fit.max-failed-groups} have none
   */
  public GroupEstimates computed() {
    return Curvature.translated(
        () -> {
          GroupEstimates computed = new GroupEstimates(groups.with(kept(groups.table())));
          groups.refuseFailed(computed.counts());
          return computed;
        });
  }

  /**
   * A table, computed now and held in executors' memory and on their disks as long as it is used.
   */
  public static Dataset<Row> kept(Dataset<Row> table) {
    // Spark forgets an RDD that nothing refers to, but no data frame that was cached.
    JavaRDD<Row> rows = table.javaRDD().persist(StorageLevel.MEMORY_AND_DISK());
    rows.count();
    return table.sparkSession().createDataFrame(rows, table.schema());
  }

  /** What predictions are made of beside the table, as JSON: for Spark ML. */
  public String modelAsJson() {
    return groups.model().json();
  }

  /**
   * A row for each group, or, with {@code fit.by-layout = long}, for each of its coefficients:
   * keys, {@code rows}, {@code status}, {@code message}, {@code estimate}, {@code std_error}, and
   * what else the command writes.
   */
  public Dataset<Row> table() {
    return groups.table();
  }

  /** What estimates are called, in their order: the same in every group. */
  public List<String> names() {
    return groups.names();
  }

  /** How many groups have each status. Reads the table. */
  public Map<String, Long> counts() {
    boolean isLong = List.of(groups.table().columns()).contains("index");
    Dataset<Row> table = isLong ? groups.table().filter("index = 0") : groups.table();
    return Curvature.translated(
        () -> {
          Map<String, Long> counts = new LinkedHashMap<>();
          table
              .groupBy("status")
              .agg(functions.count(functions.lit(1)).as("groups"))
              .orderBy("status")
              .collectAsList()
              .forEach(row -> counts.put(row.getString(0), row.getLong(1)));
          return counts;
        });
  }

  /**
   * Predicts for rows: the columns of their own, then {@code mean} and {@code group_status}. Every
   * row is kept; where its group has no estimates there is null. Computed when the data frame is.
   *
   * @param rows with the keys and the columns that the model reads; no outcome is needed
   */
  public Dataset<Row> predict(Dataset<Row> rows) {
    return predict(rows, Map.of());
  }

  /**
   * As the other one.
   *
   * @param options keys of {@code predict}: {@code of}, {@code residuals}, {@code unseen-groups}
   */
  public Dataset<Row> predict(Dataset<Row> rows, Map<String, ?> options) {
    return Curvature.predict(rows, groups, options);
  }

  /**
   * The names as bytes, for other languages: JSON.
   *
   * @param what {@code names}
   */
  public byte[] bytes(String what) {
    if (!what.equals("names")) {
      throw Packed.unknown(what, "names");
    }
    return Packed.texts(names());
  }

  /** What a user should know, in sentences. */
  public List<String> warnings() {
    return groups.warnings();
  }
}
