"""Robust covariances, effects, predictions, residuals, tests, profile intervals and dropped levels."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from scipy import stats

import likelihoods as L
from fitting import Fit, agree, design, errors, read, write


def root(matrix, power):
    """Power of a symmetric matrix; directions of (numerically) zero are left at 0."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.where(values > 1e-10, np.maximum(values, 1e-10)**power, 0)) @ vectors.T


def grouped(scores, groups):
    return pd.DataFrame(scores).groupby(np.asarray(groups), sort=True).sum().to_numpy()


def bell_mccaffrey(x, w, residual, inverse, groups, whitened):
    """CR2 of a linear predictor: x [n, k], working weights w, working residuals, inverse of x' w x.

    whitened: the symmetric root of (I - H_gg)^-1 in sqrt(w) x, the same for every scaling of w within a group. Otherwise the
    adjustment of Pustejovsky and Tipton (2018, eq. 10) with the working variance 1/w. Both are Bell and McCaffrey's for equal
    weights.
    """
    total = np.zeros_like(inverse)
    for g in pd.unique(np.asarray(groups)):
        at = np.asarray(groups) == g
        xg, wg, eg = x[at], w[at], residual[at]
        s = np.sqrt(wg)
        if whitened:
            h = (xg * s[:, None]) @ inverse @ (xg * s[:, None]).T
            score = (xg * s[:, None]).T @ (root(np.eye(len(wg)) - h, -0.5) @ (s * eg))
        else:
            d = 1 / s
            b = d[:, None] * (np.diag(1 / wg) - xg @ inverse @ xg.T) * d[None, :]
            score = (xg * wg[:, None]).T @ (d * (root(b / np.max(b), -0.5) / np.sqrt(np.max(b)) @ (d * eg)))
        total += np.outer(score, score)
    return inverse @ total @ inverse


