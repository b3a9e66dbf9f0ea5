package org.sparkcurvature.job.formula;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparkcurvature.job.language.Fault;
import org.sparkcurvature.job.language.Formula;
import org.sparkcurvature.job.language.LanguageException;
import org.sparkcurvature.job.language.Span;

/**
 * Parses formulas in the notation of Wilkinson and Rogers (1973), as R and patsy have it: {@code +}
 * and {@code -} bind least, then {@code *}, then {@code :}, then {@code ^}. What is neither an
 * operator nor within parentheses of the formula's own is a Spark SQL expression.
 */
final class FormulaParser {
  private static final Pattern CALL =
      Pattern.compile("\\s*([A-Za-z_]\\w*)\\s*\\((.*)\\)\\s*", Pattern.DOTALL);
  private static final Pattern NUMBER = Pattern.compile("[0-9.]+(?:[eE][+-]?[0-9]+)?");
  private static final Pattern NAMED =
      Pattern.compile("\\s*([A-Za-z_]\\w*)\\s*=>(.*)", Pattern.DOTALL);
  private static final Pattern QUOTED = Pattern.compile("'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"");
  private static final int HIGHEST_POWER = 9;

  private final Formula formula;
  private final String text;
  private int at;

  FormulaParser(Formula formula) {
    this.formula = formula;
    this.text = formula.text();
  }

  /** Terms by their keys, in the order in which they came; the empty key is the intercept. */
  private static final class Terms {
    private final Map<Set<String>, Predictor.Term> terms = new LinkedHashMap<>();
    private final List<String> offsets = new ArrayList<>();
    private boolean intercept;
    private boolean noIntercept;

    static Terms of(Factor factor) {
      Terms one = new Terms();
      one.add(new Predictor.Term(List.of(factor)));
      return one;
    }

    void add(Predictor.Term term) {
      terms.putIfAbsent(term.key(), term);
    }

    void addAll(Terms other) {
      other.terms.values().forEach(this::add);
      offsets.addAll(other.offsets);
      intercept |= other.intercept;
      noIntercept |= other.noIntercept;
    }

    void removeAll(Terms other) {
      other.terms.keySet().forEach(terms::remove);
      noIntercept |= other.intercept;
      intercept |= other.noIntercept;
    }

    Terms times(Terms other) {
      Terms product = new Terms();
      for (Predictor.Term a : terms.values()) {
        for (Predictor.Term b : other.terms.values()) {
          Map<String, Factor> factors = new LinkedHashMap<>();
          a.factors().forEach(factor -> factors.putIfAbsent(factor.label(), factor));
          b.factors().forEach(factor -> factors.putIfAbsent(factor.label(), factor));
          product.add(new Predictor.Term(List.copyOf(factors.values())));
        }
      }
      return product;
    }

    boolean onlyTerms() {
      return offsets.isEmpty() && !intercept && !noIntercept;
    }
  }

  ModelFormula formula() {
    int tilde = tilde();
    if (tilde < 0) {
      throw fault(
          formula.text().length(), text.length(), "there is no ~", "write it as response ~ terms");
    }
    Response response = response(0, tilde);
    at = tilde + 1;
    return new ModelFormula(response, predictor());
  }

  Predictor predictorAlone() {
    int tilde = tilde();
    if (tilde >= 0 && !text.substring(0, tilde).isBlank()) {
      throw fault(
          0, tilde, "a predictor has no response", "write the terms alone, as in \"1 + x + C(g)\"");
    }
    at = tilde + 1;
    return predictor();
  }

  Response responseAlone() {
    return response(0, text.length());
  }

  private int tilde() {
    int position = 0;
    while (position < text.length()) {
      position = expressionEnd(position, "~");
      if (position < text.length()) {
        return position;
      }
    }
    return -1;
  }

  // ---- the left side

  private Response response(int from, int to) {
    String written = text.substring(from, to);
    if (written.isBlank()) {
      throw fault(from, to, "there is no response", "name what is modelled left of ~");
    }
    refusePower(from, to);
    Matcher call = CALL.matcher(written);
    if (!call.matches()
        || closing(written, written.indexOf('(')) != written.stripTrailing().length() - 1) {
      return new Response.Single(written.strip());
    }
    List<String> arguments = arguments(call.group(2));
    return switch (call.group(1).toLowerCase(Locale.ROOT)) {
      case "cbind" -> {
        if (arguments.size() != 2) {
          throw fault(from, to, "cbind takes two counts", "write cbind(successes, failures)");
        }
        yield new Response.Counts(arguments.get(0), arguments.get(1));
      }
      case "surv" -> surv(arguments, from, to);
      default -> new Response.Single(written.strip());
    };
  }

  private Response surv(List<String> arguments, int from, int to) {
    if (arguments.size() == 2) {
      return new Response.RightCensored(arguments.get(0), arguments.get(1));
    }
    if (arguments.size() == 3 && string(arguments.get(2)).filter("interval"::equals).isPresent()) {
      return new Response.IntervalCensored(arguments.get(0), arguments.get(1));
    }
    throw fault(
        from,
        to,
        "surv takes a time and an event, or two bounds",
        "write surv(time, event) or surv(lower, upper, 'interval')");
  }

  // ---- the right side

  private Predictor predictor() {
    Terms sum = sum();
    skipBlank();
    if (at < text.length()) {
      throw fault(
          at, at + 1, text.charAt(at) == ')' ? "a ) without its (" : "a second ~", "leave it out");
    }
    List<Predictor.Term> terms = new ArrayList<>(sum.terms.values());
    terms.sort(Comparator.comparingInt(term -> term.factors().size()));
    return new Predictor(sum.intercept || !sum.noIntercept, terms, sum.offsets);
  }

  private Terms sum() {
    Terms sum = new Terms();
    boolean first = true;
    while (true) {
      skipBlank();
      boolean minus = at < text.length() && text.charAt(at) == '-';
      boolean sign = minus || at < text.length() && text.charAt(at) == '+';
      if (!first && !sign) {
        return sum;
      }
      at += sign ? 1 : 0;
      Terms next = product();
      if (minus) {
        if (!next.offsets.isEmpty()) {
          throw fault(at - 1, at, "an offset is taken away", "write offset(-e), with a plus");
        }
        sum.removeAll(next);
        if (next.noIntercept) {
          sum.intercept = true;
        }
      } else {
        if (next.intercept) {
          sum.noIntercept = false;
        }
        if (next.noIntercept) {
          sum.intercept = false;
        }
        sum.addAll(next);
      }
      first = false;
    }
  }

  private Terms product() {
    int from = at;
    Terms left = interaction();
    while (isNext('*')) {
      at++;
      Terms right = interaction();
      requireTerms(left, right, from);
      Terms product = left.times(right);
      Terms all = new Terms();
      all.addAll(left);
      all.addAll(right);
      all.addAll(product);
      left = all;
    }
    return left;
  }

  private Terms interaction() {
    int from = at;
    Terms left = power();
    while (isNext(':')) {
      at++;
      Terms right = power();
      requireTerms(left, right, from);
      left = left.times(right);
    }
    return left;
  }

  private Terms power() {
    skipBlank();
    int from = at;
    Terms base = primary();
    if (!isNext('^')) {
      return base;
    }
    at++;
    skipBlank();
    int begin = at;
    while (at < text.length() && Character.isDigit(text.charAt(at))) {
      at++;
    }
    String digits = text.substring(begin, at);
    if (digits.length() != 1
        || digits.charAt(0) == '0'
        || Integer.parseInt(digits) > HIGHEST_POWER) {
      throw fault(
          begin,
          Math.max(at, Math.min(begin + 1, text.length())),
          "^ takes a whole number from 1 to " + HIGHEST_POWER,
          "(a + b)^2 stands for a + b + a:b; a square is I(pow(a, 2))");
    }
    requireTerms(base, base, from);
    Terms all = new Terms();
    all.addAll(base);
    Terms last = base;
    for (int k = 1; k < Integer.parseInt(digits); k++) {
      last = last.times(base);
      all.addAll(last);
    }
    return all;
  }

  private void requireTerms(Terms left, Terms right, int from) {
    if (!left.onlyTerms() || !right.onlyTerms()) {
      throw fault(
          from,
          at,
          "0, 1 and offset(...) can be added, not multiplied",
          "write them beside the other terms, with + or -");
    }
  }

  private Terms primary() {
    skipBlank();
    if (at >= text.length() || "+-:*^~)".indexOf(text.charAt(at)) >= 0) {
      throw fault(
          at,
          Math.min(at + 1, text.length()),
          "a term is missing" + (at < text.length() ? " before " + text.charAt(at) : ""),
          "write a column, a Spark SQL expression, C(...), or 0 for no intercept");
    }
    if (text.charAt(at) == '(') {
      int open = at++;
      Terms inner = sum();
      if (!isNext(')')) {
        throw fault(open, open + 1, "a ( without its )", "close it");
      }
      at++;
      skipBlank();
      if (at < text.length() && "+-:*^~)".indexOf(text.charAt(at)) < 0) {
        throw fault(
            open,
            at + 1,
            "parentheses group terms here, and " + text.charAt(at) + " does not follow terms",
            "put what is to be computed within I(...), as in I((a + b) / 2)");
      }
      return inner;
    }
    int from = at;
    at = expressionEnd(at, "+-:*^~)");
    return term(from, at);
  }

  /** One factor, the intercept or an offset. */
  private Terms term(int from, int to) {
    String written = text.substring(from, to).strip();
    Terms one = new Terms();
    if (written.equals("1")) {
      one.intercept = true;
      return one;
    }
    if (written.equals("0")) {
      one.noIntercept = true;
      return one;
    }
    if (written.equals(".")) {
      throw fault(from, to, "there is no . for all other columns", "name the columns");
    }
    if (NUMBER.matcher(written).matches()) {
      throw fault(
          from, to, "a number is no term", "1 is the intercept, offset(" + written + ") adds it");
    }
    refusePower(from, to);
    Matcher call = CALL.matcher(written);
    boolean whole =
        call.matches() && closing(written, written.indexOf('(')) == written.length() - 1;
    if (whole && call.group(1).equals("C")) {
      return Terms.of(categorical(call.group(2), from, to));
    }
    if (whole && call.group(1).equals("offset")) {
      one.offsets.add(call.group(2).strip());
      return one;
    }
    if (whole && call.group(1).equals("I")) {
      return Terms.of(new Factor(written, call.group(2).strip(), Optional.empty()));
    }
    if (written.contains("|")) {
      throw fault(
          from,
          to,
          "there are no random effects",
          "C(g) gives each level a coefficient of its own");
    }
    return Terms.of(new Factor(unquoted(written), written, Optional.empty()));
  }

  /** Within an expression it would be what it is in Spark SQL, the exclusive or of the bits. */
  private void refusePower(int from, int to) {
    for (int position = from; position < to; position++) {
      char c = text.charAt(position);
      if (c == '\'' || c == '"' || c == '`') {
        position = quoteEnd(position);
      } else if (c == '^') {
        throw fault(
            position,
            position + 1,
            "^ within an expression is no power in Spark SQL, but the exclusive or of bits",
            "write pow(x, 2), as in I(pow(x, 2))");
      }
    }
  }

  private Factor categorical(String inside, int from, int to) {
    List<String> arguments = arguments(inside);
    if (arguments.isEmpty() || arguments.get(0).isBlank()) {
      throw fault(from, to, "C() names no column", "write C(site)");
    }
    Optional<String> reference = Optional.empty();
    List<String> levels = List.of();
    Factor.Coding coding = Factor.Coding.TREATMENT;
    for (String argument : arguments.subList(1, arguments.size())) {
      Matcher named = NAMED.matcher(argument);
      String name = named.matches() ? named.group(1) : "";
      String value = named.matches() ? named.group(2).strip() : "";
      switch (name) {
        case "ref" -> reference = Optional.of(string(value).orElse(value));
        case "levels" -> levels = levels(value, from, to);
        case "coding" -> coding = coding(value, from, to);
        default ->
            throw fault(
                from,
                to,
                "C takes ref, levels and coding, not " + argument.strip(),
                "write C(site, ref => 'b', levels => array('a', 'b'), coding => 'sum')");
      }
    }
    if (reference.isPresent() && !levels.isEmpty() && !levels.contains(reference.get())) {
      throw fault(
          from,
          to,
          "the reference " + reference.get() + " is not among the levels",
          "name one of " + String.join(", ", levels));
    }
    String expression = arguments.get(0);
    return new Factor(
        "C(" + unquoted(expression) + ")",
        expression,
        Optional.of(new Factor.Categories(reference, levels, coding)));
  }

  private List<String> levels(String value, int from, int to) {
    Matcher call = CALL.matcher(value);
    if (!call.matches() || !call.group(1).equalsIgnoreCase("array")) {
      throw fault(from, to, "levels is no array", "write levels => array('a', 'b')");
    }
    List<String> levels =
        arguments(call.group(2)).stream().map(level -> string(level).orElse(level)).toList();
    if (new LinkedHashSet<>(levels).size() < levels.size() || levels.size() < 2) {
      throw fault(from, to, "levels are at least two, and none twice", "list each level once");
    }
    return levels;
  }

  private Factor.Coding coding(String value, int from, int to) {
    return switch (string(value).orElse(value)) {
      case "treatment" -> Factor.Coding.TREATMENT;
      case "sum" -> Factor.Coding.SUM;
      default ->
          throw fault(
              from, to, "there is no coding " + value, "write coding => 'treatment' or 'sum'");
    };
  }

  // ---- text

  /** The text within quotes; empty where it is not quoted. */
  private static Optional<String> string(String value) {
    Matcher quoted = QUOTED.matcher(value.strip());
    if (!quoted.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        quoted.group(1) != null
            ? quoted.group(1).replace("''", "'")
            : quoted.group(2).replace("\"\"", "\""));
  }

  /** A name without its backquotes, with single blanks: what it is called. */
  private static String unquoted(String written) {
    String name = written.strip();
    boolean quoted =
        name.length() > 2
            && name.startsWith("`")
            && name.endsWith("`")
            && name.substring(1, name.length() - 1).indexOf('`') < 0;
    return quoted ? name.substring(1, name.length() - 1) : name.replaceAll("\\s+", " ");
  }

  /** What stands between commas, outside of brackets and quotes. */
  private List<String> arguments(String inside) {
    List<String> arguments = new ArrayList<>();
    FormulaParser scanner = new FormulaParser(new Formula(formula.path(), inside));
    int from = 0;
    while (from <= inside.length()) {
      int to = scanner.expressionEnd(from, ",");
      arguments.add(inside.substring(from, to).strip());
      from = to + 1;
    }
    return arguments;
  }

  /** The place of the bracket that closes the one at {@code open}; -1 if there is none. */
  private static int closing(String text, int open) {
    FormulaParser scanner = new FormulaParser(new Formula("", text));
    int end = scanner.expressionEnd(open + 1, ")");
    return end < text.length() ? end : -1;
  }

  /** Where an expression that begins at a place ends: before one of these, or with the text. */
  private int expressionEnd(int begin, String ends) {
    int depth = 0;
    int position = begin;
    while (position < text.length()) {
      char c = text.charAt(position);
      if (depth == 0 && ends.indexOf(c) >= 0 && !isInside(position, begin)) {
        return position;
      }
      if (c == '\'' || c == '"' || c == '`') {
        position = quoteEnd(position);
      } else if (c == '(' || c == '[') {
        depth++;
      } else if (c == ')' || c == ']') {
        depth--;
        if (depth < 0) {
          return position;
        }
      } else if (isWord(position, "case")) {
        depth++;
      } else if (isWord(position, "end")) {
        depth--;
      }
      position += c == ':' && text.startsWith("::", position) ? 2 : 1;
    }
    if (depth > 0) {
      throw fault(begin, text.length(), "a bracket, or CASE, is not closed", "close it");
    }
    return text.length();
  }

  /** Whether a sign belongs to a number such as 1e-3, or a colon to {@code ::}. */
  private boolean isInside(int position, int begin) {
    char c = text.charAt(position);
    if (c == ':') {
      return text.startsWith("::", position);
    }
    if (c == '-' || c == '+') {
      Matcher exponent =
          Pattern.compile("(?<![\\w.])[0-9.]+[eE]$").matcher(text.substring(begin, position));
      return exponent.find()
          && position + 1 < text.length()
          && Character.isDigit(text.charAt(position + 1));
    }
    return false;
  }

  private int quoteEnd(int open) {
    int close = text.indexOf(text.charAt(open), open + 1);
    if (close < 0) {
      throw fault(open, text.length(), "a quote is not closed", "close it");
    }
    return close;
  }

  private boolean isWord(int position, String word) {
    int end = position + word.length();
    return text.regionMatches(true, position, word, 0, word.length())
        && (position == 0 || !isNamePart(text.charAt(position - 1)))
        && (end >= text.length() || !isNamePart(text.charAt(end)));
  }

  private static boolean isNamePart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.';
  }

  private boolean isNext(char c) {
    skipBlank();
    return at < text.length() && text.charAt(at) == c;
  }

  private void skipBlank() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private LanguageException fault(int from, int to, String what, String remedy) {
    int begin = Math.min(from, text.length());
    return new LanguageException(
        List.of(new Fault(formula, new Span(begin, Math.max(begin, to)), what, remedy)));
  }
}
