package org.sparkcurvature.ops;

import static java.lang.Math.abs;
import static java.lang.Math.cos;
import static java.lang.Math.exp;
import static java.lang.Math.expm1;
import static java.lang.Math.log;
import static java.lang.Math.log1p;
import static java.lang.Math.max;
import static java.lang.Math.min;
import static java.lang.Math.pow;
import static java.lang.Math.signum;
import static java.lang.Math.sin;
import static java.lang.Math.sqrt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The table of elementwise functions: a row gives the value, the first and the second partial
 * derivatives of a scalar function. To add a function is to add a row here and a row to the test's
 * table.
 *
 * <p>Partial derivatives may use the function's value, which is at hand when they are computed: of
 * one operand they are written as {@code (u, y)}, of two as {@code (a, b, y)}; a function of three
 * operands has no room for its value. A second derivative may use the first one, too, written as
 * {@code (u, y, d)}.
 *
 * <p>At kinks the derivatives are those of the loss language's table: relu' 0, abs' 0, clip' 1 at
 * its bounds, leaky_relu' its slope, elu' 1, ties of greatest and least shared equally, pinball'
 * tau - 1/2, second derivatives 0.
 */
public final class Elementwise {

  /** A scalar function of up to three arguments; those that it does not have are 0. */
  @FunctionalInterface
  public interface Lane {
    double at(double a, double b, double c);
  }

  /**
   * The same function of many lanes at once. What the operands' arrays hold afterwards is not said.
   */
  @FunctionalInterface
  public interface Loop {
    void run(double[] a, double[] b, double[] c, double[] y, int count);
  }

  /**
   * Functions of an operand, of its opposite, and their derivatives, of many lanes at once: what
   * they share is computed once. Each has the same bits as if it were computed alone.
   *
   * @param name of the family
   * @param results how many there are
   * @param loop computes them
   */
  public record Family(String name, int results, FamilyLoop loop) {}

  /** Computes those of a family that are wanted. */
  @FunctionalInterface
  public interface FamilyLoop {
    /**
     * Writes results to their arrays. What the others hold afterwards is not said.
     *
     * @param room of the operand's length
     * @param more likewise
     * @param y an array for each result; null where it is not wanted
     */
    void run(double[] a, double[] room, double[] more, double[][] y, int count);
  }

  /**
   * Where a family has a function or a derivative of one.
   *
   * @param result the number of the result
   * @param negated whether the result is its opposite
   */
  public record Member(Family family, int result, boolean negated) {}

  /** A function of one argument. */
  @FunctionalInterface
  interface Lane1 {
    double at(double u);
  }

  /** A function of two arguments. */
  @FunctionalInterface
  interface Lane2 {
    double at(double a, double b);
  }

  /** A partial derivative. */
  public sealed interface Partial {}

  /** Zero everywhere. */
  public record Zero() implements Partial {}

  /** The same everywhere. */
  public record Constant(double value) implements Partial {}

  /** One of the operands. */
  public record Operand(int index) implements Partial {}

  /** The value of the function itself. */
  public record Value() implements Partial {}

  /** A function of the operands and the value. */
  public record Of(Lane lane) implements Partial {}

  /** A second derivative, as a function of the operand, the value and the first derivative. */
  public record OfFirst(Lane lane) implements Partial {}

  private static final Partial ZERO = new Zero();
  private static final Partial ONE = new Constant(1);
  private static final Partial VALUE = new Value();

  private final String name;
  private final int arity;
  private final Lane value;
  private final List<Partial> first;
  private final List<Partial> second;
  private final Set<Integer> kinks;

  private Elementwise(
      String name,
      int arity,
      Lane value,
      List<Partial> first,
      List<Partial> second,
      Set<Integer> kinks) {
    this.name = name;
    this.arity = arity;
    this.value = value;
    this.first = first;
    this.second = second;
    this.kinks = kinks;
  }

  public String name() {
    return name;
  }

  public int arity() {
    return arity;
  }

  /** The partial derivative with respect to operand {@code k}. */
  public Partial first(int k) {
    return first.get(k);
  }

  /** The second partial derivative with respect to operands {@code k} and {@code l}. */
  public Partial second(int k, int l) {
    int row = min(k, l);
    int column = max(k, l);
    return second.get(row * arity - row * (row - 1) / 2 + column - row);
  }

