package org.sparkcurvature.job.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order in which keys were written. A parsed configuration forgets it: its objects are hashed,
 * and a value knows its line, not its column. Parameters are flattened in this order, so it must
 * not change when a later file or an option gives one of them another value: where a key was
 * written first decides.
 */
final class WrittenOrder {

  /**
   * Where a key stands.
   *
   * @param source number of the file or option on the command line
   */
  private record Position(int source, String file, int line, int column)
      implements Comparable<Position> {
    private static final Comparator<Position> ORDER =
        Comparator.comparingInt(Position::source)
            .thenComparing(Position::file)
            .thenComparingInt(Position::line)
            .thenComparingInt(Position::column);

    @Override
    public int compareTo(Position other) {
      return ORDER.compare(this, other);
    }
  }

  private final Map<String, List<String>> lines = new HashMap<>();
  private final Map<String, Position> first = new HashMap<>();
  private int sources;

  /** Keeps the text of a file by the description of its origin. */
  void text(String description, String text) {
    lines.put(description, text.lines().toList());
  }

  /**
   * Adds what a file or an option gives.
   *
   * @param written its root, before anything is merged or resolved
   */
  void add(ConfigObject written) {
    add("", written);
    sources++;
  }

  private void add(String path, ConfigObject object) {
    Set<Map.Entry<String, ConfigValue>> entries;
    try {
      entries = object.entrySet();
    } catch (ConfigException.NotResolved e) {
      // A block that adds to a substitution, as in a = ${b}, a { c = 1 }: what it holds is not
      // known
      // yet, and where each key comes from is told by its origin then.
      return;
    }
    entries.forEach(
        entry -> {
          String key = entry.getKey();
          ConfigValue value = entry.getValue();
          String at = Decoding.join(path, key);
          first.putIfAbsent(at, position(sources, key, value.origin()));
          if (value instanceof ConfigObject child) {
            add(at, child);
          }
        });
  }

  /**
   * The order of a block's keys.
   *
   * @param path the block's, root included
   */
  Comparator<Map.Entry<String, ConfigValue>> of(String path) {
    return Comparator.comparing((Map.Entry<String, ConfigValue> entry) -> position(path, entry))
        .thenComparing(Map.Entry::getKey);
  }

  private Position position(String path, Map.Entry<String, ConfigValue> entry) {
    Position written = first.get(Decoding.join(path, entry.getKey()));
    // What came by a substitution was written under another path.
    return written == null ? position(sources, entry.getKey(), entry.getValue().origin()) : written;
  }

  private Position position(int source, String key, ConfigOrigin origin) {
    String file = Decoding.file(origin);
    int line = origin.lineNumber();
    List<String> text = lines.getOrDefault(file, List.of());
    return new Position(
        source, file, line, line < 1 || line > text.size() ? 0 : column(key, text.get(line - 1)));
  }

  /** Where a key begins in a line; 0 if it stands elsewhere. */
  private static int column(String key, String line) {
    Matcher matcher =
        Pattern.compile("(?<![\\w\"])\"?" + Pattern.quote(key) + "\"?\\s*(?:[:={.]|\\+=)")
            .matcher(line);
    return matcher.find() ? matcher.start() : 0;
  }
}
