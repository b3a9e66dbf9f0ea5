"""Makes reference.csv: values, first and second partial derivatives of the elementwise functions.

    pip install mpmath && python reference.py > reference.csv     (half a minute)
    python reference.py erfc                                      (the series in SpecialFunctions)

Every function is written from its definition, in 700 digits; derivatives are central differences in
those digits, so no derivative rule is repeated here. A line is: function, the arguments, the value,
the first derivatives, the second derivatives (upper triangle row by row).
"""
import sys
from mpmath import mp, mpf
import mpmath as m

mp.dps = 700
H = mpf(10) ** -80

ONE = mpf(1)


def erfinv(u):
    """By Newton's method from double precision."""
    x = m.sign(u) * m.sqrt(-m.log((1 - u) * (1 + u)))
    with m.workdps(30):
        x = m.findroot(lambda t: m.log(m.erfc(t)) - m.log(1 - abs(u)) if abs(u) > 0.5 else m.erf(t) - abs(u), abs(u)) * m.sign(u)
    for _ in range(8):
        x -= (m.erf(x) - u) * m.sqrt(m.pi) / 2 * m.exp(x * x)
    return x


def log_rising(a, n):
    return log_gamma(a + n) - log_gamma(a)


def log_wright(a, u):
    total, k = mpf(0), 1
    while True:
        term = m.exp(k * u) / (m.factorial(k) * m.gamma(a * k))
        total += term
        if k > 10 and term < total * mpf(10) ** -330:
            return m.log(total)
        k += 1


def rising_excess(s, n):
    return log_rising(1 / s, n) - n * m.log(1 / s)


def negative_binomial(eta, n, s):
    mu = m.exp(eta)
    return m.log1p(s * mu) / s - rising_excess(s, n) + n * (m.log1p(s * mu) - eta)


def normal_cdf(u):
    return m.erfc(-u / m.sqrt(mpf(2))) / 2


def log_gamma(u):
    return m.re(m.loggamma(u))


def erfc(u):
    return m.erfc(u)


LOG = [1e-300, 1e-10, 0.3, 0.999999, 1.0000001, 2.5, 1e10, 1e300]
REAL = [-30.0, -2.5, -0.7, -1e-5, 1e-10, 0.3, 1.7, 4.0, 30.0]
TAILS = [-745.0, -50.0, 50.0, 700.0]
NORMAL = [-37.5, -30.0, -12.0, -5.000001, -5.0, -4.999999, -2.0, -0.7071, -0.5, -1e-9, 1e-9, 0.3, 0.71, 1.0, 3.0, 8.0, 25.0]
RATIO = [-30.0, -2.001, -1.999, -0.3, -1e-5, 1e-10, 1e-300, 0.3, 1.999, 2.001, 30.0]
GAMMA = [1e-300, 1e-8, 0.1, 0.5, 0.9999, 1.0000001, 1.5, 1.9999999, 2.00001, 2.5, 3.7, 7.99, 8.01, 11.5, 14.9, 15.1, 100.5, 1e10,
         -1e-8, -0.5, -1.75, -7.3, -33.4, -1000.25, -123456.7]

