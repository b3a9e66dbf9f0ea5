package org.sparkcurvature.job.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What decoding one configuration collects: problems, warnings, and which keys were asked for. */
final class Decoding {
  /** Stands in for a variable that is not set, so that the rest can still be checked. */
  static final String UNSET = "\uE0FF";

  private static final Pattern LINED = Pattern.compile("(.*): (\\d+)(?:-\\d+)?");

  private final WrittenOrder order = new WrittenOrder();
  private final List<Problem> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final Set<String> asked = new LinkedHashSet<>();

  /** Which values wait for a variable: an expression can have thousands of problems. */
  private final Map<ConfigValue, Boolean> unsets = new IdentityHashMap<>();

  private final Map<String, Set<String>> blocksByKey = new TreeMap<>();

  /** Keys that are not written, and that keys which there are not seem to stand for. */
  private final Set<String> misspelt = new TreeSet<>();

  private final List<Postponed> postponed = new ArrayList<>();

  /**
   * What is checked once all else is.
   *
   * @param at how many problems there were where it belongs
   */
  private record Postponed(int at, BooleanSupplier seemsWrong, Runnable check) {}

  /**
   * @param defaults the content of {@code curvature} in reference.conf
   */
  Decoding(ConfigObject defaults) {
    index("", defaults);
  }

  private void index(String path, ConfigObject object) {
    object.forEach(
        (key, value) -> {
          blocksByKey.computeIfAbsent(key, k -> new TreeSet<>()).add(path);
          if (value instanceof ConfigObject child) {
            index(join(path, key), child);
          }
        });
  }

  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** The order in which keys were written. */
  WrittenOrder order() {
    return order;
  }

  /** The blocks in which a key is known; the root is "". */
  Set<String> blocksWith(String key) {
    return blocksByKey.getOrDefault(key, Set.of());
  }

  void ask(String path) {
    asked.add(path);
  }

  /** Every path that was looked up, found or not. */
  Set<String> asked() {
    return asked;
  }

  void warn(String sentence) {
    warnings.add(sentence);
  }

  List<String> warnings() {
    return warnings;
  }

  /**
   * A problem with what is written at a path; one that only follows from an unset variable is
   * dropped.
   */
  void problem(String path, ConfigValue value, String what, String remedy) {
    if (!unsets.computeIfAbsent(value, Decoding::unset)) {
      String known = path.isEmpty() ? "curvature" : path;
      problems.add(new Problem(known, location(value.origin()), what, remedy));
    }
  }

  /** A problem with what is not written. */
  void problem(String path, String what, String remedy) {
    problems.add(new Problem(path, Optional.empty(), what, remedy));
  }

  void problem(Problem problem) {
    problems.add(problem);
  }

  List<Problem> problems() {
    return problems;
  }

  /**
   * Leaves what takes long for the end: it is checked where nothing else is wrong, or where a look
   * at it finds that it seems wrong, too. What is found stands where it would have stood.
   */
  void postpone(BooleanSupplier seemsWrong, Runnable check) {
    postponed.add(new Postponed(problems.size(), seemsWrong, check));
  }

  /** Takes down that a key which there is not seems to stand for this one, which is not written. */
  void misspelt(String path) {
    misspelt.add(path);
  }

  /**
   * Runs the postponed checks. Then drops the problems that a misspelt key explains: that the key
   * which it stands for is missing, or a key within that one.
   */
  void finish() {
    checkPostponed();
    problems.removeIf(
        problem ->
            problem.location().isEmpty()
                && misspelt.stream().anyMatch(key -> (problem.path() + ".").startsWith(key + ".")));
  }

  private void checkPostponed() {
    for (Postponed late : postponed) {
      if (problems.isEmpty() || late.seemsWrong().getAsBoolean()) {
        List<Problem> after = problems.subList(late.at(), problems.size());
        List<Problem> others = List.copyOf(after);
        after.clear();
        late.check().run();
        problems.addAll(others);
      }
    }
    postponed.clear();
  }

  static boolean unset(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise()).contains(UNSET);
  }

  /** {@code file:line}; nothing for defaults, which no user wrote. */
  static Optional<String> location(ConfigOrigin origin) {
    if (isDefault(origin)) {
      return Optional.empty();
    }
    String description = firstOf(origin);
    Matcher lined = LINED.matcher(description);
    if (!lined.matches()) {
      return Optional.of(description);
    }
    boolean option = description.startsWith("--");
    return Optional.of(option ? lined.group(1) : lined.group(1) + ":" + lined.group(2));
  }

  static boolean isDefault(ConfigOrigin origin) {
    return firstOf(origin).startsWith(Defaults.NAME + ":");
  }

  /** The file of an origin, for ordering. */
  static String file(ConfigOrigin origin) {
    Matcher lined = LINED.matcher(firstOf(origin));
    return lined.matches() ? lined.group(1) : firstOf(origin);
  }

  /**
   * A block written in two places has the origin "merge of one: 3,other: 7"; the winner is first.
   */
  private static String firstOf(ConfigOrigin origin) {
    String description = origin.description();
    if (!description.startsWith("merge of ")) {
      return description;
    }
    String merged = description.substring("merge of ".length());
    Matcher first = Pattern.compile("(.*?: \\d+(?:-\\d+)?),.*").matcher(merged);
    return first.matches() ? first.group(1) : merged;
  }
}
