package org.sparkcurvature.ops;

import static org.sparkcurvature.ops.Row.numbers;
import static org.sparkcurvature.ops.Row.scalars;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.hipparchus.analysis.differentiation.DerivativeStructure;
import org.sparkcurvature.ops.Row.Domain;
import org.sparkcurvature.ops.Row.Formula;
import org.sparkcurvature.ops.Row.Integers;
import org.sparkcurvature.ops.Row.Matrices;
import org.sparkcurvature.ops.Row.Reals;
import org.sparkcurvature.ops.Row.Written;

/**
 * The test's table: a row for every operation, several where there are several ways to call it. A
 * formula is the operation's definition as a naive loop; nothing of the rules is used in it.
 */
final class Rows {
  private Rows() {}

  private static final List<Integer> SCALAR = List.of();
  private static final Domain CHOICE = new Integers(2);
  private static final double LN2 = Math.log(2);
  private static final double LN10 = Math.log(10);

  // spotless:off
  static final List<Row> TABLE = List.of(
      // Arithmetic.
      binary("add",      on(-3, 3), on(-3, 3), (a, b) -> a.add(b)),
      binary("subtract", on(-3, 3), on(-3, 3), (a, b) -> a.subtract(b)),
      binary("multiply", on(-3, 3), on(-3, 3), (a, b) -> a.multiply(b))
          .special(scalars(0, 0), numbers(0), numbers(0, 0), numbers(0, 1, 1, 0)),
      binary("divide",   on(-3, 3), on(-4, -0.5, 0.5, 4), (a, b) -> a.divide(b))
          .special(scalars(0, 2), numbers(0), numbers(0.5, 0), numbers(0, -0.25, -0.25, 0)),
      unary("negate",    on(-3, 3), u -> u.negate()),
      unary("square",    on(-3, 3), u -> u.multiply(u)).special(scalars(0), numbers(0), numbers(0), numbers(2)),
      binary("pow",      on(0.3, 3), on(-2, 3), (a, b) -> a.pow(b))
          .special(scalars(0, 2), numbers(0), numbers(0, 0), numbers(2, 0, 0, 0))
          .special(scalars(0, 3), numbers(0), numbers(0, 0), numbers(0, 0, 0, 0))
          .special(scalars(1, 0), numbers(1), numbers(0, 0), numbers(0, 1, 1, 0)),
      row("pow", pairOf(List.of(3), SCALAR), List.of(on(-3, 3), new Written(3)), lanes(a -> a.get(0).pow(3)))
          .special(List.of(numbers(-2), numbers(3)), numbers(-8), numbers(12), numbers(-12))
          .special(List.of(numbers(0), numbers(3)), numbers(0), numbers(0), numbers(0)),
      row("pow", pairOf(List.of(3), SCALAR), List.of(on(-3, 3), new Written(2)), lanes(a -> a.get(0).pow(2)))
          .special(List.of(numbers(0), numbers(2)), numbers(0), numbers(0), numbers(2)),
      row("pow", pairOf(List.of(3), SCALAR), List.of(on(-3, 3), new Written(1)), lanes(a -> a.get(0)))
          .special(List.of(numbers(0), numbers(1)), numbers(0), numbers(1), numbers(0)),
      row("pow", pairOf(List.of(3), SCALAR), List.of(on(-3, 3), new Written(0)), lanes(a -> a.get(0).pow(0)))
          .special(List.of(numbers(0), numbers(0)), numbers(1), numbers(0), numbers(0)),
      row("pow", pairOf(List.of(3), List.of(3)), List.of(on(-3, -0.5, 0.5, 3), new Integers(4)),
          lanes(a -> a.get(0).pow((int) a.get(1).getValue())))
          .special(scalars(-2, 3), numbers(-8), numbers(12), numbers(-12)),

      // Comparisons and logic.
      binary("equal",         on(-3, 3), on(-3, 3), step((a, b) -> a == b ? 1 : 0)).kink(scalars(2, 2), numbers(1), numbers(0, 0)),
      binary("not_equal",     on(-3, 3), on(-3, 3), step((a, b) -> a != b ? 1 : 0)).kink(scalars(2, 2), numbers(0), numbers(0, 0)),
      binary("less",          on(-3, 3), on(-3, 3), step((a, b) -> a < b ? 1 : 0)).where(Rows::apart).kink(scalars(2, 2), numbers(0), numbers(0, 0)),
      binary("less_equal",    on(-3, 3), on(-3, 3), step((a, b) -> a <= b ? 1 : 0)).where(Rows::apart).kink(scalars(2, 2), numbers(1), numbers(0, 0)),
      binary("greater",       on(-3, 3), on(-3, 3), step((a, b) -> a > b ? 1 : 0)).where(Rows::apart).kink(scalars(2, 2), numbers(0), numbers(0, 0)),
      binary("greater_equal", on(-3, 3), on(-3, 3), step((a, b) -> a >= b ? 1 : 0)).where(Rows::apart).kink(scalars(2, 2), numbers(1), numbers(0, 0)),
      binary("and",           CHOICE, CHOICE, step((a, b) -> a != 0 && b != 0 ? 1 : 0)),
      binary("or",            CHOICE, CHOICE, step((a, b) -> a != 0 || b != 0 ? 1 : 0)),
      unary("not",            CHOICE, u -> constant(u, u.getValue() == 0 ? 1 : 0)),
      row("where", List.of(List.of(List.of(3), List.of(3), List.of(3)), List.of(List.of(3), List.of(3), SCALAR)),
          List.of(CHOICE, on(-3, 3), on(-3, 3)), lanes(a -> a.get(0).getValue() != 0 ? a.get(1) : a.get(2))),

      // Exponentials, logarithms, powers.
      unary("exp",       on(-3, 3),          u -> u.exp()).special(scalars(0), numbers(1), numbers(1), numbers(1)),
      unary("expm1",     on(-3, 3),          u -> u.expm1()).special(scalars(0), numbers(0), numbers(1), numbers(1)),
      unary("log",       on(0.3, 4),         u -> u.log()).special(scalars(1), numbers(0), numbers(1), numbers(-1)),
      unary("ln",        on(0.3, 4),         u -> u.log()).special(scalars(1), numbers(0), numbers(1), numbers(-1)),
      unary("log1p",     on(-0.7, 4),        u -> u.log1p()).special(scalars(0), numbers(0), numbers(1), numbers(-1)),
      unary("log2",      on(0.3, 4),         u -> u.log().divide(LN2)).special(scalars(1), numbers(0), numbers(1 / LN2), numbers(-1 / LN2)),
      unary("log10",     on(0.3, 4),         u -> u.log10()).special(scalars(1), numbers(0), numbers(1 / LN10), numbers(-1 / LN10)),
      unary("sqrt",      on(0.3, 4),         u -> u.sqrt()).special(scalars(1), numbers(1), numbers(0.5), numbers(-0.25)),
      unary("cbrt",      on(-3, -0.3, 0.3, 3), u -> u.cbrt()).special(scalars(-1), numbers(-1), numbers(1 / 3.0), numbers(2 / 9.0)),
      unary("norm_root", on(0.3, 4),         u -> u.sqrt()).kink(scalars(0), numbers(0), numbers(0)),
      unary("norm_scale", on(0.3, 4),        u -> constant(u, 1)).kink(scalars(0), numbers(1), numbers(0)),
      binary("logaddexp", on(-3, 3), on(-3, 3), (a, b) -> a.exp().add(b.exp()).log())
          .special(scalars(0, 0), numbers(LN2), numbers(0.5, 0.5), numbers(0.25, -0.25, -0.25, 0.25)),
      unary("log1mexp",  on(-3, -0.3, 0.3, 3), u -> u.abs().negate().exp().negate().add(1).log()),
      binary("log_diff_exp", on(0.5, 3), on(-3, 0), (a, b) -> a.exp().subtract(b.exp()).log()),

      // Sign and kinks: the loss language's table.
      unary("abs",  on(-3, -0.2, 0.2, 3), u -> u.abs()).kink(scalars(0), numbers(0), numbers(0)),
      unary("floor", on(-1.8, -1.2, 0.2, 0.8), u -> constant(u, Math.floor(u.getValue()))).kink(scalars(-2), numbers(-2), numbers(0)),
      unary("round", on(-1.4, -0.6, 0.6, 1.4), u -> constant(u, Math.rint(u.getValue()))).kink(scalars(-2.5), numbers(-3), numbers(0)),
      unary("sign", on(-3, -0.2, 0.2, 3), u -> constant(u, Math.signum(u.getValue()))).kink(scalars(0), numbers(0), numbers(0)),
      unary("relu", on(-3, -0.2, 0.2, 3), u -> u.getValue() > 0 ? u : constant(u, 0)).kink(scalars(0), numbers(0), numbers(0)),
      unary("elu",  on(-3, -0.2, 0.2, 3), u -> u.getValue() > 0 ? u : u.exp().subtract(1)).kink(scalars(0), numbers(0), numbers(1)),
      binary("leaky_relu", on(-3, -0.2, 0.2, 3), on(0.01, 0.5), (u, s) -> u.getValue() > 0 ? u : u.multiply(s))
          .kink(scalars(0, 0.1), numbers(0), numbers(0.1, 0)),
      unary("leaky_relu", on(-3, -0.2, 0.2, 3), u -> u.getValue() > 0 ? u : u.multiply(0.01)).kink(scalars(0), numbers(0), numbers(0.01)),
      binary("greatest", on(-3, 3), on(-3, 3), (a, b) -> a.getValue() > b.getValue() ? a : b).where(Rows::apart)
          .kink(scalars(2, 2), numbers(2), numbers(0.5, 0.5)),
      binary("least",    on(-3, 3), on(-3, 3), (a, b) -> a.getValue() < b.getValue() ? a : b).where(Rows::apart)
          .kink(scalars(2, 2), numbers(2), numbers(0.5, 0.5)),
      row("greatest", triple(), List.of(on(-3, 3), on(-3, 3), on(-3, 3)), lanes(Rows::largest)).where(Rows::apart)
          .kink(scalars(2, 2, 2), numbers(2), numbers(1 / 3.0, 1 / 3.0, 1 / 3.0))
          .kink(scalars(2, 1, 2), numbers(2), numbers(0.5, 0, 0.5)),
      row("least", triple(), List.of(on(-3, 3), on(-3, 3), on(-3, 3)), lanes(a -> largest(negated(a)).negate())).where(Rows::apart)
          .kink(scalars(2, 2, 2), numbers(2), numbers(1 / 3.0, 1 / 3.0, 1 / 3.0))
          .kink(scalars(2, 3, 2), numbers(2), numbers(0.5, 0, 0.5)),
      row("clip", triple(), List.of(on(-3, 3), on(-1, -0.5), on(0.5, 1)),
          lanes(a -> a.get(0).getValue() < a.get(1).getValue() ? a.get(1) : a.get(0).getValue() > a.get(2).getValue() ? a.get(2) : a.get(0))).where(Rows::apart)
          .kink(scalars(-1, -1, 1), numbers(-1), numbers(1, 0, 0))
          .kink(scalars(1, -1, 1), numbers(1), numbers(1, 0, 0)),
      binary("huber", on(-3, 3), on(0.8, 1.5),
          (r, d) -> Math.abs(r.getValue()) < d.getValue() ? r.multiply(r).divide(2) : d.multiply(r.abs().subtract(d.divide(2))))
          .where(a -> apart(a[0], a[1], (r, d) -> Math.abs(r) - d))
          .special(scalars(0, 1), numbers(0), numbers(0, 0), numbers(1, 0, 0, 0))
          .kink(scalars(1.5, 1.5), numbers(1.125), numbers(1.5, 0))
          .kink(scalars(-1.5, 1.5), numbers(1.125), numbers(-1.5, 0)),
      binary("pinball", on(-3, -0.2, 0.2, 3), on(0.05, 0.95), (r, tau) -> r.getValue() > 0 ? tau.multiply(r) : tau.subtract(1).multiply(r))
          .special(scalars(0, 0.25), numbers(0), numbers(-0.25, 0), numbers(0, 1, 1, 0)),

      // Trigonometric and hyperbolic functions and their inverses.
      unary("sin",   on(-3, 3),       u -> u.sin()).special(scalars(0), numbers(0), numbers(1), numbers(0)),
      unary("cos",   on(-3, 3),       u -> u.cos()).special(scalars(0), numbers(1), numbers(0), numbers(-1)),
      unary("tan",   on(-1.3, 1.3),   u -> u.sin().divide(u.cos())).special(scalars(0), numbers(0), numbers(1), numbers(0)),
      unary("asin",  on(-0.8, 0.8),   u -> u.asin()).special(scalars(0), numbers(0), numbers(1), numbers(0)),
      unary("acos",  on(-0.8, 0.8),   u -> u.acos()).special(scalars(0), numbers(Math.PI / 2), numbers(-1), numbers(0)),
      unary("atan",  on(-3, 3),       u -> u.atan()).special(scalars(0), numbers(0), numbers(1), numbers(0)),
      unary("sinh",  on(-3, 3),       u -> u.sinh()).special(scalars(0), numbers(0), numbers(1), numbers(0)),
      unary("cosh",  on(-3, 3),       u -> u.cosh()).special(scalars(0), numbers(1), numbers(0), numbers(1)),
      unary("tanh",  on(-3, 3),       u -> u.tanh()).special(scalars(0), numbers(0), numbers(1), numbers(0)),
      unary("asinh", on(-3, 3),       u -> u.asinh()).special(scalars(0), numbers(0), numbers(1), numbers(0))
          .special(scalars(1e155), numbers(Math.log(2e155)), numbers(1e-155), numbers(-1e-310)),
      unary("acosh", on(1.3, 4),      u -> u.acosh()),
      unary("atanh", on(-0.8, 0.8),   u -> u.atanh()).special(scalars(0), numbers(0), numbers(1), numbers(0)),

      // The logistic family.
      unary("sigmoid",     on(-4, 4), Rows::sigmoid).special(scalars(0), numbers(0.5), numbers(0.25), numbers(0)),
      unary("softplus",    on(-4, 4), u -> u.exp().add(1).log()).special(scalars(0), numbers(LN2), numbers(0.5), numbers(0.25)),
      unary("log_sigmoid", on(-4, 4), u -> sigmoid(u).log()).special(scalars(0), numbers(-LN2), numbers(0.5), numbers(-0.25)),
      unary("silu",        on(-4, 4), u -> u.multiply(sigmoid(u))).special(scalars(0), numbers(0), numbers(0.5), numbers(0.5)),
      binary("binary_cross_entropy", on(-4, 4), on(0, 1), (z, y) -> z.exp().add(1).log().subtract(y.multiply(z)))
          .special(scalars(0, 1), numbers(LN2), numbers(-0.5, 0), numbers(0.25, -1, -1, 0)),

      // The normal distribution and its relatives; gamma functions.
      unary("erf",            on(-2, 2), Rows::erf).special(scalars(0), numbers(0), numbers(2 / Math.sqrt(Math.PI)), numbers(0)),
      unary("erfc",           on(-2, 2), u -> erf(u).negate().add(1)).special(scalars(0), numbers(1), numbers(-2 / Math.sqrt(Math.PI)), numbers(0)),
      unary("normal_cdf",     on(-2, 2), Rows::normalCdf).special(scalars(0), numbers(0.5), numbers(1 / Math.sqrt(2 * Math.PI)), numbers(0)),
      unary("normal_log_cdf", on(-2, 2), u -> normalCdf(u).log()).special(scalars(0), numbers(-LN2), numbers(Math.sqrt(2 / Math.PI)), numbers(-2 / Math.PI)),
      unary("gelu",           on(-2, 2), u -> u.multiply(normalCdf(u))).special(scalars(0), numbers(0), numbers(0.5), numbers(Math.sqrt(2 / Math.PI)))
          .special(scalars(1e200), numbers(1e200), numbers(1), numbers(0))
          .special(scalars(-1e200), numbers(-0.0), numbers(0), numbers(0)),
      unary("lgamma",         on(-1.7, -1.3, 0.4, 6), Rows::lgamma).special(scalars(1), numbers(0), numbers(-0.5772156649015329), numbers(Math.PI * Math.PI / 6)),
      unary("digamma",        on(-1.7, -1.3, 0.4, 6), Rows::digamma).special(scalars(1), numbers(-0.5772156649015329), numbers(Math.PI * Math.PI / 6), numbers(-2.4041138063191886)),
      unary("trigamma",       on(0.4, 6), Rows::trigamma).special(scalars(1), numbers(Math.PI * Math.PI / 6), numbers(-2.4041138063191886), numbers(6.4939394022668291)),
      binary("lgamma_product", on(0.4, 3), on(0.5, 2), (a, b) -> lgamma(a.multiply(b)))
          .special(scalars(1, 1e-150), numbers(150 * Math.log(10)), numbers(-1, -1e150), numbers(1, -0.5772156649015329, -0.5772156649015329, 1e300)),
      binary("log_rising",    on(0.4, 6), on(0.3, 5), (a, n) -> lgamma(a.add(n)).subtract(lgamma(a)))
          .special(scalars(1e18, 1), numbers(Math.log(1e18)), numbers(1e-18, Math.log(1e18)), numbers(-1e-36, 1e-18, 1e-18, 1e-18)),
      binary("log_wright",    on(0.5, 2), on(-1, 3), Rows::wright)
          .special(scalars(1, 0), numbers(0.46413447354615974), numbers(-0.07160268694736213, 1.4331274267223118),
              numbers(-1.0983690442184843, -0.5976198819716186, -0.5976198819716186, 0.3792732054985967)),
      binary("lbeta",         on(0.4, 6), on(0.3, 5), (a, b) -> lgamma(a).add(lgamma(b)).subtract(lgamma(a.add(b)))),
      binary("rising_excess", on(0.2, 3), on(0.3, 5), (s, n) -> lgamma(s.reciprocal().add(n)).subtract(lgamma(s.reciprocal())).add(n.multiply(s.log())))
          .special(List.of(numbers(0), numbers(4)), numbers(0), numbers(6, -0.0), numbers(-14, 3.5, 3.5, 0)),
      row("negative_binomial", triple(), List.of(on(-2, 2), on(0.3, 5), on(0.2, 3)),
          lanes(a -> a.get(2).multiply(a.get(0).exp()).add(1).log().multiply(a.get(2).reciprocal().add(a.get(1))).subtract(a.get(0).multiply(a.get(1)))
              .subtract(lgamma(a.get(2).reciprocal().add(a.get(1)))).add(lgamma(a.get(2).reciprocal())).subtract(a.get(1).multiply(a.get(2).log())))),

      // Quotients of what vanishes together, logarithms of probabilities, and what is finite at 0.
      unary("exprel",        on(-3, -0.3, 0.3, 3), u -> u.expm1().divide(u)).special(scalars(0), numbers(1), numbers(0.5), numbers(1 / 3.0)),
      unary("sinc",          on(-3, -0.3, 0.3, 3), u -> u.sin().divide(u)).special(scalars(0), numbers(1), numbers(0), numbers(-1 / 3.0)),
      binary("expm1_ratio",  on(-2, 2), on(-2, -0.3, 0.3, 2), (u, k) -> u.multiply(k).expm1().divide(k))
          .special(scalars(3, 0), numbers(3), numbers(1, 4.5), numbers(0, 3, 3, 9)),
      binary("log1p_ratio",  on(0.2, 2), on(0.3, 2), (u, k) -> u.multiply(k).log1p().divide(k))
          .special(scalars(3, 0), numbers(3), numbers(1, -4.5), numbers(0, -3, -3, 18)),
      binary("box_cox",      on(0.3, 4), on(-2, -0.3, 0.3, 2), (x, k) -> x.pow(k).subtract(1).divide(k))
          .special(scalars(1, 0), numbers(0), numbers(1, 0), numbers(-1, 0, 0, 0)),
      unary("acos_square",   on(-0.8, 0.6), u -> u.acos().multiply(u.acos())).special(scalars(1), numbers(0), numbers(-2), numbers(2 / 3.0)),
      binary("acosh_sum",    on(0.8, 4), on(0.4, 3), (a, b) -> a.add(b).acosh())
          .special(scalars(1e20, 1), numbers(Math.log(2e20)), numbers(1e-20, 1e-20), numbers(-1e-40, -1e-40, -1e-40, -1e-40)),
      binary("atanh_sum",    on(-0.4, 0.4), on(-0.4, 0.4), (a, b) -> a.add(b).atanh())
          .special(scalars(0.25, -0.25), numbers(0), numbers(1, 1), numbers(0, 0, 0, 0)),
      unary("logit",         on(0.3, 0.7), u -> u.log().subtract(u.negate().add(1).log())).special(scalars(0.5), numbers(0), numbers(4), numbers(0)),
      unary("log_erfc",      on(-2, 2), u -> erf(u).negate().add(1).log()).special(scalars(0), numbers(0), numbers(-2 / Math.sqrt(Math.PI)), numbers(-4 / Math.PI)),
      // An interval is a function of its width and the bound nearer to 0, a wide one of both bounds.
      row("normal_log_interval", triple(), List.of(on(-0.3, 1), on(0.5, 2), on(0.3, 1.5)),
          lanes(a -> normalCdf(a.get(0).add(a.get(2))).subtract(normalCdf(a.get(0))).log())),
      row("normal_log_interval", triple(), List.of(on(-3, -1), on(-0.5, 0.4), on(0.3, 1.5)),
          lanes(a -> normalCdf(a.get(1)).subtract(normalCdf(a.get(1).subtract(a.get(2)))).log())),
      row("normal_log_interval", triple(), List.of(on(-3, 1), on(1.5, 3), on(4.5, 6)),
          lanes(a -> normalCdf(a.get(1)).subtract(normalCdf(a.get(0))).log()))
          .special(scalars(Double.NEGATIVE_INFINITY, 0, Double.POSITIVE_INFINITY), numbers(-LN2),
              numbers(0, Math.sqrt(2 / Math.PI), 0), numbers(0, 0, 0, 0, -2 / Math.PI, 0, 0, 0, 0)),
      unary("erfinv",        on(-0.6, 0.6), Rows::erfinv).special(scalars(0), numbers(0), numbers(Math.sqrt(Math.PI) / 2), numbers(0)),
      binary("xlogy",        on(-3, 3), on(0.3, 4), (x, y) -> x.multiply(y.log())).special(scalars(0, 2), numbers(0), numbers(LN2, 0), numbers(0, 0.5, 0.5, 0)),
      row("pow_exp", triple(), List.of(on(0.3, 3), on(-1, 1), on(-2, 3)), lanes(a -> a.get(0).log().add(a.get(1)).multiply(a.get(2)).exp()))
          .special(scalars(0, 0, 3), numbers(0), numbers(0, 0, 0), List.of()),
      binary("atan2",        on(0.3, 3), on(-3, 3), (y, x) -> x.divide(y).atan().negate().add(Math.PI / 2))
          .special(scalars(0, 2), numbers(0), numbers(0.5, 0), numbers(0, -0.25, -0.25, 0)),

      // Products.
      row("dot", List.of(List.of(List.of(4), List.of(4))), reals(2), a -> matmul(a, 1, 4, 1)),
      row("matmul", List.of(List.of(List.of(2, 3), List.of(3))), reals(2), a -> matmul(a, 2, 3, 1)),
      row("matmul", List.of(List.of(List.of(3), List.of(3, 2))), reals(2), a -> matmul(a, 1, 3, 2)),
      row("matmul", List.of(List.of(List.of(2, 3), List.of(3, 2))), reals(2), a -> matmul(a, 2, 3, 2)),
      row("matmul", List.of(List.of(List.of(1, 1), List.of(1, 1))), reals(2), a -> matmul(a, 1, 1, 1)),
      row("outer", List.of(List.of(List.of(2), List.of(3))), reals(2), a -> matmul(a, 2, 1, 3)),
      row("transpose", List.of(List.of(List.of(2, 3))), reals(1), a -> pick(a.get(0), 0, 3, 1, 4, 2, 5)),

      // Reductions.
      reduction("sum",       Rows::sum),
      matrix("sum",       0, Rows::sum),
      matrix("sum",       1, Rows::sum),
      reduction("mean",      z -> sum(z).divide(z.size())),
      matrix("mean",      0, z -> sum(z).divide(z.size())),
      matrix("mean",      1, z -> sum(z).divide(z.size())),
      reduction("prod",      Rows::product)
          .special(List.of(numbers(2, 0, 5)), numbers(0), numbers(0, 10, 0), numbers(0, 5, 0, 5, 0, 2, 0, 2, 0))
          .special(List.of(numbers(0, 0, 5)), numbers(0), numbers(0, 0, 0), numbers(0, 5, 0, 5, 0, 0, 0, 0, 0))
          .special(List.of(numbers(0, 0, 0)), numbers(0), numbers(0, 0, 0), List.of())
          .special(List.of(numbers(3)), numbers(3), numbers(1), numbers(0)),
      matrix("prod",      0, Rows::product),
      matrix("prod",      1, Rows::product),
      reduction("max",       Rows::largest).where(Rows::apart)
          .kink(List.of(numbers(1, 2, 2)), numbers(2), numbers(0, 0.5, 0.5))
          .kink(List.of(numbers(2, 2, 2)), numbers(2), numbers(1 / 3.0, 1 / 3.0, 1 / 3.0)),
      matrix("max",       0, Rows::largest).where(Rows::apart),
      matrix("max",       1, Rows::largest).where(Rows::apart),
      reduction("min",       z -> largest(negated(z)).negate()).where(Rows::apart)
          .kink(List.of(numbers(3, 2, 2)), numbers(2), numbers(0, 0.5, 0.5))
          .kink(List.of(numbers(2, 2, 2)), numbers(2), numbers(1 / 3.0, 1 / 3.0, 1 / 3.0)),
      matrix("min",       0, z -> largest(negated(z)).negate()).where(Rows::apart),
      matrix("min",       1, z -> largest(negated(z)).negate()).where(Rows::apart),
      reduction("logsumexp", Rows::logSumExp)
          .special(List.of(numbers(1e3, 1e3)), numbers(1e3 + LN2), numbers(0.5, 0.5), numbers(0.25, -0.25, -0.25, 0.25))
          .special(List.of(numbers(-1e3, -1e3)), numbers(-1e3 + LN2), numbers(0.5, 0.5), numbers(0.25, -0.25, -0.25, 0.25))
          .special(List.of(numbers(1e3, 0)), numbers(1e3), numbers(1, 0), List.of())
          .special(List.of(numbers(1e3)), numbers(1e3), numbers(1), List.of()),
      matrix("logsumexp", 0, Rows::logSumExp),
      matrix("logsumexp", 1, Rows::logSumExp),
      reduction("norm2",     Rows::norm)
          .kink(List.of(numbers(0, 0, 0)), numbers(0), numbers(0, 0, 0))
          .special(List.of(numbers(3, 4)), numbers(5), numbers(0.6, 0.8), numbers(16 / 125.0, -12 / 125.0, -12 / 125.0, 9 / 125.0))
          .special(List.of(numbers(3e100, 4e100)), numbers(5e100), numbers(0.6, 0.8), numbers(16e-100 / 125, -12e-100 / 125, -12e-100 / 125, 9e-100 / 125))
          .special(List.of(numbers(3e-100, 4e-100)), numbers(5e-100), numbers(0.6, 0.8), numbers(16e100 / 125, -12e100 / 125, -12e100 / 125, 9e100 / 125))
          .special(List.of(numbers(-7, 0)), numbers(7), numbers(-1, 0), numbers(0, 0, 0, 1 / 7.0)),
      matrix("norm2",     0, Rows::norm),
      matrix("norm2",     1, Rows::norm),
      row("softmax",     List.of(List.of(List.of(4)), List.of(List.of(2, 2)), List.of(SCALAR)), reals(1), a -> softmax(a.get(0))),
      row("softmax",     List.of(List.of(List.of(2, 3))), reals(1), a -> each(a.get(0), 2, 3, 1, Rows::softmax)).along(1),
      row("softmax",     List.of(List.of(List.of(2, 3))), reals(1), a -> each(a.get(0), 2, 3, 0, Rows::softmax)).along(0),
      row("log_softmax", List.of(List.of(List.of(4)), List.of(List.of(2, 2)), List.of(SCALAR)), reals(1), a -> logSoftmax(a.get(0))),
      row("log_softmax", List.of(List.of(List.of(2, 3))), reals(1), a -> each(a.get(0), 2, 3, 1, Rows::logSoftmax)).along(1),
      row("log_softmax", List.of(List.of(List.of(2, 3))), reals(1), a -> each(a.get(0), 2, 3, 0, Rows::logSoftmax)).along(0),
      row("cumsum", List.of(List.of(List.of(4)), List.of(List.of(1))), reals(1), a -> runningSums(a.get(0))),
      row("cumsum", List.of(List.of(List.of(2, 3))), reals(1), a -> each(a.get(0), 2, 3, 0, Rows::runningSums)).along(0),
      row("cumsum", List.of(List.of(List.of(2, 3))), reals(1), a -> each(a.get(0), 2, 3, 1, Rows::runningSums)).along(1),
      row("logcumsumexp", List.of(List.of(List.of(4)), List.of(List.of(1))), reals(1), a -> logRunningSums(a.get(0)))
          .special(List.of(numbers(0, 1e3)), numbers(0, 1e3), numbers(1, 1), List.of()),
      row("logcumsumexp", List.of(List.of(List.of(2, 3))), reals(1), a -> each(a.get(0), 2, 3, 0, Rows::logRunningSums)).along(0),
      row("logcumsumexp", List.of(List.of(List.of(2, 3))), reals(1), a -> each(a.get(0), 2, 3, 1, Rows::logRunningSums)).along(1),

      // Small matrices.
      row("trace",    squares(), List.of(on(-2, 2)), a -> MatrixFormulas.trace(a.get(0))),
      row("diag",     squares(), List.of(on(-2, 2)), a -> MatrixFormulas.diagonal(a.get(0))),
      row("diag",     List.of(List.of(List.of(3)), List.of(List.of(1))), List.of(on(-2, 2)), a -> MatrixFormulas.onDiagonal(a.get(0))),
      row("eye",      List.of(List.of(SCALAR)), List.of(new Written(3)), a -> MatrixFormulas.identity(a.get(0))),
      row("inverse",  squares(), List.of(Matrices.REGULAR), a -> MatrixFormulas.inverse(a.get(0))),
      row("inverse",  squares(), List.of(Matrices.DEFINITE), a -> MatrixFormulas.inverse(a.get(0))),
      row("solve",    pairOf(List.of(3, 3), List.of(3)), List.of(Matrices.REGULAR, on(-2, 2)), a -> MatrixFormulas.solution(a.get(0), a.get(1))),
      row("solve",    pairOf(List.of(3, 3), List.of(3, 2)), List.of(Matrices.REGULAR, on(-2, 2)), a -> MatrixFormulas.solution(a.get(0), a.get(1))),
      row("solve",    pairOf(List.of(3, 3), List.of(3)), List.of(Matrices.DEFINITE, on(-2, 2)), a -> MatrixFormulas.solution(a.get(0), a.get(1))),
      row("solve",    pairOf(List.of(3, 3), List.of(3)), List.of(Matrices.LOWER, on(-2, 2)), a -> MatrixFormulas.solution(a.get(0), a.get(1))),
      row("solve",    pairOf(List.of(1, 1), List.of(1)), List.of(Matrices.REGULAR, on(-2, 2)), a -> MatrixFormulas.solution(a.get(0), a.get(1))),
      row("cholesky", squares(), List.of(Matrices.DEFINITE), a -> MatrixFormulas.cholesky(a.get(0))),
      row("logdet",   squares(), List.of(Matrices.DEFINITE), a -> MatrixFormulas.logDeterminant(a.get(0))),

      // Shape.
      row("index", List.of(List.of(List.of(4), SCALAR)), List.of(on(-2, 2), new Written(2)), a -> pick(a.get(0), 2)),
      row("index", List.of(List.of(List.of(4), SCALAR)), List.of(on(-2, 2), new Integers(4)), a -> pick(a.get(0), integer(a.get(1)))),
      row("index", List.of(List.of(List.of(3, 2), SCALAR)), List.of(on(-2, 2), new Written(2)), a -> pick(a.get(0), 4, 5)),
      row("index", List.of(List.of(List.of(3, 2), SCALAR)), List.of(on(-2, 2), new Integers(3)),
          a -> pick(a.get(0), 2 * integer(a.get(1)), 2 * integer(a.get(1)) + 1)),
      row("index", List.of(List.of(List.of(4), List.of(3)), List.of(List.of(4), List.of(1)), List.of(List.of(4, 2), List.of(2, 2))),
          List.of(on(-2, 2), new Integers(4)), Rows::rowsAt),
      row("slice", List.of(List.of(List.of(5), SCALAR, SCALAR)), List.of(on(-2, 2), new Written(1), new Written(3)), a -> pick(a.get(0), 1, 2, 3)),
      row("slice", List.of(List.of(List.of(3, 2), SCALAR, SCALAR)), List.of(on(-2, 2), new Written(1), new Written(2)), a -> pick(a.get(0), 2, 3, 4, 5)),
      row("concat", List.of(List.of(List.of(2), SCALAR, List.of(3)), List.of(List.of(2, 2), List.of(1, 2), List.of(1, 2)), List.of(SCALAR, SCALAR, SCALAR)),
          reals(3), Rows::joined),
      row("concat", List.of(List.of(SCALAR), List.of(List.of(3))), reals(1), Rows::joined),
      row("reshape", List.of(List.of(List.of(6), SCALAR, SCALAR)), List.of(on(-2, 2), new Written(2), new Written(3)), a -> a.get(0)),
      row("reshape", List.of(List.of(List.of(2, 3), SCALAR)), List.of(on(-2, 2), new Written(6)), a -> a.get(0)),
      row("one_hot", List.of(List.of(SCALAR, SCALAR)), List.of(new Integers(4), new Written(4)),
          a -> List.of(0, 1, 2, 3).stream().map(k -> constant(a.get(0).get(0), k == integer(a.get(0)) ? 1 : 0)).toList()),

      // Ready losses.
      row("cross_entropy", List.of(List.of(List.of(4), SCALAR)), List.of(on(-3, 3), new Integers(4)),
          a -> List.of(logSumExp(a.get(0)).subtract(a.get(0).get(integer(a.get(1))))))
          .special(List.of(numbers(1e3, 0), numbers(1)), numbers(1e3), numbers(1, -1), List.of())
          .special(List.of(numbers(1e3, 0), numbers(0)), numbers(0), numbers(0, 0), List.of()));
  // spotless:on

