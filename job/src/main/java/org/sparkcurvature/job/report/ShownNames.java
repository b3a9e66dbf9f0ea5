package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparkcurvature.job.errors.PublicText;

/**
 * Names as they stand in a table: control characters shown, and no longer than the table has room
 * for. What is longer loses its middle; no two are alike that were not.
 */
final class ShownNames {
  private final List<String> whole;
  private final List<String> shown;

  private ShownNames(List<String> whole, List<String> shown) {
    this.whole = whole;
    this.shown = shown;
  }

  /**
   * Names of at most so many characters.
   *
   * @param ellipsis what stands for the middle of a name
   */
  static ShownNames of(List<String> names, int width, String ellipsis) {
    List<String> whole = names.stream().map(PublicText::line).toList();
    Map<String, String> shortened = new HashMap<>();
    Map<String, List<String>> alike = new LinkedHashMap<>();
    for (String name : new LinkedHashMap<String, Object>(index(whole)).keySet()) {
      alike
          .computeIfAbsent(
              cut(name, width, ellipsis, half(width, ellipsis)), k -> new ArrayList<>())
          .add(name);
    }
    Set<String> taken = new HashSet<>(alike.keySet());
    alike.forEach(
        (text, group) -> {
          List<String> texts =
              group.size() == 1 ? List.of(text) : apart(group, width, ellipsis, taken);
          for (int k = 0; k < group.size(); k++) {
            shortened.put(group.get(k), texts.get(k));
          }
        });
    return new ShownNames(whole, whole.stream().map(shortened::get).toList());
  }

  private static Map<String, Object> index(List<String> names) {
    Map<String, Object> distinct = new LinkedHashMap<>();
    names.forEach(name -> distinct.put(name, name));
    return distinct;
  }

  private static int half(int width, String ellipsis) {
    return (Math.max(0, width - ellipsis.length()) + 1) / 2;
  }

  private static String cut(String name, int width, String ellipsis, int head) {
    if (name.length() <= width) {
      return name;
    }
    int tail = Math.max(0, width - ellipsis.length()) - head;
    return name.substring(0, head) + ellipsis + name.substring(name.length() - tail);
  }

  /** Cuts elsewhere, where that tells all of them apart; otherwise numbers them. */
  private static List<String> apart(
      List<String> group, int width, String ellipsis, Set<String> taken) {
    int kept = Math.max(0, width - ellipsis.length());
    for (int away = 1; away <= kept; away++) {
      for (int head : new int[] {half(width, ellipsis) - away, half(width, ellipsis) + away}) {
        if (head >= 0 && head <= kept) {
          List<String> texts =
              group.stream().map(name -> cut(name, width, ellipsis, head)).toList();
          if (new HashSet<>(texts).size() == texts.size()
              && texts.stream().noneMatch(taken::contains)) {
            taken.addAll(texts);
            return texts;
          }
        }
      }
    }
    List<String> texts = new ArrayList<>();
    int number = 0;
    for (String name : group) {
      String text;
      do {
        number++;
        String tail = ellipsis + "#" + number;
        text = name.substring(0, Math.max(0, width - tail.length())) + tail;
      } while (!taken.add(text));
      texts.add(text);
    }
    return texts;
  }

  /** In the order of the names. */
  List<String> shown() {
    return shown;
  }

  int width() {
    return shown.stream().mapToInt(String::length).max().orElse(0);
  }

  /** The names in full that were shortened, each line indented; empty where none was. */
  List<String> legend(int width) {
    List<String> lines = new ArrayList<>();
    Set<String> told = new HashSet<>();
    for (int k = 0; k < whole.size(); k++) {
      if (!shown.get(k).equals(whole.get(k)) && told.add(whole.get(k))) {
        boolean fits = 7 + shown.get(k).length() + whole.get(k).length() <= width;
        lines.add("    " + shown.get(k) + " = " + (fits ? whole.get(k) : ""));
        if (!fits) {
          lines.set(lines.size() - 1, "    " + shown.get(k) + " =");
          lines.add("      " + whole.get(k));
        }
      }
    }
    if (!lines.isEmpty()) {
      lines.add(0, "  names in full");
    }
    return lines;
  }
}
