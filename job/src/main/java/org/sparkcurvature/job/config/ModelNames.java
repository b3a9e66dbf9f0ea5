package org.sparkcurvature.job.config;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The names of tensors, parameters and definitions, and what is wrong with them. */
final class ModelNames {

  /** What a name stands for. */
  enum Kind {
    TENSOR("tensor"),
    PARAMETER("parameter"),
    DEFINITION("definition");

    private final String title;

    Kind(String title) {
      this.title = title;
    }
  }

  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Words of SQL expressions: a name such as these could not be used in a loss. */
  private static final Set<String> WORDS =
      Set.of(
          "and",
          "or",
          "not",
          "case",
          "when",
          "then",
          "else",
          "end",
          "between",
          "in",
          "is",
          "like",
          "div",
          "null",
          "true",
          "false",
          "interval",
          "distinct",
          "cast",
          "if",
          "select",
          "exists");

  private final Decoding decoding;
  private final Map<String, Kind> kinds = new LinkedHashMap<>();
  private final Map<String, String> places = new LinkedHashMap<>();
  private final Set<String> doubtful = new HashSet<>();
  private boolean complete = true;

  ModelNames(Decoding decoding) {
    this.decoding = decoding;
  }

  void add(Kind kind, String name, Setting setting) {
    add(kind, name, setting.path(), Decoding.location(setting.value().origin()));
  }

  void add(Kind kind, String name, String path, Optional<String> location) {
    if (!IDENTIFIER.matcher(name).matches()) {
      decoding.problem(
          new Problem(
              path,
              location,
              "the name \"" + name + "\" is no identifier",
              "use letters, digits and _, and no digit first"));
    } else if (name.equals(ModelConfig.LOSS)) {
      decoding.problem(
          new Problem(path, location, "the name loss is taken by model.loss", "rename it"));
    } else if (kind == Kind.PARAMETER && name.equals(ParameterFile.ENCODINGS)) {
      decoding.problem(
          new Problem(
              path,
              location,
              "the name encodings is that of the levels in parameters.json",
              "rename it"));
    } else if (WORDS.contains(name.toLowerCase(Locale.ROOT))) {
      decoding.problem(
          new Problem(path, location, "the name " + name + " is a word of SQL", "rename it"));
    }
    String at = path + location.map(l -> " (" + l + ")").orElse("");
    if (kinds.putIfAbsent(name, kind) == null) {
      places.put(name, at);
    } else {
      doubtful.add(name);
      decoding.problem(
          new Problem(
              path,
              location,
              "the name %s is used twice: as %s at %s, and as %s here"
                  .formatted(name, kinds.get(name).title, places.get(name), kind.title),
              "rename one of them"));
    }
  }

  /** Says that names are missing here, because where they come from could not be read. */
  void incomplete() {
    complete = false;
  }

  /** Whether all names are here. */
  boolean isComplete() {
    return complete;
  }

  /** Whether it is certain that nothing has this name. */
  boolean lacks(String name) {
    return complete && !kinds.containsKey(name);
  }

  /** What a name stands for, where it stands for one thing. */
  Optional<Kind> kind(String name) {
    return Optional.ofNullable(kinds.get(name)).filter(kind -> !doubtful.contains(name));
  }

  List<String> all(Kind kind) {
    return kinds.entrySet().stream()
        .filter(entry -> entry.getValue() == kind)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** What to do about a name that does not exist, where these kinds would do. */
  String remedy(String name, Set<Kind> wanted, Set<String> further) {
    Set<String> candidates = new TreeSet<>(further);
    wanted.forEach(kind -> candidates.addAll(all(kind)));
    return Nearest.suggestion(
        name,
        candidates,
        candidates.isEmpty() ? "leave it out" : "name one of " + String.join(", ", candidates));
  }

  static String describe(Kind kind) {
    return kind.title;
  }
}
