"""Writes table.csv: values, gradients and Hessians of what patterns of rewriting match, over many orders of magnitude.

    python make.py > table.csv              needs mpmath
    python make.py "sum(ln" > part.csv      only lines of expressions with these words

Expressions are those of the loss language, computed here as they stand, with as many digits as cancellation and underflow
take; derivatives are Taylor coefficients of the same arithmetic. A line: expression | a, b, .. | value | gradient |
upper triangle of the Hessian. Points at which one of the numbers is beyond the range of a double are left out.
"""

import random
import sys

import mpmath as mp

mp.mp.dps = 60


class Jet:
    """A number with its first and second derivatives by two directions s and t: 1, s, t, ss, st, tt."""

    def __init__(self, f, fs=0, ft=0, fss=0, fst=0, ftt=0):
        self.c = [mp.mpf(x) if not isinstance(x, mp.mpf) else x for x in (f, fs, ft, fss, fst, ftt)]

    def of(self, f, f1, f2):
        _, s, t, ss, st, tt = self.c
        return Jet(f, f1 * s, f1 * t, f1 * ss + f2 * s * s, f1 * st + f2 * s * t, f1 * tt + f2 * t * t)

    def __add__(self, o):
        o = jet(o)
        return Jet(*(x + y for x, y in zip(self.c, o.c)))

    def __neg__(self):
        return Jet(*(-x for x in self.c))

    def __sub__(self, o):
        return self + -jet(o)

    def __rsub__(self, o):
        return jet(o) + -self

    def __mul__(self, o):
        o = jet(o)
        f, s, t, ss, st, tt = self.c
        g, gs, gt, gss, gst, gtt = o.c
        return Jet(
            f * g,
            s * g + f * gs,
            t * g + f * gt,
            ss * g + 2 * s * gs + f * gss,
            st * g + s * gt + t * gs + f * gst,
            tt * g + 2 * t * gt + f * gtt,
        )

    def __truediv__(self, o):
        x = jet(o).c[0]
        return self * jet(o).of(1 / x, -1 / x**2, 2 / x**3)

    def __rtruediv__(self, o):
        return jet(o) / self

    __radd__ = __add__
    __rmul__ = __mul__


def jet(x):
    return x if isinstance(x, Jet) else Jet(x)


def function(f, f1, f2):
    return lambda u: jet(u).of(f(jet(u).c[0]), f1(jet(u).c[0]), f2(jet(u).c[0]))


def density(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def sigmoid_(x):
    return 1 / (1 + mp.exp(-x))


exp = function(mp.exp, mp.exp, mp.exp)
ln = function(mp.log, lambda x: 1 / x, lambda x: -1 / x**2)
sqrt = function(mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), lambda x: -1 / (4 * x * mp.sqrt(x)))
sin = function(mp.sin, mp.cos, lambda x: -mp.sin(x))
acos = function(mp.acos, lambda x: -1 / mp.sqrt(1 - x * x), lambda x: -x / mp.sqrt(1 - x * x) ** 3)
absolute = function(abs, mp.sign, lambda x: mp.mpf(0))
acosh = function(mp.acosh, lambda x: 1 / mp.sqrt(x * x - 1), lambda x: -x / mp.sqrt(x * x - 1) ** 3)
atanh = function(mp.atanh, lambda x: 1 / (1 - x * x), lambda x: 2 * x / (1 - x * x) ** 2)
lgamma = function(lambda x: mp.log(abs(mp.gamma(x))) if x < 1e6 else mp.loggamma(x), mp.digamma, lambda x: mp.psi(1, x))
erf = function(mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x), lambda x: -4 * x / mp.sqrt(mp.pi) * mp.exp(-x * x))
sigmoid = function(sigmoid_, lambda x: sigmoid_(x) * sigmoid_(-x), lambda x: sigmoid_(x) * sigmoid_(-x) * (1 - 2 * sigmoid_(x)))
normal_cdf = function(lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, density, lambda x: -x * density(x))


def erfc(u):
    x = jet(u).c[0]
    return jet(u).of(mp.erfc(x), -2 / mp.sqrt(mp.pi) * mp.exp(-x * x), 4 * x / mp.sqrt(mp.pi) * mp.exp(-x * x))


def expm1(u):
    return exp(u) - 1


def log1p(u):
    return ln(1 + jet(u))


def pow_(u, v):
    if not isinstance(v, Jet) and v == int(v):
        r = jet(1)
        for _ in range(abs(int(v))):
            r = r * u
        return r if v > 0 else 1 / r
    return exp(jet(v) * ln(u))


def square(u):
    return jet(u) * u


def log_sigmoid(u):
    return -log1p(exp(-jet(u)))


def concat(*parts):
    return list(parts)