  private static Domain on(double... bounds) {
    return new Reals(numbers(bounds));
  }

  private static List<Domain> reals(int count) {
    return java.util.Collections.nCopies(count, on(-2, 2));
  }

  private static Row row(
      String name, List<List<List<Integer>>> shapes, List<Domain> arguments, Formula formula) {
    return new Row(
        name, shapes, arguments, OptionalInt.empty(), formula, a -> true, List.of(), Row.USUAL, "");
  }

  private static Row unary(String name, Domain domain, UnaryOperator<DerivativeStructure> f) {
    return row(
        name,
        List.of(List.of(SCALAR), List.of(List.of(3)), List.of(List.of(2, 2))),
        List.of(domain),
        lanes(a -> f.apply(a.get(0))));
  }

  private static Row binary(
      String name, Domain first, Domain second, BinaryOperator<DerivativeStructure> f) {
    List<List<List<Integer>>> shapes = new ArrayList<>();
    shapes.addAll(pairOf(SCALAR, SCALAR));
    shapes.addAll(pairOf(List.of(3), List.of(3)));
    shapes.addAll(pairOf(SCALAR, List.of(2, 2)));
    shapes.addAll(pairOf(List.of(3), SCALAR));
    return row(name, shapes, List.of(first, second), lanes(a -> f.apply(a.get(0), a.get(1))));
  }

