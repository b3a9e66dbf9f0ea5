package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.PublicText;

/**
 * The columns that samples are made of: resolves what the configuration names against a table's
 * columns.
 */
final class Projection {

  /**
   * What is asked for.
   *
   * @param text a text of the configuration
   * @param where its place there
   * @param columnOnly whether it has to be a column's name
   * @param isNumber whether numbers are made of it
   * @param isKey whether rows are grouped by it
   * @param encoded the levels by which it is coded, where it is categorical
   */
  private record Asked(
      String text,
      String where,
      boolean columnOnly,
      boolean isNumber,
      boolean isKey,
      Optional<TensorConfig.Encoded> encoded) {
    static Asked number(String text, String where, Optional<TensorConfig.Encoded> encoded) {
      return new Asked(text, where, false, true, false, encoded);
    }

    static Asked column(String text, String where) {
      return new Asked(text, where, true, false, false, Optional.empty());
    }

    static Asked expression(String text, String where) {
      return new Asked(text, where, false, false, false, Optional.empty());
    }

    static Asked key(String text, String where) {
      return new Asked(text, where, false, false, true, Optional.empty());
    }
  }

  /**
   * Before the text of a key, the name of the column that holds it where other columns are held.
   */
  private static final String KEY = "__key of rows ";

  private final InputConfig input;
  private final List<Asked> asked = new ArrayList<>();

  private final List<String> groups;
  private final Repeatability repeatability;

  /** The filter, parsed: for a list of 100,000 values that takes seconds, so it is done once. */
  private Optional<Column> condition = Optional.empty();

  /** Whether the filter orders columns of text, in any table that {@link #filtered} has seen. */
  private boolean filterOrdersText;

  /**
   * @param groups expressions by which samples are grouped, handed on behind the carried columns as
   *     {@link KeyTexts}
   * @param where the place of these in the configuration
   */
  Projection(InputConfig input, List<String> groups, String where) {
    this.input = input;
    this.groups = List.copyOf(groups);
    this.repeatability = new Repeatability(input.nondeterministic());
    input
        .tensors()
        .forEach(
            (name, tensor) ->
                tensor
                    .columns()
                    .forEach(
                        text ->
                            asked.add(
                                Asked.number(text, path("tensors." + name), encoded(tensor)))));
    input
        .weight()
        .ifPresent(text -> asked.add(Asked.number(text, path("weight"), Optional.empty())));
    input.id().ifPresent(text -> asked.add(Asked.column(text, path("id"))));
    input.carry().forEach(text -> asked.add(Asked.column(text, path("carry"))));
    groups.forEach(text -> asked.add(Asked.key(text, where)));
  }

  /**
   * Expressions alone, with what they give as it is.
   *
   * @param expressions each with its key in the configuration
   */
  private Projection(InputConfig input, Map<String, String> expressions) {
    this.input = input;
    this.groups = List.of();
    this.repeatability = new Repeatability(input.nondeterministic());
    expressions.forEach((text, where) -> asked.add(Asked.expression(text, where)));
  }

  static Projection ofExpressions(InputConfig input, Map<String, String> expressions) {
    return new Projection(input, expressions);
  }

  private static Optional<TensorConfig.Encoded> encoded(TensorConfig tensor) {
    return tensor instanceof TensorConfig.Encoded encoded ? Optional.of(encoded) : Optional.empty();
  }

  private static String path(String key) {
    return "curvature.input." + key;
  }

  /** The rows of {@code rows} that pass the configured filter. */
  Dataset<Row> filtered(Dataset<Row> rows) {
    if (input.where().isEmpty()) {
      return rows;
    }
    String where = input.where().get();
    try {
      Dataset<Row> filtered = rows.filter(condition(rows, where));
      repeatability.check(filtered, where, path("where"));
      filterOrdersText |= TextComparisons.hasTextOrder(filtered);
      return TextComparisons.inDoubles(filtered);
    } catch (JobException e) {
      throw e;
    } catch (Exception e) {
      throw Analysis.error(e, where, path("where"), columns(rows));
    }
  }

  /** The rows with their keys beside their columns, which may be held at a value from then on. */
  Dataset<Row> withKeys(Dataset<Row> rows) {
    ColumnNames names = new ColumnNames(rows.schema());
    Dataset<Row> keyed = rows;
    for (Asked one : asked) {
      if (one.isKey()) {
        try {
          keyed = keyed.withColumn(KEY + one.text(), column(one, rows, names));
        } catch (JobException e) {
          throw e;
        } catch (Exception e) {
          throw Analysis.error(e, one.text(), one.where(), columns(rows));
        }
      }
    }
    return keyed;
  }

