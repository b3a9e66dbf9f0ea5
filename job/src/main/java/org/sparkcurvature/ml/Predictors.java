package org.sparkcurvature.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.mllib.linalg.VectorUDT;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.CurvatureException;

/**
 * Columns of predictors as terms of a formula: numbers as they are, vectors element by element,
 * each called as its metadata says or {@code features[2]}. More elements than a formula takes are
 * one column of arrays.
 *
 * @param terms columns that are terms, in their order; none where they are assembled
 * @param elements of vectors, by the name of their term
 * @param assembled columns whose numbers are one array, in their order
 */
record Predictors(List<String> terms, Map<String, Element> elements, List<String> assembled) {
  /** So many terms a formula takes: Spark plans each of them. */
  private static final int MOST = 2000;

  /** What the array of assembled columns is called. */
  static final String ASSEMBLED = "__predictors";

  /** An element of a vector column. */
  record Element(String column, int index) {}

  static final Predictors NONE = new Predictors(List.of(), Map.of(), List.of());

  /**
   * The columns of predictors by the names of their elements, as a formula or an array has them.
   */
  private record Found(List<String> names, Map<String, Element> elements) {}

  /**
   * Columns of numbers, and of vectors whose elements are terms.
   *
   * @param sizes of the columns of vectors, by {@link #sizes}
   */
  static Predictors of(StructType schema, String[] columns, Map<String, Integer> sizes) {
    Found found = found(schema, columns, sizes, Predictors::isVector);
    return new Predictors(found.names(), found.elements(), List.of());
  }

  /** Whether the columns of a table are taken as they are. */
  boolean isNone() {
    return elements.isEmpty() && assembled.isEmpty();
  }

  /** Columns whose numbers are one array. */
  static Predictors assembled(String[] columns) {
    return new Predictors(List.of(), Map.of(), List.of(columns));
  }

  /**
   * How many elements each column of vectors or arrays has: as its metadata says, else its first
   * row.
   *
   * @throws org.sparkcurvature.CurvatureException if a column is missing, or there is no row to
   *     tell
   */
  static Map<String, Integer> sizes(Dataset<Row> table, String[] columns) {
    Map<String, Integer> sizes = new HashMap<>();
    for (String column : columns) {
      if (isTensor(type(table.schema(), column)) && !sizes.containsKey(column)) {
        int size = group(table.schema(), column).size();
        sizes.put(column, size >= 0 ? size : firstSize(table, column));
      }
    }
    return sizes;
  }

  /** Whether there are more elements than a formula takes. */
  static boolean areMany(StructType schema, String[] columns, Map<String, Integer> sizes) {
    return names(schema, columns, sizes).size() > MOST;
  }

  /** What the elements of columns of numbers, vectors and arrays are called. */
  static List<String> names(StructType schema, String[] columns, Map<String, Integer> sizes) {
    return found(schema, columns, sizes, Predictors::isTensor).names();
  }

  private static AttributeGroup group(StructType schema, String column) {
    return isVector(type(schema, column))
        ? AttributeGroup.fromStructField(schema.apply(column))
        : new AttributeGroup(column);
  }

  private static Found found(
      StructType schema,
      String[] columns,
      Map<String, Integer> sizes,
      Predicate<DataType> hasElements) {
    Set<String> taken = new HashSet<>();
    for (String name : schema.fieldNames()) {
      taken.add(name.toLowerCase(Locale.ROOT));
    }
    List<String> names = new ArrayList<>();
    Map<String, Element> elements = new LinkedHashMap<>();
    for (String column : columns) {
      if (!hasElements.test(type(schema, column))) {
        names.add(column);
        continue;
      }
      AttributeGroup group = group(schema, column);
      for (int k = 0; k < sizes.get(column); k++) {
        String name = name(group, k);
        boolean isFree = !name.isEmpty() && taken.add(name.toLowerCase(Locale.ROOT));
        String term = isFree ? name : column + "[" + k + "]";
        names.add(term);
        elements.put(term, new Element(column, k));
      }
    }
    return new Found(List.copyOf(names), elements);
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
    return functions.col(inBackquotes(name));
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
    if (!assembled.isEmpty()) {
      columns.add(
          functions
              .concat(assembled.stream().map(c -> array(schema, c)).toArray(Column[]::new))
              .as(ASSEMBLED));
    }
    return columns;
  }

  /** The numbers of a column as an array; null where the column is null. */
  private static Column array(StructType schema, String column) {
    DataType type = type(schema, column);
    if (type instanceof ArrayType) {
      return quoted(column).cast("array<double>");
    }
    if (isTensor(type)) {
      return vectorAsArray(column);
    }
    if (type instanceof NumericType || type instanceof BooleanType) {
      return functions.array(quoted(column).cast("double"));
    }
    throw LossParams.refused(
        "the column %s is of the type %s, and beside long vectors there are numbers alone"
            .formatted(column, type.simpleString()),
        "predictorCols",
        "index and encode it (StringIndexer, OneHotEncoder), or take a formula");
  }

  private static Column vectorAsArray(String column) {
    return org.apache.spark.ml.functions.vector_to_array(quoted(column), "float64");
  }

  /** An element of a vector. */
  static Column element(String column, int index) {
    return vectorAsArray(column).getItem(index);
  }

  /** The first element of a vector or array. */
  static Column first(StructType schema, String column) {
    return schema.apply(column).dataType() instanceof ArrayType
        ? quoted(column).getItem(0)
        : element(column, 0);
  }
}
