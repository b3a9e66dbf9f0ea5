package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Numbers under headings, one line a row whatever the width: first columns that can be done without
 * are left out, then names are shortened.
 */
final class Rows {
  private static final String INDENT = "  ";
  private static final int GAP = 2;

  /** Names are not shortened below this for the sake of a column that can be done without. */
  private static final int SHORTEST_NAME = 12;

  /** Below this a name says nothing. */
  private static final int LEAST_NAME = 8;

  private record Column(String heading, List<String> cells, boolean optional, boolean left) {
    int width() {
      return Math.max(heading.length(), cells.stream().mapToInt(String::length).max().orElse(0));
    }

    String cell(String text, int width) {
      String pad = " ".repeat(width - text.length());
      return left ? text + pad : pad + text;
    }
  }

  private final View view;
  private final List<String> names;
  private final List<Column> columns = new ArrayList<>();

  Rows(View view, List<String> names) {
    this.view = view;
    this.names = List.copyOf(names);
  }

  /** A column that is always there; right-aligned. */
  Rows column(String heading, List<String> cells) {
    columns.add(new Column(heading, List.copyOf(cells), false, false));
    return this;
  }

  /** A column that is left out where there is no room for it; of several the first one first. */
  Rows optional(String heading, List<String> cells) {
    columns.add(new Column(heading, List.copyOf(cells), true, false));
    return this;
  }

  /** A column of words, that is left out where names would be shortened for it. */
  Rows words(String heading, List<String> cells) {
    columns.add(new Column(heading, List.copyOf(cells), true, true));
    return this;
  }

  /** The lines, headings first, and the full names behind them where any was shortened. */
  List<String> lines() {
    List<Column> shown = new ArrayList<>(columns);
    int longest = names.stream().mapToInt(String::length).max().orElse(0);
    int enough = Math.min(longest, SHORTEST_NAME);
    for (Column column : columns) {
      if (column.optional() && room(shown) < (column.left() ? longest : enough)) {
        shown.remove(column);
      }
    }
    ShownNames of = ShownNames.of(names, Math.max(LEAST_NAME, room(shown)), view.ellipsis());
    List<String> lines = new ArrayList<>();
    if (shown.stream().anyMatch(column -> !column.heading().isEmpty())) {
      lines.add(line("", shown.stream().map(Column::heading).toList(), shown, of.width()));
    }
    for (int k = 0; k < names.size(); k++) {
      int row = k;
      lines.add(
          line(
              of.shown().get(k),
              shown.stream().map(column -> column.cells().get(row)).toList(),
              shown,
              of.width()));
    }
    lines.addAll(of.legend(view.width()));
    return lines;
  }

  private int room(List<Column> shown) {
    return view.width()
        - INDENT.length()
        - shown.stream().mapToInt(column -> GAP + column.width()).sum();
  }

  private static String line(String name, List<String> cells, List<Column> shown, int names) {
    StringBuilder line = new StringBuilder(INDENT).append(name);
    line.append(" ".repeat(names - name.length()));
    for (int k = 0; k < shown.size(); k++) {
      line.append(" ".repeat(GAP)).append(shown.get(k).cell(cells.get(k), shown.get(k).width()));
    }
    return line.toString().stripTrailing();
  }
}
