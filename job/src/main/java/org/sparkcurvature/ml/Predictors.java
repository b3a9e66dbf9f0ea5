package org.sparkcurvature.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.mllib.linalg.VectorUDT;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.CurvatureException;

/**
 * Columns of predictors as terms of a formula: numbers as they are, vectors element by element,
 * each called as its metadata says or {@code features[2]}.
 *
 * @param terms columns that are terms, in their order
 * @param elements of vectors, by the name of their term
 */
record Predictors(List<String> terms, Map<String, Element> elements) {
  /** So many terms a formula takes. */
  private static final int MOST = 2000;

  /** An element of a vector column. */
  record Element(String column, int index) {}

  static final Predictors NONE = new Predictors(List.of(), Map.of());

  /**
   * Looks at columns; at a row where a vector's metadata does not tell its size.
   *
   * @throws org.sparkcurvature.CurvatureException if one is missing, or there are too many elements
   */
  static Predictors of(Dataset<Row> table, String[] columns) {
    return of(table, columns, MOST);
  }

  /**
   * The elements of one column of vectors, however many.
   *
   * @throws org.sparkcurvature.CurvatureException if there is no row to tell how many
   */
  static Predictors ofVector(Dataset<Row> table, String column) {
    return of(table, new String[] {column}, Integer.MAX_VALUE);
  }

  private static Predictors of(Dataset<Row> table, String[] columns, int most) {
    StructType schema = table.schema();
    Set<String> taken = new HashSet<>();
    for (String name : schema.fieldNames()) {
      taken.add(name.toLowerCase(Locale.ROOT));
    }
    List<String> terms = new ArrayList<>();
    Map<String, Element> elements = new LinkedHashMap<>();
    for (String column : columns) {
      DataType type = type(schema, column);
      if (!isVector(type) && !(most > MOST && isTensor(type))) {
        terms.add(column);
        continue;
      }
      AttributeGroup group =
          isVector(type)
              ? AttributeGroup.fromStructField(schema.apply(column))
              : new AttributeGroup(column);
      int size = group.size() >= 0 ? group.size() : firstSize(table, column);
      if (size + terms.size() > most) {
        throw LossParams.refused(
            "the predictors have %,d elements in several columns, and a formula takes %,d"
                .formatted(size + terms.size(), most),
            "predictorCols",
            "assemble them in one column of vectors, which may have more");
      }
      for (int k = 0; k < size; k++) {
        String name = name(group, k);
        boolean isFree = !name.isEmpty() && taken.add(name.toLowerCase(Locale.ROOT));
        String term = isFree ? name : column + "[" + k + "]";
        terms.add(term);
        elements.put(term, new Element(column, k));
      }
    }
    return new Predictors(List.copyOf(terms), elements);
  }

  static boolean isVector(DataType type) {
    return type.equals(SQLDataTypes.VectorType());
  }

  /** Whether a column of this type holds numbers that are a tensor as they are. */
  static boolean isTensor(DataType type) {
    return isVector(type)
        || type instanceof VectorUDT
        || type instanceof ArrayType array && array.elementType() instanceof NumericType;
  }

  static DataType type(StructType schema, String column) {
    if (!Arrays.asList(schema.fieldNames()).contains(column)) {
      throw LossParams.refused(
          "there is no column " + column,
          "predictorCols",
          "the columns are " + String.join(", ", schema.fieldNames()));
    }
    return schema.apply(column).dataType();
  }

  private static String name(AttributeGroup group, int k) {
    if (group.attributes().isEmpty()) {
      return "";
    }
    Attribute attribute = group.getAttr(k);
    return attribute.name().isDefined() ? attribute.name().get() : "";
  }

  private static int firstSize(Dataset<Row> table, String column) {
    List<Row> first = table.select(quoted(column)).na().drop().takeAsList(1);
    if (first.isEmpty()) {
      throw CurvatureException.of(
          3,
          "no row has a value of " + column + ", which would tell how many elements it has",
          "param predictorCols",
          "see whether the table is what was meant");
    }
    Object value = first.get(0).get(0);
    return value instanceof Vector vector
        ? vector.size()
        : value instanceof org.apache.spark.mllib.linalg.Vector old
            ? old.size()
            : first.get(0).getList(0).size();
  }

  /** The right side of a formula. */
  String formula() {
    List<String> quoted = terms.stream().map(Predictors::inBackquotes).toList();
    return quoted.isEmpty() ? "1" : String.join(" + ", quoted);
  }

  static String inBackquotes(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  /** A column by its name. */
  static Column quoted(String name) {
    return org.apache.spark.sql.functions.col(inBackquotes(name));
  }

  /** Columns of a table, those that are called as elements left out, with the elements. */
  List<Column> columns(StructType schema) {
    List<Column> columns = new ArrayList<>();
    for (String name : schema.fieldNames()) {
      if (elements.keySet().stream().noneMatch(name::equalsIgnoreCase)) {
        columns.add(quoted(name));
      }
    }
    elements.forEach(
        (term, element) -> columns.add(element(element.column(), element.index()).as(term)));
    return columns;
  }

  /** An element of a vector. */
  static Column element(String column, int index) {
    return functions.vector_to_array(quoted(column), "float64").getItem(index);
  }

  /** The first element of a vector or array. */
  static Column first(StructType schema, String column) {
    return schema.apply(column).dataType() instanceof ArrayType
        ? quoted(column).getItem(0)
        : element(column, 0);
  }
}