def total(u):
    return sum(u[1:], jet(u[0]))


def each(f, u):
    return [f(x) for x in u] if isinstance(u, list) else f(u)


def cumsum(u):
    return [total(u[: k + 1]) for k in range(len(u))]


def log1mexp(u):
    return ln(1 - exp(-absolute(u)))


def log_diff_exp(u, v):
    return ln(exp(u) - exp(v))


def log_rising(u, n):
    return lgamma(u + n) - lgamma(u)


def norm2(u):
    return sqrt(total(each(square, u)))


NAMES = {
    "abs": absolute, "square": lambda u: each(square, u), "exp": lambda u: each(exp, u), "sum": total, "norm2": norm2, "concat": concat,
    "dot": lambda u, v: total([x * y for x, y in zip(u, v)]), "mean": lambda u: total(u) / len(u), "sqrt": sqrt, "ln": lambda u: each(ln, u), "cumsum": cumsum,
    "log1mexp": log1mexp, "log_diff_exp": log_diff_exp, "log_rising": log_rising, "normal_log_cdf": lambda u: ln(normal_cdf(u)),
    "sin": sin, "acos": acos, "acosh": acosh, "atanh": atanh,
    "lgamma": lgamma, "erf": erf, "erfc": erfc, "sigmoid": sigmoid, "normal_cdf": normal_cdf, "expm1": expm1, "log1p": log1p, "pow": pow_,
    "log_sigmoid": log_sigmoid, "log_softmax": lambda u: [x - ln(total(each(exp, u))) for x in u], "softmax": lambda u: [x / total(each(exp, u)) for x in each(exp, u)],
    "logsumexp": lambda z: ln(total(each(exp, z))),
    "cross_entropy": lambda z, y: ln(total(each(exp, z))) - z[int(jet(y).c[0])],
}


def numbers(expression, names, point):
    """Value, gradient and Hessian in as many digits as it takes for two precisions to agree."""
    code = compile(MEANS.get(expression, expression), expression, "eval")
    previous = None
    for digits in (60, 400, 1600):
        mp.mp.dps = digits
        n = len(names)
        found = {}
        for i in range(n):
            for j in range(i, n):
                scope = dict(NAMES)
                for k, name in enumerate(names):
                    scope[name] = Jet(mp.mpf(point[k]), 1 if k == i else 0, 1 if k == j else 0)
                r = jet(eval(code, {"__builtins__": {}}, scope))
                found["f"] = r.c[0]
                found[i], found[j] = r.c[1], r.c[2]
                found[i, j] = r.c[4]
        now = [found["f"]] + [found[i] for i in range(n)] + [found[i, j] for i in range(n) for j in range(i, n)]
        if previous and all(abs(x - y) <= abs(x) * mp.mpf(10) ** -25 + mp.mpf(10) ** -330 for x, y in zip(now, previous)):
            return now
        previous = now
    return None


SMALL = [1e-150, 1e-20, 1e-12, 1e-8, 3e-5, 1e-3, 0.04, 0.3]
MIDDLE = [0.7, 1.6, 4.0, 12.5]
LARGE = [36.0, 160.0, 690.0]
HUGE = [3e4, 1e8, 1e15]
REAL = [s * x for x in SMALL + MIDDLE + LARGE for s in (1, -1)]
MODERATE = [s * x for x in SMALL[2:] + MIDDLE for s in (1, -1)]
POSITIVE = SMALL[2:] + MIDDLE + LARGE[:2] + HUGE
COUNTS = [1.0, 2.0, 7.0, 150.0, 1e4]

