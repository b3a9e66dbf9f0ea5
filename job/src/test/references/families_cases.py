"""The families, each fitted by a library and, to the last digit, from its log-likelihood as written in `likelihoods`."""

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import xlogy

import likelihoods as L
from fitting import Fit, agree, design, errors, read, write


def case(name, data, formula, family, designs, density, start, *, source, scalars=(), frame=None, response=None,
         predictors=None, weights=None, weight_column=None, null=True, further=None, free=(), intercept=True, by_level=False,
         levels=None):
    """Fits, compares with the library, writes.

    designs: patsy formula by predictor, the first that of the mean. density(etas, scalars, frame): log-densities [n].
    scalars: names of positive numbers, fitted through their logarithms, reported as they are. free: names of further
    numbers, which density finds in etas["free"]. by_level: designs are those of a response's levels.
    source: library, names, params, bse (of the same order as ours), llf, kind (of its errors), tolerance (in errors).
    further(fit, etas, scalars): what else is known of the fit.
    """
    frame = read(data) if frame is None else frame
    matrices, names, owners = {}, [], []
    for predictor, text in designs.items():
        matrices[predictor], terms = design(text, frame)
        if not intercept:
            matrices[predictor], terms = matrices[predictor][:, 1:], terms[1:]
        first = predictor == next(iter(designs)) and not by_level
        names += terms if first else [f"{predictor}[{t}]" for t in terms]
        owners += [[predictor, t] for t in terms]
    names += list(free) + list(scalars)
    owners += [[s.split("[")[0], s.split("[")[1][:-1]] for s in free] + [[s, None] for s in scalars]

    def rows(theta, matrices=matrices):
        etas, at = {}, 0
        for predictor, matrix in matrices.items():
            etas[predictor] = matrix @ theta[at:at + matrix.shape[1]]
            at += matrix.shape[1]
        etas["free"] = theta[at:at + len(free)]
        at += len(free)
        return density(etas, {s: jnp.exp(theta[at + i]) for i, s in enumerate(scalars)}, frame)

    k = len(names)
    start = np.zeros(k) if start is None else np.array(start, dtype=float)
    fit = Fit(rows, start, weights)
    logs = k - len(scalars)
    natural = fit.theta.copy()
    natural[logs:] = np.exp(natural[logs:])
    unit = np.ones(k)
    unit[logs:] = natural[logs:]
    cov = fit.inverse() * np.outer(unit, unit)
    hc0 = fit.hc0(frequency=weights is not None) * np.outer(unit, unit)
    n = fit.n
    content = {
        "data": data, "formula": formula, "family": family, "predictors": predictors, "weight": weight_column, "levels": levels,
        "names": names, "coefficients": owners, "params": natural, "bse_observed": errors(cov),
        "bse_HC0": errors(hc0), "bse_HC1": errors(hc0) * np.sqrt(n / (n - k)),
        "covariance_observed": cov,
        "log_scalars": {s: [fit.theta[logs + i], errors(cov)[logs + i] / natural[logs + i]]
                        for i, s in enumerate(scalars)} or None,
        "llf": fit.value, "n": n, "rows": len(frame), "k": k, "aic": 2 * k - 2 * fit.value,
        "bic": k * np.log(n) - 2 * fit.value, "relative_gradient": fit.gradient}
    if null:
        ones = {p: np.ones((len(frame), 1 if intercept else 0)) for p in designs}
        at, first = [], 0
        for m in matrices.values():
            at += [np.mean(m @ fit.theta[first:first + m.shape[1]])] if intercept else []
            first += m.shape[1]
        content["llnull"] = Fit(lambda t: rows(t, ones), at + list(fit.theta[first:]), weights).value
    if further:
        etas, first = {}, 0
        for p, m in matrices.items():
            etas[p] = m @ fit.theta[first:first + m.shape[1]]
            first += m.shape[1]
        content.update(further(etas, dict(zip(scalars, natural[logs:])), frame))
    if source:
        content["source"] = compare(name, source, natural, errors(cov), fit.value)
    else:
        content["source"] = {"library": "direct maximisation in double (JAX)"}
    write(name, content)
    print(f"{name}: gradient {fit.gradient:.1e}", content["source"].get("differs", ""))
    return content


