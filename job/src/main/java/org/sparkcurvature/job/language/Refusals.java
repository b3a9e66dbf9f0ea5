package org.sparkcurvature.job.language;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.analysis.UnresolvedExtractValue;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedStar;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.BinaryOperator;
import org.apache.spark.sql.catalyst.expressions.BitwiseAnd;
import org.apache.spark.sql.catalyst.expressions.BitwiseNot;
import org.apache.spark.sql.catalyst.expressions.BitwiseOr;
import org.apache.spark.sql.catalyst.expressions.BitwiseXor;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Concat;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.EqualNullSafe;
import org.apache.spark.sql.catalyst.expressions.Exists;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.InSubquery;
import org.apache.spark.sql.catalyst.expressions.IntegralDivide;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.Like;
import org.apache.spark.sql.catalyst.expressions.ListQuery;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.RLike;
import org.apache.spark.sql.catalyst.expressions.Remainder;
import org.apache.spark.sql.catalyst.expressions.ScalarSubquery;
import org.apache.spark.sql.catalyst.expressions.ShiftLeft;
import org.apache.spark.sql.catalyst.expressions.ShiftRight;
import org.apache.spark.sql.catalyst.expressions.ShiftRightUnsigned;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.trees.Origin;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.StringType;
import scala.Option;

/** What is said of text that cannot be read, and of SQL that has no meaning in a loss. */
final class Refusals {
  private Refusals() {}

  /** Why something is refused, and what to write instead (empty where that is clear). */
  record Reason(String what, String remedy) {}

  private static final Map<Class<?>, Reason> SQL =
      Map.ofEntries(
          Map.entry(BitwiseXor.class, foreign("^")),
          Map.entry(BitwiseAnd.class, foreign("&")),
          Map.entry(BitwiseOr.class, foreign("|")),
          Map.entry(BitwiseNot.class, foreign("~")),
          Map.entry(ShiftLeft.class, new Reason("<< is bitwise in SQL", "")),
          Map.entry(ShiftRight.class, new Reason(">> is bitwise in SQL", "")),
          Map.entry(ShiftRightUnsigned.class, new Reason(">>> is bitwise in SQL", "")),
          Map.entry(
              Concat.class,
              new Reason(
                  "|| joins text in SQL",
                  "write OR between conditions, concat(a, b) to join tensors")),
          Map.entry(Remainder.class, foreign("%")),
          Map.entry(
              IntegralDivide.class,
              new Reason(
                  "div (division of integers) is no part of the loss language",
                  "write a / b, or compute it in the tensor's own expression, in input.tensors")),
          Map.entry(
              EqualNullSafe.class,
              new Reason(
                  "comparison with NULL or a truth value is no part of the loss language",
                  "write a = b; rows with null never reach the loss")),
          Map.entry(
              IsNull.class,
              new Reason(
                  "IS NULL is no part of the loss language",
                  "rows with null never reach the loss")),
          Map.entry(
              IsNotNull.class,
              new Reason(
                  "IS NOT NULL is no part of the loss language",
                  "rows with null never reach the loss")),
          Map.entry(
              Like.class,
              new Reason(
                  "LIKE compares text",
                  "compute 0 or 1 in a tensor's own expression, in input.tensors")),
          Map.entry(
              RLike.class,
              new Reason(
                  "RLIKE compares text",
                  "compute 0 or 1 in a tensor's own expression, in input.tensors")),
          Map.entry(
              Cast.class,
              new Reason(
                  "casts are no part of the loss language",
                  "every number is a double here; cast columns in input.tensors")),
          Map.entry(
              LambdaFunction.class,
              new Reason(
                  "-> (a lambda) is no part of the loss language",
                  "functions act on whole tensors")),
          Map.entry(
              ScalarSubquery.class,
              new Reason(
                  "subqueries are no part of the loss language",
                  "a loss sees one sample; give what it needs as a tensor, with input.sql")),
          Map.entry(
              Exists.class,
              new Reason(
                  "subqueries are no part of the loss language",
                  "a loss sees one sample; give what it needs as a tensor, with input.sql")),
          Map.entry(
              ListQuery.class,
              new Reason(
                  "subqueries are no part of the loss language",
                  "a loss sees one sample; give what it needs as a tensor, with input.sql")),
          Map.entry(
              InSubquery.class,
              new Reason(
                  "subqueries are no part of the loss language",
                  "a loss sees one sample; give what it needs as a tensor, with input.sql")),
          Map.entry(
              WindowExpression.class,
              new Reason(
                  "OVER (a window) is no part of the loss language",
                  "a loss sees one sample; give what it needs as a tensor, with input.sql")),
          Map.entry(
              UnresolvedStar.class,
              new Reason("* stands without operands", "a product is a * b, a power pow(a, b)")),
          Map.entry(
              CreateNamedStruct.class,
              new Reason("(a, b) is a row of SQL, not a vector", "write concat(a, b)")));

