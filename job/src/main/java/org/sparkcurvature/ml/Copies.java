package org.sparkcurvature.ml;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A table's columns while results are computed beside them: under names that no user has, so that a
 * column may be called as a result is.
 */
record Copies(StructType schema) {
  private static final String COPY = "__own_";

  /** Where a result may be that is called as a column of the table's. */
  static String result(String name) {
    return COPY + name;
  }

  List<String> names() {
    List<String> names = new ArrayList<>();
    for (int k = 0; k < schema.length(); k++) {
      names.add(COPY + k);
    }
    return names;
  }

  /** The columns under the names of the copies. */
  List<Column> copied() {
    List<Column> columns = new ArrayList<>();
    for (int k = 0; k < schema.length(); k++) {
      columns.add(Predictors.quoted(schema.fields()[k].name()).as(COPY + k));
    }
    return columns;
  }

  /** The copies under the names of the columns, with the metadata of these. */
  List<Column> back() {
    List<Column> columns = new ArrayList<>();
    for (int k = 0; k < schema.length(); k++) {
      StructField field = schema.fields()[k];
      columns.add(Predictors.quoted(COPY + k).as(field.name(), field.metadata()));
    }
    return columns;
  }
}