  private static List<List<List<Integer>>> pairOf(List<Integer> a, List<Integer> b) {
    return List.of(List.of(a, b));
  }

  private static List<List<List<Integer>>> squares() {
    return List.of(List.of(List.of(3, 3)), List.of(List.of(2, 2)), List.of(List.of(1, 1)));
  }

  private static List<List<List<Integer>>> triple() {
    return List.of(
        List.of(List.of(2), List.of(2), List.of(2)),
        List.of(List.of(2), SCALAR, SCALAR),
        List.of(SCALAR, SCALAR, SCALAR));
  }

  /** A reduction over all elements. */
  private static Row reduction(
      String name, Function<List<DerivativeStructure>, DerivativeStructure> f) {
    return row(
        name,
        List.of(List.of(List.of(3)), List.of(List.of(2, 2)), List.of(List.of(5)), List.of(SCALAR)),
        List.of(on(-3, -0.3, 0.3, 3)),
        a -> List.of(f.apply(a.get(0))));
  }

  /** A reduction of a matrix along an axis. */
  private static Row matrix(
      String name, int axis, Function<List<DerivativeStructure>, DerivativeStructure> f) {
    return row(
            name,
            List.of(List.of(List.of(2, 3))),
            List.of(on(-3, -0.3, 0.3, 3)),
            a -> {
              List<DerivativeStructure> result = new ArrayList<>();
              for (List<DerivativeStructure> line : lines(a.get(0), 2, 3, axis)) {
                result.add(f.apply(line));
              }
              return result;
            })
        .along(axis);
  }