  /** Whether the function or its first derivative jumps somewhere as operand {@code k} moves. */
  public boolean hasKink(int k) {
    return kinks.contains(k);
  }

  /**
   * The function to evaluate for the value ({@code []}), a first ({@code [k]}) or a second ({@code
   * [k, l]}) partial derivative.
   */
  public Lane lane(List<Integer> partial) {
    if (partial.isEmpty()) {
      return value;
    }
    Partial form =
        partial.size() == 1 ? first(partial.get(0)) : second(partial.get(0), partial.get(1));
    if (form instanceof Of of) {
      return of.lane();
    }
    if (form instanceof OfFirst of) {
      return of.lane();
    }
    if (form instanceof Constant constant) {
      return (a, b, c) -> constant.value();
    }
    if (form instanceof Zero) {
      return (a, b, c) -> 0;
    }
    int index = form instanceof Operand operand ? operand.index() : arity;
    return (a, b, c) -> index == 0 ? a : index == 1 ? b : c;
  }

  /**
   * A value of an operand at which the function and its derivatives are finite when its other
   * operands have theirs; empty for a function that is finite wherever its operands are.
   */
  public Optional<Double> interior(int operand) {
    List<Double> point = INTERIOR.get(name);
    return point == null ? Optional.empty() : Optional.of(point.get(operand));
  }

  /**
   * {@link #lane} of many lanes at once, where there is such a loop: for functions so common, or so
   * cheap, that a call for each lane would cost more than they do.
   */
  public Optional<Loop> loop(List<Integer> partial) {
    return Loops.of(name + "'".repeat(partial.size()));
  }

  /**
   * The function (0) or a derivative of it (1, 2) among those that share their work with it.
   *
   * @param ofOpposite whether it is that of the opposite of the operand that the family is of
   */
  public Optional<Member> member(int order, boolean ofOpposite) {
    return Loops.member(name + "'".repeat(order), ofOpposite);
  }

  /** Whether a function, or a derivative by its name with primes, is a single instruction. */
  static boolean isArithmetic(String name) {
    return ARITHMETIC.contains(name);
  }

  /** The row of a function. */
  public static Elementwise row(String name) {
    Elementwise row = TABLE.get(name);
    if (row == null) {
      throw new IllegalArgumentException("no elementwise function is named " + name);
    }
    return row;
  }

  /** All rows by name. */
  public static Map<String, Elementwise> table() {
    return TABLE;
  }

  /** The function applied to these operands as a person would write it. */
  String describe(List<String> operands) {
    String symbol = SYMBOLS.get(name);
    if (symbol == null) {
      return name + "(" + String.join(", ", operands) + ")";
    }
    return operands.size() == 1
        ? symbol + operands.get(0)
        : "(" + operands.get(0) + " " + symbol + " " + operands.get(1) + ")";
  }

  private static final Map<String, String> SYMBOLS =
      Map.ofEntries(
          Map.entry("add", "+"),
          Map.entry("subtract", "-"),
          Map.entry("multiply", "*"),
          Map.entry("divide", "/"),
          Map.entry("negate", "-"),
          Map.entry("equal", "="),
          Map.entry("not_equal", "<>"),
          Map.entry("less", "<"),
          Map.entry("less_equal", "<="),
          Map.entry("greater", ">"),
          Map.entry("greater_equal", ">="),
          Map.entry("and", "AND"),
          Map.entry("or", "OR"),
          Map.entry("not", "NOT "));

