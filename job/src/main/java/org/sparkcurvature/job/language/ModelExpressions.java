package org.sparkcurvature.job.language;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.sparkcurvature.job.config.ExpressionReader;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.Problem;

/**
 * Reads the expressions of a configuration by Spark's parser. Loading that takes about a second of
 * a process that does nothing else with Spark, so that it is loaded only where it is needed.
 */
public final class ModelExpressions implements ExpressionReader {
  /** A word that is no part of a number, and whether it is called. */
  private static final Pattern WORD =
      Pattern.compile("(?<![\\w.])([\\p{L}_][\\w\\p{L}]*)(\\s*\\()?");

  /** What only the parser can judge: quotes, comments, names with a point. */
  private static final Pattern OTHER =
      Pattern.compile("['\"`]|/\\*|[\\p{L}_]\\s*\\.|\\.\\s*[\\p{L}_]");

  /** Words of SQL that stand between operands, or that brackets may follow. */
  private static final Set<String> SQL =
      Set.of("and", "or", "not", "between", "in", "case", "when", "then", "else", "end");

  private static final Set<String> CALLED = Set.of("if", "pi", "e");

  private final Runnable before;

  /**
   * @param before is run each time that Spark's parser is about to be used
   */
  public ModelExpressions(Runnable before) {
    this.before = requireNonNull(before);
  }

  @Override
  public List<Problem> problems(Set<String> tensors, Set<String> parameters, ModelConfig model) {
    before.run();
    return LossModel.problems(tensors, parameters, model);
  }

  /** Whether brackets do not match, a word is not known, or only the parser can tell. */
  @Override
  public boolean seemWrong(Set<String> tensors, Set<String> parameters, ModelConfig model) {
    Dictionary dictionary = new Dictionary(tensors, parameters, model.definitions().keySet());
    return Stream.of(
            model.definitions().values().stream(),
            Stream.of(model.loss()),
            model.penalty().stream())
        .flatMap(texts -> texts)
        .anyMatch(text -> seemsWrong(text, dictionary));
  }

  private static boolean seemsWrong(String text, Dictionary dictionary) {
    if (Surface.fault(new Formula("", text)).isPresent() || OTHER.matcher(text).find()) {
      return true;
    }
    Matcher words = WORD.matcher(text);
    while (words.find()) {
      if (!isKnown(words.group(1), words.group(2) != null, dictionary)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isKnown(String word, boolean called, Dictionary dictionary) {
    String lower = word.toLowerCase(Locale.ROOT);
    if (SQL.contains(lower)) {
      return true;
    }
    return called
        ? CALLED.contains(lower) || Dictionary.hasFunction(lower)
        : dictionary.hasName(word) || lower.equals("axis");
  }
}
