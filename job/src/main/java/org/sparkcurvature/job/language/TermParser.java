package org.sparkcurvature.job.language;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.analysis.UnresolvedExtractValue;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.expressions.Add;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.CaseWhen;
import org.apache.spark.sql.catalyst.expressions.Divide;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GreaterThan;
import org.apache.spark.sql.catalyst.expressions.GreaterThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.In;
import org.apache.spark.sql.catalyst.expressions.LessThan;
import org.apache.spark.sql.catalyst.expressions.LessThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.Multiply;
import org.apache.spark.sql.catalyst.expressions.NamedArgumentExpression;
import org.apache.spark.sql.catalyst.expressions.Not;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.expressions.Subtract;
import org.apache.spark.sql.catalyst.expressions.UnaryMinus;
import org.apache.spark.sql.catalyst.expressions.UnaryPositive;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.OptionConverters;

/**
 * Translates one expression; needs no SparkSession. Faults are collected, so that one reading finds
 * as many as it can.
 */
final class TermParser {

  private static final Map<Class<?>, String> BINARY =
      Map.ofEntries(
          Map.entry(Add.class, "add"),
          Map.entry(Subtract.class, "subtract"),
          Map.entry(Multiply.class, "multiply"),
          Map.entry(Divide.class, "divide"),
          Map.entry(EqualTo.class, "equal"),
          Map.entry(LessThan.class, "less"),
          Map.entry(LessThanOrEqual.class, "less_equal"),
          Map.entry(GreaterThan.class, "greater"),
          Map.entry(GreaterThanOrEqual.class, "greater_equal"),
          Map.entry(And.class, "and"),
          Map.entry(Or.class, "or"));

  /**
   * A literal's digits without SQL's suffix for its type, which has no meaning here: 1L, 0.5D,
   * 2.5BD.
   */
  private static final Pattern NUMBER =
      Pattern.compile("(-?)\\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)(?:[lLsSyYfFdD]|[bB][dD])?");

  /** Values after IN: each is a comparison of every sample. */
  private static final int LONGEST_LIST = 1000;

  private final Formula formula;
  private final Dictionary dictionary;
  private final NamedElements.Marked marked;
  private final List<Fault> faults;

  private TermParser(
      Formula formula, Dictionary dictionary, NamedElements.Marked marked, List<Fault> faults) {
    this.formula = formula;
    this.dictionary = dictionary;
    this.marked = marked;
    this.faults = faults;
  }

  /**
   * The term that a formula stands for; empty where something is wrong with it.
   *
   * @param dictionary the names and functions that the formula may use
   * @param faults what is wrong is added here
   */
  static Optional<Term> parse(Formula formula, Dictionary dictionary, List<Fault> faults) {
    NamedElements.Marked marked =
        dictionary.elements().mark(formula.text(), dictionary.parameters());
    List<Fault> found = new ArrayList<>();
    Formula parsed = new Formula(formula.path(), marked.text());
    Optional<Term> term = parse(parsed, dictionary, marked, found);
    found.forEach(fault -> faults.add(asWritten(formula, parsed, dictionary, fault)));
    return term;
  }

  /**
   * Names were replaced by others of their lengths: what was found stands in the text as written.
   */
  private static Fault asWritten(
      Formula formula, Formula parsed, Dictionary dictionary, Fault fault) {
    String written = formula.at(fault.span());
    String what = fault.what().replace("'" + parsed.at(fault.span()) + "'", "'" + written + "'");
    boolean isProduct = written.contains(":") && !dictionary.elements().names().isEmpty();
    return new Fault(
        formula,
        fault.span(),
        what,
        isProduct && fault.remedy().isEmpty() ? dictionary.remedyForName(written) : fault.remedy());
  }

  private static Optional<Term> parse(
      Formula formula, Dictionary dictionary, NamedElements.Marked marked, List<Fault> faults) {
    Optional<Fault> early = Surface.fault(formula).or(() -> Sequence.fault(formula));
    if (early.isPresent()) {
      faults.add(early.get());
      return Optional.empty();
    }
    try {
      Expression expression = CatalystSqlParser$.MODULE$.parseExpression(formula.text());
      Optional<Term> term = new TermParser(formula, dictionary, marked, faults).term(expression);
      faults.sort(Comparator.comparingInt(fault -> fault.span().start()));
      return term;
    } catch (StackOverflowError e) {
      faults.add(Refusals.tooDeep(formula));
    } catch (Exception e) {
      // The parser's exceptions are Scala's: checked, and thrown without being declared.
      faults.add(Refusals.syntax(formula, e));
    }
    return Optional.empty();
  }