  private static final Map<String, List<Double>> INTERIOR =
      Map.ofEntries(
          Map.entry("divide", List.of(1.0, 1.0)),
          Map.entry("pow", List.of(1.0, 1.0)),
          Map.entry("exp", List.of(0.0)),
          Map.entry("expm1", List.of(0.0)),
          Map.entry("log", List.of(1.0)),
          Map.entry("log1p", List.of(0.0)),
          Map.entry("log2", List.of(1.0)),
          Map.entry("log10", List.of(1.0)),
          Map.entry("sqrt", List.of(1.0)),
          Map.entry("cbrt", List.of(1.0)),
          Map.entry("norm_root", List.of(1.0)),
          Map.entry("log1mexp", List.of(1.0)),
          Map.entry("log_diff_exp", List.of(1.0, 0.0)),
          Map.entry("tan", List.of(0.0)),
          Map.entry("asin", List.of(0.0)),
          Map.entry("acos", List.of(0.0)),
          Map.entry("sinh", List.of(0.0)),
          Map.entry("cosh", List.of(0.0)),
          Map.entry("acosh", List.of(2.0)),
          Map.entry("atanh", List.of(0.0)),
          Map.entry("lgamma", List.of(1.5)),
          Map.entry("digamma", List.of(1.5)),
          Map.entry("trigamma", List.of(1.5)),
          Map.entry("log_rising", List.of(1.5, 1.0)),
          Map.entry("log_wright", List.of(1.0, 0.0)),
          Map.entry("lgamma_product", List.of(1.5, 1.0)),
          Map.entry("lbeta", List.of(1.5, 1.5)),
          Map.entry("rising_excess", List.of(1.0, 1.0)),
          Map.entry("negative_binomial", List.of(0.0, 1.0, 1.0)),
          Map.entry("exprel", List.of(0.0)),
          Map.entry("expm1_ratio", List.of(0.0, 0.0)),
          Map.entry("log1p_ratio", List.of(0.0, 0.0)),
          Map.entry("box_cox", List.of(1.0, 1.0)),
          Map.entry("acos_square", List.of(0.0)),
          Map.entry("acosh_sum", List.of(1.0, 1.0)),
          Map.entry("atanh_sum", List.of(0.0, 0.0)),
          Map.entry("logit", List.of(0.5)),
          Map.entry("normal_log_interval", List.of(0.0, 1.0, 1.0)),
          Map.entry("erfinv", List.of(0.0)),
          Map.entry("xlogy", List.of(1.0, 1.0)),
          Map.entry("pow_exp", List.of(1.0, 0.0, 1.0)),
          Map.entry("atan2", List.of(0.0, 1.0)));

  private static final Set<String> ARITHMETIC =
      Set.of("add", "subtract", "multiply", "negate", "square", "square'", "relu", "abs");

  private static final double LN2 = log(2);
  private static final double LN10 = log(10);

  /** Beyond this 1 is lost beside the square. */
  private static final double LARGE = 1e9;

  private static final Map<String, Elementwise> TABLE;