UNARY = {
    "negate": (lambda u: -u, REAL),
    "square": (lambda u: u * u, REAL + [1e150, 1e-150]),
    "exp": (m.exp, REAL + [-745.0, -700.0, 700.0]),
    "expm1": (m.expm1, REAL + [-745.0, 1e-20, 700.0]),
    "log": (m.log, LOG),
    "log1p": (m.log1p, [-0.9999999, -0.5, -1e-10, 1e-20, 0.3, 5.0, 1e10, 1e300]),
    "log2": (lambda u: m.log(u) / m.log(mpf(2)), LOG + [8.0]),
    "log10": (lambda u: m.log(u) / m.log(mpf(10)), LOG + [1000.0]),
    "sqrt": (m.sqrt, LOG),
    "cbrt": (lambda u: m.sign(u) * m.root(abs(u), 3), LOG + [-8.0, -1e-10, -1e100]),
    "norm_root": (m.sqrt, LOG),
    "log1mexp": (lambda u: m.log(-m.expm1(-abs(u))), [-700.0, -40.0, -1.0, -1e-8, 1e-100, 1e-8, 0.3, 0.69, 0.7, 1.0, 40.0, 300.0]),
    "abs": (abs, REAL),
    "sign": (m.sign, REAL),
    "relu": (lambda u: max(u, mpf(0)), REAL),
    "elu": (lambda u: u if u > 0 else m.expm1(u), REAL + TAILS),
    "sin": (m.sin, [-3.0, -1e-8, 1e-10, 0.3, 1.5, 3.14, 100.0, 1e10]),
    "cos": (m.cos, [-3.0, -1e-8, 1e-10, 0.3, 1.57, 3.14, 100.0, 1e10]),
    "tan": (m.tan, [-3.0, -1e-8, 1e-10, 0.3, 1.57, 100.0]),
    "asin": (m.asin, [-0.9999999, -0.5, -1e-10, 1e-5, 0.3, 0.999]),
    "acos": (m.acos, [-0.9999999, -0.5, -1e-10, 1e-5, 0.3, 0.999]),
    "atan": (m.atan, REAL + [1e100, -1e10]),
    "sinh": (m.sinh, REAL + [-700.0, 700.0]),
    "cosh": (m.cosh, REAL + [-700.0, 700.0]),
    "tanh": (m.tanh, REAL + [-20.0, 20.0, 300.0, 1.4, 1.5]),
    "asinh": (m.asinh, REAL + [1e-300, 1e8, 2e9, 1e150, -1e300]),
    "acosh": (m.acosh, [1 + 2.0 ** -50, 1.0000000001, 1.5, 3.0, 1e8, 2e9, 1e150, 1e300]),
    "atanh": (m.atanh, [-0.9999999, -0.5, -1e-10, 1e-300, 0.3, 0.999, 1 - 2.0 ** -50]),
    "sigmoid": (lambda u: 1 / (1 + m.exp(-u)), REAL + TAILS),
    "softplus": (lambda u: m.log1p(m.exp(u)), REAL + TAILS + [800.0]),
    "log_sigmoid": (lambda u: -m.log1p(m.exp(-u)), REAL + TAILS + [-800.0]),
    "silu": (lambda u: u / (1 + m.exp(-u)), REAL + TAILS),
    "erf": (m.erf, NORMAL + [0.4999, 0.5001, 1e-300]),
    "erfc": (m.erfc, NORMAL + [0.4999, 0.5001, 26.5]),
    "normal_cdf": (normal_cdf, NORMAL),
    "normal_log_cdf": (lambda u: m.log(normal_cdf(u)), NORMAL + [-1000.0, -1e10]),
    "gelu": (lambda u: u * normal_cdf(u), NORMAL),
    "lgamma": (log_gamma, GAMMA + [1e300]),
    "digamma": (lambda u: m.digamma(u), GAMMA),
    "trigamma": (lambda u: m.polygamma(1, u), GAMMA),
    "exprel": (lambda u: m.expm1(u) / u, RATIO + [-700.0, 700.0]),
    "sinc": (lambda u: m.sin(u) / u, [-3.0, -1e-8, 1e-10, 1e-300, 0.3, 0.999, 1.001, 1.5, 10.0, 100.0]),
    "acos_square": (lambda u: m.acos(u) ** 2, [-0.9999999, -0.5, 1e-5, 0.3, 0.6999, 0.7001, 0.999, 1 - 1e-9, 1 - 2.0 ** -52]),
    "logit": (lambda p: m.log(p) - m.log1p(-p), [1e-300, 1e-10, 0.1, 0.25, 0.3, 0.4999999, 0.5000001, 0.74, 0.76, 0.999999, 1 - 2.0 ** -52]),
    "log_erfc": (lambda u: m.log(m.erfc(u)), NORMAL + [0.4999, 0.5001, 2.9999, 3.0001, 26.5, 1000.0, 1e10]),
    "erfinv": (erfinv, [-0.9999999, -0.5, -1e-10, 1e-300, 0.3, 0.4999, 0.5001, 0.9, 0.999, 1 - 2.0 ** -52]),
}

# Arguments of log_rising: counts and other steps from small and large starts.
RISING = [(1e-300, 3.0), (1e-8, 2.5), (0.3, 0.7), (0.3, 1e-9), (2.5, -1.5), (14.9, 3.0), (15.1, 1e-12), (100.0, 1e6), (1e6, 0.5), (1e15, 17.0), (1e15, 1e10), (1e300, 3.0)]
# Of what it is above n log(a), by 1/a.
EXCESS = [(1e-15, 17.0), (1e-15, 100.5), (1e-8, 3.0), (1e-8, 1e6), (1e-4, 1.5), (1e-3, 65.0), (0.05, 2.5), (0.06, 200.0), (0.07, 200.0), (0.5, 7.0), (3.0, 2.0), (1e6, 5.0)]
BINOMIAL = [(1.3, 17.0, 1e-15), (1.3, 3.0, 1e-8), (1.3, 0.0, 1e-4), (-7.0, 1.0, 0.3), (8.0, 300.0, 0.01), (3.0, 25.0, 2.5), (12.0, 7.0, 1e6), (-30.0, 0.0, 4.0), (1.3, 2.5, 0.02)]
INTERVALS = [(-0.3, 1e-9), (2.5, 1e-6), (-7.0, 1e-4), (0.0, 0.5), (-1.0, 2.2), (-6.0, 12.5), (-30.0, 0.01), (-30.0, 3.0), (30.0, 0.9), (30.0, 3.0), (-2.0, 30.0), (5.0, 4.1),
             (-300.0, 0.05), (1e5, 1e-5), (-9.0, 4.5), (1.0, 3.9), (-1e4, 0.01), (1e4, 0.06), (-45.0, 5.5), (40.0, 6.0), (-0.1, 3.9), (-20.0, 50.0)]

