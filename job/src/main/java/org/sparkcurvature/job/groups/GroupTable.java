package org.sparkcurvature.job.groups;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Ascending$;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.InterpretedOrdering;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.expressions.SortOrder$;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.sparkcurvature.job.config.GroupsConfig;
import scala.jdk.javaapi.CollectionConverters;

/** The table of groups: its columns, and a group's rows. */
public final class GroupTable implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * What keys cannot be called: columns that the table may have behind them, with other settings.
   */
  private static final List<String> NAMES =
      List.of(
          "rows",
          "weight",
          "status",
          "message",
          "iterations",
          "value",
          "gradient_norm",
          "decrement",
          "dispersion",
          "estimate",
          "std_error",
          "covariance",
          "undetermined",
          "reached",
          "p",
          "p_adjusted",
          "shrunken",
          "shrunken_error",
          "prior_share",
          "score",
          "score_p");

  private static final List<String> LONG = List.of("name", "index");

  private final DataType[] types;
  private final StructType schema;
  private final boolean isLong;
  private final boolean dispersion;
  private final boolean covariance;
  private final boolean drops;
  private final boolean withP;
  private final boolean shrinks;
  private final boolean compares;
  private final ArrayList<String> names;

  GroupTable(GroupProblem problem, List<StructField> keys, GroupsConfig.Layout layout) {
    this.types = keys.stream().map(StructField::dataType).toArray(DataType[]::new);
    this.isLong = layout == GroupsConfig.Layout.LONG;
    this.dispersion = problem.settings().dispersion();
    this.covariance = problem.settings().withCovariance() && !isLong;
    this.drops = problem.settings().drop();
    this.compares = problem.common().length > 0;
    this.shrinks = !problem.prior().isEmpty();
    this.withP = problem.settings().withP();
    this.names = new ArrayList<>(problem.names());
    List<StructField> fields = new ArrayList<>(keys);
    DataType numbers = DataTypes.createArrayType(DataTypes.DoubleType, true);
    add(fields, "rows", DataTypes.LongType);
    add(fields, "weight", DataTypes.DoubleType);
    add(fields, "status", DataTypes.StringType);
    add(fields, "message", DataTypes.StringType);
    add(fields, "iterations", DataTypes.IntegerType);
    add(fields, "value", DataTypes.DoubleType);
    add(fields, "gradient_norm", DataTypes.DoubleType);
    add(fields, "decrement", DataTypes.DoubleType);
    if (dispersion) {
      add(fields, "dispersion", DataTypes.DoubleType);
    }
    if (compares) {
      add(fields, "score", DataTypes.DoubleType);
      add(fields, "score_p", DataTypes.DoubleType);
    }
    if (isLong) {
      add(fields, "name", DataTypes.StringType);
      add(fields, "index", DataTypes.IntegerType);
    }
    add(fields, "estimate", isLong ? DataTypes.DoubleType : numbers);
    add(fields, "std_error", isLong ? DataTypes.DoubleType : numbers);
    if (shrinks) {
      for (String column : List.of("shrunken", "shrunken_error", "prior_share")) {
        add(fields, column, isLong ? DataTypes.DoubleType : numbers);
      }
    }
    if (withP) {
      add(fields, "p", isLong ? DataTypes.DoubleType : numbers);
    }
    if (covariance) {
      add(fields, "covariance", numbers);
    }
    if (drops) {
      add(fields, "undetermined", isLong ? DataTypes.DoubleType : numbers);
    }
    add(fields, "reached", isLong ? DataTypes.DoubleType : numbers);
    this.schema = new StructType(fields.toArray(StructField[]::new));
  }

  /** The names that keys cannot have. */
  public static Set<String> taken(GroupsConfig.Layout layout) {
    Set<String> taken = new HashSet<>(NAMES);
    if (layout == GroupsConfig.Layout.LONG) {
      taken.addAll(LONG);
    }
    return taken;
  }

  private static void add(List<StructField> fields, String name, DataType type) {
    fields.add(DataTypes.createStructField(name, type, true));
  }

  /** A group to be shown, with its key for the order. */
  record Named(UnsafeRow key, GroupsSummary.Example shown) implements Serializable {}

  /** A group as it is shown. */
  Named named(InternalRow key, GroupResult result) {
    List<String> texts = new ArrayList<>();
    for (int k = 0; k < types.length; k++) {
      Object value = key.isNullAt(k) ? null : key.get(k, types[k]);
      texts.add(String.valueOf(CatalystTypeConverters.convertToScala(value, types[k])));
    }
    return new Named(
        ((UnsafeRow) key).copy(),
        new GroupsSummary.Example(
            String.join(", ", texts),
            result.rows(),
            result.message(),
            result.estimate(),
            result.stdError()));
  }

  /** The first of groups, in the order of keys. */
  List<GroupsSummary.Example> first(List<Named> groups, int count) {
    List<SortOrder> order = new ArrayList<>();
    for (int k = 0; k < types.length; k++) {
      order.add(
          SortOrder$.MODULE$.apply(
              new BoundReference(k, types[k], true),
              Ascending$.MODULE$,
              CollectionConverters.asScala(List.<Expression>of()).toSeq()));
    }
    Comparator<InternalRow> keys =
        new InterpretedOrdering(CollectionConverters.asScala(order).toSeq());
    return groups.stream()
        .sorted((a, b) -> keys.compare(a.key(), b.key()))
        .limit(count)
        .map(Named::shown)
        .toList();
  }

  StructType schema() {
    return schema;
  }

  /** A group's rows: one, or one for each coefficient. */
  Iterator<InternalRow> rows(InternalRow key, GroupResult result, GroupResult.Shrunken shrunken) {
    if (!isLong) {
      return List.<InternalRow>of(row(key, result, shrunken, -1)).iterator();
    }
    return IntStream.range(0, names.size())
        .mapToObj(element -> (InternalRow) row(key, result, shrunken, element))
        .iterator();
  }

  private InternalRow row(
      InternalRow key, GroupResult result, GroupResult.Shrunken shrunken, int element) {
    List<Object> values = new ArrayList<>();
    for (int k = 0; k < types.length; k++) {
      values.add(key.isNullAt(k) ? null : key.get(k, types[k]));
    }
    values.add(result.rows());
    values.add(result.weight());
    values.add(UTF8String.fromString(result.status().toString()));
    values.add(result.message().isEmpty() ? null : UTF8String.fromString(result.message()));
    values.add(result.iterations());
    values.add(number(result.value()));
    values.add(number(result.gradientNorm()));
    values.add(number(result.decrement()));
    if (dispersion) {
      values.add(number(result.dispersion()));
    }
    if (compares) {
      values.add(number(result.score()));
      values.add(
          Double.isFinite(result.score())
              ? (Object) GroupsSummary.chance(result.score(), names.size())
              : null);
    }
    if (isLong) {
      values.add(UTF8String.fromString(names.get(element)));
      values.add(element);
    }
    values.add(numbers(result.estimate(), element, names.size()));
    values.add(numbers(result.stdError(), element, names.size()));
    if (shrinks) {
      values.add(numbers(shrunken.estimate(), element, names.size()));
      values.add(numbers(shrunken.error(), element, names.size()));
      values.add(numbers(shrunken.share(), element, names.size()));
    }
    if (withP) {
      values.add(numbers(result.p(), element, names.size()));
    }
    if (covariance) {
      values.add(numbers(result.covariance(), element, names.size() * (names.size() + 1) / 2));
    }
    if (drops) {
      values.add(
          result.undetermined().length == 0
              ? null
              : numbers(result.undetermined(), element, names.size()));
    }
    values.add(
        result.reached().length == 0 ? null : numbers(result.reached(), element, names.size()));
    return new GenericInternalRow(values.toArray());
  }

  private static Object number(double value) {
    return Double.isFinite(value) ? (Object) value : null;
  }

  /** One element, or an array with null where there is no number. */
  private static Object numbers(double[] values, int element, int length) {
    if (element >= 0) {
      return values.length == 0 ? null : number(values[element]);
    }
    Object[] elements = new Object[length];
    for (int i = 0; i < values.length; i++) {
      elements[i] = number(values[i]);
    }
    return new GenericArrayData(elements);
  }
}
