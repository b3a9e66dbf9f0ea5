package org.sparkcurvature.job.language;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The elements of parameters by the names that tables of estimates have: {@code x}, {@code
 * site[T.b]}, {@code C(site)[T.2]:idp}, {@code beta[lncoins]}. Most are no names to SQL, so that
 * they are looked for in the text before it is parsed. Immutable.
 */
public final class NamedElements {
  public static final NamedElements NONE = new NamedElements(Map.of());

  /** What stands in the place of each character of a name while the text is parsed. */
  private static final String MARK = "_";

  /** The longest first: one name can begin another. */
  private final Map<String, Element> elements = new LinkedHashMap<>();

  /**
   * An element of a parameter.
   *
   * @param index one number an axis, from 0; none of a scalar
   */
  public record Element(String parameter, List<Integer> index) {
    public Element {
      index = List.copyOf(index);
    }

    /** The element as a term. */
    Term term(Span span) {
      Term term = new Term.Name(parameter, span);
      for (int k : index) {
        term =
            new Term.Call(
                "index", List.of(term, new Term.Literal(k, span)), OptionalInt.empty(), span);
      }
      return term;
    }
  }

  /**
   * @param elements by name
   */
  public NamedElements(Map<String, Element> elements) {
    elements.entrySet().stream()
        .sorted(
            Comparator.comparingInt((Map.Entry<String, Element> e) -> -e.getKey().length())
                .thenComparing(Map.Entry::getKey))
        .forEach(e -> this.elements.put(e.getKey(), e.getValue()));
  }

  /** All names. */
  Set<String> names() {
    return elements.keySet();
  }

  /**
   * A text with another name in the place of each that is an element's, as long as that.
   *
   * @param found the elements by where they begin
   */
  record Marked(String text, Map<Integer, Element> found) {
    /** The element that stands there. */
    Optional<Element> at(Span span) {
      return Optional.ofNullable(found.get(span.start()));
    }
  }

  /**
   * Looks for names.
   *
   * @param parameters whose names mean them, and no element
   */
  Marked mark(String text, Set<String> parameters) {
    Map<Integer, Element> found = new HashMap<>();
    StringBuilder marked = new StringBuilder(text);
    int at = 0;
    while (at < text.length()) {
      int end = at;
      if (text.charAt(at) == '`') {
        int close = text.indexOf('`', at + 1);
        String quoted = close < 0 ? "" : text.substring(at + 1, close);
        end = close < 0 ? text.length() : close + 1;
        if (!parameters.contains(quoted) && elements.containsKey(quoted)) {
          found.put(at, elements.get(quoted));
          mark(marked, at, end);
        }
      } else if (at == 0 || !isPart(text.charAt(at - 1)) || !isPart(text.charAt(at))) {
        Optional<String> name = nameAt(text, at, parameters);
        if (name.isPresent()) {
          end = at + name.get().length();
          found.put(at, elements.get(name.get()));
          mark(marked, at, end);
        }
      }
      at = Math.max(at + 1, end);
    }
    return new Marked(marked.toString(), found);
  }

  private static void mark(StringBuilder text, int from, int to) {
    text.replace(from, to, MARK.repeat(to - from));
  }

  private Optional<String> nameAt(String text, int at, Set<String> parameters) {
    return elements.keySet().stream()
        .filter(
            name ->
                text.startsWith(name, at)
                    && ends(text, name, at + name.length())
                    && !parameters.contains(name))
        .findFirst();
  }

  /** Whether a name ends here, and is not the beginning of another, of a call or of an element. */
  private static boolean ends(String text, String name, int end) {
    if (!isPart(name.charAt(name.length() - 1))) {
      return true;
    }
    int next = end;
    while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
      next++;
    }
    return next == text.length()
        || "([".indexOf(text.charAt(next)) < 0 && !(next == end && isPart(text.charAt(end)));
  }

  private static boolean isPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.';
  }
}
