"""Families of categories, and those with a predictor or a number beside the mean."""

import warnings

import jax.numpy as jnp
import numpy as np

import likelihoods as L
from families_cases import EXPECTED, OBSERVED, case
from fitting import read


def multinomials(lib):
    import statsmodels.formula.api as smf
    f = read("anes96.csv")
    terms = "ln(popul + 0.1) + selfLR + age + educ + income"
    m = smf.mnlogit("PID ~ np.log(popul + 0.1) + selfLR + age + educ + income", f).fit(method="newton", disp=0, tol=1e-13, maxiter=50)
    code = jnp.asarray(f.PID.to_numpy())
    density = lambda e, s, f: L.multinomial(jnp.stack([v for k, v in e.items() if k != "free"], axis=1), code)
    case("anes96-multinomial", "anes96.csv", "PID ~ " + terms, {"name": "multinomial"}, {str(j): terms for j in range(1, 7)}, density,
         None, by_level=True, levels=list(range(7)),
         source={"library": "statsmodels MNLogit", "kind": OBSERVED, "params": m.params.to_numpy().T.ravel(),
                 "bse": m.bse.to_numpy().T.ravel(), "llf": m.llf})
    h = read("housing.csv")
    levels = ["High", "Low", "Medium"]
    code_h = jnp.asarray([levels.index(v) for v in h.Sat])
    case("housing-multinomial", "housing.csv", "Sat ~ Infl + Type + Cont", {"name": "multinomial"},
         {j: "Infl + Type + Cont" for j in levels[1:]},
         lambda e, s, f: L.multinomial(jnp.stack([e["Low"], e["Medium"]], axis=1), code_h), None, by_level=True, levels=levels,
         weights=h.Freq.to_numpy(), weight_column="Freq",
         source=lib.r("housing-multinomial", "R nnet multinom", OBSERVED, tolerance=1e-3))


def ordereds(lib):
    import statsmodels.api as sm
    from statsmodels.miscmodels.ordinal_model import OrderedModel
    w = read("wine.csv")
    code = jnp.asarray(w.rating.to_numpy() - 1)
    free = [f"thresholds[{j}|{j + 1}]" for j in range(1, 5)]
    for link in ("logit", "probit", "cloglog"):
        found = lib.r(f"wine-ordered-{link}", "R MASS polr", OBSERVED, tolerance=1e-4, bse_tolerance=1e-3)
        case(f"wine-ordered-{link}", "wine.csv", "rating ~ temp + contact", {"name": "ordered", "link": link}, {"mu": "temp + contact"},
             lambda e, s, f: L.ordered(e["mu"], e["free"], code, link), found["params"], free=free, intercept=False,
             levels=[1, 2, 3, 4, 5], source=found)
    h = read("housing.csv")
    levels = ["Low", "Medium", "High"]
    code_h = jnp.asarray([levels.index(v) for v in h.Sat])
    found = lib.r("housing-ordered-probit", "R MASS polr", OBSERVED, tolerance=1e-4, bse_tolerance=1e-3)
    case("housing-ordered-probit", "housing.csv", "Sat ~ Infl + Type + Cont", {"name": "ordered", "link": "probit"},
         {"mu": "Infl + Type + Cont"}, lambda e, s, f: L.ordered(e["mu"], e["free"], code_h, "probit"), found["params"],
         free=["thresholds[Low|Medium]", "thresholds[Medium|High]"], intercept=False, levels=levels, weights=h.Freq.to_numpy(),
         weight_column="Freq", source=found)
    f = read("anes96.csv")
    terms = "ln(popul + 0.1) + selfLR + age + educ + income"
    x = np.column_stack([np.log(f.popul + 0.1), f.selfLR, f.age, f.educ, f.income])
    model = OrderedModel(f.PID.to_numpy(), x, distr="probit")
    m = model.fit(method="bfgs", disp=0, gtol=1e-8, maxiter=500)
    params = np.r_[m.params[:5], model.transform_threshold_params(m.params)[1:-1]]
    code_f = jnp.asarray(f.PID.to_numpy())
    case("anes96-ordered-probit", "anes96.csv", "PID ~ " + terms, {"name": "ordered", "link": "probit"}, {"mu": terms},
         lambda e, s, f: L.ordered(e["mu"], e["free"], code_f, "probit"), params, free=[f"thresholds[{j}|{j + 1}]" for j in range(6)],
         intercept=False, levels=list(range(7)),
         source={"library": "statsmodels OrderedModel (thresholds transformed)", "kind": "estimates alone", "params": params,
                 "llf": m.llf, "tolerance": 1e-3})


