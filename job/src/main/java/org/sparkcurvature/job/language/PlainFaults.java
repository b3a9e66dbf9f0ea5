package org.sparkcurvature.job.language;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a look at the words of an expression finds wrong with it: brackets without their other half,
 * operators without operands, operators, names and functions that there are not. Spark's parser
 * finds these, too, and all else; loading it takes half a second of a process that does nothing
 * else with Spark.
 */
final class PlainFaults {
  /** A word that is no part of a number, and whether it is called. */
  private static final Pattern WORD = Pattern.compile("(?<![\\w.])([A-Za-z_]\\w*)(\\s*\\()?");

  /** Words of SQL that stand between operands, or that brackets may follow. */
  private static final Set<String> BETWEEN =
      Set.of("and", "or", "not", "between", "in", "case", "when", "then", "else", "end");

  /** Words that are called, or stand alone, and that SQL has forms of its own for. */
  private static final Set<String> OF_SQL =
      Set.of(
          "all",
          "any",
          "any_value",
          "array",
          "cast",
          "ceil",
          "ceiling",
          "current_catalog",
          "current_database",
          "current_date",
          "current_schema",
          "current_time",
          "current_timestamp",
          "current_user",
          "date",
          "date_add",
          "date_diff",
          "dateadd",
          "datediff",
          "distinct",
          "exists",
          "extract",
          "false",
          "filter",
          "first",
          "first_value",
          "floor",
          "from",
          "interval",
          "is",
          "lambda",
          "last",
          "last_value",
          "like",
          "localtime",
          "localtimestamp",
          "map",
          "named_struct",
          "null",
          "over",
          "overlay",
          "position",
          "row",
          "select",
          "session_user",
          "some",
          "struct",
          "substr",
          "substring",
          "timestamp",
          "timestampadd",
          "timestampdiff",
          "transform",
          "trim",
          "true",
          "try_cast",
          "user",
          "values",
          "window",
          "with");

  /** Called, and no functions of the registry. */
  private static final Set<String> CALLED = Set.of("if", "pi", "e");

  /** What stands before an operand, and behind one. */
  private static final String BEFORE = "(,[+-*/%=<>!^&|~";

  private static final String BEHIND = "),]+-*/%=<>!^&|";

  private final Formula formula;
  private final Dictionary dictionary;

  private PlainFaults(Formula formula, Dictionary dictionary) {
    this.formula = formula;
    this.dictionary = dictionary;
  }

  /**
   * What is wrong; none where nothing seems to be.
   *
   * @return empty where only the parser can tell
   */
  static Optional<List<Fault>> of(Formula formula, Dictionary dictionary) {
    Optional<Fault> first = Surface.fault(formula).or(() -> Sequence.fault(formula));
    if (first.isPresent()) {
      return Optional.of(List.of(first.get()));
    }
    return Sequence.isPlain(formula.text())
        ? new PlainFaults(formula, dictionary).ofWords()
        : Optional.empty();
  }

  /** Whether SQL has forms of its own for a word, in small letters. */
  static boolean isOfSql(String word) {
    return OF_SQL.contains(word);
  }

  private Optional<List<Fault>> ofWords() {
    List<Fault> faults = new ArrayList<>();
    Matcher words = WORD.matcher(formula.text());
    while (words.find()) {
      String word = words.group(1);
      boolean called = words.group(2) != null;
      if (isKnown(word, called)) {
        continue;
      }
      if (OF_SQL.contains(word.toLowerCase(Locale.ROOT))
          || !isBefore(words.start())
          || !called && !isBehind(words.end(1))) {
        return Optional.empty();
      }
      Span span = new Span(words.start(1), words.end(1));
      faults.add(
          called
              ? dictionary.noFunction(formula, span, word)
              : dictionary.noName(formula, span, word));
    }
    addForeign(faults);
    faults.sort(Comparator.comparingInt(fault -> fault.span().start()));
    return Optional.of(faults);
  }

  private void addForeign(List<Fault> faults) {
    String text = formula.text();
    for (int k = 0; k < text.length(); k++) {
      Span span = new Span(k, k + 1);
      ForeignOperators.reason(text.substring(k, k + 1))
          .ifPresent(
              reason -> faults.add(new Fault(formula, span, reason.what(), reason.remedy())));
    }
  }

  private boolean isKnown(String word, boolean called) {
    String lower = word.toLowerCase(Locale.ROOT);
    if (BETWEEN.contains(lower)) {
      return true;
    }
    return called
        ? CALLED.contains(lower) || Dictionary.hasFunction(lower)
        : dictionary.hasName(word) || lower.equals("axis");
  }

  /** Whether an operand may begin at a place. */
  private boolean isBefore(int at) {
    String text = formula.text();
    int last = at - 1;
    while (last >= 0 && Character.isWhitespace(text.charAt(last))) {
      last--;
    }
    int begin = last;
    while (begin >= 0 && Character.isJavaIdentifierPart(text.charAt(begin))) {
      begin--;
    }
    return last < 0
        || BEFORE.indexOf(text.charAt(last)) >= 0
        || BETWEEN.contains(text.substring(begin + 1, last + 1).toLowerCase(Locale.ROOT));
  }

  /** Whether an operand may end at a place. */
  private boolean isBehind(int at) {
    String text = formula.text();
    int first = at;
    while (first < text.length() && Character.isWhitespace(text.charAt(first))) {
      first++;
    }
    int end = first;
    while (end < text.length() && Character.isJavaIdentifierPart(text.charAt(end))) {
      end++;
    }
    return first == text.length()
        || BEHIND.indexOf(text.charAt(first)) >= 0
        || BETWEEN.contains(text.substring(first, end).toLowerCase(Locale.ROOT));
  }
}
