package org.sparkcurvature.job.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TermParserTest {
  private static final Dictionary DICTIONARY =
      new Dictionary(Set.of("x", "y", "z", "X"), Set.of("beta", "a", "b", "c"), Set.of("eta", "β"));

  private final List<Fault> faults = new ArrayList<>();

  private String parse(String text) {
    Optional<Term> term = TermParser.parse(new Formula("model.loss", text), DICTIONARY, faults);
    assertThat(faults).isEmpty();
    return term.orElseThrow().toString();
  }

  /** The only fault of a text that must have one. */
  private Fault refuse(String text) {
    List<Fault> all = refuseAll(text);
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  private List<Fault> refuseAll(String text) {
    faults.clear();
    assertThat(TermParser.parse(new Formula("model.loss", text), DICTIONARY, faults)).isEmpty();
    assertThat(faults).isNotEmpty();
    return faults;
  }

  private static String marked(Fault fault) {
    return fault.formula().at(fault.span());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a + b | add(a, b)",
        "a - b - c | subtract(subtract(a, b), c)",
        "a - (b - c) | subtract(a, subtract(b, c))",
        "a / b * c | multiply(divide(a, b), c)",
        "a + b * c | add(a, multiply(b, c))",
        "(a + b) * c | multiply(add(a, b), c)",
        "-a | negate(a)",
        "-a * b | multiply(negate(a), b)",
        "- -a | negate(negate(a))",
        "-(-a) | negate(negate(a))",
        "a - -b | subtract(a, negate(b))",
        "a -1 | subtract(a, 1)",
        "a-1 | subtract(a, 1)",
        "-1 | -1",
        "+a | a",
        "-a[0] | negate(index(a, 0))",
        "((a)) | a",
      })
  void arithmeticBindsAsInSql(String text, String term) {
    assertThat(parse(text)).isEqualTo(term);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a = b | equal(a, b)",
        "a == b | equal(a, b)",
        "a != b | not_equal(a, b)",
        "a <> b | not_equal(a, b)",
        "a < b | less(a, b)",
        "a <= b | less_equal(a, b)",
        "a > b | greater(a, b)",
        "a >= b | greater_equal(a, b)",
        "NOT a < b | not(less(a, b))",
        "! (a < b) | not(less(a, b))",
        "a < 1 OR b < 2 AND c < 3 | or(less(a, 1), and(less(b, 2), less(c, 3)))",
        "a + 1 < b * 2 | less(add(a, 1), multiply(b, 2))",
        "a BETWEEN 1 AND b + 1 | and(greater_equal(a, 1), less_equal(a, add(b, 1)))",
        "a NOT BETWEEN 1 AND 2 | not(and(greater_equal(a, 1), less_equal(a, 2)))",
        "a IN (1) | equal(a, 1)",
        "a IN (1, 2, b) | or(equal(a, 1), or(equal(a, 2), equal(a, b)))",
        "a NOT IN (1, 2) | not(or(equal(a, 1), equal(a, 2)))",
        "IF(a < b, 1, 2) | where(less(a, b), 1, 2)",
        "CASE WHEN a > 1 THEN b ELSE c END | where(greater(a, 1), b, c)",
        "case when a > 1 then b when a >= 2 then -c else 0 end"
            + " | where(greater(a, 1), b, where(greater_equal(a, 2), negate(c), 0))",
        "CASE a WHEN 1 THEN b ELSE c END | where(equal(a, 1), b, c)",
      })
  void conditions(String text, String term) {
    assertThat(parse(text)).isEqualTo(term);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "z[y] | index(z, y)",
        "z[y + 1][0] | index(index(z, add(y, 1)), 0)",
        "(z + 1)[y] | index(add(z, 1), y)",
        "exp(a)[0] | index(exp(a), 0)",
        "square(y - dot(x, beta)) | square(subtract(y, dot(x, beta)))",
        "EXP(a) + Exp(b) | add(exp(a), exp(b))",
        "logsumexp(z, axis => 1) | logsumexp(z, axis => 1)",
        "sum(axis => 0, z) | sum(z, axis => 0)",
        "concat(a, 1, b) | concat(a, 1, b)",
        "slice(x, 0, 2) | slice(x, 0, 2)",
        "log(a) - ln(b) | subtract(log(a), ln(b))",
      })
  void functionsAndElements(String text, String term) {
    assertThat(parse(text)).isEqualTo(term);
  }

  @Test
  void namesKeepTheirCase() {
    assertThat(parse("x * X")).isEqualTo("multiply(x, X)");
    assertThat(parse("`x` + `β`")).isEqualTo("add(x, β)");
    assertThat(refuse("Beta").remedy()).isEqualTo("perhaps beta or eta was meant");
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1",
    "1., 1",
    ".5, 0.5",
    "1e-3, 1e-3",
    "1.5E+3, 1500",
    "3L, 3",
    "0.5D, 0.5",
    "0.1F, 0.1",
    "2.5BD, 2.5",
    "1d, 1",
    "12345678901234567890123, 12345678901234567890123",
    "-1.5e3, -1500",
    "0.12345678901234567890123456789, 0.12345678901234567890123456789",
    "4.9e-324, 4.9e-324",
    "1.7976931348623157e308, 1.7976931348623157e308",
  })
  void numbersAreRoundedOnceFromTheirText(String text, double value) {
    Term term = TermParser.parse(new Formula("model.loss", text), DICTIONARY, faults).orElseThrow();
    assertThat(term).isInstanceOf(Term.Literal.class);
    assertThat(((Term.Literal) term).value()).isEqualTo(value);
  }

  @Test
  void constants() {
    assertThat(TermParser.parse(new Formula("model.loss", "pi()"), DICTIONARY, faults))
        .contains(new Term.Literal(Math.PI, new Span(0, 4)));
    assertThat(TermParser.parse(new Formula("model.loss", "1 + E()"), DICTIONARY, faults))
        .hasToString("Optional[add(1, " + Math.E + ")]");
    assertThat(refuse("e(2)").remedy()).isEqualTo("the exponential function is exp(a)");
    assertThat(refuse("pi").remedy()).contains("pi()");
  }

  @Test
  void sqlWithoutMeaningInALossIsRefusedByNameAndPosition() {
    refused("1 + a ^ b", "^", 7, "^ is bitwise exclusive or", "pow(a, b)");
    refused("1 + a % b", "%", 7, "% (remainder)", "input.tensors");
    refused("1 + a div b", "div", 7, "div", "a / b");
    refused("1 + (a) & (b)", "&", 9, "& is bitwise", "AND");
    refused("1 + (a | b)", "|", 8, "| is bitwise", "OR");
    refused("1 + (a || b)", "||", 8, "|| joins text", "concat(a, b)");
    refused("1 + ~a", "~", 5, "~ is bitwise", "NOT");
    refused("a << 2", "<<", 3, "<<", "");
    refused("sum(DISTINCT a)", "sum(DISTINCT a)", 1, "DISTINCT", "");
    refused("1 + sum(a) FILTER (WHERE a > 1)", "sum(a) FILTER (WHERE a > 1)", 5, "FILTER", "CASE");
    refused("sum(a) OVER (PARTITION BY b)", "sum(a) OVER (PARTITION BY b)", 1, "OVER", "");
    refused("exp(x -> x + 1)", "x -> x + 1", 5, "lambda", "");
    refused("a + (SELECT 1)", "(SELECT 1)", 5, "subqueries", "");
    refused("EXISTS (SELECT 1)", "EXISTS (SELECT 1)", 1, "subqueries", "");
    refused("a IN (SELECT 1)", "a IN (SELECT 1)", 1, "subqueries", "");
    refused("exp(CAST(a AS DOUBLE))", "CAST(a AS DOUBLE)", 5, "cast", "input.tensors");
    refused("a::double", "a::double", 1, "cast", "input.tensors");
    refused("a + 'b'", "'b'", 5, "text", "without quotes");
    refused("a + \"b\"", "\"b\"", 5, "text", "without quotes");
    refused("a + NULL", "NULL", 5, "NULL is not a number", "");
    refused("a + TRUE", "TRUE", 5, "TRUE is not a number", "condition");
    refused("a + DATE '2020-01-01'", "DATE '2020-01-01'", 5, "is not a number", "");
    refused("a LIKE 'b'", "a LIKE 'b'", 1, "LIKE compares text", "");
    refused("a IS NULL", "a IS NULL", 1, "IS NULL", "");
    refused("a IS NOT NULL", "a IS NOT NULL", 1, "IS NOT NULL", "");
    refused("a <=> b", "<=>", 3, "NULL", "a = b");
    refused("1 + x.beta", "x.beta", 5, "name of 2 parts", "dot(a, b)");
    refused("1 + x[0].beta", "x[0].beta", 5, "field by name", "a[0]");
    refused("(a, b)", "(a, b)", 1, "not a vector", "concat(a, b)");
    refused("exp(a) b", "b", 8, "nothing between b and", "before b");
    refused("1 + a ** b", "**", 7, "no operator", "pow(a, b)");
    refused("a ** 2", "**", 3, "no operator", "pow(a, b)");
    refused("1 + CASE WHEN a > 1 THEN b END", "CASE WHEN a > 1 THEN b END", 5, "ELSE", "add ELSE");
    refused("a --b", "--", 3, "comment", "- (-a)");
    refused("first(a)", "first(a)", 1, "no function first", "");
  }

  private void refused(String text, String part, int column, String what, String remedy) {
    Fault fault = refuse(text);
    assertThat(fault.what()).as(text).contains(what);
    assertThat(fault.remedy()).as(text).contains(remedy);
    assertThat(marked(fault)).as(text).isEqualTo(part);
    assertThat(fault.line()).as(text).isEqualTo(1);
    assertThat(fault.column()).as(text).isEqualTo(column);
  }

  @Test
  void anUnknownFunctionIsNamedWithTheNearestOnes() {
    refused("1 + expp(a)", "expp", 5, "no function expp", "perhaps exp");
    refused("1 + avg(a)", "avg", 5, "no function avg", "here it is mean");
    refused("beta(a)", "beta", 1, "no function beta", "beta * (...)");
    refused("add(a, b)", "add", 1, "no function add", "write a + b");
    refused("where(a > 0, a, b)", "where", 1, "no function where", "IF(condition, a, b)");
    refused("x.sum(a)", "x.sum", 1, "no function x.sum", "");
    refused("norm1(a)", "norm1", 1, "no function norm1", "here it is sum(abs(v))");
    refused("np.maximum(a, b)", "np.maximum", 1, "no function", "here it is greatest(a, b)");
    refused("einsum(a, b)", "einsum", 1, "no function", "dot(a, b), matmul(A, x) or outer");
    refused("ceil(a)", "ceil", 1, "no function", "-floor(-a)");
    refused("cos2(a)", "cos2", 1, "no function cos2", "the functions are abs");
    refused("qqqqqqqqqqqqqqqq(a)", "qqqqqqqqqqqqqqqq", 1, "no function", "the functions are abs");
  }

  @Test
  void anotherNumberOfArgumentsIsToldWhatTheyAreWrittenWith() {
    refused("max(a, b)", "max", 1, "max does not take 2 arguments", "greatest(a, b)");
    refused("1 + log(a, 2)", "log", 5, "log does not take 2 arguments", "log2(a) and log10(a)");
    refused("dot(x)", "dot", 1, "dot does not take 1 argument", "sum(square(a))");
  }

  @Test
  void whatIsAdvisedExists() {
    for (String remedy : ForeignFunctions.remedies()) {
      Matcher call = Pattern.compile("([a-z]\\w*)\\(").matcher(remedy);
      while (call.find()) {
        assertThat(Dictionary.hasFunction(call.group(1)) || call.group(1).equals("pi"))
            .as(call.group(1) + " in: " + remedy)
            .isTrue();
      }
    }
  }

  @Test
  void anUnknownNameIsNamedWithTheNearestOnes() {
    refused("y - dot(x, bta)", "bta", 12, "named bta", "perhaps beta or eta was meant");
    refused(
        "y - dot(x, gammagamma)", "gammagamma", 12, "", "the input tensors X, x, y, z; the para");
    refused("loss + a", "loss", 1, "named loss", "made of definitions");
  }

  @Test
  void wrongArgumentsOfTheLanguagesOwnFunctions() {
    refused("IF(a > 1, b)", "IF", 1, "three arguments, not 2", "IF(condition, a, b)");
    refused("sum(z, axis => 0, axis => 1)", "1", 27, "twice", "");
    refused("sum(z, axis => -1)", "-1", 16, "-1 is not the number of an axis", "0, 1");
    refused("sum(z, axis => a)", "a", 16, "not the number of an axis", "");
    refused("sum(z, dim => 1)", "1", 15, "no argument dim", "axis");
    refused("pi(1)", "pi", 1, "no argument", "");
  }

  @Test
  void bracketsWithinACommentAreNoBrackets() {
    assertThat(parse("a /* (see the second term */ + b /* :-) */")).isEqualTo("add(a, b)");
    refused("exp(a /* ) */", "(", 4, "'(' is not closed", "')'");
  }

  @Test
  void everyFaultOfAnExpressionIsReported() {
    assertThat(refuseAll("foo(q) + a ^ b - 'text' * unknown"))
        .extracting(TermParserTest::marked)
        .containsExactly("foo", "q", "^", "'text'", "unknown");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "exp( | 4 | '(' is not closed | ')'",
        "exp(a | 4 | '(' is not closed | ')'",
        "square(a[0) | 11 | ')' stands where ']' would close the '[' of column 9 | before",
        "ln(`b)` + 'c)' | 3 | '(' is not closed | ')'",
        "a + | 4 | ends too early | ",
        "a) | 2 | ')' closes nothing | leave it out",
        "a $ b | 3 | from '$' on | ",
        "a b c | 5 | from 'c' on | ",
        "exp(a, ) | 8 | missing before ')' | ",
        "a + 'b | 5 | from ''' on | ",
        "x[0:2] | 5 | from '2' on | slice(v, from, length)",
        "Z[0, 1] | 4 | ',' stands within [ ] | A[0][1]",
        "x @ beta | 3 | from '@' on | dot(a, b)",
        "a + /* b | 5 | no end | */",
        "1 + ü | 5 | ü is not a name as it stands | `ü`",
        "a + 1e400 | 5 | 1e400 is outside | 1.8e308",
        "a + 0.1234567890123456789012345678901234567890123 | 5 | at most 38 digits | e0",
      })
  void malformedTextIsRefusedInOurOwnWords(String text, int column, String what, String remedy) {
    Fault fault = refuse(text);
    assertThat(fault.what()).contains(what);
    assertThat(fault.remedy()).contains(remedy == null ? "" : remedy);
    assertThat(fault.column()).isEqualTo(column);
    assertThat(fault.toString()).doesNotContain("SQLSTATE").doesNotContain("PARSE_");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   "})
  void anEmptyExpression(String text) {
    assertThat(refuse(text).what()).isEqualTo("the expression is empty");
  }

  @Test
  void theMessageShowsTheLineAndMarksThePart() {
    assertThat(refuse("square(y - dot(x, bta))").toString())
        .isEqualTo(
            """
            model.loss: column 19: there is no input tensor, parameter or definition named bta; perhaps beta or eta was meant
                square(y - dot(x, bta))
                                  ^^^""");
    Fault second = refuse("a\n  + foo(b)\n  * c");
    assertThat(second.line()).isEqualTo(2);
    assertThat(second.column()).isEqualTo(5);
    assertThat(second.excerpt()).isEqualTo("  + foo(b)\n    ^^^");
    assertThat(second.summary()).startsWith("line 2, column 5: ");
  }

  @Test
  void ofALongLineThePartIsShown() {
    Fault fault = refuse("a + b * ".repeat(20) + "foo(a) " + " - b * c".repeat(20));
    assertThat(fault.column()).isEqualTo(161);
    assertThat(fault.excerpt())
        .isEqualTo(
            "...+ b * a + b * a + b * a + b * foo(a)  - b * c - b * c - b * c - b * c - b * c - b * c - b ...\n"
                + " ".repeat(33)
                + "^^^");
    assertThat(refuse("a +\tfoo(a)").excerpt()).isEqualTo("a +\tfoo(a)\n   \t^^^");
    assertThat(refuse("a\r\n+ foo(a)").excerpt()).isEqualTo("+ foo(a)\n  ^^^");
  }

  @Test
  void positionsCountCharactersNotUtf16Units() {
    List<Fault> all = refuseAll("`𝛽` + foo(a)");
    assertThat(all).extracting(TermParserTest::marked).containsExactly("`𝛽`", "foo");
    assertThat(all.get(1).column()).isEqualTo(7);
    assertThat(all.get(1).excerpt()).isEqualTo("`𝛽` + foo(a)\n      ^^^");
  }

  @Test
  void deepNestingIsRefusedWithoutAStackTrace() {
    String deep = "exp(".repeat(3_000) + "a" + ")".repeat(3_000);
    assertThat(refuse(deep).what()).isEqualTo("the expression is too long or nested too deeply");
    String sum = "a" + " + a".repeat(3_000);
    assertThat(refuse(sum).what()).isEqualTo("the expression is too long or nested too deeply");
  }

  @Test
  void aLongListIsRefusedWithAWayOut() {
    String values = String.join(", ", Collections.nCopies(1001, "1"));
    Fault fault = refuse("a IN (" + values + ")");
    assertThat(fault.what()).isEqualTo("a list of 1,001 values");
    assertThat(fault.remedy()).contains("tensors { listed = ");
    faults.clear();
    assertThat(parse("a IN (" + values.substring(3) + ")")).startsWith("or(or(");
  }

  /** Names of estimates, as tables print them: they come before tensors, and after parameters. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x = 0 | equal(index(beta, 1), 0)",
        "x/a | divide(index(beta, 1), a)",
        "s[T.b] - s[T.b2] | subtract(index(s_, 0), index(s_, 1))",
        "s[T.b]*2 = -x:z | equal(multiply(index(s_, 0), 2), negate(index(beta, 3)))",
        "I(x ** 2) + x | add(index(beta, 2), index(beta, 1))",
        "exp(lo[x] - hi[x]) | exp(subtract(index(index(w, 0), 1), index(index(w, 1), 1)))",
        "`two words` + `x` | add(index(beta, 4), index(beta, 1))",
        "y.1 + é | add(index(beta, 5), index(beta, 6))",
        "a + x.y | a is a parameter, x.y a name of its own",
        "beta[0] + X | add(index(beta, 0), X)",
      })
  void namesOfEstimates(String text, String term) {
    Map<String, NamedElements.Element> elements = new LinkedHashMap<>();
    List<String> names = List.of("a", "x", "I(x ** 2)", "x:z", "two words", "y.1", "é");
    for (int k = 0; k < names.size(); k++) {
      elements.put(names.get(k), new NamedElements.Element("beta", List.of(k)));
    }
    elements.put("s[T.b]", new NamedElements.Element("s_", List.of(0)));
    elements.put("s[T.b2]", new NamedElements.Element("s_", List.of(1)));
    elements.put("lo[x]", new NamedElements.Element("w", List.of(0, 1)));
    elements.put("hi[x]", new NamedElements.Element("w", List.of(1, 1)));
    Dictionary dictionary =
        new Dictionary(
            DICTIONARY.tensors(),
            DICTIONARY.parameters(),
            DICTIONARY.definitions(),
            new NamedElements(elements));
    Optional<Term> found = TermParser.parse(new Formula("infer.tests.h", text), dictionary, faults);
    if (text.endsWith("x.y")) {
      assertThat(marked(faults.get(0))).isEqualTo("x.y");
    } else {
      assertThat(faults).isEmpty();
      assertThat(found.orElseThrow()).hasToString(term);
    }
  }

  @Test
  void faultsBesideNamesOfEstimatesAreInTheTextAsWritten() {
    Dictionary dictionary =
        new Dictionary(
            Set.of(),
            Set.of("b"),
            Set.of(),
            new NamedElements(Map.of("s[T.b]", new NamedElements.Element("b", List.of(0)))));
    assertThat(
            TermParser.parse(new Formula("infer.tests.h", "s[T.b] = s[T.c]"), dictionary, faults))
        .isEmpty();
    Fault fault = faults.get(0);
    assertThat(marked(fault)).isEqualTo("s");
    assertThat(fault.excerpt()).startsWith("s[T.b] = s[T.c]\n");
    assertThat(fault.remedy()).contains("s[T.b]");
  }
}