  /** A function of one element of each argument; an argument of one element is repeated. */
  private static Formula lanes(Function<List<DerivativeStructure>, DerivativeStructure> f) {
    return arguments -> {
      int size = arguments.stream().mapToInt(List::size).max().orElseThrow();
      List<DerivativeStructure> result = new ArrayList<>();
      for (int k = 0; k < size; k++) {
        int lane = k;
        result.add(f.apply(arguments.stream().map(a -> a.get(a.size() == 1 ? 0 : lane)).toList()));
      }
      return result;
    };
  }

  private static BinaryOperator<DerivativeStructure> step(DoubleBinaryOperator f) {
    return (a, b) -> constant(a, f.applyAsDouble(a.getValue(), b.getValue()));
  }

  private static DerivativeStructure constant(DerivativeStructure like, double value) {
    return like.getFactory().constant(value);
  }

  private static int integer(List<DerivativeStructure> argument) {
    return (int) argument.get(0).getValue();
  }

  /** No two elements within 0.2 of each other, so that no difference crosses a tie. */
  private static boolean apart(double[][] arguments) {
    List<Double> all = new ArrayList<>();
    for (double[] argument : arguments) {
      for (double value : argument) {
        if (all.stream().anyMatch(other -> Math.abs(other - value) < 0.2)) {
          return false;
        }
        all.add(value);
      }
    }
    return true;
  }