def locations_and_scales(lib):
    import statsmodels.formula.api as smf
    from statsmodels.miscmodels.tmodel import TLinearModel
    from statsmodels.othermod.betareg import BetaModel
    e = read("engel.csv")
    y, share = e.foodexp.to_numpy(), (e.foodexp / e.income).to_numpy()
    case("engel-gaussian-sigma", "engel.csv", "foodexp ~ income", {"name": "gaussian"}, {"mu": "income", "sigma": "ln(income)"},
         lambda p, s, f: L.gaussian(p["mu"], p["sigma"], y), [80, 0.55, -4, 1.3], predictors={"sigma": "1 + ln(income)"},
         # VGAM's order: both intercepts first
         source=lib.r("engel-gaussian-sigma", "R VGAM uninormal(zero = NULL)", EXPECTED, order=[0, 2, 1, 3], tolerance=1e-3))
    m = BetaModel.from_formula("I(foodexp / income) ~ np.log(income)", e).fit(disp=0, method="bfgs", gtol=1e-9, maxiter=500)
    p, b = m.params.to_numpy(), m.bse.to_numpy()
    case("engel-beta", "engel.csv", "foodexp / income ~ ln(income)", {"name": "beta", "link": "logit"}, {"mu": "ln(income)"},
         lambda q, s, f: L.beta(q["mu"], s["phi"], share), p, scalars=["phi"],
         source={"library": "statsmodels BetaModel", "kind": OBSERVED, "params": np.r_[p[:2], np.exp(p[2])],
                 "bse": np.r_[b[:2], b[2] * np.exp(p[2])], "llf": m.llf})
    m = BetaModel.from_formula("I(foodexp / income) ~ np.log(income)", e, exog_precision_formula="~ np.log(income)").fit(
        disp=0, method="bfgs", gtol=1e-9, maxiter=500)
    case("engel-beta-phi", "engel.csv", "foodexp / income ~ ln(income)", {"name": "beta", "link": "logit"},
         {"mu": "ln(income)", "phi": "ln(income)"}, lambda q, s, f: L.beta(q["mu"], jnp.exp(q["phi"]), share), m.params.to_numpy(),
         predictors={"phi": "1 + ln(income)"},
         source={"library": "statsmodels BetaModel", "kind": OBSERVED, "params": m.params.to_numpy(), "bse": m.bse.to_numpy(), "llf": m.llf})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        m = TLinearModel.from_formula("foodexp ~ income", e).fit(disp=0, method="bfgs", gtol=1e-8, maxiter=1000)
        order = [0, 1, 3, 2]  # statsmodels: df before scale
        case("engel-student-t", "engel.csv", "foodexp ~ income", {"name": "student-t"}, {"mu": "income"},
             lambda q, s, f: L.student_t(q["mu"], s["scale"], s["df"], y), np.r_[m.params[:2], np.log(np.asarray(m.params)[[3, 2]])],
             scalars=["scale", "df"],
             source={"library": "statsmodels TLinearModel", "kind": OBSERVED, "params": np.asarray(m.params)[order],
                     "bse": np.asarray(m.bse)[order], "llf": m.llf, "tolerance": 1e-2, "bse_tolerance": 1e-2})
    stack = read("stackloss.csv")
    case("stackloss-student-t-4", "stackloss.csv", "stackloss ~ airflow + watertemp + acidconc", {"name": "student-t", "df": 4},
         {"mu": "airflow + watertemp + acidconc"}, lambda q, s, f: L.student_t(q["mu"], s["scale"], 4.0, f.stackloss.to_numpy()),
         [-40, 0.7, 1.3, -0.15, 1], scalars=["scale"], source=None)