def compare(name, source, params, bse, llf):
    """The library's numbers, and how far they are from ours: estimates in errors, errors and log-likelihood relative."""
    tolerance, of_errors = source.pop("tolerance", 1e-4), source.pop("bse_tolerance", 1e-3)
    differs = {"params_in_errors": agree(name, "estimates", params, source["params"], tolerance, bse)}
    if source.get("bse") is not None and source.get("kind") == "observed information":
        differs["bse_relative"] = agree(name, "errors", bse, source["bse"], of_errors)
    if source.get("llf") is not None:
        differs["llf_relative"] = agree(name, "log-likelihoods", llf, source["llf"], 1e-7)
    return source | {"differs": differs}


class Libraries:
    """What R found, in our order and parametrisation."""

    def __init__(self, results):
        self.results = results

    def r(self, name, library, kind, order=None, convert=None, **more):
        found = self.results[name]
        params, bse = np.array(found["params"], float), np.array([np.nan if b in (None, "NA") else b for b in found["bse"]], float)
        if convert:
            params, bse = convert(params, bse)
        if order:
            params, bse = params[order], bse[order]
        llf = found["llf"][0] if found.get("llf") else None
        return {"library": library, "kind": kind, "params": params, "bse": bse, "llf": llf} | more


OBSERVED, EXPECTED = "observed information", "expected information"


def binomial_further(link):
    def further(etas, scalars, f, y=None, n=None):
        eta = next(iter(etas.values()))
        log_p, log_q = (np.asarray(a) for a in L.BINARY[link](jnp.asarray(eta)))
        mu = np.exp(log_p)
        deviance = 2 * (xlogy(y, y / n) + xlogy(n - y, (n - y) / n) - y * log_p - (n - y) * log_q)
        p0 = np.sum(y) / np.sum(n)
        null = 2 * (xlogy(y, y / n) + xlogy(n - y, (n - y) / n) - y * np.log(p0) - (n - y) * np.log(1 - p0))
        return {"deviance": float(jnp.sum(deviance)), "null_deviance": float(jnp.sum(null)),
                "pearson": float(np.sum((y - n * mu) ** 2 / (n * mu * (1 - mu)))), "dispersion": 1.0}
    return further


def binomials(lib):
    def one(name, data, formula, patsy, link, y, n, source):
        further = binomial_further(link)
        counts = lambda f: (np.asarray(y(f), float), np.asarray(n(f), float) * np.ones(len(f)))
        return case(name, data, formula, {"name": "binomial", "link": link}, {"mu": patsy},
                    lambda e, s, f: L.binomial(e["mu"], *counts(f), link), None, source=source,
                    further=lambda e, s, f: further(e, s, f, *counts(f)))

    import statsmodels.formula.api as smf
    fair = read("fair-cloglog.csv")
    m = smf.logit("aff ~ rate_marriage + age + yrs_married", fair).fit(disp=0, tol=1e-14, maxiter=100)
    one("fair-binomial-logit", "fair-cloglog.csv", "aff ~ rate_marriage + age + yrs_married", "rate_marriage + age + yrs_married",
        "logit", lambda f: f.aff, lambda f: 1.0,
        {"library": "statsmodels Logit", "kind": OBSERVED, "params": m.params.to_numpy(), "bse": m.bse.to_numpy(), "llf": m.llf})
    for link in ("logit", "probit"):
        one(f"menarche-binomial-{link}", "menarche.csv", "cbind(Menarche, Total - Menarche) ~ Age", "Age", link,
            lambda f: f.Menarche, lambda f: f.Total,
            lib.r(f"menarche-binomial-{link}", "R glm", OBSERVED if link == "logit" else EXPECTED))
    for link in ("logit", "cauchit"):
        one(f"birthwt-binomial-{link}", "birthwt.csv", "low ~ age + lwt + C(race) + smoke", "C(race) + age + lwt + smoke", link,
            lambda f: f.low, lambda f: 1.0,
            lib.r(f"birthwt-binomial-{link}", "R glm", OBSERVED if link == "logit" else EXPECTED, order=[0, 3, 4, 1, 2, 5]))
    one("fair-binomial-cauchit", "fair-cloglog.csv", "aff ~ rate_marriage + age + yrs_married", "rate_marriage + age + yrs_married",
        "cauchit", lambda f: f.aff, lambda f: 1.0, None)