  private static boolean apart(double[] a, double[] b, DoubleBinaryOperator distance) {
    for (int k = 0; k < Math.max(a.length, b.length); k++) {
      if (Math.abs(distance.applyAsDouble(a[k % a.length], b[k % b.length])) < 0.2) {
        return false;
      }
    }
    return true;
  }

  // Definitions.

  private static DerivativeStructure sigmoid(DerivativeStructure u) {
    return u.negate().exp().add(1).reciprocal();
  }

  /** Abramowitz and Stegun 7.1.6: no term cancels another. */
  private static DerivativeStructure erf(DerivativeStructure u) {
    DerivativeStructure square = u.multiply(u);
    DerivativeStructure term = u;
    DerivativeStructure sum = u;
    for (int k = 1; k < 60; k++) {
      term = term.multiply(square).multiply(2.0 / (2 * k + 1));
      sum = sum.add(term);
    }
    return sum.multiply(square.negate().exp()).multiply(2 / Math.sqrt(Math.PI));
  }

  private static DerivativeStructure normalCdf(DerivativeStructure u) {
    return erf(u.divide(Math.sqrt(2))).add(1).divide(2);
  }

  private static final int SHIFT = 22;

  /** Term by term. */
  private static DerivativeStructure wright(DerivativeStructure a, DerivativeStructure u) {
    DerivativeStructure sum = a.multiply(0);
    for (int k = 1; k < 80; k++) {
      sum =
          sum.add(
              u.multiply(k)
                  .subtract(lgamma(a.multiply(0).add(k + 1)))
                  .subtract(lgamma(a.multiply(k)))
                  .exp());
    }
    return sum.log();
  }

