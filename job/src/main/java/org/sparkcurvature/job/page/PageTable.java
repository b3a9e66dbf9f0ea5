package org.sparkcurvature.job.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.sparkcurvature.job.chart.Markup;
import org.sparkcurvature.job.report.Digits;
import org.sparkcurvature.job.report.Largest;

/**
 * A table of a page. Columns of numbers are sorted by the numbers themselves, not by their texts.
 */
public final class PageTable {
  /** As many rows as a person looks through; more are in files. */
  private static final int MOST_ROWS = 500;

  /** Rows that are chosen of more. */
  private static final int OF_MORE = 200;

  private final String caption;
  private final List<String> columns;
  private final List<List<Cell>> rows = new ArrayList<>();

  /**
   * A cell.
   *
   * @param value by which rows are sorted; null for a text
   */
  public record Cell(String text, Double value) {
    /** A text. */
    public static Cell of(String text) {
      return new Cell(text, null);
    }

    /** A number of seven digits; "-" where there is none. */
    public static Cell of(double value) {
      return new Cell(Digits.significant(value), value);
    }

    /** A count. */
    public static Cell of(long value) {
      return new Cell(String.format(Locale.ROOT, "%,d", value), (double) value);
    }

    /** A number with digits by its error. */
    public static Cell of(double value, double error) {
      return new Cell(Digits.withError(value, error), value);
    }
  }

  /**
   * @param caption what the rows are; empty: nothing is said above them
   */
  public PageTable(String caption, String... columns) {
    this.caption = caption;
    this.columns = List.of(columns);
  }

  /** The positions that a table shows: all, or of many those of the largest magnitudes. */
  static int[] shown(double[] values) {
    return Largest.positions(values, values.length <= MOST_ROWS ? values.length : OF_MORE);
  }

  /** Adds a row of as many cells as there are columns. */
  public PageTable row(Cell... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(cells.length + " cells for " + columns);
    }
    rows.add(List.copyOf(Arrays.asList(cells)));
    return this;
  }

  /** Whether it has no rows. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  Markup markup() {
    Markup made = new Markup();
    made.open("div", "class", "scroll");
    made.open("table", "class", rows.size() > 2 ? "sorted" : null);
    if (!caption.isEmpty()) {
      made.element("caption", caption);
    }
    made.open("thead").open("tr");
    for (int k = 0; k < columns.size(); k++) {
      boolean text = !rows.isEmpty() && rows.get(0).get(k).value() == null;
      made.element("th", columns.get(k), "scope", "col", "class", text ? "text" : null);
    }
    made.close("tr").close("thead").open("tbody");
    for (List<Cell> row : rows) {
      made.line().open("tr");
      for (Cell cell : row) {
        made.element(
            "td",
            cell.text(),
            "class",
            cell.value() == null ? "text" : null,
            "data-v",
            cell.value() == null ? null : machine(cell.value()));
      }
      made.close("tr");
    }
    return made.close("tbody").close("table").close("div").line();
  }

  /** As scripts read numbers; empty where there is none. */
  private static String machine(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    String text = Double.toString(value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
