package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Numbers under headings, right-aligned. Columns that do not fit the width continue below, with the
 * rows' labels repeated.
 *
 * @param columns headings
 * @param rows labels and cells, as many cells as headings
 */
record Table(List<String> columns, List<Row> rows) {
  private static final String INDENT = "  ";
  private static final String GAP = "  ";

  /** A line of the table. */
  record Row(String label, List<String> cells) {}

  Table {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /** The width that all columns side by side take. */
  int width() {
    int labels = rows.stream().mapToInt(row -> row.label().length()).max().orElse(0);
    return INDENT.length()
        + labels
        + IntStream.range(0, columns.size()).map(k -> GAP.length() + columnWidth(k)).sum();
  }

  /** The lines, none longer than {@code width} unless a single column is. */
  List<String> lines(int width) {
    int labels = rows.stream().mapToInt(row -> row.label().length()).max().orElse(0);
    List<String> lines = new ArrayList<>();
    int from = 0;
    while (from < columns.size()) {
      int to = from;
      int length = INDENT.length() + labels;
      while (to < columns.size()
          && (to == from || length + GAP.length() + columnWidth(to) <= width)) {
        length += GAP.length() + columnWidth(to);
        to++;
      }
      lines.add(line("", columns, labels, from, to));
      for (Row row : rows) {
        lines.add(line(row.label(), row.cells(), labels, from, to));
      }
      from = to;
    }
    return lines;
  }

  private String line(String label, List<String> cells, int labels, int from, int to) {
    StringBuilder line = new StringBuilder(INDENT).append(label);
    line.append(" ".repeat(labels - label.length()));
    for (int column = from; column < to; column++) {
      String cell = cells.get(column);
      line.append(GAP).append(" ".repeat(columnWidth(column) - cell.length())).append(cell);
    }
    return line.toString();
  }

  private int columnWidth(int column) {
    return IntStream.concat(
            IntStream.of(columns.get(column).length()),
            rows.stream().mapToInt(row -> row.cells().get(column).length()))
        .max()
        .orElse(0);
  }
}