  /**
   * Stirling's series far up, brought down by the recurrence; no further up than its terms need, as
   * the recurrence subtracts numbers that nearly cancel.
   */
  private static DerivativeStructure lgamma(DerivativeStructure u) {
    int shift = 10;
    DerivativeStructure x = u.add(shift);
    double[] series = {
      1 / 12.0,
      -1 / 360.0,
      1 / 1260.0,
      -1 / 1680.0,
      1 / 1188.0,
      -691 / 360360.0,
      1 / 156.0,
      -3617 / 122400.0
    };
    DerivativeStructure result =
        x.subtract(0.5).multiply(x.log()).subtract(x).add(0.5 * Math.log(2 * Math.PI));
    for (int k = 0; k < series.length; k++) {
      result = result.add(x.pow(-2 * k - 1).multiply(series[k]));
    }
    DerivativeStructure rising = u;
    for (int k = 1; k < shift; k++) {
      rising = rising.multiply(u.add(k));
    }
    return result.subtract(rising.abs().log());
  }

  private static DerivativeStructure digamma(DerivativeStructure u) {
    DerivativeStructure x = u.add(SHIFT);
    double[] series = {-1 / 12.0, 1 / 120.0, -1 / 252.0, 1 / 240.0, -1 / 132.0};
    DerivativeStructure result = x.log().subtract(x.reciprocal().divide(2));
    for (int k = 0; k < series.length; k++) {
      result = result.add(x.pow(-2 * k - 2).multiply(series[k]));
    }
    for (int k = 0; k < SHIFT; k++) {
      result = result.subtract(u.add(k).reciprocal());
    }
    return result;
  }