ROWS = [
    ("square(abs(a))", {"a": REAL}),
    ("square(norm2(concat(a, b)))", {"a": REAL, "b": REAL}),
    ("square(norm2(concat(a, b)) / x)", {"a": MODERATE, "b": MODERATE, "x": POSITIVE}),
    ("pow(norm2(concat(a, b)), 2)", {"a": REAL, "b": REAL}),
    ("sqrt(1 + square(norm2(concat(a, b))))", {"a": REAL, "b": REAL}),
    ("sqrt(square(a))", {"a": REAL}),
    ("sqrt(sum(square(concat(a, b))))", {"a": REAL, "b": REAL}),
    ("square(acos(a))", {"a": [1 - 2.0**-k for k in (1, 3, 10, 20, 30, 45, 52)] + [-0.9, -0.3, 1e-8, 0.3]}),
    ("acosh(a + b)", {"a": [1.0, 0.75, 0.5], "b": [x for x in SMALL[2:] if x < 0.1] + [0.5 + 2.0**-30, 0.25 + 2.0**-40, 0.7, 12.5, 3e4]}),
    ("atanh(a - b)", {"a": [1.0, -0.75, 0.5, 0.0], "b": [x for x in SMALL[2:] if x < 0.1] + [-0.5 + 2.0**-30, 0.25 - 2.0**-40, 0.3]}),
    ("ln(1 + a)", {"a": POSITIVE + [-x for x in SMALL] + [-0.7, -0.999999]}),
    ("ln(1 + exp(a))", {"a": REAL}),
    ("log1p(exp(a))", {"a": REAL}),
    ("ln(1 - exp(a))", {"a": [-x for x in SMALL + MIDDLE + LARGE]}),
    ("log1p(-exp(a))", {"a": [-x for x in SMALL + MIDDLE + LARGE]}),
    ("exp(a) - 1", {"a": REAL}),
    ("1 - exp(a)", {"a": REAL}),
    ("ln(exp(a) - 1)", {"a": SMALL + MIDDLE + LARGE}),
    ("ln(exp(a) + exp(b))", {"a": REAL, "b": REAL}),
    ("ln(exp(a) - exp(b))", {"a": [1.5, 4.0, 36.0, 690.0], "b": [-690.0, -1.5, 0.3, 1.4999999999]}),
    ("1 / (1 + exp(-a))", {"a": REAL}),
    ("exp(a) / (1 + exp(a))", {"a": REAL}),
    ("ln(1 / (1 + exp(a)))", {"a": REAL}),
    ("1 - sigmoid(a)", {"a": REAL}),
    ("ln(1 - sigmoid(a))", {"a": REAL}),
    ("ln(sigmoid(a))", {"a": REAL}),
    ("ln(normal_cdf(a))", {"a": REAL[:-2]}),
    ("ln(1 - normal_cdf(a))", {"a": REAL[:-2]}),
    ("log1p(-normal_cdf(a))", {"a": REAL[:-2]}),
    ("ln(erfc(a))", {"a": REAL[:-2]}),
    ("ln(1 - erf(a))", {"a": REAL[:-2]}),
    ("ln(normal_cdf(a) - normal_cdf(b))", {"a": [-30.0, -4.0, 0.3, 1.5, 4.0, 12.5, 30.0], "b": [-30.0000001, -33.0, -4.001, 0.2999999, -0.3, -1.5, 3.9, 12.0, 29.9999]}),
    ("ln(sigmoid(a) - sigmoid(b))", {"a": [-160.0, -4.0, 0.3, 4.0, 36.0], "b": [-690.0, -160.0000001, -4.001, 0.2999999, -0.3]}),
    ("lgamma(y + a) - lgamma(a)", {"a": POSITIVE, "y": COUNTS}),
    ("lgamma(a) + lgamma(b) - lgamma(a + b)", {"a": POSITIVE, "b": POSITIVE}),
    ("lgamma(y + 1 / a) - lgamma(1 / a) - (y + 1 / a) * log1p(a * exp(b)) + y * ln(a * exp(b))", {"a": SMALL[2:] + MIDDLE, "b": [-12.5, -0.7, 0.3, 4.0], "y": COUNTS}),
    ("sin(a) / a", {"a": MODERATE + LARGE}),
    ("log1p(a * x) / a", {"a": SMALL[2:] + MIDDLE, "x": POSITIVE[:-1]}),
    ("(1 + 1 / a) * log1p(a * x)", {"a": SMALL[2:] + MIDDLE, "x": POSITIVE[:-1]}),
    ("a * log1p(x / a)", {"a": POSITIVE, "x": POSITIVE[:-1]}),
    ("(pow(x, a) - 1) / a", {"a": MODERATE, "x": POSITIVE[2:-1]}),
    ("expm1(a * ln(x)) / a", {"a": MODERATE, "x": POSITIVE[2:-1]}),
    ("pow(1 + a * x, -1 / a)", {"a": SMALL[2:] + MIDDLE, "x": SMALL[4:] + MIDDLE}),
    ("pow(x * exp(-a), b)", {"a": MODERATE, "b": MODERATE, "x": POSITIVE[2:-1]}),
    ("sum(ln(softmax(concat(a, b))))", {"a": REAL, "b": REAL}),
    ("cross_entropy(concat(a, b), 1)", {"a": REAL, "b": REAL}),
    ("cross_entropy(concat(0, b), 1)", {"b": REAL}),
    ("-log_softmax(concat(a, b))[0]", {"a": REAL, "b": REAL}),
    ("ln(exp(a) + exp(b)) - b", {"a": REAL, "b": REAL}),
    ("norm2(concat(a, b)) * norm2(concat(a, b))", {"a": REAL, "b": REAL}),
    ("ln(0.5 * erfc(a))", {"a": REAL[:-2]}),
    ("ln((1 + erf(a)) / 2)", {"a": REAL[:-2]}),
    ("1 + erf(a)", {"a": REAL[:-2]}),
    ("lgamma((a + 1) / 2) - lgamma(a / 2)", {"a": POSITIVE}),
    ("lgamma(y + exp(a)) - lgamma(exp(a)) + exp(a) * log_sigmoid(a - b) + y * log_sigmoid(b - a)", {"a": [-4.0, 0.3, 4.0, 12.5, 30.0], "b": [-12.5, -0.7, 0.3, 4.0], "y": COUNTS}),
    ("pow(x / exp(a), b)", {"a": MODERATE, "b": MODERATE, "x": POSITIVE[2:-1]}),
    ("ln(exp(a))", {"a": REAL}),
    ("square(sqrt(square(a)))", {"a": REAL}),
    ("cross_entropy(concat(a, b, c), 0)", {"a": REAL, "b": REAL, "c": REAL}),
    ("logsumexp(concat(a, b, c))", {"a": REAL, "b": REAL, "c": REAL}),
    ("logsumexp(concat(a, b, c)) - b", {"a": REAL, "b": REAL, "c": REAL}),
    ("-ln(softmax(concat(a, b, c))[2])", {"a": REAL, "b": REAL, "c": REAL}),
    ("dot(concat(0.25, 0.75, 0), log_softmax(concat(a, b, c)))", {"a": REAL, "b": REAL, "c": REAL}),
    ("dot(concat(0.5, 2, 3), ln(cumsum(exp(concat(a, b, c)))))", {"a": REAL, "b": REAL, "c": REAL}),
    ("ln(sum(exp(concat(a, b, c))))", {"a": REAL, "b": REAL, "c": REAL}),
    ("logsumexp(concat(a, b))", {"a": REAL, "b": REAL}),
    ("log_softmax(concat(a, b))[0]", {"a": REAL, "b": REAL}),
    ("exp(a) - exp(a) + square(b)", {"a": MODERATE, "b": MODERATE}),
    ("log_diff_exp(log1mexp(a), log1mexp(b))", {"a": SMALL[2:] + MIDDLE, "b": SMALL[2:] + MIDDLE}),
    ("log_diff_exp(normal_log_cdf(a), normal_log_cdf(b))", {"a": [-30.0, -4.0, 0.3, 1.5, 4.0, 12.5, 30.0], "b": [-30.0000001, -33.0, -4.001, 0.2999999, -0.3, -1.5, 3.9, 12.0, 29.9999]}),
    # Where a b is large; near 0 the terms of the chain rule by a b cancel.
    ("log_rising(a * b, 2) - 2 * ln(a)", {"a": MIDDLE + LARGE[:2] + HUGE, "b": MIDDLE}),
    ("IF(a = 0, 0, a * ln(b))", {"a": [0.0] + POSITIVE, "b": POSITIVE}),
    # Either element may dominate.
    ("norm2(concat(a, b))", {"a": REAL, "b": REAL}),
    ("sqrt(square(a) + 4 * square(b))", {"a": REAL, "b": REAL}),
    ("norm2(concat(a, b, c))", {"a": REAL, "b": REAL, "c": REAL}),
]