def poisson_further(etas, scalars, f, y, offset=0.0):
    mu = np.exp(next(iter(etas.values())) + offset)
    return {"deviance": float(jnp.sum(L.DEVIANCE["poisson"](mu, y))), "pearson": float(np.sum((y - mu) ** 2 / mu)),
            "dispersion": 1.0}


def poissons(lib):
    case("quine-poisson", "quine.csv", "Days ~ Eth + Sex + Age + Lrn", {"name": "poisson", "link": "log"},
         {"mu": "Eth + Sex + Age + Lrn"}, lambda e, s, f: L.poisson(e["mu"], f.Days.to_numpy()), [2, 0, 0, 0, 0, 0, 0],
         source=lib.r("quine-poisson", "R glm", OBSERVED),
         further=lambda e, s, f: poisson_further(e, s, f, f.Days.to_numpy(float)))
    offset = lambda f: np.log(f.Holders.to_numpy())
    case("insurance-poisson-offset", "insurance.csv", "Claims ~ C(District) + Group + Age + offset(ln(Holders))",
         {"name": "poisson", "link": "log"}, {"mu": "C(District) + Group + Age"},
         lambda e, s, f: L.poisson(e["mu"] + offset(f), f.Claims.to_numpy()), [-2] + [0] * 9,
         source=lib.r("insurance-poisson-offset", "R glm", OBSERVED),
         further=lambda e, s, f: poisson_further(e, s, f, f.Claims.to_numpy(float), offset(f)))


def with_dispersion(name, data, formula, family, link, patsy, y, start, source, trials=None):
    """A family known up to a dispersion: errors are those of the quasi-likelihood times Pearson's X2 / (n - k)."""
    f = read(data)
    x, names = design(patsy, f)
    response = y(f).to_numpy(float)
    n, k = x.shape
    if family == "quasi-binomial":
        m = trials(f).to_numpy(float)
        quasi = lambda eta: response * L.BINARY[link](eta)[0] + (m - response) * L.BINARY[link](eta)[1]
        inverse = lambda eta: jnp.exp(L.BINARY[link](eta)[0])
    else:
        base = {"quasi-poisson": "poisson"}.get(family, family)
        inverse = {"identity": lambda e: e, "log": jnp.exp, "inverse": lambda e: 1 / e,
                   "inverse-squared": lambda e: 1 / jnp.sqrt(e)}[link]
        quasi = lambda eta: L.QUASI[base](inverse(eta), response)
    fit = Fit(lambda t: quasi(x @ t), start)
    eta = x @ fit.theta
    mu = np.asarray(inverse(jnp.asarray(eta)))
    content = {"data": data, "formula": formula, "family": {"name": family, "link": link}, "names": names,
               "coefficients": [["mu", t] for t in names], "params": fit.theta}
    if family == "quasi-binomial":
        further = binomial_further(link)({"mu": eta}, {}, f, response, m)
        pearson, deviance, null = further["pearson"], further["deviance"], further["null_deviance"]
        expected = (x * (m * mu * (1 - mu))[:, None]).T @ x if link == "logit" else None
    else:
        variance = np.asarray(L.VARIANCE[base](jnp.asarray(mu)))
        pearson = np.sum((response - mu) ** 2 / variance)
        deviance = float(jnp.sum(L.DEVIANCE[base](mu, response)))
        mean = np.full(n, response.mean())
        null = float(jnp.sum(L.DEVIANCE[base](mean, response)))
        derivative = {"identity": np.ones(n), "log": mu, "inverse": -mu**2, "inverse-squared": -0.5 * mu**3}[link]
        expected = (x * (derivative**2 / variance)[:, None]).T @ x
    dispersion = pearson / (n - k)
    cov, hc0 = fit.inverse() * dispersion, fit.hc0()
    expected_cov = np.linalg.inv(expected) * dispersion
    content |= {"bse_observed": errors(cov), "bse_expected": errors(expected_cov), "bse_HC0": errors(hc0),
                "bse_HC1": errors(hc0) * np.sqrt(n / (n - k)), "deviance": deviance, "null_deviance": null,
                "pearson": pearson, "dispersion": dispersion, "n": n, "k": k, "relative_gradient": fit.gradient}
    if family in ("gaussian", "gamma", "inverse-gaussian"):
        at = lambda m, phi: float(jnp.sum(L.full_log_likelihood(family, m, response, phi)))
        content |= {"llf": at(mu, deviance / n), "llnull": at(mean, null / n), "llf_at_dispersion": at(mu, dispersion)}
        llf = content["llf"]
        content |= {"aic": 2 * k - 2 * llf, "aic_with_dispersion": 2 * (k + 1) - 2 * llf,
                    "bic": k * np.log(n) - 2 * llf}
    if family == "gaussian":
        content["rsquared"] = 1 - deviance / null
    found = dict(source)
    differs = {"params_in_errors": agree(name, "estimates", fit.theta, found["params"], 1e-5, errors(cov)),
               "bse_relative": agree(name, "errors", errors(expected_cov), found["bse"], 1e-5)}
    if found.get("llf") is not None and "llf" in content:
        differs["llf_relative"] = agree(name, "log-likelihoods", content["llf"], found["llf"], 1e-8)
    found["kind"] = EXPECTED + " times dispersion"
    content["source"] = found | {"differs": differs}
    write(name, content)
    print(f"{name}: gradient {fit.gradient:.1e}", differs)