  private Column condition(Dataset<Row> rows, String where) throws ParseException {
    if (condition.isEmpty()) {
      SparkSession session = (SparkSession) rows.sparkSession();
      condition =
          Optional.of(
              ExpressionUtils.column(session.sessionState().sqlParser().parseExpression(where)));
    }
    return condition.get();
  }

  /**
   * What is asked for, column by column, from {@code rows}.
   *
   * @param before columns to put before it
   */
  Dataset<Row> of(Dataset<Row> rows, List<Column> before) {
    List<Column> columns = new ArrayList<>(before);
    ColumnNames names = new ColumnNames(rows.schema());
    for (int k = 0; k < asked.size(); k++) {
      columns.add(column(asked.get(k), rows, names).as("_" + k));
    }
    if (hasCorrupt(rows)) {
      columns.add(Quoted.column(Tables.CORRUPT).as("_" + asked.size()));
    }
    try {
      Dataset<Row> selected =
          TextComparisons.inDoubles(rows.select(columns.toArray(Column[]::new)));
      if (isRowWise(selected.queryExecution().analyzed())
          && convert(columns, selected.schema(), before.size())) {
        selected = TextComparisons.inDoubles(rows.select(columns.toArray(Column[]::new)));
      }
      if (isRowWise(selected.queryExecution().analyzed()) && !repeatability.isAtFault(selected)) {
        return selected;
      }
    } catch (Exception e) {
      asked.forEach(one -> check(one, rows, names));
      throw Analysis.error(e, "the tensors", "curvature.input", columns(rows));
    }
    asked.forEach(one -> check(one, rows, names));
    throw new IllegalStateException("none of the columns is at fault alone: " + asked);
  }

  /**
   * Has decimals, as which integers of 64 bits without sign come too, read to the nearest double,
   * and keys as texts. What else is handed on keeps its type.
   *
   * @param columns those of {@code schema}, changed where that is needed
   * @return whether one was changed
   */
  private boolean convert(List<Column> columns, StructType schema, int before) {
    boolean changed = false;
    for (int k = 0; k < asked.size(); k++) {
      Optional<Column> converted =
          converted(asked.get(k), columns.get(before + k), schema.fields()[before + k].dataType());
      if (converted.isPresent()) {
        columns.set(before + k, converted.get().as("_" + k));
        changed = true;
      }
    }
    return changed;
  }

  private static Optional<Column> converted(Asked one, Column column, DataType type) {
    if (one.isKey()) {
      return KeyTexts.converted(column, type);
    }
    DataType read = one.isNumber() ? withDoubles(type) : type;
    return read == type ? Optional.empty() : Optional.of(column.cast(read));
  }

  private static DataType withDoubles(DataType type) {
    if (type instanceof ArrayType array) {
      DataType element = withDoubles(array.elementType());
      return element == array.elementType()
          ? array
          : DataTypes.createArrayType(element, array.containsNull());
    }
    return type instanceof DecimalType ? DataTypes.DoubleType : type;
  }

  /** Refuses what cannot be computed row by row from the columns of {@code rows}. */
  private void check(Asked one, Dataset<Row> rows, ColumnNames names) {
    try {
      Dataset<Row> selected = rows.select(functions.lit(1), column(one, rows, names));
      repeatability.check(selected, one.text(), one.where());
      if (isRowWise(selected.queryExecution().analyzed())) {
        return;
      }
    } catch (JobException e) {
      throw e;
    } catch (Exception e) {
      throw Analysis.error(e, one.text(), one.where(), columns(rows));
    }
    throw Errors.expression(
        one.text(),
        one.where(),
        "it does not give one value for each row",
        new IllegalArgumentException(one.text()));
  }

