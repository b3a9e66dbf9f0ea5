package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;

/**
 * The columns of a program's data frame beside what is computed for its rows. They travel as copies
 * under names that no user has, so that a column may be called as a result is.
 */
public final class OwnColumns {
  private static final String COPY = "__column_";

  private final GivenRows given;
  private final List<String> names;

  /** Spark ML tells there what vectors hold; tables of rows lose it. */
  private final List<Metadata> metadata;

  /**
   * The columns of a data frame.
   *
   * @param reading how they are read; of cached ones it is known that another pass sees the same
   */
  public OwnColumns(Dataset<Row> table, GivenRows.Reading reading) {
    this.names = List.of(table.columns());
    this.metadata = Arrays.stream(table.schema().fields()).map(StructField::metadata).toList();
    List<String> places = names(names.size(), "__place_");
    List<Column> columns = new ArrayList<>();
    for (int k = 0; k < names.size(); k++) {
      columns.add(functions.col(places.get(k)).as(names.get(k)));
    }
    for (int k = 0; k < names.size(); k++) {
      columns.add(functions.col(places.get(k)).as(COPY + k));
    }
    Dataset<Row> copied =
        table.toDF(places.toArray(String[]::new)).select(columns.toArray(Column[]::new));
    this.given =
        reading == GivenRows.Reading.EACH_PASS
            ? GivenRows.of(table).with(copied)
            : new GivenRows(copied, reading);
  }

  private static List<String> names(int count, String prefix) {
    return IntStream.range(0, count).mapToObj(k -> prefix + k).toList();
  }

  /** The rows with the copies. */
  public GivenRows rows() {
    return given;
  }

  /** The names of the copies. */
  public List<String> copies() {
    return names(names.size(), COPY);
  }

  /** Copies as what they are copies of; other fields as they are. */
  public List<StructField> called(List<StructField> fields) {
    List<StructField> called = new ArrayList<>();
    Map<String, Integer> places = new HashMap<>();
    for (String copy : copies()) {
      places.put(copy, places.size());
    }
    for (StructField field : fields) {
      int k = places.getOrDefault(field.name(), -1);
      called.add(
          k < 0
              ? field
              : new StructField(names.get(k), field.dataType(), field.nullable(), metadata.get(k)));
    }
    return called;
  }

  /**
   * A result of these rows, the program's own columns first. A column of the result that is called
   * as one of these gets {@code _1} behind its name.
   *
   * @param result with the copies among its columns
   */
  public Dataset<Row> before(Dataset<Row> result) {
    Set<String> taken = new HashSet<>();
    List<Column> columns = new ArrayList<>();
    for (int k = 0; k < names.size(); k++) {
      columns.add(functions.col(COPY + k).as(names.get(k), metadata.get(k)));
      taken.add(names.get(k).toLowerCase(Locale.ROOT));
    }
    Set<String> copies = Set.copyOf(copies());
    Arrays.stream(result.columns())
        .filter(column -> !copies.contains(column))
        .forEach(
            column -> {
              String name = column;
              for (int k = 1; !taken.add(name.toLowerCase(Locale.ROOT)); k++) {
                name = column + "_" + k;
              }
              columns.add(Quoted.column(column).as(name));
            });
    return result.select(columns.toArray(Column[]::new));
  }
}
