"""Values of every row, tests of nested models, profile intervals, and levels that hold no information."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jax.scipy.special import xlogy
from scipy import stats

import likelihoods as L
from fitting import RESOURCES, Fit, agree, design, errors, read, write
from statistics_cases import grouped

QUINE = "Eth + Sex + Age + Lrn"


def models():
    """What is fitted: y and n (trials) are columns or expressions of them."""
    star = "lowinc + perasian + perblack + perhisp + avsalk + pctchrt"
    return [
        dict(name="quine-poisson", data="quine.csv", formula="Days ~ " + QUINE, family="poisson", link="log", patsy=QUINE, y="Days"),
        dict(name="birthwt-binomial-logit", data="birthwt.csv", formula="low ~ age + lwt + C(race) + smoke", family="binomial", link="logit",
             patsy="C(race) + age + lwt + smoke", y="low"),
        dict(name="menarche-binomial-probit", data="menarche.csv", formula="cbind(Menarche, Total - Menarche) ~ Age", family="binomial",
             link="probit", patsy="Age", y="Menarche", n="Total"),
        dict(name="star98-quasi-binomial", data="star98-binomial.csv", formula="cbind(nabove, nbelow) ~ " + star, family="quasi-binomial",
             link="logit", patsy=star, y="nabove", n="nabove + nbelow"),
        dict(name="engel-gamma-log", data="engel.csv", formula="foodexp ~ ln(income)", family="gamma", link="log", patsy="ln(income)", y="foodexp"),
        dict(name="engel-inverse-gaussian-log", data="engel.csv", formula="foodexp ~ ln(income)", family="inverse-gaussian", link="log",
             patsy="ln(income)", y="foodexp"),
        dict(name="quine-negative-binomial", data="quine.csv", formula="Days ~ " + QUINE, family="negative-binomial", link="log",
             patsy=QUINE, y="Days"),
    ]


def rows(lib):
    """Means with errors and intervals (on the link's scale), and residuals, of every row."""
    for m in models():
        f = read(m["data"])
        x, names = design(m["patsy"], f)
        y = f[m["y"]].to_numpy(float)
        n = f.eval(m["n"]).to_numpy(float) if "n" in m else np.ones(len(f))
        count, k = x.shape
        family, link = m["family"], m["link"]
        binary = "binomial" in family and family != "negative-binomial"
        if binary:
            log_likelihood = lambda t: y * L.BINARY[link](x @ t)[0] + (n - y) * L.BINARY[link](x @ t)[1]
            inverse = lambda e: jnp.exp(L.BINARY[link](e)[0])
        elif family == "negative-binomial":
            log_likelihood = lambda t: L.negative_binomial(x @ t[:k], jnp.exp(t[k]), y)
            inverse = jnp.exp
        else:
            log_likelihood = lambda t: L.QUASI[family](jnp.exp(x @ t), y)
            inverse = jnp.exp
        start = {"binomial": 0, "quasi-binomial": 0, "poisson": 2, "negative-binomial": 2}.get(family, 6)
        theta = [start] + [0] * (k - 1) + ([-0.2] if family == "negative-binomial" else [])
        fit = Fit(log_likelihood, theta)
        beta, eta = fit.theta[:k], x @ fit.theta[:k]
        mu = np.asarray(inverse(jnp.asarray(eta)))
        slope = np.asarray(jax.vmap(jax.grad(lambda e: inverse(e)))(jnp.asarray(eta)))
        observed = y / n
        a = np.exp(fit.theta[k]) if family == "negative-binomial" else None
        if binary:
            variance = mu * (1 - mu) / n
            deviance = 2 * (xlogy(y, y / (n * mu)) + xlogy(n - y, (n - y) / (n * (1 - mu))))
        elif family == "negative-binomial":
            variance = mu + a * mu**2
            deviance = 2 * (xlogy(y, y / mu) - (y + 1 / a) * (jnp.log1p(a * y) - jnp.log1p(a * mu)))
        else:
            variance = np.asarray(L.VARIANCE[family](mu))
            deviance = L.DEVIANCE[family](mu, y)
        pearson = (observed - mu) / np.sqrt(variance)
        with_dispersion = family in ("gamma", "inverse-gaussian", "quasi-binomial")
        dispersion = float(np.sum(pearson**2) / (count - k)) if with_dispersion else 1.0
        q = stats.norm.ppf(0.975)
        content = {"data": m["data"], "formula": m["formula"], "family": {"name": family, "link": link}, "names": names,
                   "params": fit.theta if a is None else np.r_[beta, a], "dispersion": dispersion, "mean": mu, "link": eta}
        for kind, v in (("observed", fit.inverse() * dispersion), ("HC0", fit.hc0())):
            e = np.sqrt(np.einsum("ij,jk,ik->i", x, v[:k, :k], x))
            low, high = (np.asarray(inverse(jnp.asarray(eta + s * q * e))) for s in (-1, 1))
            content |= {f"link_std_error_{kind}": e, f"mean_std_error_{kind}": e * np.abs(slope), f"mean_ci_low_{kind}": low,
                        f"mean_ci_high_{kind}": high}
        content |= {"residual_response": observed - mu, "residual_pearson": pearson,
                    "residual_deviance": np.sign(observed - mu) * np.sqrt(np.maximum(np.asarray(deviance), 0)),
                    "residual_working": (observed - mu) / slope}
        found = lib.results[m["name"] + "-rows"]
        take = lambda key: np.array(found[key], float)
        differs = {"mean": agree(m["name"], "means", mu, take("mean"), 1e-5),
                   "link": agree(m["name"], "links", eta, take("link"), 1e-5, 1)}
        for kind in ("response", "pearson", "deviance", "working"):
            unit = np.std(content[f"residual_{kind}"])
            differs[kind] = agree(m["name"], kind, content[f"residual_{kind}"], take(kind), 1e-5, unit)
        # R's errors are of the expected information: the same for canonical links alone.
        if (family, link) in (("poisson", "log"), ("binomial", "logit"), ("quasi-binomial", "logit")):
            differs["link_std_error"] = agree(m["name"], "errors", content["link_std_error_observed"], take("link_std_error"), 1e-6)
        content |= {"relative_gradient": fit.gradient, "source": {"library": "R glm, glm.nb: predict and residuals", "differs": differs}}
        write(m["name"] + "-rows", content)
        print(m["name"] + "-rows", differs)


def nested(lib):
    """Likelihood-ratio, score and Wald tests of leaving terms out."""
    cases = [
        ("quine-poisson-tests", "quine.csv", "Days ~ ", QUINE, "Eth + Sex", "poisson", "Days"),
        ("birthwt-binomial-logit-tests", "birthwt.csv", "low ~ ", "C(race) + age + lwt + smoke", "age + lwt + smoke", "binomial", "low"),
        ("birthwt-binomial-probit-tests", "birthwt.csv", "low ~ ", "C(race) + age + lwt + smoke", "age + lwt + smoke", "probit", "low"),
        ("quine-negative-binomial-tests", "quine.csv", "Days ~ ", QUINE, "Eth + Sex", "negative-binomial", "Days"),
        ("engel-gamma-tests", "engel.csv", "foodexp ~ ", "ln(income) + income", "ln(income)", "gamma", "foodexp"),
    ]
    for name, data, left, large, small, family, response in cases:
        f = read(data)
        y = f[response].to_numpy(float)
        x, names = design(large, f)
        x0, names0 = design(small, f)
        n, k = x.shape
        density = {
            "poisson": lambda x, t: L.poisson(x @ t, y), "binomial": lambda x, t: L.binomial(x @ t, y, jnp.ones(n)),
            "probit": lambda x, t: L.binomial(x @ t, y, jnp.ones(n), "probit"),
            "negative-binomial": lambda x, t: L.negative_binomial(x @ t[:-1], jnp.exp(t[-1]), y),
            "gamma": lambda x, t: L.QUASI["gamma"](jnp.exp(x @ t), y)}[family]
        more = [-0.2] if family == "negative-binomial" else []
        first = {"poisson": 2, "negative-binomial": 2, "gamma": 6}.get(family, 0)
        one = Fit(lambda t: density(x, t), [first] + [0] * (k - 1) + more)
        zero = Fit(lambda t: density(x0, t), [first] + [0] * (x0.shape[1] - 1) + more)
        dropped = [i for i, m in enumerate(names) if m not in names0]
        df = len(dropped)
        at = np.zeros(len(one.theta))
        for m, v in zip(names0, zero.theta):
            at[names.index(m)] = v
        if more:
            at[-1] = zero.theta[-1]
        rows = lambda t: density(x, t)
        total = lambda t: jnp.sum(rows(t))
        u, h = np.asarray(jax.grad(total)(jnp.asarray(at))), -np.asarray(jax.hessian(total)(jnp.asarray(at)))
        scores = np.asarray(jax.jacfwd(rows)(jnp.asarray(at)))
        part = np.ix_(dropped, dropped)
        wald = lambda v: float(one.theta[dropped] @ np.linalg.solve(v[part], one.theta[dropped]))
        statistic = {"likelihood_ratio": 2 * (one.value - zero.value), "score_observed": float(u @ np.linalg.solve(h, u)),
                     "wald_observed": wald(one.inverse()), "wald_HC0": wald(one.hc0()),
                     "score_opg": float(u @ np.linalg.solve(scores.T @ scores, u))}
        if family in ("gamma",):
            mu = np.exp(x @ one.theta)
            phi = float(np.sum((y - mu) ** 2 / mu**2) / (n - k))
            statistic["likelihood_ratio"] /= phi
            statistic["wald_observed"] /= phi
            del statistic["score_observed"], statistic["score_opg"]
        content = {"data": data, "formula": left + large.replace("C(race) + age + lwt", "age + lwt + C(race)"), "smaller": left + small,
                   "family": {"name": {"probit": "binomial"}.get(family, family),
                              "link": {"probit": "probit", "binomial": "logit"}.get(family, "log")},
                   "left_out": [names[i] for i in dropped], "df": df, "n": n, "k": len(one.theta), "k_smaller": len(zero.theta)}
        content |= {s: {"statistic": v, "p": float(stats.chi2.sf(v, df))} for s, v in statistic.items()}
        if family == "gamma":
            content["dispersion"] = phi
            content["F"] = {"statistic": statistic["likelihood_ratio"] / df, "df": [df, n - k],
                            "p": float(stats.f.sf(statistic["likelihood_ratio"] / df, df, n - k))}
            content["remark"] = "likelihood_ratio: difference of deviances over the larger model's dispersion"
        else:
            for suffix, g in (("", one), ("_smaller", zero)):
                c = len(g.theta)
                content |= {f"llf{suffix}": g.value, f"aic{suffix}": 2 * c - 2 * g.value, f"bic{suffix}": c * np.log(n) - 2 * g.value}
        differs = {}
        if name in lib.results:
            found = lib.results[name]
            differs = {"likelihood_ratio": agree(name, "LR", statistic["likelihood_ratio"], found["likelihood_ratio"], 1e-8),
                       "score": agree(name, "score", statistic["score_observed"], found["score"], 1e-8),
                       "aic": agree(name, "AIC", [content["aic_smaller"], content["aic"]], found["aic"], 1e-10),
                       "bic": agree(name, "BIC", [content["bic_smaller"], content["bic"]], found["bic"], 1e-10)}
        content["source"] = {"library": "R anova(test = 'Rao'), AIC, BIC" if differs else "direct (JAX)", "differs": differs}
        write(name, content)
        print(name, statistic, differs)


def profiles(lib):
    """95% intervals by profile likelihood, to the last digit."""
    for name, data, formula, patsy, response, family, start in (
            ("birthwt-binomial-logit-profile", "birthwt.csv", "low ~ age + lwt + C(race) + smoke", "C(race) + age + lwt + smoke", "low",
             "binomial", 0),
            ("quine-poisson-profile", "quine.csv", "Days ~ " + QUINE, QUINE, "Days", "poisson", 2),
            ("quine-negative-binomial-profile", "quine.csv", "Days ~ " + QUINE, QUINE, "Days", "negative-binomial", 2)):
        f = read(data)
        x, names = design(patsy, f)
        y = f[response].to_numpy(float)
        n, k = x.shape
        density = {"poisson": lambda t: L.poisson(x @ t, y), "binomial": lambda t: L.binomial(x @ t, y, jnp.ones(n)),
                   "negative-binomial": lambda t: L.negative_binomial(x @ t[:-1], jnp.exp(t[-1]), y)}[family]
        extra = family == "negative-binomial"
        fit = Fit(density, [start] + [0] * (k - 1) + ([-0.2] if extra else []))
        p = len(fit.theta)
        total = jax.jit(lambda t: jnp.sum(density(t)))
        gradient, hessian = jax.jit(jax.grad(total)), jax.jit(jax.hessian(total))
        e = errors(fit.inverse())
        target = fit.value - stats.chi2.ppf(0.95, 1) / 2
        limits = np.zeros((p, 2))
        for i in range(p):
            rest = [j for j in range(p) if j != i]
            for side, sign in enumerate((-1, 1)):
                # Venzon and Moolgavkar (1988): l = target and the rest of the gradient 0, by Newton's method.
                t = fit.theta + sign * 1.96 * fit.inverse()[:, i] / e[i]
                for _ in range(60):
                    g, h = np.asarray(gradient(t)), np.asarray(hessian(t))
                    equations = np.r_[float(total(t)) - target, g[rest]]
                    step = np.linalg.solve(np.vstack([g, h[rest]]), -equations)
                    t = t + step * min(1.0, 1.0 / np.max(np.abs(step) / e))
                    if np.max(np.abs(step) / e) < 1e-13:
                        break
                assert abs(float(total(t)) - target) < 1e-9 and np.max(np.abs(np.asarray(gradient(t))[rest] * e[rest])) < 1e-8
                assert np.all(np.linalg.eigvalsh(-np.asarray(hessian(t))[np.ix_(rest, rest)]) > 0)
                assert sign * (t[i] - fit.theta[i]) > 0
                limits[i, side] = t[i]
        params = fit.theta.copy()
        if extra:
            params[-1], limits[-1] = np.exp(params[-1]), np.exp(limits[-1])
        content = {"data": data, "formula": formula, "family": {"name": family}, "names": names + (["alpha"] if extra else []),
                   "params": params, "ci_low": limits[:, 0], "ci_high": limits[:, 1], "level": 0.95, "llf": fit.value}
        differs = None
        if name in lib.results:
            found = lib.results[name]
            differs = {"limits_in_errors": agree(name, "limits", limits.T.ravel(), found["low"] + found["high"], 5e-3, np.r_[e, e])}
        content["source"] = {"library": "R MASS confint (interpolates)" if differs else "direct (JAX)", "differs": differs}
        write(name, content)
        print(name, differs)


def levels(lib):
    """A category of 100 levels, some of which say nothing of the slopes: all counts zero, or a single row."""
    random = np.random.default_rng(20)
    names = [f"g{i:03d}" for i in range(100)]
    effect = random.normal(0.3, 0.6, 100)
    g = np.repeat(np.arange(100), random.integers(3, 10, 100))
    single, single_zero, zeros = 41, 63, (7, 88)
    keep = np.ones(len(g), bool)
    for level in (single, single_zero):
        keep[np.flatnonzero(g == level)[1:]] = False
    g = random.permutation(g[keep])
    h = random.integers(0, 6, len(g))
    x1, x2 = np.round(random.normal(0, 1, len(g)), 4), np.round(random.uniform(0, 2, len(g)) + 0.3 * effect[g], 4)
    y = random.poisson(np.exp(effect[g] + 0.4 * x1 - 0.3 * x2 + 0.1 * h))
    y[np.isin(g, zeros) | (g == single_zero)] = 0
    y[g == single] = 3
    for level in range(100):  # no other level is all zeros
        at = np.flatnonzero(g == level)
        if y[at].sum() == 0 and level not in (*zeros, single_zero):
            y[at[0]] = 1
    frame = pd.DataFrame({"y": y, "x1": x1, "x2": x2, "g": [names[i] for i in g], "h": [f"h{i}" for i in h]})
    frame.to_csv(RESOURCES / "levels-poisson.csv", index=False)
    frame = read("levels-poisson.csv")
    import statsmodels.formula.api as smf
    import statsmodels.api as sm
    total = frame.groupby("g").y.sum()
    separated = sorted(total[total == 0].index)
    informative = frame[~frame.g.isin(separated)]
    sizes = informative.groupby("g").size()
    singletons = sorted(sizes[sizes == 1].index)
    core = informative[~informative.g.isin(singletons)].reset_index(drop=True)
    for suffix, terms in (("", "x1 + x2 + C(g)"), ("-two", "x1 + x2 + C(g) + C(h)")):
        results = {}
        for what, f in (("without_singletons", core), ("with_singletons", informative.reset_index(drop=True))):
            x, columns = design(terms, f)
            counts = f.y.to_numpy(float)
            fit = Fit(lambda t: L.poisson(x @ t, counts), np.r_[np.log(counts.mean()), np.zeros(x.shape[1] - 1)])
            n, k = x.shape
            at = [columns.index("x1"), columns.index("x2")]
            inverse = fit.inverse()
            sums = grouped(fit.scores, f.g)
            size = f.g.nunique()
            cluster = inverse @ sums.T @ sums @ inverse
            results[what] = {"n": n, "k": k, "G": size, "levels": sorted(f.g.unique())[0], "params": fit.theta[at],
                             "bse_observed": errors(inverse)[at], "bse_HC0": errors(fit.hc0())[at],
                             "bse_HC1": (errors(fit.hc0()) * np.sqrt(n / (n - k)))[at], "bse_cluster_none": errors(cluster)[at],
                             "bse_cluster_G/(G-1)": (errors(cluster) * np.sqrt(size / (size - 1)))[at],
                             "bse_cluster": (errors(cluster) * np.sqrt(size / (size - 1) * (n - 1) / (n - k)))[at],
                             "llf": fit.value, "effects": dict(zip(columns, fit.theta)), "relative_gradient": fit.gradient}
            results[what]["reference"] = results[what].pop("levels")
            m = smf.glm("y ~ " + terms, f, family=sm.families.Poisson()).fit(tol=1e-14, maxiter=100)
            results[what]["source"] = {"library": "statsmodels GLM with indicator columns", "differs": {
                "params_in_errors": agree("levels", "estimates", fit.theta, m.params.to_numpy(), 1e-6, errors(inverse)),
                "bse_relative": agree("levels", "errors", errors(inverse), m.bse.to_numpy(), 1e-6)}}
        write(f"levels-poisson{suffix}", {
            "data": "levels-poisson.csv", "formula": "y ~ " + terms, "family": {"name": "poisson"}, "rows": len(frame), "names": ["x1", "x2"],
            "all_zero": separated, "all_zero_rows": int(frame.g.isin(separated).sum()), "singletons": singletons,
            "rule": "levels whose counts are all zero are dropped with their rows: their effect goes to minus infinity (Correia, Guimaraes, Zylkin 2020). "
                    "Levels of one row are fitted exactly; ppmlhdfe drops them, fixest keeps them unless told otherwise: estimates and "
                    "nonrobust and HC0 errors of the slopes are the same, n and k, and so factors, are not"} | results)
        print(f"levels-poisson{suffix}", separated, singletons, {k: v["n"] for k, v in results.items()})