  /** For each expression that compares columns of text letter by letter, a sentence. */
  List<String> warnings(Dataset<Row> filtered) {
    if (Arrays.stream(filtered.schema().fields()).noneMatch(Projection::holdsText)) {
      return List.of();
    }
    ColumnNames names = new ColumnNames(filtered.schema());
    List<Asked> expressions = asked.stream().filter(one -> named(one, names).isEmpty()).toList();
    List<String> warnings = new ArrayList<>();
    if (filterOrdersText) {
      warnings.add(textOrder(input.where().orElseThrow(), path("where")));
    }
    // All at once, and one by one only where there is something to say: Spark looks through every
    // column of the table for each.
    Column[] columns =
        expressions.stream().map(one -> column(one, filtered, names)).toArray(Column[]::new);
    if (columns.length == 0 || !TextComparisons.hasTextOrder(filtered.select(columns))) {
      return warnings;
    }
    for (int k = 0; k < columns.length; k++) {
      Asked one = expressions.get(k);
      if (TextComparisons.hasTextOrder(filtered.select(columns[k]))) {
        warnings.add(textOrder(one.text(), one.where()));
      }
    }
    return warnings;
  }

  private static String textOrder(String text, String where) {
    return where
        + ": '"
        + PublicText.maskedExpression(text)
        + "' compares text letter by letter, so that 9 comes after 10; write double(c) for a column c that holds numbers";
  }

  /** Whether it is text, or holds text in structs or arrays. */
  private static boolean holdsText(StructField field) {
    return !field.name().equals(Tables.CORRUPT)
        && field.dataType().catalogString().matches(".*(string|char).*");
  }

  private static boolean isRowWise(LogicalPlan plan) {
    return plan instanceof Project project && !(project.child() instanceof Generate);
  }

  /** The column that a text names, as it stands or within backquotes; empty for an expression. */
  private static Optional<String> named(Asked one, ColumnNames names) {
    return names.named(one.text()).or(() -> unquoted(one.text()).flatMap(names::named));
  }

  private static Column column(Asked one, Dataset<Row> rows, ColumnNames names) {
    Column column = uncoded(one, rows, names);
    return one.encoded().map(encoded -> column.cast(DataTypes.StringType)).orElse(column);
  }

  private static Column uncoded(Asked one, Dataset<Row> rows, ColumnNames names) {
    Optional<String> name =
        Optional.of(KEY + one.text())
            .filter(key -> one.isKey())
            .flatMap(names::named)
            .or(() -> named(one, names));
    if (name.isPresent()) {
      return Quoted.column(name.get());
    }
    if (one.columnOnly()) {
      throw Errors.missingColumn(one.text(), one.where(), columns(rows));
    }
    try {
      return functions.expr(one.text());
    } catch (Exception e) {
      throw Analysis.error(e, one.text(), one.where(), columns(rows));
    }
  }

  /** The name within backquotes, as Spark SQL quotes names; empty where it is not quoted. */
  private static Optional<String> unquoted(String text) {
    String name = text.strip();
    boolean quoted =
        name.length() > 2
            && name.startsWith("`")
            && name.endsWith("`")
            && name.substring(1, name.length() - 1).replace("``", "").indexOf('`') < 0;
    return quoted
        ? Optional.of(name.substring(1, name.length() - 1).replace("``", "`"))
        : Optional.empty();
  }

  private static boolean hasCorrupt(Dataset<Row> rows) {
    return Arrays.asList(rows.columns()).contains(Tables.CORRUPT);
  }

  /** The names of the table's own columns. */
  static List<String> columns(Dataset<Row> rows) {
    return Arrays.stream(rows.columns())
        .filter(name -> !name.equals(Tables.CORRUPT) && !name.startsWith(KEY))
        .toList();
  }