  private Optional<Term> term(Expression e) {
    if (e instanceof Literal literal) {
      return number(literal);
    }
    if (e instanceof UnresolvedAttribute attribute) {
      return name(attribute);
    }
    if (e instanceof UnresolvedFunction function) {
      return function(function);
    }
    if (BINARY.containsKey(e.getClass())) {
      return call(BINARY.get(e.getClass()), e, children(e));
    }
    if (e instanceof UnaryPositive positive) {
      return term(positive.child());
    }
    if (e instanceof UnaryMinus) {
      return call("negate", e, children(e));
    }
    if (e instanceof Not not) {
      return not.child() instanceof EqualTo equal
          ? call("not_equal", e, children(equal))
          : call("not", e, children(e));
    }
    if (e instanceof In in) {
      return in(in);
    }
    if (e instanceof CaseWhen caseWhen) {
      return caseWhen(caseWhen);
    }
    if (e instanceof UnresolvedExtractValue extract && !isText(extract.extraction())) {
      return call("index", e, List.of(extract.child(), extract.extraction()));
    }
    int before = faults.size();
    if (Refusals.isOperator(e)) {
      terms(children(e));
    }
    if (e instanceof Alias && faults.size() > before) {
      return Optional.empty(); // What the parser took for a name is what follows another fault.
    }
    Refusals.Reason reason = Refusals.reason(e, formula.at(span(e)));
    return refuse(place(e), reason.what(), reason.remedy());
  }

  private Optional<Term> number(Literal literal) {
    Span span = span(literal);
    if (literal.value() == null || !isNumber(literal)) {
      Refusals.Reason reason = Refusals.reason(literal, formula.at(span));
      return refuse(span, reason.what(), reason.remedy());
    }
    Matcher text = NUMBER.matcher(formula.at(span));
    String digits = text.matches() ? text.group(1) + text.group(2) : literal.value().toString();
    return Optional.of(new Term.Literal(Double.parseDouble(digits), span));
  }

  private Optional<Term> name(UnresolvedAttribute attribute) {
    Span span = span(attribute);
    Optional<NamedElements.Element> element = marked.at(span);
    if (element.isPresent()) {
      return element.map(named -> named.term(span));
    }
    List<String> parts = CollectionConverters.asJava(attribute.nameParts());
    if (parts.size() > 1) {
      return refuse(
          span,
          String.join(".", parts) + " is a name of " + parts.size() + " parts",
          "names have one part. A product is written dot(a, b) or a * b, an element a[0]");
    }
    String name = parts.get(0);
    if (!dictionary.hasName(name)) {
      faults.add(dictionary.noName(formula, span, name));
      return Optional.empty();
    }
    return Optional.of(new Term.Name(name, span));
  }