def dispersions(lib):
    import statsmodels.formula.api as smf
    m = smf.ols("murder ~ urban + poverty + hs_grad + single", read("statecrime.csv")).fit()
    with_dispersion("statecrime-gaussian", "statecrime.csv", "murder ~ urban + poverty + hs_grad + single", "gaussian", "identity",
                    "urban + poverty + hs_grad + single", lambda f: f.murder, np.zeros(5),
                    {"library": "statsmodels OLS", "params": m.params.to_numpy(), "bse": m.bse.to_numpy(), "llf": m.llf})
    glm = lambda name: lib.r(name, "R glm", EXPECTED)
    with_dispersion("quine-quasi-poisson", "quine.csv", "Days ~ Eth + Sex + Age + Lrn", "quasi-poisson", "log",
                    "Eth + Sex + Age + Lrn", lambda f: f.Days, [2, 0, 0, 0, 0, 0, 0], glm("quine-quasi-poisson"))
    terms = "lowinc + perasian + perblack + perhisp + avsalk + pctchrt"
    with_dispersion("star98-quasi-binomial", "star98-binomial.csv", "cbind(nabove, nbelow) ~ " + terms, "quasi-binomial", "logit",
                    terms, lambda f: f.nabove, np.zeros(7), glm("star98-quasi-binomial"), trials=lambda f: f.nabove + f.nbelow)
    with_dispersion("engel-gamma-log", "engel.csv", "foodexp ~ ln(income)", "gamma", "log", "ln(income)",
                    lambda f: f.foodexp, [6, 0], glm("engel-gamma-log"))
    with_dispersion("engel-inverse-gaussian-log", "engel.csv", "foodexp ~ ln(income)", "inverse-gaussian", "log", "ln(income)",
                    lambda f: f.foodexp, [6, 0], glm("engel-inverse-gaussian-log"))
    with_dispersion("clotting-gamma", "clotting-gamma-inverse.csv", "lot1 ~ ln(u)", "gamma", "inverse", "ln(u)", lambda f: f.lot1,
                    glm("clotting-gamma")["params"], glm("clotting-gamma"))
    with_dispersion("clotting-inverse-gaussian", "clotting-gamma-inverse.csv", "lot1 ~ ln(u)", "inverse-gaussian", "inverse-squared",
                    "ln(u)", lambda f: f.lot1, glm("clotting-inverse-gaussian")["params"], glm("clotting-inverse-gaussian"))