  /**
   * Where the parts of a sample lie in the rows that {@link #of} gives. Shapes that the
   * configuration leaves open are given as the scalar's, to be replaced by those of the first valid
   * row.
   *
   * @param schema the schema of those rows
   * @param before how many columns come before what is asked for
   */
  SampleFormat format(StructType schema, int before) {
    int ordinal = before;
    List<SampleFormat.Tensor> tensors = new ArrayList<>();
    for (Map.Entry<String, TensorConfig> entry : input.tensors().entrySet()) {
      String where = path("tensors." + entry.getKey());
      List<SampleFormat.Element> elements = new ArrayList<>();
      for (String written : entry.getValue().columns()) {
        String text = PublicText.label(written);
        Cell cell =
            entry.getValue() instanceof TensorConfig.Encoded encoded
                ? Cell.Level.of(encoded)
                : cell(text, schema.fields()[ordinal].dataType(), where);
        elements.add(new SampleFormat.Element(ordinal, text, cell));
        ordinal++;
      }
      tensors.add(tensor(entry.getKey(), entry.getValue(), elements, where));
    }
    List<SampleFormat.Element> weight = new ArrayList<>();
    if (input.weight().isPresent()) {
      String text = PublicText.label(input.weight().get());
      Cell cell = cell(text, schema.fields()[ordinal].dataType(), path("weight"));
      if (!(cell instanceof Cell.Scalar)) {
        throw notANumber(text, schema.fields()[ordinal].dataType(), path("weight"));
      }
      weight.add(new SampleFormat.Element(ordinal++, text, cell));
    }
    List<SampleFormat.CachedBlocks> id = new ArrayList<>();
    if (input.id().isPresent()) {
      id.add(kept(ordinal, "id", schema));
      ordinal++;
    }
    List<SampleFormat.CachedBlocks> carried = new ArrayList<>();
    for (String name : input.carry()) {
      carried.add(kept(ordinal, name, schema));
      ordinal++;
    }
    for (String text : groups) {
      carried.add(kept(ordinal, text, schema));
      ordinal++;
    }
    List<SampleFormat.Element> corrupt = new ArrayList<>();
    if (ordinal < schema.length()) {
      corrupt.add(new SampleFormat.Element(ordinal, Tables.CORRUPT, new Cell.Scalar(Kind.TEXT)));
    }
    return new SampleFormat(
        tensors, weight, corrupt, id, carried, List.of(), input.acceptance().missing());
  }

  private static SampleFormat.CachedBlocks kept(int ordinal, String name, StructType schema) {
    StructField field = schema.fields()[ordinal];
    return new SampleFormat.CachedBlocks(ordinal, name, field.dataType(), field.nullable());
  }

  private static Cell cell(String text, DataType type, String where) {
    return Cell.of(type)
        .orElseThrow(
            () -> Errors.notNumeric(text, type.simpleString(), where, TypeAdvice.of(text, type)));
  }

  private static RuntimeException notANumber(String text, DataType type, String where) {
    return Errors.notNumeric(
        text,
        type.simpleString(),
        where,
        "write a column or expression that gives one number, such as " + text + "[0]");
  }

  private static SampleFormat.Tensor tensor(
      String name, TensorConfig config, List<SampleFormat.Element> elements, String where) {
    Cell cell = elements.get(0).cell();
    if (config instanceof TensorConfig.Elements list) {
      for (SampleFormat.Element element : elements) {
        if (!(element.cell() instanceof Cell.Scalar)) {
          throw Errors.shape(
              name,
              "has '" + element.text() + "' in its list, which is an array",
              where,
              "a list takes numbers: write its elements, such as "
                  + element.text()
                  + "[0], or "
                  + name
                  + " = "
                  + element.text()
                  + " for the array alone");
        }
      }
      return new SampleFormat.Tensor(
          name, list.shape().extents(), elements, SampleFormat.UNBOUNDED);
    }
    List<Integer> shape = config.knownShape().orElse(Shape.SCALAR).extents();
    int size = shape.stream().reduce(1, Math::multiplyExact);
    if (cell instanceof Cell.Scalar && size != 1) {
      throw Errors.shape(
          name,
          "is to have shape " + shape + ", and '" + elements.get(0).text() + "' is one number",
          where,
          "write a list of "
              + size
              + " columns, an array or vector column, or for text an expression such as split("
              + elements.get(0).text()
              + ", ' ')");
    }
    if (cell instanceof Cell.Array array
        && array.depth() > 1
        && config.knownShape().isPresent()
        && shape.size() != array.depth()) {
      throw Errors.shape(
          name,
          "is to have shape "
              + shape
              + ", and '"
              + elements.get(0).text()
              + "' is an array of "
              + array.depth()
              + " axes",
          where,
          "write flatten(" + elements.get(0).text() + ")");
    }
    return new SampleFormat.Tensor(name, shape, elements, SampleFormat.UNBOUNDED);
  }

  /** The tensors whose shapes the first valid row decides. */
  List<String> open(SampleFormat format) {
    return format.tensors().stream()
        .filter(tensor -> input.tensors().get(tensor.name()).knownShape().isEmpty())
        .filter(tensor -> !(tensor.elements().get(0).cell() instanceof Cell.Scalar))
        .map(SampleFormat.Tensor::name)
        .toList();
  }
}