  private Optional<Term> function(UnresolvedFunction function) {
    Span span = span(function);
    Optional<Refusals.Reason> modifier = Refusals.modifier(function);
    if (modifier.isPresent()) {
      return refuse(span, modifier.get().what(), modifier.get().remedy());
    }
    String written = String.join(".", CollectionConverters.asJava(function.nameParts()));
    String name = written.toLowerCase(Locale.ROOT);
    Span nameSpan = nameSpan(span, written);

    List<Expression> positional = new ArrayList<>();
    List<NamedArgumentExpression> named = new ArrayList<>();
    for (Expression argument : CollectionConverters.asJava(function.arguments())) {
      if (argument instanceof NamedArgumentExpression n) {
        named.add(n);
      } else {
        positional.add(argument);
      }
    }
    int count = positional.size();
    return switch (name) {
      case "between" ->
          count == 3 && named.isEmpty()
              ? between(function, positional)
              : refuse(nameSpan, "BETWEEN takes two bounds", "write a BETWEEN low AND high");
      case "if" ->
          count == 3 && named.isEmpty()
              ? call("where", function, positional)
              : refuse(
                  nameSpan,
                  "IF takes three arguments, not " + (count + named.size()),
                  "write IF(condition, a, b)");
      case "e" ->
          count + named.size() == 0
              ? Optional.of(new Term.Literal(Math.E, span))
              : refuse(nameSpan, "e() takes no argument", "the exponential function is exp(a)");
      case "pi" ->
          count + named.size() == 0
              ? Optional.of(new Term.Literal(Math.PI, span))
              : refuse(nameSpan, "pi() takes no argument", "write pi()");
      default -> {
        boolean known = Dictionary.hasFunction(name);
        Optional<String> otherwise = ForeignFunctions.remedy(name, count);
        if (known && otherwise.isPresent()) {
          yield refuse(
              nameSpan,
              written + " does not take " + count + (count == 1 ? " argument" : " arguments"),
              otherwise.get());
        }
        if (!known) {
          faults.add(dictionary.noFunction(formula, nameSpan, written));
        }
        Optional<OptionalInt> axis = axis(named);
        Optional<List<Term>> arguments = terms(positional);
        yield known && axis.isPresent() && arguments.isPresent()
            ? Optional.of(new Term.Call(name, arguments.get(), axis.get(), span))
            : Optional.empty();
      }
    };
  }

  /** The argument {@code axis => k}, or none; empty where something else stands there. */
  private Optional<OptionalInt> axis(List<NamedArgumentExpression> named) {
    OptionalInt axis = OptionalInt.empty();
    boolean sound = true;
    for (NamedArgumentExpression argument : named) {
      Span span = span(argument.value());
      if (!argument.key().equalsIgnoreCase("axis")) {
        refuse(
            span,
            "there is no argument " + argument.key() + " =>",
            "the only argument with a name is axis");
        sound = false;
      } else if (axis.isPresent()) {
        refuse(span, "axis is given twice", "leave it out to reduce over all elements");
        sound = false;
      } else if (argument.value() instanceof Literal literal
          && literal.value() instanceof Integer k
          && k >= 0) {
        axis = OptionalInt.of(k);
      } else {
        refuse(
            span,
            formula.at(span) + " is not the number of an axis",
            "axes are numbered 0, 1, ... from the outermost");
        sound = false;
      }
    }
    return sound ? Optional.of(axis) : Optional.empty();
  }

  /** a BETWEEN low AND high. */
  private Optional<Term> between(Expression e, List<Expression> operands) {
    Span span = span(e);
    return terms(operands)
        .map(
            t ->
                operator(
                    "and",
                    span,
                    operator("greater_equal", span, t.get(0), t.get(1)),
                    operator("less_equal", span, t.get(0), t.get(2))));
  }

  private Optional<Term> in(In in) {
    Span span = span(in);
    Optional<Term> value = term(in.value());
    Optional<List<Term>> list = terms(CollectionConverters.asJava(in.list()));
    if (value.isEmpty() || list.isEmpty()) {
      return Optional.empty();
    }
    if (list.get().size() > LONGEST_LIST) {
      return refuse(
          span,
          "a list of %,d values".formatted(list.get().size()),
          "make it a tensor of the input, where Spark looks values up at once: tensors { listed = \"c IN (...)\" }");
    }
    return Optional.of(
        anyOf(
            list.get().stream()
                .map(candidate -> operator("equal", span, value.get(), candidate))
                .toList(),
            span));
  }

  /** As a balanced tree: a chain of thousands would be as deep. */
  private static Term anyOf(List<Term> conditions, Span span) {
    int count = conditions.size();
    return count == 1
        ? conditions.get(0)
        : operator(
            "or",
            span,
            anyOf(conditions.subList(0, count / 2), span),
            anyOf(conditions.subList(count / 2, count), span));
  }

