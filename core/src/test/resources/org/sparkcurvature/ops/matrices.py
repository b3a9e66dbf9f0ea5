"""Makes matrices.csv: functions of small matrices, with first and second derivatives, in many digits.

    pip install mpmath && python matrices.py > matrices.csv     (a minute)

Values by mpmath's own factorisations in 120 digits; derivatives are central differences in those
digits, so no derivative rule is repeated here. A line is: function, order n, condition number, the
elements of A, those of b for solve, the values f, and of sum_k c_k f_k with c_k = 1 / (k + 1) the
first derivatives by A and then b, and the upper triangle of the second ones, row by row. logdet and
cholesky are functions of (A + A') / 2.
"""
from mpmath import mp, mpf, matrix
import mpmath as m

mp.dps = 120
H = mpf(10) ** -30


def hilbert(n):
    return [float(1 / mpf(i + j + 1)) for i in range(n) for j in range(n)]


CORRELATIONS = [1.0, 0.5, -0.25, 0.5, 1.0, 0.125, -0.25, 0.125, 1.0]
NEAR = [1.0, 1.0, 0.5, 1.0, 1.0 + 2.0**-30, 0.5 + 2.0**-17, 0.5, 0.5 + 2.0**-17, 1.3125]
GENERAL = [1e-3, 2.0, -1.0, 1.5, 0.25, 4.0, -2.0, 3.0, 0.5]
COLLINEAR = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0 + 2.0**-20]
LOWER = [0.5, 0.0, 0.0, -1.0, 2.0, 0.0, 0.25, 3.0, 0.125]
B = [1.0, -2.0, 0.5, 0.75]


def matrix_of(elements, n):
    return matrix([[elements[i * n + j] for j in range(n)] for i in range(n)])


def symmetric(a):
    return (a + a.T) / 2


def logdet(x, n):
    return [m.log(m.det(symmetric(matrix_of(x, n))))]


def cholesky(x, n):
    l = m.cholesky(symmetric(matrix_of(x, n)))
    return [l[i, j] for i in range(n) for j in range(n)]


def inverse(x, n):
    y = matrix_of(x, n) ** -1
    return [y[i, j] for i in range(n) for j in range(n)]


def solve(x, n):
    y = m.lu_solve(matrix_of(x[: n * n], n), matrix(x[n * n:]))
    return [y[i] for i in range(n)]


def total(function, x, n):
    return sum(value / (k + 1) for k, value in enumerate(function(x, n)))


def moved(x, *steps):
    y = list(x)
    for at, step in steps:
        y[at] += step
    return y


def line(function, elements, n):
    x = [mpf(e) for e in elements]
    p = len(x)
    f = lambda *steps: total(function, moved(x, *steps), n)
    values = function(x, n)
    first = [(f((i, H)) - f((i, -H))) / (2 * H) for i in range(p)]
    second = []
    for i in range(p):
        for j in range(i, p):
            second.append((f((i, H), (j, H)) - f((i, H), (j, -H)) - f((i, -H), (j, H)) + f((i, -H), (j, -H))) / (4 * H * H))
    a = matrix_of(x[: n * n], n)
    condition = m.mnorm(a, 'f') * m.mnorm(a ** -1, 'f')
    numbers = [repr(e) for e in elements] + [m.nstr(v, 17) for v in values + first + second]
    print(",".join([function.__name__, str(n), m.nstr(condition, 3)] + numbers))


for n, a in [(3, CORRELATIONS), (4, hilbert(4)), (3, NEAR)]:
    for function in (logdet, cholesky, inverse):
        line(function, a, n)
    line(solve, a + B[:n], n)
for a in (GENERAL, COLLINEAR, LOWER):
    line(inverse, a, 3)
    line(solve, a + B[:3], 3)