def negative_binomials(lib):
    import statsmodels.formula.api as smf

    def further(etas, scalars, f, y="Days"):
        mu, r = np.exp(etas["mu"]), f[y].to_numpy(float)
        a = scalars["alpha"] if "alpha" in scalars else np.exp(etas["alpha"])
        deviance = 2 * (xlogy(r, r / mu) - (r + 1 / a) * (jnp.log1p(a * r) - jnp.log1p(a * mu)))
        return {"deviance": float(jnp.sum(deviance)), "pearson": float(np.sum((r - mu) ** 2 / (mu + a * mu**2))),
                "dispersion": 1.0}

    q = read("quine.csv")
    m = smf.negativebinomial("Days ~ Eth + Sex + Age + Lrn", q).fit(disp=0, maxiter=500, gtol=1e-10)
    terms = "Eth + Sex + Age + Lrn"
    density = lambda e, s, f: L.negative_binomial(e["mu"], s["alpha"] if "alpha" in s else jnp.exp(e["alpha"]), f.Days.to_numpy())
    theta = lib.r("quine-negative-binomial", "R MASS glm.nb", EXPECTED)
    c = case("quine-negative-binomial", "quine.csv", "Days ~ " + terms, {"name": "negative-binomial", "link": "log"},
             {"mu": terms}, density, [2.9, 0, 0, 0, 0, 0, 0, -0.2], scalars=["alpha"], further=further,
             source={"library": "statsmodels NegativeBinomial", "kind": OBSERVED, "params": m.params.to_numpy(),
                     "bse": m.bse.to_numpy(), "llf": m.llf, "tolerance": 1e-3, "bse_tolerance": 1e-3,
                     "glm.nb": {"params": theta["params"], "bse": theta["bse"], "llf": theta["llf"],
                                "remark": "theta = 1 / alpha; errors of the slopes by the expected information at fixed theta"}})
    agree("quine", "glm.nb", c["params"][:7], theta["params"][:7], 1e-5, c["bse_observed"][:7])
    agree("quine", "theta", 1 / c["params"][7], theta["params"][7], 1e-5)
    # VGAM's second predictor is ln(size) = -ln(alpha).
    order = [0, 2, 3, 5, 6, 7, 8, 1, 4]
    case("quine-negative-binomial-alpha", "quine.csv", "Days ~ " + terms, {"name": "negative-binomial", "link": "log"},
         {"mu": terms, "alpha": "Sex"}, density, [2.9, 0, 0, 0, 0, 0, 0, -0.2, 0], predictors={"alpha": "1 + Sex"}, further=further,
         source=lib.r("quine-negative-binomial-alpha", "R VGAM negbinomial(zero = NULL)", EXPECTED, order=order,
                      convert=lambda p, b: (p * np.array([1, -1, 1, 1, -1, 1, 1, 1, 1]), b), tolerance=1e-3))


def zeros(lib):
    f = read("biochem-zip.csv")
    y = f.art.to_numpy()
    # R's reference of `mar` is the first of the sorted levels here.
    terms = "fem + mar + kid5 + phd + ment"
    poisson_zip = lambda e, s, f: L.zero_inflated(e["zero"], -jnp.exp(e["mu"]), L.poisson(e["mu"], y), y)
    six = [0.7, 0, 0, 0, 0, 0]
    for name, zero, k in (("biochem-zip-all", terms, 6), ("biochem-zip-one", "1", 1)):
        case(name, "biochem-zip.csv", "art ~ " + terms, {"name": "zero-inflated-poisson"}, {"mu": terms, "zero": zero}, poisson_zip,
             six + [-1] + [0] * (k - 1), predictors={"zero": "1 + " + terms} if k > 1 else None,
             source=lib.r(name, "R pscl zeroinfl", OBSERVED, tolerance=2e-4))
    case("biochem-zinb", "biochem-zip.csv", "art ~ " + terms, {"name": "zero-inflated-negative-binomial"}, {"mu": terms, "zero": terms},
         lambda e, s, f: L.zero_inflated(e["zero"], -jnp.log1p(s["alpha"] * jnp.exp(e["mu"])) / s["alpha"],
                                         L.negative_binomial(e["mu"], s["alpha"], y), y),
         lib.r("biochem-zinb", "", "", convert=lambda p, b: (p * np.r_[np.ones(12), -1], b))["params"], scalars=["alpha"],
         predictors={"zero": "1 + " + terms}, null=False,
         # Of constants alone the probability of an excess zero goes to 0: what remains is a negative binomial.
         further=lambda e, s, f: {"llnull": Fit(lambda t: L.negative_binomial(t[0], jnp.exp(t[1]), y), [0.5, 0]).value,
                                  "llnull_remark": "supremum, at a probability of an excess zero of 0"},
         source=lib.r("biochem-zinb", "R pscl zeroinfl(dist = 'negbin')", OBSERVED, tolerance=2e-3, bse_tolerance=5e-3,
                      convert=lambda p, b: (np.r_[p[:12], np.exp(-p[12])], np.r_[b[:12], b[12] * np.exp(-p[12])])))
    hurdle = lambda e, s, f: L.hurdle(e["zero"], -jnp.exp(e["mu"]), L.poisson(e["mu"], y), y)
    case("biochem-hurdle-all", "biochem-hurdle.csv", "art ~ " + terms, {"name": "hurdle-poisson"}, {"mu": terms, "zero": terms}, hurdle,
         six + [0] * 6, predictors={"zero": "1 + " + terms},
         source=lib.r("biochem-hurdle-all", "R pscl hurdle", OBSERVED, tolerance=2e-4))
    case("biochem-hurdle-ment", "biochem-hurdle.csv", "art ~ " + terms, {"name": "hurdle-poisson"}, {"mu": terms, "zero": "ment"},
         hurdle, six + [0, 0],
         predictors={"zero": "1 + ment"}, source=lib.r("biochem-hurdle-ment", "R pscl hurdle", OBSERVED, tolerance=2e-4))


