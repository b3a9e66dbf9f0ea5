"""Logistic regressions by groups, for deploy/bench groups.

usage: bench-groups.py numpy GROUPS ROWS
       bench-groups.py statsmodels PARQUET GROUPS

Prints a JSON object: seconds for so many groups, on one core, imports and reading not among them. numpy is Newton's
method for all groups at once, on [groups, rows, 5], standard errors included, ended groups taken out, with the steps
that ours takes (5.6 evaluations of groups of 100 rows); statsmodels is
smf.logit in a pandas groupby, with estimates and standard errors by the group's number.
"""

import json
import os
import sys
import time

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy as np  # noqa: E402

P = 5


def newton(x, y):
    """Estimates and standard errors: [G, P] each."""
    groups = len(x)
    beta = np.zeros((groups, P))
    errors = np.full((groups, P), np.nan)
    active = np.arange(groups)
    for _ in range(30):
        xs, ys = x[active], y[active]
        mu = 1 / (1 + np.exp(-np.matmul(xs, beta[active][..., None])[..., 0]))
        gradient = np.matmul(xs.transpose(0, 2, 1), (mu - ys)[..., None])[..., 0]
        weighted = xs * (mu * (1 - mu))[..., None]
        hessian = np.matmul(xs.transpose(0, 2, 1), weighted)
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        ended = (gradient * step).sum(axis=1) < 1e-20 * x.shape[1]
        if ended.any():
            inverse = np.linalg.inv(hessian[ended])
            errors[active[ended]] = np.sqrt(np.diagonal(inverse, axis1=1, axis2=2))
        beta[active[~ended]] -= step[~ended]
        active = active[~ended]
        if not len(active):
            break
    return beta, errors


def numpy_rate(groups, rows):
    random = np.random.default_rng(1)
    batch = 2000
    x = random.standard_normal((batch, rows, P))
    x[..., 0] = 1
    y = (random.random((batch, rows)) < 1 / (1 + np.exp(-0.4 * x[..., 1:].sum(axis=2)))).astype(float)
    newton(x, y)
    begin = time.perf_counter()
    for _ in range(max(1, groups // batch)):
        newton(x, y)
    return {"seconds": time.perf_counter() - begin, "groups": max(1, groups // batch) * batch}


def statsmodels_rate(path, groups):
    import pandas
    import statsmodels.formula.api as smf

    frame = pandas.read_parquet(path, filters=[("g", "<", groups)])
    begin = time.perf_counter()
    found = {}
    for number, own in frame.groupby("g"):
        result = smf.logit("y ~ x1 + x2 + x3 + x4", own).fit(disp=0, tol=1e-10)
        found[int(number)] = [result.params.tolist(), result.bse.tolist()]
    return {"seconds": time.perf_counter() - begin, "groups": len(found), "estimates": found}


if sys.argv[1] == "numpy":
    print(json.dumps(numpy_rate(int(sys.argv[2]), int(sys.argv[3]))))
else:
    print(json.dumps(statsmodels_rate(sys.argv[2], int(sys.argv[3]))))