PAIRS = [(0.3, 0.7), (-1.5, 2.5), (3.0, -4.0), (-1e-5, -7.0), (1e10, 1e-5)]
EXPONENTIALS = [(0.3, 0.7), (-1.5, 2.5), (3.0, -4.0), (1000.0, 999.5), (-1000.0, -1040.0), (800.0, 0.0), (0.0, 800.0), (2.0, 2.0)]

RATIOS = [(0.3, 0.7), (-1.5, 0.25), (2.5, 1e-9), (2.5, -1e-9), (1e-5, 3.0), (30.0, 0.5), (1e5, 1e-300), (0.7, -0.5), (0.4, 1.001), (0.4, 0.999), (5.0, 0.4)]


def interval(b, d):
    """Of the tail that does not cancel."""
    return normal_cdf(-b) - normal_cdf(-b - d) if b > 0 else normal_cdf(b + d) - normal_cdf(b)


BINARY = {
    "add": (lambda a, b: a + b, PAIRS),
    "subtract": (lambda a, b: a - b, PAIRS),
    "multiply": (lambda a, b: a * b, PAIRS),
    "divide": (lambda a, b: a / b, PAIRS + [(1.0, 1e-100), (1e-100, 1e100)]),
    "pow": (lambda a, b: m.power(a, b),
            [(0.3, 0.7), (2.5, -1.5), (1e-10, 0.5), (1.0000001, 1e6), (7.0, 2.0), (0.5, 1.0), (2.0, 0.0), (1e-100, 3.0), (10.0, 300.0)]),
    "logaddexp": (lambda a, b: m.log(m.exp(a) + m.exp(b)), EXPONENTIALS),
    "log_diff_exp": (lambda a, b: m.log(m.exp(a) - m.exp(b)),
                     [(0.7, 0.3), (2.5, -1.5), (3.0, -4.0), (1000.0, 999.5), (-1000.0, -1040.0), (800.0, 0.0), (1.0, 1 - 2.0 ** -40)]),
    "leaky_relu": (lambda u, s: u if u > 0 else s * u, [(0.3, 0.7), (-1.5, 0.01), (-30.0, 0.2), (30.0, 0.01)]),
    "greatest": (max, PAIRS),
    "least": (min, PAIRS),
    "huber": (lambda r, d: r * r / 2 if abs(r) <= d else d * (abs(r) - d / 2),
              [(0.3, 0.7), (-1.5, 0.7), (-0.3, 0.7), (1e10, 1.345), (1e-10, 1.345)]),
    "pinball": (lambda r, tau: r * (tau - (1 if r < 0 else 0)), [(0.3, 0.7), (-1.5, 0.05), (1e10, 0.95), (-1e-10, 0.5), (-30.0, 0.999)]),
    "binary_cross_entropy": (lambda z, y: m.log1p(m.exp(z)) - y * z,
                             [(0.3, 0.7), (40.0, 1.0), (-40.0, 0.0), (-40.0, 1.0), (700.0, 1.0), (-1.5, 0.25), (2.0, 1.0)]),
    "lgamma_product": (lambda a, b: log_gamma(a * b), [(0.7, 2.5), (1.5, 1e-150), (2.0, 1e-8), (-0.5, 3.0), (1e-4, 3.0), (-1e-5, 2.5), (1e5, 1e5)]),
    "log_wright": (log_wright, [(1.0, 0.0), (1.0, -40.0), (0.5, 2.5), (0.1, -3.0), (9.0, 12.0), (2.0, 9.0), (1.0, 10.0)]),
    "log_rising": (log_rising, RISING),
    "lbeta": (lambda a, b: log_gamma(a) + log_gamma(b) - log_gamma(a + b),
              [(0.3, 0.7), (1e-8, 5.0), (2.5, 1e10), (1e10, 1e12), (1e15, 3.0), (1e8, 1e8), (14.9, 15.1), (1.5, 1.5)]),
    "rising_excess": (rising_excess, EXCESS),
    "expm1_ratio": (lambda u, k: m.expm1(k * u) / k, RATIOS),
    "acosh_sum": (lambda a, b: m.acosh(a + b), [(1.0, 1e-9), (1.0, 1e-50), (0.25, 0.75 + 2.0 ** -50), (0.5, 0.7), (3.0, -0.5), (1e-5, 1e8), (1e300, 1.0)]),
    "atanh_sum": (lambda a, b: m.atanh(a + b), [(1.0, -1e-9), (-1.0, 1e-4), (0.25, 0.75 - 2.0 ** -50), (-0.5, 0.7), (3.0, -3.25), (1e-5, 1e-8), (1.0, -1e-50)]),
    "log1p_ratio": (lambda u, k: m.log1p(k * u) / k, [(u, k) for u, k in RATIOS if k * u > -1]),
    "box_cox": (lambda x, k: m.expm1(k * m.log(x)) / k,
                [(0.3, 0.7), (2.5, 1e-9), (1e10, -1e-9), (1.0000001, 3.0), (1e-10, -0.5), (7.0, -2.0), (3.0, 1e-60), (100.0, 2.0)]),
    "xlogy": (lambda x, y: x * m.log(y), [(0.3, 0.7), (-1.5, 2.5), (1e-300, 1e-300), (1e10, 1e-5)]),
    "atan2": (lambda y, x: m.atan2(y, x), [(0.3, 0.7), (-1.5, 2.5), (3.0, -4.0), (-1e-5, -7.0), (1e200, 1e200), (1e-9, 1.0), (1.0, -1e-9)]),
}