def covariances(lib):
    for name, data, formula, patsy, family, groups, second in (
            ("grunfeld-gaussian-robust", "grunfeld.csv", "invest ~ value + capital", "value + capital", "gaussian", "firm", "year"),
            ("epil-poisson-robust", "epil.csv", "y ~ ln(base) * trt + age + V4", "ln(base) * trt + age + V4", "poisson", "subject", "period")):
        f = read(data)
        x, names = design(patsy, f)
        y = f.iloc[:, 0].to_numpy(float)
        n, k = x.shape
        quasi = (lambda t: L.QUASI["gaussian"](x @ t, y)) if family == "gaussian" else (lambda t: L.poisson(x @ t, y))
        fit = Fit(quasi, np.zeros(k) if family == "gaussian" else [1] + [0] * (k - 1))
        mu = x @ fit.theta if family == "gaussian" else np.exp(x @ fit.theta)
        w = np.ones(n) if family == "gaussian" else mu
        inverse = fit.inverse()
        residual = (y - mu) / w
        leverage = w * np.einsum("ij,jk,ik->i", x, inverse, x)
        score = x * (w * residual)[:, None]
        meat = lambda s: inverse @ s.T @ s @ inverse
        hc = {"HC0": meat(score), "HC1": meat(score) * n / (n - k), "HC2": meat(score / np.sqrt(1 - leverage)[:, None]),
              "HC3": meat(score / (1 - leverage)[:, None])}
        one, two = meat(grouped(score, f[groups])), meat(grouped(score, f[second]))
        both = meat(score)  # no cell of two rows
        assert not f.duplicated([groups, second]).any()
        g1, g2, g12 = f[groups].nunique(), f[second].nunique(), n
        c = lambda g: g / (g - 1)
        rows = (n - 1) / (n - k)
        dispersion = float(np.sum((y - mu) ** 2 / w) / (n - k)) if family == "gaussian" else 1.0
        all_covariances = hc | {
            "nonrobust": inverse * dispersion,
            "cluster": one * c(g1) * rows, "cluster_none": one, "cluster_G/(G-1)": one * c(g1), "cluster_n/(n-1)": one * n / (n - 1),
            "CR2": bell_mccaffrey(x, w, residual, inverse, f[groups], True),
            # clubSandwich works on the response: columns times d mu / d eta, weights 1 / variance.
            "CR2_clubSandwich": bell_mccaffrey(x * w[:, None], 1 / w, y - mu, inverse, f[groups], False),
            "two_way_none": one + two - both,
            "two_way_own-G": (one * c(g1) + two * c(g2) - both * c(g12)) * rows,
            "two_way_min-G": (one + two - both) * c(min(g1, g2)) * rows}
        found = lib.results[name]
        order = [0, 1, 2] if family == "gaussian" else [found["names"].index(m) for m in
                 ("(Intercept)", "trtprogabide", "log(base)", "log(base):trtprogabide", "age", "V4")]
        take = lambda key: np.array([np.nan if v in (None, "NA", "NaN") else v for v in found[key]], float)[order]
        differs = {}
        for ours, theirs in (("HC0", "HC0"), ("HC1", "HC1"), ("HC2", "HC2"), ("HC3", "HC3"), ("cluster", "CR1S"), ("cluster", "cluster"),
                             ("cluster_none", "CR0"), ("cluster_G/(G-1)", "CR1"), ("CR2_clubSandwich", "CR2"),
                             ("two_way_own-G", "two_way"), ("two_way_none", "two_way_none")):
            e, t = errors(all_covariances[ours]), take(theirs)
            fine = np.isfinite(e) & np.isfinite(t)
            assert np.array_equal(np.isfinite(e), np.isfinite(t)), (ours, e, t)
            differs[f"{ours} / R {theirs}"] = agree(name, ours, e[fine], t[fine], 1e-7)
        content = {"data": data, "formula": formula, "family": {"name": family}, "groups": groups, "second": second, "names": names,
                   "params": fit.theta, "n": n, "k": k, "dispersion": dispersion, "leverage": leverage}
        content |= {f"bse_{key}": errors(v) for key, v in all_covariances.items()}
        for key, df in (("nonrobust", n - k), ("HC3", n - k), ("cluster", g1 - 1), ("CR2", g1 - 1), ("two_way_min-G", min(g1, g2) - 1)):
            e = errors(all_covariances[key])
            t = fit.theta / e
            q = stats.t.ppf(0.975, df)
            content[f"t_{key}"] = {"df": df, "t": t, "p": 2 * stats.t.sf(np.abs(t), df), "ci_low": fit.theta - q * e, "ci_high": fit.theta + q * e}
        content |= {"remark": "null: the difference of covariances has a negative variance there", "relative_gradient": fit.gradient,
                    "source": {"library": "R sandwich vcovHC, vcovCL; clubSandwich vcovCR", "differs": differs}}
        write(name, content)
        print(name, differs)


# Effects -------------------------------------------------------------------------------------------------------------
class Effects:
    """Averages over rows of functions of mu(theta, columns), with errors by exact derivatives by theta."""

    def __init__(self, mu, columns, theta, covariances):
        self.mu, self.columns, self.theta, self.covariances = mu, columns, jnp.asarray(theta), covariances
        self.rows = []

    def add(self, effect, column, value, **more):
        """value(theta, keep): the average over rows where keep."""
        groups = more.pop("groups", {None: np.ones(len(next(iter(self.columns.values()))), bool)})
        for group, keep in groups.items():
            keep = jnp.asarray(keep, dtype=float)
            average = lambda t: jnp.sum(value(t) * keep) / jnp.sum(keep)
            estimate, gradient = float(average(self.theta)), np.asarray(jax.grad(average)(self.theta))
            row = {"effect": effect, "column": column, "group": group} | more | {"estimate": estimate}
            row |= {f"std_error_{key}": float(np.sqrt(gradient @ v @ gradient)) for key, v in self.covariances.items()}
            self.rows.append({k: v for k, v in row.items() if v is not None})

    def by_column(self, column, columns, t):
        """d mu / d column, each row's; columns of a row alone enter its mu."""
        return jax.jvp(lambda c: self.mu(t, columns | {column: c}), (columns[column],), (jnp.ones_like(columns[column]),))[1]

    def slopes(self, column, held=None, groups=None, kinds=("dydx", "eyex", "dyex", "eydx")):
        columns = self.columns | {k: jnp.full_like(self.columns[k], v) for k, v in (held or {}).items()}
        x = columns[column]
        of = {"dydx": lambda t: self.by_column(column, columns, t),
              "eyex": lambda t: self.by_column(column, columns, t) * x / self.mu(t, columns),
              "dyex": lambda t: self.by_column(column, columns, t) * x,
              "eydx": lambda t: self.by_column(column, columns, t) / self.mu(t, columns)}
        for kind in kinds:
            self.add(kind, column, of[kind], at=held, **({"groups": groups} if groups else {}))

    def contrast(self, column, low, high, names=None, held=None, groups=None):
        columns = self.columns | {k: jnp.full_like(self.columns[k], v) for k, v in (held or {}).items()}
        at = lambda value: columns | {column: jnp.full_like(columns[column], value)}
        shown = names or (low, high)
        self.add("contrast", column, lambda t: self.mu(t, at(high)) - self.mu(t, at(low)), at=held, **{"from": shown[0], "to": shown[1]},
                 **({"groups": groups} if groups else {}))

    def mean(self, held=None, groups=None):
        columns = self.columns | {k: jnp.full_like(self.columns[k], v) for k, v in (held or {}).items()}
        self.add("mean", None, lambda t: self.mu(t, columns), at=held, **({"groups": groups} if groups else {}))


