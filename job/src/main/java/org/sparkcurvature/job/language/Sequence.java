package org.sparkcurvature.job.language;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether operands and operators follow each other as they must: {@code a - * b} does not. Spark's
 * parser names the place where it could not go on, which is often another one, and takes half a
 * second to load. Only expressions are judged that have no more of SQL than names, numbers, calls,
 * elements and operators.
 */
final class Sequence {
  /**
   * Quotes, comments, names with a point or of other letters, signs with a meaning of their own.
   */
  private static final Pattern OTHER =
      Pattern.compile(
          "[^\\x00-\\x7f]|['\"`{}?;\\\\@#$]|/\\*|->|:|\\|\\||[A-Za-z_]\\s*\\.|\\.\\s*[A-Za-z_]");

  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<number>(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?)"
              + "|(?<word>[A-Za-z_]\\w*)"
              + "|(?<operator><=>|>>>|<<|>>|<=|>=|<>|!=|==|=>|!<|!>|\\*\\*|[-+*/%=<>^&|~!])"
              + "|(?<bracket>[(),\\[\\]])"
              + "|(?<space>\\s+)");

  /** Between operands, as a sign is. */
  private static final Set<String> CONNECTIVES = Set.of("and", "or");

  private static final Set<String> PREFIXES = Set.of("+", "-", "~", "!", "not");

  /** Words with an order of their own. */
  private static final Set<String> OF_SQL =
      Set.of("between", "in", "case", "when", "then", "else", "end", "as");

  private static final Map<String, String> REMEDIES =
      Map.of(
          "*", "a product is a * b, a power pow(a, b)",
          "**", "a power is pow(a, b)");

  private final Formula formula;
  private final Deque<String> open = new ArrayDeque<>();

  /** The token before; empty where there is none. */
  private String last = "";

  private Span lastSpan = new Span(0, 0);

  private Sequence(Formula formula) {
    this.formula = formula;
  }

  /** Whether an expression has nothing that only the parser can read. */
  static boolean isPlain(String text) {
    return !OTHER.matcher(text).find();
  }

  /** The first fault; empty where there is none, or where only the parser can tell. */
  static Optional<Fault> fault(Formula formula) {
    String text = formula.text();
    if (!isPlain(text) || text.isBlank()) {
      return Optional.empty();
    }
    Sequence sequence = new Sequence(formula);
    Matcher token = TOKEN.matcher(text);
    int at = 0;
    Optional<Fault> found = Optional.empty();
    while (at < text.length()) {
      if (!token.find(at) || token.start() != at) {
        return Optional.empty();
      }
      at = token.end();
      if (token.group("space") != null) {
        continue;
      }
      if (sequence.isOfSql(token)) {
        return Optional.empty();
      }
      if (found.isEmpty()) {
        found = sequence.next(token.group(), new Span(token.start(), token.end()));
      }
    }
    return found.isPresent() ? found : sequence.end();
  }

  /** Whether the parser has forms of its own for what stands here. */
  private boolean isOfSql(Matcher token) {
    String text = formula.text();
    boolean runsOn =
        token.group("number") != null
            && token.end() < text.length()
            && Character.isJavaIdentifierPart(text.charAt(token.end()));
    if (runsOn || token.group("word") == null) {
      return runsOn;
    }
    String word = token.group().toLowerCase(Locale.ROOT);
    if (OF_SQL.contains(word) || PlainFaults.isOfSql(word)) {
      return true;
    }
    if (word.equals("not")) {
      return endsOperand(); // NOT IN, NOT BETWEEN
    }
    if (!endsOperand() || CONNECTIVES.contains(word)) {
      return false;
    }
    // A word between two operands may be an operator: a DIV b.
    Matcher behind = TOKEN.matcher(text.substring(token.end()).stripLeading());
    return behind.lookingAt()
        && (behind.group("number") != null
            || behind.group("word") != null
                && !CONNECTIVES.contains(behind.group().toLowerCase(Locale.ROOT)));
  }

  /** Judges the next token, and remembers it; returns its fault. */
  private Optional<Fault> next(String token, Span span) {
    Optional<Fault> fault = judged(token, span);
    if (token.equals("(") || token.equals("[")) {
      // What is called, or whose element is taken, stands before it.
      open.push(isWord(last) && token.equals("(") && !isConnecting(last) ? "call" : token);
    } else if (token.equals(")") || token.equals("]")) {
      open.poll();
    }
    last = token;
    lastSpan = span;
    return fault;
  }

  private Optional<Fault> judged(String token, Span span) {
    if (endsOperand()) {
      return behindOperand(token, span);
    }
    if (isOperand(token) || token.equals("(") || isPrefix(token)) {
      return Optional.empty();
    }
    if (token.equals("]") && last.equals("[")) {
      return fault(span, "'[]' names no element", "the first element is a[0]");
    }
    if (token.equals(")") || token.equals("]") || token.equals(",")) {
      if (token.equals(")") && last.equals("(") && "call".equals(open.peek())) {
        return Optional.empty(); // how many arguments there must be is another question
      }
      return isOperator(last)
          ? fault(
              lastSpan,
              "'" + last + "' has no operand behind it",
              "write it, or leave the '" + last + "' out")
          : fault(span, "an operand is missing before '" + token + "'", "");
    }
    if (token.equals("[")) {
      return fault(span, "an array is no operand here", "write concat(a, b)");
    }
    return fault(
        span,
        "'" + token + "' has no operand before it",
        REMEDIES.getOrDefault(token, "write it, or leave the '" + token + "' out"));
  }

  private Optional<Fault> behindOperand(String token, Span span) {
    if (token.equals("**")) {
      return fault(span, "** is no operator of SQL", REMEDIES.get(token));
    }
    if (token.equals(",") && !"call".equals(open.peek())) {
      return open.isEmpty()
          ? fault(span, "',' stands outside of a function's brackets", "")
          : open.peek().equals("[")
              ? fault(span, "',' stands within [ ]", "an element of a matrix is A[0][1]")
              : Optional.empty();
    }
    boolean follows =
        isOperand(token)
            || token.equals("(") && !isWord(last)
            || token.equals("!")
            || token.equals("~");
    return follows
        ? fault(
            span,
            "there is nothing between " + token + " and what stands before it",
            "put an operator before " + token)
        : Optional.empty();
  }

  private Optional<Fault> end() {
    int length = formula.text().length();
    return endsOperand()
        ? Optional.empty()
        : fault(new Span(length, length), "the expression ends too early", "");
  }

  /** Whether the last token ends an operand. */
  private boolean endsOperand() {
    return isOperand(last) || last.equals(")") || last.equals("]");
  }

  private static boolean isOperand(String token) {
    return !token.isEmpty()
        && (isWord(token) && !isConnecting(token)
            || Character.isDigit(token.charAt(0))
            || token.charAt(0) == '.');
  }

  private static boolean isWord(String token) {
    return !token.isEmpty() && Character.isJavaIdentifierStart(token.charAt(0));
  }

  private static boolean isConnecting(String token) {
    String word = token.toLowerCase(Locale.ROOT);
    return CONNECTIVES.contains(word) || word.equals("not");
  }

  private static boolean isPrefix(String token) {
    return PREFIXES.contains(token.toLowerCase(Locale.ROOT));
  }

  private static boolean isOperator(String token) {
    return !token.isEmpty() && (isConnecting(token) || "(),[]".indexOf(token.charAt(0)) < 0);
  }

  private Optional<Fault> fault(Span span, String what, String remedy) {
    return Optional.of(new Fault(formula, span, what, remedy));
  }
}