def log_interval(lower, upper, width):
    """The arguments that the function depends on are those of NormalInterval."""
    if width > 4:
        return m.log(interval(lower, upper - lower))
    return m.log(interval(lower, width) if lower + upper >= 0 else interval(upper - width, width))


TERNARY = {
    "normal_log_interval": (log_interval, [(b, b + d, d) for b, d in INTERVALS]),
    "negative_binomial": (negative_binomial, BINOMIAL),
    "pow_exp": (lambda t, s, k: m.power(t * m.exp(s), k), [(0.3, 0.7, 1.5), (2.5, -30.0, 2.0), (1e-9, 1.0, 1.28), (1e100, -200.0, 0.5), (7.0, 0.1, -2.0)]),
    "clip": (lambda u, low, high: min(max(u, low), high), [(0.3, -1.0, 1.0), (-7.0, -1.0, 1.0), (7.0, -1.0, 1.0)]),
}


# What is singular at 0 takes steps in proportion to a small argument.
SINGULAR = {"log", "log2", "log10", "sqrt", "cbrt", "norm_root", "log1mexp", "lgamma", "digamma", "pow", "divide",
            "trigamma", "logit", "box_cox", "xlogy", "pow_exp", "lgamma_product", "log_rising", "lbeta", "rising_excess", "negative_binomial", "normal_log_interval", "atan2"}


def differences(name, f, x):
    h = [H * (abs(v) if abs(v) > 1 or name in SINGULAR and v != 0 else ONE) for v in x]

    def at(**moves):
        return f(*[v + moves.get(str(k), 0) * h[k] for k, v in enumerate(x)])

    n = len(x)
    middle = at()
    first = [(at(**{str(k): 1}) - at(**{str(k): -1})) / (2 * h[k]) for k in range(n)]
    second = []
    for k in range(n):
        second.append((at(**{str(k): 1}) - 2 * middle + at(**{str(k): -1})) / h[k] ** 2)
        for j in range(k + 1, n):
            mixed = sum(s * t * at(**{str(k): s, str(j): t}) for s in (1, -1) for t in (1, -1))
            second.append(mixed / (4 * h[k] * h[j]))
    return [middle] + first + second


def number(v):
    v = m.re(v)
    # What a difference leaves of zero in 700 digits.
    if abs(v) < mpf(10) ** -380:
        return "0"
    return m.nstr(v, 20, min_fixed=0, max_fixed=0)


def table():
    for functions in (UNARY, BINARY, TERNARY):
        for name, (f, points) in functions.items():
            for point in points:
                x = [mpf(v) for v in (point if isinstance(point, tuple) else (point,))]
                numbers = [number(v) for v in differences(name, f, x)]
                print(",".join([name] + [repr(float(v)) for v in x] + numbers))


def erfc_series():
    mp.dps = 60

    def scaled(t):
        x = mpf("3.75") * (1 + t) / (1 - t)
        if x < 30:
            return (1 + 2 * x) * m.exp(x * x) * m.erfc(x)
        fraction = x
        for k in range(400, 0, -1):
            fraction = x + mpf(k) / 2 / fraction
        return (1 + 2 * x) / (m.sqrt(m.pi) * fraction)

    n = 64
    angles = [m.pi * (k + ONE / 2) / n for k in range(n)]
    values = [scaled(m.cos(angle)) for angle in angles]
    for j in range(25):
        c = sum(v * m.cos(j * angle) for v, angle in zip(values, angles)) * 2 / n
        print(repr(float(c / 2 if j == 0 else c)))


if __name__ == "__main__":
    erfc_series() if sys.argv[1:] == ["erfc"] else table()