  static {
    Table t = new Table();

    // Arithmetic.
    t.binary("add", (a, b) -> a + b, ONE, ONE, ZERO, ZERO, ZERO);
    t.binary("subtract", (a, b) -> a - b, ONE, new Constant(-1), ZERO, ZERO, ZERO);
    t.binary("multiply", (a, b) -> a * b, new Operand(1), new Operand(0), ZERO, ONE, ZERO);
    t.binary(
        "divide",
        (a, b) -> a / b,
        of((a, b, y) -> 1 / b),
        of((a, b, y) -> -y / b),
        ZERO,
        of((a, b, y) -> -1 / (b * b)),
        of((a, b, y) -> 2 * (y / b) / b));
    t.unary("negate", u -> -u, new Constant(-1), ZERO);
    t.unary("square", u -> u * u, of((u, y) -> 2 * u), new Constant(2));
    t.binary(
        "pow",
        Math::pow,
        of((a, b, y) -> b == 0 ? 0 : b * pow(a, b - 1)),
        of((a, b, y) -> a == 0 && b > 0 ? 0 : y * log(a)),
        of((a, b, y) -> b == 0 || b == 1 ? 0 : b * (b - 1) * pow(a, b - 2)),
        of((a, b, y) -> a == 0 && b > 1 ? 0 : pow(a, b - 1) * (1 + b * log(a))),
        of((a, b, y) -> a == 0 && b > 0 ? 0 : y * log(a) * log(a)));

    // Comparisons and logic: 1 where true, 0 where false; no derivative.
    t.discrete("equal", (a, b) -> a == b ? 1 : 0);
    t.discrete("not_equal", (a, b) -> a != b ? 1 : 0);
    t.discrete("less", (a, b) -> a < b ? 1 : 0);
    t.discrete("less_equal", (a, b) -> a <= b ? 1 : 0);
    t.discrete("greater", (a, b) -> a > b ? 1 : 0);
    t.discrete("greater_equal", (a, b) -> a >= b ? 1 : 0);
    t.discrete("and", (a, b) -> a != 0 && b != 0 ? 1 : 0);
    t.discrete("or", (a, b) -> a != 0 || b != 0 ? 1 : 0);
    t.unary("not", u -> u == 0 ? 1 : 0, ZERO, ZERO).withKinkIn(0);
    t.ternary(
            "where",
            (c, a, b) -> c != 0 ? a : b,
            ZERO,
            of3((c, a, b) -> c != 0 ? 1 : 0),
            of3((c, a, b) -> c != 0 ? 0 : 1))
        .withKinkIn(0);

    // Exponentials, logarithms, powers.
    t.unary("exp", Math::exp, VALUE, VALUE);
    t.unary("expm1", Math::expm1, of((u, y) -> exp(u)), of((u, y) -> exp(u)));
    t.unary("log", Math::log, of((u, y) -> 1 / u), of((u, y) -> -1 / u / u));
    t.unary("log1p", Math::log1p, of((u, y) -> 1 / (1 + u)), of((u, y) -> -1 / (1 + u) / (1 + u)));
    t.unary(
        "log2", u -> log(u) / LN2, of((u, y) -> 1 / (u * LN2)), of((u, y) -> -1 / (u * LN2) / u));
    t.unary("log10", Math::log10, of((u, y) -> 1 / (u * LN10)), of((u, y) -> -1 / (u * LN10) / u));
    t.unary("sqrt", Math::sqrt, of((u, y) -> 0.5 / y), of((u, y) -> -0.25 / y / u));
    t.unary("cbrt", Math::cbrt, of((u, y) -> 1 / (3 * y * y)), of((u, y) -> -2 / (9 * y * y) / u));
    // The square root in norm2, which is flat at zero by convention.
    t.unary(
            "norm_root",
            Math::sqrt,
            of((u, y) -> u == 0 ? 0 : 0.5 / y),
            of((u, y) -> u == 0 ? 0 : -0.25 / y / u))
        .withKinkIn(0);
    t.unary("norm_scale", Elementwise::normScale, ZERO, ZERO);
    t.binary(
        "logaddexp",
        (a, b) -> max(a, b) + log1pOfSmall(exp(-abs(difference(a, b)))),
        of((a, b, y) -> sigmoid(difference(a, b))),
        of((a, b, y) -> sigmoid(difference(b, a))),
        of((a, b, y) -> sigmoid1(difference(a, b))),
        of((a, b, y) -> -sigmoid1(difference(a, b))),
        of((a, b, y) -> sigmoid1(difference(a, b))));
    // log(1 - exp(-|u|)), either sign of u; Maechler 2012 for where to switch.
    t.unary(
        "log1mexp",
        Elementwise::log1mexp,
        of((u, y) -> signum(u) / expm1(abs(u))),
        of((u, y) -> 1 / (expm1(abs(u)) * expm1(-abs(u)))));
    t.binary(
        "log_diff_exp",
        (a, b) -> a > b ? a + log1mexp(a - b) : a == b ? Double.NEGATIVE_INFINITY : Double.NaN,
        of((a, b, y) -> -1 / expm1(b - a)),
        of((a, b, y) -> -1 / expm1(a - b)),
        of((a, b, y) -> 1 / (expm1(a - b) * expm1(b - a))),
        of((a, b, y) -> -1 / (expm1(a - b) * expm1(b - a))),
        of((a, b, y) -> 1 / (expm1(a - b) * expm1(b - a))));

    KinkedFunctions.addTo(t);

    // Trigonometric and hyperbolic functions and their inverses.
    t.unary("sin", Math::sin, of((u, y) -> cos(u)), of((u, y) -> -y));
    t.unary("cos", Math::cos, of((u, y) -> -sin(u)), of((u, y) -> -y));
    t.unary("tan", Math::tan, of((u, y) -> 1 + y * y), of((u, y) -> 2 * y * (1 + y * y)));
    t.unary(
        "asin",
        Math::asin,
        of((u, y) -> 1 / sqrt((1 - u) * (1 + u))),
        of((u, y) -> u / pow((1 - u) * (1 + u), 1.5)));
    t.unary(
        "acos",
        Math::acos,
        of((u, y) -> -1 / sqrt((1 - u) * (1 + u))),
        of((u, y) -> -u / pow((1 - u) * (1 + u), 1.5)));
    t.unary(
        "atan",
        Math::atan,
        of((u, y) -> 1 / (1 + u * u)),
        of((u, y) -> -2 * u / (1 + u * u) / (1 + u * u)));
    t.unary("sinh", Math::sinh, of((u, y) -> Math.cosh(u)), VALUE);
    t.unary("cosh", Math::cosh, of((u, y) -> Math.sinh(u)), VALUE);
    // 1 - tanh(u)^2 would cancel where tanh is near 1.
    t.unary(
        "tanh", Math::tanh, of((u, y) -> 4 * sigmoid1(2 * u)), ofFirst((u, y, d) -> -2 * y * d));
    t.unary(
        "asinh",
        Elementwise::asinh,
        of((u, y) -> 1 / Math.hypot(1, u)),
        ofFirst((u, y, d) -> -u * d * d * d));
    t.unary(
        "acosh",
        Elementwise::acosh,
        of((u, y) -> 1 / (sqrt(u - 1) * sqrt(u + 1))),
        of((u, y) -> -u / (sqrt(u - 1) * sqrt(u + 1)) / (u - 1) / (u + 1)));
    t.unary(
        "atanh",
        Elementwise::atanh,
        of((u, y) -> 1 / ((1 - u) * (1 + u))),
        of((u, y) -> 2 * u / ((1 - u) * (1 + u)) / ((1 - u) * (1 + u))));

    // The logistic family; d2/du2 of the sigmoid is written so that neither tail cancels.
    t.unary("sigmoid", Elementwise::sigmoid, of((u, y) -> sigmoid1(u)), of((u, y) -> sigmoid2(u)));
    t.unary("softplus", Elementwise::softplus, of((u, y) -> sigmoid(u)), of((u, y) -> sigmoid1(u)));
    t.unary(
        "log_sigmoid", u -> -softplus(-u), of((u, y) -> sigmoid(-u)), of((u, y) -> -sigmoid1(u)));
    // softplus(z) - y z, on logits z, with no cancellation for labels in 0 .. 1.
    t.binary(
        "binary_cross_entropy",
        (z, label) -> log1pOfSmall(exp(-abs(z))) + (z > 0 ? (1 - label) * z : -label * z),
        of((z, label, y) -> (1 - label) * sigmoid(z) - label * sigmoid(-z)),
        of((z, label, y) -> -z),
        of((z, label, y) -> sigmoid1(z)),
        new Constant(-1),
        ZERO);
    t.unary(
        "silu",
        u -> u * sigmoid(u),
        of((u, y) -> sigmoid(u) + u * sigmoid1(u)),
        of((u, y) -> 2 * sigmoid1(u) + u * sigmoid2(u)));

    // The normal distribution and its relatives.
    t.unary(
        "erf",
        SpecialFunctions::erf,
        of((u, y) -> SpecialFunctions.erf1(u)),
        ofFirst((u, y, d) -> -2 * u * d));
    t.unary(
        "erfc",
        SpecialFunctions::erfc,
        of((u, y) -> -SpecialFunctions.erf1(u)),
        ofFirst((u, y, d) -> -2 * u * d));
    t.unary(
        "normal_cdf",
        SpecialFunctions::normalCdf,
        of((u, y) -> SpecialFunctions.normalDensity(u)),
        ofFirst((u, y, d) -> -u * d));
    t.unary(
        "normal_log_cdf",
        SpecialFunctions::normalLogCdf,
        of((u, y) -> SpecialFunctions.normalLogCdf1(u)),
        of((u, y) -> SpecialFunctions.normalLogCdf2(u)));
    t.unary(
        "gelu",
        u -> u * SpecialFunctions.normalCdf(u),
        of((u, y) -> SpecialFunctions.normalCdf(u) + u * SpecialFunctions.normalDensity(u)),
        of((u, y) -> gelu2(SpecialFunctions.normalDensity(u), u)));

    // Gamma functions.
    t.unary(
        "lgamma",
        SpecialFunctions::lgamma,
        of((u, y) -> SpecialFunctions.digamma(u)),
        of((u, y) -> SpecialFunctions.trigamma(u)));
    t.unary(
        "digamma",
        SpecialFunctions::digamma,
        of((u, y) -> SpecialFunctions.trigamma(u)),
        of((u, y) -> SpecialFunctions.tetragamma(u)));

    AccurateFunctions.addTo(t);
    TABLE = Collections.unmodifiableMap(t.rows);
  }