  private static Reason foreign(String symbol) {
    return ForeignOperators.reason(symbol).orElseThrow();
  }

  /** Why an expression is refused that the language has no place for. */
  static Reason reason(Expression e, String text) {
    if (e instanceof Literal literal) {
      return literal(literal, text);
    }
    if (e instanceof Alias alias) {
      return new Reason(
          "there is nothing between " + alias.name() + " and what stands before it",
          "put an operator before " + alias.name());
    }
    if (e instanceof UnresolvedExtractValue) {
      return new Reason(text + " takes a field by name", "tensors have elements: a[0]");
    }
    if (e instanceof AggregateExpression aggregate) {
      return new Reason("there is no function " + aggregate.aggregateFunction().prettyName(), "");
    }
    return SQL.getOrDefault(
        e.getClass(), new Reason("'" + text + "' is no part of the loss language", ""));
  }

  /** Whether an expression that is refused stands between or before operands worth a look. */
  static boolean isOperator(Expression e) {
    return e instanceof BinaryOperator
        || e instanceof BitwiseNot
        || e instanceof ShiftLeft
        || e instanceof ShiftRight
        || e instanceof ShiftRightUnsigned
        || e instanceof Concat
        || e instanceof Alias;
  }

  private static Reason literal(Literal literal, String text) {
    if (literal.value() == null) {
      return new Reason(
          "NULL is not a number", "write a number; rows with null never reach the loss");
    }
    if (literal.dataType() instanceof StringType) {
      return new Reason(
          text + " is text, not a number", "names stand without quotes, or in backquotes");
    }
    if (literal.dataType() instanceof BooleanType) {
      return new Reason(text + " is not a number", "write a condition such as a > 0, or 1 and 0");
    }
    return new Reason(text + " is not a number", "");
  }

  /** What SQL allows around a function's arguments and losses do not. */
  static Optional<Reason> modifier(UnresolvedFunction function) {
    if (function.isDistinct()) {
      return Optional.of(
          new Reason(
              "DISTINCT is no part of the loss language",
              "a loss is of one sample: there is nothing to tell apart"));
    }
    if (function.filter().isDefined()) {
      return Optional.of(
          new Reason(
              "FILTER is no part of the loss language",
              "write CASE WHEN condition THEN a ELSE 0 END within the function"));
    }
    return ignoresNulls(function) || !function.orderingWithinGroup().isEmpty()
        ? Optional.of(
            new Reason("IGNORE NULLS and WITHIN GROUP are no part of the loss language", ""))
        : Optional.empty();
  }

  /** Spark 4.2 tells RESPECT NULLS from nothing said, and so has another type for it. */
  private static boolean ignoresNulls(UnresolvedFunction function) {
    for (int k = 0; k < function.productArity(); k++) {
      if (function.productElementName(k).equals("ignoreNulls")) {
        Object said = function.productElement(k);
        return Boolean.TRUE.equals(
            said instanceof Option<?> option && option.isDefined() ? option.get() : said);
      }
    }
    return false;
  }

  /** More nesting, or a longer sum, than there is stack for. */
  static Fault tooDeep(Formula formula) {
    return new Fault(
        formula,
        formula.whole(),
        "the expression is too long or nested too deeply",
        "give its parts names in model.define, or use sum(...) and dot(...)");
  }