  private Optional<Term> caseWhen(CaseWhen e) {
    Span span = span(e);
    List<Expression> conditions = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    CollectionConverters.asJava(e.branches())
        .forEach(
            branch -> {
              conditions.add(branch._1());
              values.add(branch._2());
            });
    Optional<Expression> otherwise = OptionConverters.toJava(e.elseValue());
    Optional<List<Term>> when = terms(conditions);
    Optional<List<Term>> then = terms(values);
    if (otherwise.isEmpty()) {
      return refuse(
          span, "CASE without ELSE gives NULL, which is not a number", "add ELSE and a value");
    }
    Optional<Term> result = term(otherwise.get());
    if (when.isEmpty() || then.isEmpty() || result.isEmpty()) {
      return Optional.empty();
    }
    Term chain = result.get();
    for (int k = conditions.size() - 1; k >= 0; k--) {
      chain = operator("where", span, when.get().get(k), then.get().get(k), chain);
    }
    return Optional.of(chain);
  }

  private Optional<Term> call(String function, Expression e, List<Expression> arguments) {
    return terms(arguments)
        .map(terms -> new Term.Call(function, terms, OptionalInt.empty(), span(e)));
  }

  private static Term operator(String name, Span span, Term... operands) {
    return new Term.Call(name, List.of(operands), OptionalInt.empty(), span);
  }

  /** All of them, or none where one is wrong; each is looked at. */
  private Optional<List<Term>> terms(List<Expression> expressions) {
    List<Term> terms = new ArrayList<>();
    for (Expression expression : expressions) {
      term(expression).ifPresent(terms::add);
    }
    return terms.size() == expressions.size() ? Optional.of(terms) : Optional.empty();
  }

  private Optional<Term> refuse(Span span, String what, String remedy) {
    faults.add(new Fault(formula, span, what, remedy));
    return Optional.empty();
  }

  private static List<Expression> children(Expression e) {
    return CollectionConverters.asJava(e.children());
  }

  private static boolean isNumber(Literal literal) {
    return literal.dataType() instanceof NumericType || literal.dataType() instanceof DecimalType;
  }

  private static boolean isText(Expression e) {
    return e instanceof Literal literal && literal.dataType() instanceof StringType;
  }

  /**
   * Where an expression stands. Spark lets infix words (BETWEEN, IN) begin at the word: their
   * operands belong to them.
   */
  private Span span(Expression e) {
    List<Span> spans = new ArrayList<>();
    addSpans(e, spans);
    return spans.stream().reduce(Span::union).orElseGet(formula::whole);
  }

  private void addSpans(Expression e, List<Span> spans) {
    String text = formula.text();
    // TRUE and FALSE are one object each for the whole JVM, which keeps the origin of the text in
    // which it first occurred.
    if (e.origin().startIndex().isDefined()
        && e.origin().stopIndex().isDefined()
        && e.origin().sqlText().contains(text)) {
      int start = (Integer) e.origin().startIndex().get();
      int stop = (Integer) e.origin().stopIndex().get();
      // Spark counts Unicode characters, Java their 16-bit units.
      spans.add(new Span(text.offsetByCodePoints(0, start), text.offsetByCodePoints(0, stop + 1)));
    } else if (e instanceof Literal literal && literal.value() instanceof Boolean value) {
      Matcher word = Pattern.compile("\\b" + value + "\\b", Pattern.CASE_INSENSITIVE).matcher(text);
      if (word.find()) {
        spans.add(new Span(word.start(), word.end()));
      }
    }
    children(e).forEach(child -> addSpans(child, spans));
  }

  /** Where the fault of an expression stands: an infix operator itself, or else all of it. */
  private Span place(Expression e) {
    List<Expression> operands = children(e);
    if (!Refusals.isOperator(e) || operands.size() > 2) {
      return span(e);
    }
    // Between two operands; behind an expression that is followed by another; before one.
    int start =
        operands.size() == 2 || e instanceof Alias ? span(operands.get(0)).end() : span(e).start();
    int end = e instanceof Alias ? span(e).end() : span(operands.get(operands.size() - 1)).start();
    // Brackets of the operands stand between them and the operator.
    while (start < end && " \t\r\n()".indexOf(formula.text().charAt(start)) >= 0) {
      start++;
    }
    while (start < end && " \t\r\n()".indexOf(formula.text().charAt(end - 1)) >= 0) {
      end--;
    }
    return start < end ? new Span(start, end) : span(e);
  }

  private Span nameSpan(Span call, String written) {
    Span name = new Span(call.start(), call.start() + written.length());
    return name.end() <= call.end() && formula.at(name).equalsIgnoreCase(written) ? name : call;
  }
}