def durations(lib):
    f = read("lung-lognormal.csv")
    complete = f[f["ph.ecog"].notna()].reset_index(drop=True)
    terms = 'C(sex) + age + Q("ph.ecog")'
    ours = "age + C(sex) + `ph.ecog`"

    def density(distribution, lower, upper):
        def of(e, s, f):
            scale = s["scale"] if "scale" in s else jnp.exp(e["scale"]) if "scale" in e else 1.0
            return L.duration(distribution, e["mu"], scale, lower, upper)
        return of

    to_scale = lambda p, b: (np.r_[p[:4], np.exp(p[4:])], np.r_[b[:4], b[4:] * np.exp(p[4:])])
    for distribution in ("exponential", "weibull", "loglogistic", "lognormal"):
        free = distribution != "exponential"
        order = [0, 2, 1, 3] + ([4] if free else [])
        for case_name, frame, data, response in (
                ("lung-" + distribution + ("-all" if distribution == "lognormal" else ""), complete, "lung-lognormal.csv", "surv(time, event)"),
                ("lung-interval-" + distribution, read("lung-interval.csv"), "lung-interval.csv", "surv(lower, upper, 'interval')")):
            if "time" in frame:
                lower = frame.time.to_numpy(float)
                upper = np.where(frame.event == 1, lower, np.inf)
            else:
                lower, upper = frame.lower.fillna(0.0).to_numpy(), frame.upper.fillna(np.inf).to_numpy()
            case(case_name, data, f"{response} ~ {ours}", {"name": distribution}, {"mu": terms},
                 density(distribution, lower, upper), [6, 0, 0, 0] + ([0] if free else []), frame=frame,
                 scalars=["scale"] if free else [],
                 source=lib.r(case_name, "R survival survreg", OBSERVED, order=order, convert=to_scale if free else None))
    lower = complete.time.to_numpy(float)
    case("lung-weibull-strata", "lung-lognormal.csv", f"surv(time, event) ~ {ours}", {"name": "weibull"}, {"mu": terms, "scale": "C(sex)"},
         density("weibull", lower, np.where(complete.event == 1, lower, np.inf)), [6, 0, 0, 0, 0, 0], frame=complete,
         predictors={"scale": "1 + C(sex)"},
         source=lib.r("lung-weibull-strata", "R survival survreg, strata(sex)", OBSERVED, order=[0, 2, 1, 3, 4, 5],
                      # strata: ln(scale) of each sex; here a difference, whose error R does not give
                      convert=lambda p, b: (np.r_[p[:5], p[5] - p[4]], np.r_[b[:5], np.hypot(b[4], b[5])]), bse_tolerance=0.05))