  private static DerivativeStructure trigamma(DerivativeStructure u) {
    DerivativeStructure x = u.add(SHIFT);
    double[] series = {1 / 6.0, -1 / 30.0, 1 / 42.0, -1 / 30.0, 5 / 66.0};
    DerivativeStructure result = x.reciprocal().add(x.pow(-2).divide(2));
    for (int k = 0; k < series.length; k++) {
      result = result.add(x.pow(-2 * k - 3).multiply(series[k]));
    }
    for (int k = 0; k < SHIFT; k++) {
      result = result.add(u.add(k).pow(-2));
    }
    return result;
  }

  /** By Newton's method, which carries two derivatives further with each step. */
  private static DerivativeStructure erfinv(DerivativeStructure u) {
    DerivativeStructure x = u.multiply(0.9);
    for (int k = 0; k < 12; k++) {
      DerivativeStructure slope = x.multiply(x).negate().exp().multiply(2 / Math.sqrt(Math.PI));
      x = x.subtract(erf(x).subtract(u).divide(slope));
    }
    return x;
  }

  private static DerivativeStructure sum(List<DerivativeStructure> z) {
    return z.stream().reduce(DerivativeStructure::add).orElseThrow();
  }

  private static DerivativeStructure product(List<DerivativeStructure> z) {
    return z.stream().reduce(DerivativeStructure::multiply).orElseThrow();
  }

