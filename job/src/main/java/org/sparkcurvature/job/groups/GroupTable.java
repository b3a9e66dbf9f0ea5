package org.sparkcurvature.job.groups;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
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
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.job.config.GroupsConfig;
import scala.jdk.javaapi.CollectionConverters;

/** The table of groups: its columns, and a group's rows. */
public final class GroupTable implements Serializable {
  private static final long serialVersionUID = 1L;

  private final DataType[] types;
  private final ArrayList<GroupColumn> columns = new ArrayList<>();
  private final StructType schema;
  private final boolean isLong;
  private final ArrayList<String> names;

  GroupTable(GroupProblem problem, List<StructField> keys, GroupsConfig.Layout layout) {
    this.types = keys.stream().map(StructField::dataType).toArray(DataType[]::new);
    this.isLong = layout == GroupsConfig.Layout.LONG;
    this.names = new ArrayList<>(problem.names());
    List<StructField> fields = new ArrayList<>(keys);
    for (GroupColumn column : GroupColumn.values()) {
      if (column.isIn(problem, layout)) {
        columns.add(column);
        fields.add(DataTypes.createStructField(column.toString(), column.type(layout), true));
      }
    }
    this.schema = new StructType(fields.toArray(StructField[]::new));
  }

  /** The names that keys cannot have. */
  public static Set<String> taken(GroupsConfig.Layout layout) {
    return GroupColumn.taken(layout);
  }

  /** The values of a column of several rows, as one array in the order of another column. */
  public static Column inOrder(String index, String column) {
    return functions.expr(
        "transform(array_sort(collect_list(struct(%1$s, %2$s))), s -> s.%2$s)"
            .formatted(index, column));
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
        .mapToObj(element -> row(key, result, shrunken, element))
        .iterator();
  }

  private InternalRow row(
      InternalRow key, GroupResult result, GroupResult.Shrunken shrunken, int element) {
    GroupColumn.Group group = new GroupColumn.Group(names, result, shrunken, element);
    Object[] values = new Object[types.length + columns.size()];
    for (int k = 0; k < types.length; k++) {
      values[k] = key.isNullAt(k) ? null : key.get(k, types[k]);
    }
    for (int k = 0; k < columns.size(); k++) {
      values[types.length + k] = columns.get(k).value(group);
    }
    return new GenericInternalRow(values);
  }
}