  /** Text that is not SQL. */
  static Fault syntax(Formula formula, Exception e) {
    if (!(e instanceof ParseException parse)) {
      return tooManyDigits(formula, e);
    }
    Map<String, String> parameters = parse.getMessageParameters();
    Span at = position(formula, parse.start());
    return switch (String.valueOf(parse.getCondition())) {
      case "PARSE_EMPTY_STATEMENT" ->
          new Fault(
              formula,
              formula.whole(),
              "the expression is empty",
              "write an expression of tensors and parameters, such as square(y - dot(x, beta))");
      case "PARSE_SYNTAX_ERROR" ->
          near(
              formula,
              at,
              parameters.getOrDefault("error", ""),
              parameters.getOrDefault("hint", ""));
      case "FAILED_TO_PARSE_TOO_COMPLEX" -> tooDeep(formula);
      case "INVALID_IDENTIFIER" -> {
        String ident = parameters.getOrDefault("ident", formula.at(at));
        yield new Fault(
            formula,
            named(formula, at, ident),
            ident + " is not a name as it stands",
            "names of other characters than letters a to z, digits and _ stand in backquotes: `"
                + ident
                + "`");
      }
      case "INVALID_NUMERIC_LITERAL_RANGE" -> {
        String number = parameters.getOrDefault("rawStrippedQualifier", formula.at(at));
        yield new Fault(
            formula,
            named(formula, at, number),
            "the number " + number + " is outside the range of its type",
            "doubles reach 1.8e308");
      }
      default -> new Fault(formula, at, "the expression cannot be read: " + firstLine(parse), "");
    };
  }

  private static Fault near(Formula formula, Span at, String error, String hint) {
    String token =
        error.length() > 2 && error.startsWith("'") && error.endsWith("'")
            ? error.substring(1, error.length() - 1)
            : error;
    if (token.equals("end of input")) {
      Span end = new Span(formula.text().length(), formula.text().length());
      return new Fault(formula, end, "the expression ends too early", "");
    }
    String missing =
        hint.startsWith(": missing ")
            ? "the parser misses " + hint.substring(": missing ".length())
            : "";
    return new Fault(
        formula,
        named(formula, at, token),
        "the expression cannot be read from '" + token + "' on",
        instead(formula, token).orElse(missing));
  }

  /** What to write where other languages have an operator. */
  private static Optional<String> instead(Formula formula, String token) {
    if (formula.text().contains("**")) {
      return Optional.of("a power is pow(a, b)");
    }
    if (token.equals("@")) {
      return Optional.of("a product is dot(a, b) of vectors, matmul(A, x) with a matrix");
    }
    if (formula.text().matches("(?s).*\\[[^\\]]*:.*")) {
      return Optional.of("some elements of a vector are slice(v, from, length)");
    }
    return token.equals(",") && formula.text().matches("(?s).*\\[[^\\]]*,.*")
        ? Optional.of("an element of a matrix is A[0][1]")
        : Optional.empty();
  }

  /** Spark holds numbers without an exponent as decimals of at most 38 digits. */
  private static Fault tooManyDigits(Formula formula, Exception e) {
    Matcher number = Pattern.compile("[0-9]*\\.?[0-9]+").matcher(formula.text());
    while (number.find()) {
      if (number.group().length() > 38) {
        return new Fault(
            formula,
            new Span(number.start(), number.end()),
            "a number without an exponent has at most 38 digits",
            "write fewer (a double holds 17), or an exponent behind it: e0");
      }
    }
    return new Fault(
        formula, formula.whole(), "the expression cannot be read: " + firstLine(e), "");
  }

  /** The character at which the parser stopped. */
  private static Span position(Formula formula, Origin origin) {
    if (origin.line().isEmpty() || origin.startPosition().isEmpty()) {
      return formula.whole();
    }
    String text = formula.text();
    int start = 0;
    for (int line = 1; line < (Integer) origin.line().get(); line++) {
      start = text.indexOf('\n', start) + 1;
    }
    for (int k = (Integer) origin.startPosition().get(); k > 0 && start < text.length(); k--) {
      start += Character.charCount(text.codePointAt(start));
    }
    return new Span(
        start,
        start < text.length() ? start + Character.charCount(text.codePointAt(start)) : start);
  }

  /** The whole of {@code word}, if it stands there. */
  private static Span named(Formula formula, Span at, String word) {
    return formula.text().startsWith(word, at.start())
        ? new Span(at.start(), at.start() + word.length())
        : at;
  }

  /** A Spark message without its error class and SQL state. */
  private static String firstLine(Exception e) {
    String message =
        String.valueOf(e.getMessage())
            .strip()
            .lines()
            .findFirst()
            .orElse("")
            .replaceFirst("^\\[[A-Z_.]+\\] ", "")
            .replaceFirst("\\s*SQLSTATE.*$", "");
    return message.isEmpty() ? e.getClass().getSimpleName().toLowerCase(Locale.ROOT) : message;
  }
}