  private static DerivativeStructure largest(List<DerivativeStructure> z) {
    return z.stream().reduce((a, b) -> a.getValue() > b.getValue() ? a : b).orElseThrow();
  }

  private static List<DerivativeStructure> negated(List<DerivativeStructure> z) {
    return z.stream().map(DerivativeStructure::negate).toList();
  }

  private static DerivativeStructure logSumExp(List<DerivativeStructure> z) {
    return sum(z.stream().map(DerivativeStructure::exp).toList()).log();
  }

  private static DerivativeStructure norm(List<DerivativeStructure> z) {
    return sum(z.stream().map(u -> u.multiply(u)).toList()).sqrt();
  }

  private static List<DerivativeStructure> softmax(List<DerivativeStructure> z) {
    DerivativeStructure total = sum(z.stream().map(DerivativeStructure::exp).toList());
    return z.stream().map(u -> u.exp().divide(total)).toList();
  }

  private static List<DerivativeStructure> logSoftmax(List<DerivativeStructure> z) {
    DerivativeStructure total = logSumExp(z);
    return z.stream().map(u -> u.subtract(total)).toList();
  }

  private static List<DerivativeStructure> runningSums(List<DerivativeStructure> z) {
    List<DerivativeStructure> result = new ArrayList<>();
    for (int k = 0; k < z.size(); k++) {
      result.add(sum(z.subList(0, k + 1)));
    }
    return result;
  }

  private static List<DerivativeStructure> logRunningSums(List<DerivativeStructure> z) {
    List<DerivativeStructure> sums = runningSums(z.stream().map(DerivativeStructure::exp).toList());
    return sums.stream().map(DerivativeStructure::log).toList();
  }

  private static List<DerivativeStructure> matmul(
      List<List<DerivativeStructure>> arguments, int rows, int inner, int columns) {
    List<DerivativeStructure> result = new ArrayList<>();
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        List<DerivativeStructure> terms = new ArrayList<>();
        for (int k = 0; k < inner; k++) {
          terms.add(
              arguments.get(0).get(r * inner + k).multiply(arguments.get(1).get(k * columns + c)));
        }
        result.add(sum(terms));
      }
    }
    return result;
  }

  private static List<DerivativeStructure> pick(List<DerivativeStructure> z, int... at) {
    List<DerivativeStructure> result = new ArrayList<>();
    for (int k : at) {
      result.add(z.get(k));
    }
    return result;
  }

  /** The parts of z, of which there are four, that an index of several elements names. */
  private static List<DerivativeStructure> rowsAt(List<List<DerivativeStructure>> a) {
    List<DerivativeStructure> z = a.get(0);
    int length = z.size() / 4;
    List<DerivativeStructure> result = new ArrayList<>();
    for (DerivativeStructure index : a.get(1)) {
      int at = ((int) index.getValue()) * length;
      result.addAll(z.subList(at, at + length));
    }
    return result;
  }

  private static List<DerivativeStructure> joined(List<List<DerivativeStructure>> parts) {
    return parts.stream().flatMap(List::stream).toList();
  }

  /** The columns (axis 0) or rows (axis 1) of a matrix. */
  private static List<List<DerivativeStructure>> lines(
      List<DerivativeStructure> z, int rows, int columns, int axis) {
    List<List<DerivativeStructure>> result = new ArrayList<>();
    for (int k = 0; k < (axis == 0 ? columns : rows); k++) {
      List<DerivativeStructure> line = new ArrayList<>();
      for (int i = 0; i < (axis == 0 ? rows : columns); i++) {
        line.add(z.get(axis == 0 ? i * columns + k : k * columns + i));
      }
      result.add(line);
    }
    return result;
  }

  /** A function of every column or row of a matrix, put back in its place. */
  private static List<DerivativeStructure> each(
      List<DerivativeStructure> z,
      int rows,
      int columns,
      int axis,
      UnaryOperator<List<DerivativeStructure>> f) {
    List<DerivativeStructure> result = new ArrayList<>(z);
    List<List<DerivativeStructure>> lines = lines(z, rows, columns, axis);
    for (int k = 0; k < lines.size(); k++) {
      List<DerivativeStructure> line = f.apply(lines.get(k));
      for (int i = 0; i < line.size(); i++) {
        result.set(axis == 0 ? i * columns + k : k * columns + i, line.get(i));
      }
    }
    return result;
  }
}
