package org.sparkcurvature.job.formula;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The cells of an interaction of categories, as texts: the levels of a row one after the other, so
 * that a cell is a level of one column.
 */
public final class Cells {
  /** Between the levels of a cell: in no level's text. */
  static final String SEPARATOR = "\u001f";

  private static final String BEGIN = "concat(string(";
  private static final String BETWEEN = "), '" + SEPARATOR + "', string(";
  private static final String END = "))";

  private Cells() {}

  /**
   * The expression of a row's cell.
   *
   * @param columns columns or expressions, at least one
   */
  static String expression(List<String> columns) {
    return columns.stream().collect(Collectors.joining(BETWEEN, BEGIN, END));
  }

  /** The expression where the rows of all references are one cell, the empty one. */
  static String expression(List<String> columns, String areReferences) {
    return "IF(%s, '', %s)".formatted(areReferences, expression(columns));
  }

  /** The levels of a cell. */
  static List<String> levels(String cell) {
    return List.of(cell.split(SEPARATOR, -1));
  }

  /** A cell as people read it; the empty one holds the rows of all references. */
  public static String label(String cell) {
    return cell.isEmpty() ? "others" : String.join(", ", levels(cell));
  }

  /**
   * The columns of the expression of an interaction, as {@code a:b}; another expression as it is.
   */
  public static String columns(String expression) {
    int from = expression.indexOf(BEGIN);
    if (from < 0 || !expression.contains(BETWEEN)) {
      return expression;
    }
    int end = expression.length() - (from == 0 ? END : END + ")").length();
    return expression.substring(from + BEGIN.length(), end).replace(BETWEEN, ":");
  }
}