# What is not Python, as what it means at the points that are drawn.
MEANS = {"IF(a = 0, 0, a * ln(b))": "a * ln(b)"}

POINTS = 14


def cancels(expression, point):
    """Points that are left out: two terms of a sum whose derivatives 1 - p and -p are opposite but for less than a
    thousandth. What is left has the rounding of each.
    """
    return expression.startswith("sum(ln(softmax") and abs(point[0] - point[1]) < 1e-3


def main():
    only = sys.argv[1:]  # parts of expressions, if not all
    draw = random.Random(1)
    for expression, domains in ROWS:
        names = list(domains)
        points = [[x] for x in domains[names[0]]]
        for name in names[1:]:
            points = [p + [x] for p in points for x in domains[name]]
        draw.shuffle(points)
        points = [p for p in points if not cancels(expression, p)]
        if only and not any(part in expression for part in only):
            continue
        kept = 0
        for point in points:
            if kept == POINTS + 10 * (len(names) == 1):
                break
            try:
                found = numbers(expression, names, point)
            except (ValueError, ZeroDivisionError, TypeError) as e:
                print(expression, point, e, file=sys.stderr)
                continue
            if found is None or any(isinstance(x, mp.mpc) for x in found):
                continue
            if any(x != 0 and not 1e-307 < abs(x) < 1e308 for x in found):
                continue
            n = len(names)
            text = [mp.nstr(x, 17) for x in found]
            print(expression, ",".join(f"{k}={v!r}" for k, v in zip(names, point)), text[0], " ".join(text[1 : n + 1]), " ".join(text[n + 1 :]), sep=" | ")
            kept += 1


main()
