package org.sparkcurvature.ops;

import static java.lang.Math.abs;
import static java.lang.Math.exp;
import static java.lang.Math.expm1;
import static java.lang.Math.max;
import static java.lang.Math.signum;

import org.sparkcurvature.ops.Elementwise.Constant;
import org.sparkcurvature.ops.Elementwise.Of;
import org.sparkcurvature.ops.Elementwise.Operand;
import org.sparkcurvature.ops.Elementwise.Partial;
import org.sparkcurvature.ops.Elementwise.Zero;

/**
 * The part of the table of elementwise functions with functions put together of pieces. A row says
 * in which operands its function jumps or has a kink; huber and elu have none, only their second
 * derivatives jump.
 */
final class KinkedFunctions {
  private KinkedFunctions() {}

  private static final Partial ZERO = new Zero();
  private static final Partial ONE = new Constant(1);

  private static Partial of1(Elementwise.Lane2 lane) {
    return new Of((u, y, none) -> lane.at(u, y));
  }

  private static Partial of(Elementwise.Lane lane) {
    return new Of(lane);
  }

  /** To the nearest integer, halves away from 0, as in SQL. */
  private static double round(double u) {
    double down = Math.floor(abs(u));
    return Math.copySign(abs(u) - down < 0.5 ? down : down + 1, u);
  }

  static void addTo(Elementwise.Table t) {
    t.unary("abs", Math::abs, of1((u, y) -> signum(u)), ZERO).withKinkIn(0);
    t.unary("sign", Math::signum, ZERO, ZERO).withKinkIn(0);
    t.unary("floor", Math::floor, ZERO, ZERO).withKinkIn(0);
    t.unary("round", KinkedFunctions::round, ZERO, ZERO).withKinkIn(0);
    t.unary("relu", u -> max(u, 0), of1((u, y) -> u > 0 ? 1 : 0), ZERO).withKinkIn(0);
    t.binary(
            "leaky_relu",
            (u, slope) -> u > 0 ? u : slope * u,
            of((u, slope, y) -> u > 0 ? 1 : slope),
            of((u, slope, y) -> u > 0 ? 0 : u),
            ZERO,
            of((u, slope, y) -> u < 0 ? 1 : 0),
            ZERO)
        .withKinkIn(0);
    t.unary(
        "elu",
        u -> u > 0 ? u : expm1(u),
        of1((u, y) -> u >= 0 ? 1 : exp(u)),
        of1((u, y) -> u < 0 ? exp(u) : 0));
    t.binary(
            "greatest",
            Math::max,
            of((a, b, y) -> a > b ? 1 : a == b ? 0.5 : 0),
            of((a, b, y) -> b > a ? 1 : a == b ? 0.5 : 0),
            ZERO,
            ZERO,
            ZERO)
        .withKinkIn(0, 1);
    t.binary(
            "least",
            Math::min,
            of((a, b, y) -> a < b ? 1 : a == b ? 0.5 : 0),
            of((a, b, y) -> b < a ? 1 : a == b ? 0.5 : 0),
            ZERO,
            ZERO,
            ZERO)
        .withKinkIn(0, 1);
    t.ternary(
            "clip",
            (u, low, high) -> u < low ? low : u > high ? high : u,
            of((u, low, high) -> u >= low && u <= high ? 1 : 0),
            of((u, low, high) -> u < low ? 1 : 0),
            of((u, low, high) -> u >= low && u > high ? 1 : 0))
        .withKinkIn(0, 1, 2);
    t.binary(
        "huber",
        (r, d) -> abs(r) <= d ? 0.5 * r * r : d * (abs(r) - 0.5 * d),
        of((r, d, y) -> abs(r) <= d ? r : d * signum(r)),
        of((r, d, y) -> abs(r) <= d ? 0 : abs(r) - d),
        of((r, d, y) -> abs(r) < d ? 1 : 0),
        of((r, d, y) -> abs(r) > d ? signum(r) : 0),
        of((r, d, y) -> abs(r) > d ? -1 : 0));
    t.binary(
            "pinball",
            (r, tau) -> r * (r < 0 ? tau - 1 : tau),
            of((r, tau, y) -> r < 0 ? tau - 1 : r > 0 ? tau : tau - 0.5),
            new Operand(0),
            ZERO,
            ONE,
            ZERO)
        .withKinkIn(0);
  }
}