  private static double log1mexp(double u) {
    double t = abs(u);
    return t <= LN2 ? log(-expm1(-t)) : log1p(-exp(-t));
  }

  /** a - b, and 0 also where both are the same infinity. */
  private static double difference(double a, double b) {
    return a == b ? 0 : a - b;
  }

  /** With the square of u apart, which overflows where the density has been 0 for long. */
  private static double gelu2(double density, double u) {
    return 2 * density - u * (u * density);
  }

  private static double asinh(double u) {
    double t = abs(u);
    return signum(u) * (t > LARGE ? log(t) + LN2 : log1p(t + t * t / (1 + sqrt(1 + t * t))));
  }

  private static double acosh(double u) {
    double t = u - 1;
    return t > LARGE ? log(u) + LN2 : log1p(t + sqrt(t) * sqrt(t + 2));
  }

  /**
   * What to divide vectors by whose largest element this is, so that neither squares nor the norm's
   * derivatives leave the range of double: a power of two, 1 for all that single precision holds.
   * Its own square must not leave that range either.
   */
  private static double normScale(double u) {
    int exponent = Math.getExponent(u);
    return abs(exponent) <= 150 || u == 0 || !Double.isFinite(u)
        ? 1
        : Math.scalb(1.0, Math.max(-500, Math.min(500, exponent)));
  }