def finish(name, data, formula, family, names, fit, groups, effects, source):
    write(name, {"data": data, "formula": formula, "family": family, "groups": groups, "names": names, "params": fit.theta,
                 "llf": fit.value, "n": fit.n, "k": len(names), **{f"bse_{k}": errors(v) for k, v in effects.covariances.items()},
                 "relative_gradient": fit.gradient, "source": source, "effects": effects.rows})
    print(name, len(effects.rows), "effects", f"{fit.gradient:.1e}")


def effects(lib):
    check_effects()
    f = read("birthwt.csv")
    c = {k: jnp.asarray(f[k].to_numpy(float)) for k in ("age", "lwt", "smoke", "race")}
    names = ["Intercept", "C(race)[T.2]", "C(race)[T.3]", "age", "smoke", "age:smoke", "ln(lwt)"]
    low = f.low.to_numpy(float)

    def eta(t, c):
        return (t[0] + t[1] * (c["race"] == 2) + t[2] * (c["race"] == 3) + t[3] * c["age"] + t[4] * c["smoke"]
                + t[5] * c["age"] * c["smoke"] + t[6] * jnp.log(c["lwt"]))

    for link in ("logit", "probit"):
        fit = Fit(lambda t: L.binomial(eta(t, c), low, jnp.ones_like(low), link), np.zeros(7))
        n, k = len(f), 7
        all_covariances = {"nonrobust": fit.inverse(), "HC0": fit.hc0(), "HC1": fit.hc0() * n / (n - k)}
        e = Effects(lambda t, c: jnp.exp(L.BINARY[link](eta(t, c))[0]), c, fit.theta, all_covariances)
        by_race = {str(r): (f.race == r).to_numpy() for r in (1, 2, 3)}
        for column in ("age", "lwt"):
            e.slopes(column)
        e.slopes("age", groups=by_race, kinds=("dydx",))
        e.slopes("lwt", held={"age": 25.0}, kinds=("dydx", "eyex"))
        e.contrast("smoke", 0, 1)
        e.contrast("smoke", 0, 1, groups=by_race)
        e.contrast("smoke", 0, 1, held={"age": 25.0})
        e.contrast("race", 1, 2)
        e.contrast("race", 1, 3)
        e.contrast("age", 20, 30)
        e.mean()
        e.mean(held={"smoke": 1.0})
        e.mean(groups=by_race)
        finish(f"birthwt-{link}-effects", "birthwt.csv", "low ~ C(race) + age * smoke + ln(lwt)", {"name": "binomial", "link": link},
               names, fit, None, e, {"library": "direct (JAX), the same code agrees with statsmodels get_margeff"})

    f = read("epil.csv")
    c = {k: jnp.asarray(f[k].to_numpy(float)) for k in ("base", "age", "V4")} | {"trt": jnp.asarray((f.trt == "progabide").to_numpy(float))}
    names = ["Intercept", "trt[T.progabide]", "ln(base)", "ln(base):trt[T.progabide]", "age", "V4"]
    eta_p = lambda t, c: (t[0] + t[1] * c["trt"] + t[2] * jnp.log(c["base"]) + t[3] * jnp.log(c["base"]) * c["trt"]
                          + t[4] * c["age"] + t[5] * c["V4"])
    fit = Fit(lambda t: L.poisson(eta_p(t, c), f.y.to_numpy()), [1, 0, 0, 0, 0, 0])
    g = f.subject.nunique()
    n, k = len(f), 6
    inverse = fit.inverse()
    sums = grouped(fit.scores, f.subject)
    cluster = inverse @ sums.T @ sums @ inverse
    e = Effects(lambda t, c: jnp.exp(eta_p(t, c)), c, fit.theta,
                {"nonrobust": inverse, "HC0": fit.hc0(), "cluster": cluster * g / (g - 1) * (n - 1) / (n - k), "cluster_none": cluster})
    by_period = {str(p): (f.period == p).to_numpy() for p in (1, 2, 3, 4)}
    e.contrast("trt", 0, 1, names=("placebo", "progabide"))
    e.contrast("trt", 0, 1, names=("placebo", "progabide"), groups=by_period)
    e.contrast("trt", 0, 1, names=("placebo", "progabide"), held={"base": 30.0})
    e.slopes("base")
    e.slopes("age", groups=by_period, kinds=("dydx", "eyex"))
    e.contrast("V4", 0, 1)
    e.mean()
    finish("epil-poisson-effects", "epil.csv", "y ~ ln(base) * trt + age + V4", {"name": "poisson", "link": "log"}, names, fit, "subject",
           e, {"library": "direct (JAX), the same code agrees with statsmodels get_margeff"})


