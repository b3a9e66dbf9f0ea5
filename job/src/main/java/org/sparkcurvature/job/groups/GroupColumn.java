package org.sparkcurvature.job.groups;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import org.sparkcurvature.job.config.GroupsConfig;
import org.sparkcurvature.job.infer.HypothesisTest;

/** The columns of the table of groups behind the keys, in their order. */
@SuppressWarnings("ImmutableEnumChecker") // no one writes to the array, and functions keep nothing
enum GroupColumn {
  ROWS(DataTypes.LongType, group -> group.result().rows()),
  WEIGHT(DataTypes.DoubleType, group -> group.result().weight()),
  STATUS(DataTypes.StringType, group -> text(group.result().status().toString())),
  MESSAGE(DataTypes.StringType, group -> text(group.result().message())),
  ITERATIONS(DataTypes.IntegerType, group -> group.result().iterations()),
  VALUE(DataTypes.DoubleType, group -> number(group.result().value())),
  GRADIENT_NORM(DataTypes.DoubleType, group -> number(group.result().gradientNorm())),
  DECREMENT(DataTypes.DoubleType, group -> number(group.result().decrement())),
  DISPERSION(
      DataTypes.DoubleType,
      problem -> problem.settings().dispersion(),
      group -> number(group.result().dispersion())),
  SCORE(
      DataTypes.DoubleType,
      problem -> problem.common().length > 0,
      group -> number(group.result().score())),
  SCORE_P(DataTypes.DoubleType, SCORE.has, group -> chance(group.result().score(), group.names())),
  NAME(
      DataTypes.StringType,
      Layouts.LONG,
      problem -> true,
      group -> text(group.names().get(group.element()))),
  INDEX(DataTypes.IntegerType, Layouts.LONG, problem -> true, Group::element),
  ESTIMATE(problem -> true, group -> numbers(group, group.result().estimate())),
  STD_ERROR(problem -> true, group -> numbers(group, group.result().stdError())),
  SHRUNKEN(
      problem -> !problem.prior().isEmpty(), group -> numbers(group, group.shrunken().estimate())),
  SHRUNKEN_ERROR(SHRUNKEN.has, group -> numbers(group, group.shrunken().error())),
  PRIOR_SHARE(SHRUNKEN.has, group -> numbers(group, group.shrunken().share())),
  P(problem -> problem.settings().withP(), group -> numbers(group, group.result().p())),
  COVARIANCE(
      array(),
      Layouts.WIDE,
      problem -> problem.settings().withCovariance(),
      group -> {
        int p = group.names().size();
        return array(group.result().covariance(), p * (p + 1) / 2);
      }),
  UNDETERMINED(
      problem -> problem.settings().drop(),
      group -> numbersOrNull(group, group.result().undetermined())),
  REACHED(problem -> true, group -> numbersOrNull(group, group.result().reached()));

  /** What a row of the table is of: in the long layout an element, otherwise -1. */
  record Group(
      List<String> names, GroupResult result, GroupResult.Shrunken shrunken, int element) {}

  private enum Layouts {
    BOTH,
    WIDE,
    LONG
  }

  /** Empty in those that have a number for each coefficient: their type is the layout's. */
  private final DataType[] type;

  private final Layouts layouts;
  private final Predicate<GroupProblem> has;
  private final Function<Group, Object> value;

  GroupColumn(DataType type, Function<Group, Object> value) {
    this(type, problem -> true, value);
  }

  GroupColumn(DataType type, Predicate<GroupProblem> has, Function<Group, Object> value) {
    this(type, Layouts.BOTH, has, value);
  }

  GroupColumn(
      DataType type, Layouts layouts, Predicate<GroupProblem> has, Function<Group, Object> value) {
    this.type = new DataType[] {type};
    this.layouts = layouts;
    this.has = has;
    this.value = value;
  }

  /** Of a number for each coefficient. */
  GroupColumn(Predicate<GroupProblem> has, Function<Group, Object> value) {
    this.type = new DataType[0];
    this.layouts = Layouts.BOTH;
    this.has = has;
    this.value = value;
  }

  /** Whether the table has it. */
  boolean isIn(GroupProblem problem, GroupsConfig.Layout layout) {
    return isOf(layout) && has.test(problem);
  }

  private boolean isOf(GroupsConfig.Layout layout) {
    return layouts == Layouts.BOTH
        || (layouts == Layouts.LONG) == (layout == GroupsConfig.Layout.LONG);
  }

  DataType type(GroupsConfig.Layout layout) {
    if (type.length > 0) {
      return type[0];
    }
    return layout == GroupsConfig.Layout.LONG ? DataTypes.DoubleType : array();
  }

  /** Its value in a row. */
  Object value(Group group) {
    return value.apply(group);
  }

  /** As it is called in the table. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names that keys cannot have: of columns that the table may have with other settings. */
  static Set<String> taken(GroupsConfig.Layout layout) {
    Set<String> taken = new HashSet<>(Set.of(Adjusted.ADJUSTED));
    for (GroupColumn column : values()) {
      if (column.layouts != Layouts.LONG || column.isOf(layout)) {
        taken.add(column.toString());
      }
    }
    return taken;
  }

  private static DataType array() {
    return DataTypes.createArrayType(DataTypes.DoubleType, true);
  }

  private static Object text(String text) {
    return text.isEmpty() ? null : UTF8String.fromString(text);
  }

  private static Object number(double value) {
    return Double.isFinite(value) ? (Object) value : null;
  }

  private static Object chance(double score, List<String> names) {
    return Double.isFinite(score) ? (Object) HypothesisTest.chance(score, names.size()) : null;
  }

  /** A number for each coefficient, or that of one of them. */
  private static Object numbers(Group group, double[] values) {
    if (group.element() >= 0) {
      return values.length == 0 ? null : number(values[group.element()]);
    }
    return array(values, group.names().size());
  }

  private static Object numbersOrNull(Group group, double[] values) {
    return values.length == 0 ? null : numbers(group, values);
  }

  /** An array with null where there is no number. */
  private static Object array(double[] values, int length) {
    Object[] elements = new Object[length];
    for (int i = 0; i < values.length; i++) {
      elements[i] = number(values[i]);
    }
    return new GenericArrayData(elements);
  }
}