  private static double atanh(double u) {
    double t = abs(u);
    return signum(u) * 0.5 * log1p(2 * t / (1 - t));
  }

  static double sigmoid(double u) {
    double e = exp(-abs(u));
    return (u >= 0 ? 1 : e) / (1 + e);
  }

  private static double sigmoid1(double u) {
    double e = exp(-abs(u));
    return e / ((1 + e) * (1 + e));
  }

  private static double sigmoid2(double u) {
    double e = exp(-abs(u));
    return signum(u) * e * expm1(-abs(u)) / ((1 + e) * (1 + e) * (1 + e));
  }

  private static double softplus(double u) {
    return max(u, 0) + log1pOfSmall(exp(-abs(u)));
  }

  /**
   * log(1 + e) for e in 0 .. 1: the logarithm of the rounded sum, and to first order what rounding
   * took from it. Four times as fast as log1p.
   */
  private static double log1pOfSmall(double e) {
    double sum = 1 + e;
    return log(sum) + (e - (sum - 1)) / sum;
  }

  private static Partial of(Lane2 lane) {
    return new Of((u, y, none) -> lane.at(u, y));
  }

  private static Partial of(Lane lane) {
    return new Of(lane);
  }

  private static Partial ofFirst(Lane lane) {
    return new OfFirst(lane);
  }

  private static Partial of3(Lane lane) {
    return new Of(lane);
  }

  /** Collects rows. */
  static final class Table {
    private final Map<String, Elementwise> rows = new LinkedHashMap<>();

    Added unary(String name, Lane1 value, Partial d, Partial dd) {
      return add(name, 1, (u, none, nothing) -> value.at(u), List.of(d), List.of(dd));
    }

    Added binary(
        String name, Lane2 value, Partial da, Partial db, Partial daa, Partial dab, Partial dbb) {
      return add(name, 2, (a, b, none) -> value.at(a, b), List.of(da, db), List.of(daa, dab, dbb));
    }

    /** A step function of two operands. */
    void discrete(String name, Lane2 value) {
      binary(name, value, ZERO, ZERO, ZERO, ZERO, ZERO).withKinkIn(0, 1);
    }

    /**
     * A function of three operands that is linear in each piece: its second derivatives are zero.
     */
    Added ternary(String name, Lane value, Partial da, Partial db, Partial dc) {
      return add(
          name, 3, value, List.of(da, db, dc), new ArrayList<>(Collections.nCopies(6, ZERO)));
    }

    Added ternary(
        String name,
        Lane value,
        Partial da,
        Partial db,
        Partial dc,
        Partial daa,
        Partial dab,
        Partial dac,
        Partial dbb,
        Partial dbc,
        Partial dcc) {
      return add(name, 3, value, List.of(da, db, dc), List.of(daa, dab, dac, dbb, dbc, dcc));
    }

    private Added add(
        String name, int arity, Lane value, List<Partial> first, List<Partial> second) {
      Elementwise row =
          new Elementwise(name, arity, value, List.copyOf(first), List.copyOf(second), Set.of());
      rows.put(name, row);
      return new Added(this, row);
    }
  }

  /** A row that was added to a table. */
  record Added(Table table, Elementwise row) {

    /** Says that the function or its first derivative jumps somewhere as these operands move. */
    void withKinkIn(Integer... operands) {
      table.rows.put(
          row.name,
          new Elementwise(row.name, row.arity, row.value, row.first, row.second, Set.of(operands)));
    }
  }
}