def check_effects():
    """The code above against statsmodels where that is right: no transformed columns, no interactions."""
    import statsmodels.formula.api as smf
    f = read("birthwt.csv")
    m = smf.logit("low ~ age + lwt + smoke", f).fit(disp=0, tol=1e-14, maxiter=100)
    c = {k: jnp.asarray(f[k].to_numpy(float)) for k in ("age", "lwt", "smoke")}
    mu = lambda t, c: jax.nn.sigmoid(t[0] + t[1] * c["age"] + t[2] * c["lwt"] + t[3] * c["smoke"])
    e = Effects(mu, c, m.params.to_numpy(), {"nonrobust": m.cov_params().to_numpy()})
    for method in ("dydx", "eyex", "dyex", "eydx"):
        theirs = m.get_margeff(method=method)
        e.rows = []
        e.slopes("age", kinds=(method,))
        e.slopes("lwt", kinds=(method,))
        agree("get_margeff", method, [r["estimate"] for r in e.rows], theirs.margeff[:2], 1e-8)
        agree("get_margeff", method, [r["std_error_nonrobust"] for r in e.rows], theirs.margeff_se[:2], 1e-6)
    e.rows = []
    e.contrast("smoke", 0, 1)
    theirs = m.get_margeff(dummy=True)
    agree("get_margeff", "contrast", e.rows[0]["estimate"], theirs.margeff[2], 1e-8)
    agree("get_margeff", "contrast", e.rows[0]["std_error_nonrobust"], theirs.margeff_se[2], 1e-6)
    p = smf.poisson("ftv ~ age + lwt + smoke", f).fit(disp=0, maxiter=100)
    e = Effects(lambda t, c: jnp.exp(t[0] + t[1] * c["age"] + t[2] * c["lwt"] + t[3] * c["smoke"]), c, p.params.to_numpy(),
                {"nonrobust": p.cov_params().to_numpy()})
    e.slopes("age", kinds=("dydx", "eyex"))
    for row, method in zip(e.rows, ("dydx", "eyex")):
        theirs = p.get_margeff(method=method)
        agree("get_margeff", method, [row["estimate"], row["std_error_nonrobust"]], [theirs.margeff[0], theirs.margeff_se[0]], 1e-6)
