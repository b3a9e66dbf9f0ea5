package org.sparkcurvature.job.check;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, left-aligned but for those with numbers. */
final class TextTable {
  private final List<String> headings;
  private final List<Integer> numeric;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param numeric positions of the columns that are right-aligned
   */
  TextTable(List<String> headings, List<Integer> numeric) {
    this.headings = List.copyOf(headings);
    this.numeric = List.copyOf(numeric);
  }

  void add(String... cells) {
    rows.add(List.of(cells));
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
        int width = all.stream().mapToInt(r -> r.get(column).length()).max().orElse(0);
        String pad = " ".repeat(width - row.get(k).length());
        line.append(' ').append(numeric.contains(k) ? pad + row.get(k) : row.get(k) + pad);
        line.append(k + 1 < headings.size() ? " " : "");
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
