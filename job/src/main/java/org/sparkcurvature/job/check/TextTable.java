package org.sparkcurvature.job.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sparkcurvature.job.errors.PublicText;

/** Columns of text, left-aligned but for those with numbers. */
final class TextTable {
  private final List<String> headings;
  private final List<Integer> numeric;
  private final int width;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param numeric positions of the columns that are right-aligned
   * @param width of the screen
   */
  TextTable(List<String> headings, List<Integer> numeric, int width) {
    this.headings = List.copyOf(headings);
    this.numeric = List.copyOf(numeric);
    this.width = width;
  }

  void add(String... cells) {
    // Before a cell is broken: a secret in two lines has no form any more.
    rows.add(Arrays.stream(cells).map(PublicText::line).toList());
  }

  List<String> lines() {
    List<List<String>> all = new ArrayList<>(rows);
    if (headings.stream().anyMatch(heading -> !heading.isEmpty())) {
      all.add(0, headings);
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder(" ");
      for (int k = 0; k < headings.size(); k++) {
        int column = k;
        int cell = all.stream().mapToInt(r -> r.get(column).length()).max().orElse(0);
        String pad = " ".repeat(cell - row.get(k).length());
        line.append(' ').append(numeric.contains(k) ? pad + row.get(k) : row.get(k) + pad);
        line.append(k + 1 < headings.size() ? " " : "");
      }
      wrap(line.toString().stripTrailing(), row, lines);
    }
    return lines;
  }

  /** Adds a line, its last cell in several lines where it is longer than a screen is wide. */
  private void wrap(String line, List<String> row, List<String> lines) {
    int indent = line.length() - row.get(row.size() - 1).length();
    String rest = line;
    while (rest.length() > width) {
      int end = rest.lastIndexOf(' ', width);
      if (end <= indent) {
        end = rest.indexOf(' ', width);
      }
      if (end < 0) {
        break;
      }
      lines.add(rest.substring(0, end));
      rest = " ".repeat(Math.min(indent + 2, width / 2)) + rest.substring(end + 1);
      indent = Math.min(indent + 2, width / 2);
    }
    lines.add(rest);
  }
}
