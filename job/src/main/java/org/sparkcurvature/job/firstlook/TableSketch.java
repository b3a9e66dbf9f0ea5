package org.sparkcurvature.job.firstlook;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.reduce.Partitions;
import org.sparkcurvature.job.source.CsvLayout;
import org.sparkcurvature.job.source.InternalRows;
import org.sparkcurvature.job.source.Quoted;

/** Each column of a table by itself, and which of them rows lack together: one pass. */
final class TableSketch implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Distinct values that are kept of all columns together, and of one. */
  private static final int KEPT = 1 << 20;

  private static final int MOST_KEPT = 1 << 14;
  private static final int LEAST_KEPT = 128;

  private final List<String> names;
  private final List<ColumnLook> looks;
  private final MissingPatterns patterns = new MissingPatterns();

  /** Where lines that do not fit the header are kept; behind the columns. */
  private final boolean hasCorrupt;

  /** Columns whose names differ by case alone. */
  private final List<String> ambiguous;

  private long rows;
  private long corrupt;

  private TableSketch(List<StructField> fields, List<String> ambiguous, boolean hasCorrupt) {
    this.ambiguous = ambiguous;
    this.names = fields.stream().map(StructField::name).toList();
    int kept = Math.max(LEAST_KEPT, Math.min(MOST_KEPT, KEPT / Math.max(1, fields.size())));
    this.looks = fields.stream().map(f -> new ColumnLook(f.dataType(), kept)).toList();
    this.hasCorrupt = hasCorrupt;
  }

  /**
   * Looks at all columns but those whose names differ by case alone, which Spark cannot tell.
   *
   * @param table the rows, whole
   */
  static TableSketch of(Dataset<Row> table) {
    List<StructField> fields = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    List<String> ambiguous = new ArrayList<>();
    boolean hasCorrupt = false;
    Map<String, Integer> alike = alike(table);
    for (StructField field : table.schema().fields()) {
      if (field.name().equals(CsvLayout.CORRUPT)) {
        hasCorrupt = true;
      } else if (alike.get(folded(field.name())) == 1) {
        fields.add(field);
        Column column = Quoted.column(field.name());
        columns.add(
            Storage.of(field.dataType()) == Storage.OTHER
                ? functions.when(column.isNotNull(), functions.lit(true))
                : column);
      } else {
        ambiguous.add(field.name());
      }
    }
    if (hasCorrupt) {
      columns.add(Quoted.column(CsvLayout.CORRUPT));
    }
    TableSketch empty = new TableSketch(fields, ambiguous, hasCorrupt);
    if (columns.isEmpty()) {
      return empty;
    }
    JavaRDD<InternalRow> read = InternalRows.of(table.select(columns.toArray(Column[]::new)));
    return read.getNumPartitions() == 0
        ? empty
        : Failures.translate(
            () ->
                Partitions.map(read, (partition, rows) -> of(rows, empty))
                    .treeReduce(TableSketch::merge));
  }

  private static Iterator<TableSketch> of(Iterator<InternalRow> rows, TableSketch sketch) {
    BitSet missing = new BitSet();
    while (rows.hasNext()) {
      sketch.add(rows.next(), missing);
    }
    return List.of(sketch).iterator();
  }

  private void add(InternalRow row, BitSet missing) {
    if (hasCorrupt && !row.isNullAt(looks.size())) {
      corrupt++;
      return;
    }
    rows++;
    missing.clear();
    for (int k = 0; k < looks.size(); k++) {
      if (!looks.get(k).add(row, k)) {
        missing.set(k);
      }
    }
    patterns.add(missing);
  }

  private TableSketch merge(TableSketch other) {
    for (int k = 0; k < looks.size(); k++) {
      looks.get(k).merge(other.looks.get(k));
    }
    patterns.merge(other.patterns);
    rows += other.rows;
    corrupt += other.corrupt;
    return this;
  }

  private static Map<String, Integer> alike(Dataset<Row> table) {
    Map<String, Integer> alike = new HashMap<>();
    for (String name : table.columns()) {
      alike.merge(folded(name), 1, Integer::sum);
    }
    return alike;
  }

  private static String folded(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** The names of the columns that were looked at, in the order of the table. */
  List<String> names() {
    return names;
  }

  /** The names of the other columns, which an expression cannot tell from one another. */
  List<String> ambiguous() {
    return ambiguous;
  }

  ColumnLook look(int column) {
    return looks.get(column);
  }

  /** The place of a column, also if it is written in other case. */
  OptionalInt place(String name) {
    int exact = names.indexOf(name);
    if (exact >= 0) {
      return OptionalInt.of(exact);
    }
    for (int k = 0; k < names.size(); k++) {
      if (folded(names.get(k)).equals(folded(name))) {
        return OptionalInt.of(k);
      }
    }
    return OptionalInt.empty();
  }

  /** Rows that fit the header. */
  long rows() {
    return rows;
  }

  /** Lines that do not. */
  long corrupt() {
    return corrupt;
  }

  long missing(int column) {
    return rows - looks.get(column).values();
  }

  /** How many rows have a value in each of some columns; no fewer than this. */
  long complete(BitSet columns) {
    long[] missing = new long[looks.size()];
    for (int k = 0; k < missing.length; k++) {
      missing[k] = missing(k);
    }
    return rows - patterns.without(columns, missing);
  }
}
