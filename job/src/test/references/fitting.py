"""A fit to the last digit, and everything of it that tests compare."""

import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import patsy

RESOURCES = pathlib.Path(__file__).resolve().parent.parent / "resources" / "families"


def read(name):
    return pd.read_csv(RESOURCES / name)


def design(formula, data):
    """The design matrix [n, k] by patsy, and the names of its columns; `ln` as in SQL, names in Q('') bare."""
    matrix = patsy.dmatrix(formula, data, eval_env=patsy.EvalEnvironment([{"ln": np.log, "Q": lambda c: data[c]}]))
    names = [n.replace('Q("', "").replace('")', "") for n in matrix.design_info.column_names]
    return np.asarray(matrix), names


class Fit:
    """The maximum of sum_i w_i rows(theta)_i from a start, by Newton steps.

    hessian, scores: exact, by JAX in double. estimates: where the sum of scores is zero to rounding.
    """

    def __init__(self, rows, start, weights=None, steps=200):
        self.rows = rows
        theta = jnp.asarray(start, dtype=float)
        n = rows(theta).shape[0]
        w = jnp.ones(n) if weights is None else jnp.asarray(weights, dtype=float)
        total = jax.jit(lambda t: jnp.sum(w * rows(t)))
        gradient, hessian = jax.jit(jax.grad(total)), jax.jit(jax.hessian(total))
        best = np.inf
        for _ in range(steps):
            g, h = np.asarray(gradient(theta)), np.asarray(hessian(theta))
            value = float(total(theta))
            scale = 1 / np.sqrt(np.maximum(np.abs(np.diag(h)), 1e-300))
            eigenvalues, vectors = np.linalg.eigh(-h * np.outer(scale, scale))
            eigenvalues = np.maximum(np.abs(eigenvalues), 1e-14)
            step = scale * (vectors @ ((vectors.T @ (scale * g)) / eigenvalues))
            decrement = float(np.sqrt(max(g @ step, 0)))
            if decrement < 1e-9 and decrement >= best / 2:
                break  # rounding alone moves it
            best = min(best, decrement)
            factor = 1.0
            while decrement > 1e-5 and not float(total(theta + factor * step)) > value:
                factor /= 2
                if factor < 1e-12:
                    raise ArithmeticError("no ascent")
            theta = theta + factor * step
        self.theta, self.w, self.n = np.asarray(theta), np.asarray(w), float(jnp.sum(w))
        self.value = float(total(theta))
        self.hessian = np.asarray(hessian(theta))
        self.scores = np.asarray(jax.jacfwd(rows)(theta))
        g = self.w @ self.scores
        # The root of the curvature is the gradient one standard error (at most) away; it counts where one row has all of a column.
        unit = np.maximum(self.w @ np.abs(self.scores), np.sqrt(np.abs(np.diag(self.hessian))))
        self.gradient = float(np.max(np.abs(g) / unit))
        if not (self.gradient < 1e-10 and np.all(np.linalg.eigvalsh(-self.hessian) > 0)):
            raise ArithmeticError(f"not at the maximum: relative gradient {self.gradient}, {self.theta}")

    def inverse(self):
        """Inverse of the observed information [k, k]."""
        h = -self.hessian
        scale = 1 / np.sqrt(np.diag(h))
        return np.linalg.inv(h * np.outer(scale, scale)) * np.outer(scale, scale)

    def sandwich(self, meat):
        inverse = self.inverse()
        return inverse @ meat @ inverse

    def hc0(self, frequency=False):
        """Weights are copies of the row (frequency) or importance weights, squared in the meat."""
        w = self.w if frequency else self.w**2
        return self.sandwich((self.scores * w[:, None]).T @ self.scores)


def errors(covariance):
    return np.sqrt(np.diag(covariance))


def plain(value):
    """For JSON: lists and numbers of Python."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (np.ndarray, jnp.ndarray)):
        return plain(np.asarray(value).tolist())
    if isinstance(value, (np.integer,)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value


def write(name, content):
    text = "{\n" + ",\n".join(f" {json.dumps(k)}: {json.dumps(plain(v))}" for k, v in content.items() if v is not None)
    (RESOURCES / f"{name}.json").write_text(text + "\n}\n")


def agree(name, what, ours, theirs, tolerance, scale=None):
    """What a library found must be the same as what was found here, in units of `scale` (1: relative)."""
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    unit = np.asarray(scale, dtype=float) if scale is not None else np.maximum(np.abs(ours), 1e-12)
    difference = float(np.max(np.abs(ours - theirs) / unit))
    if not difference <= tolerance:
        raise ArithmeticError(f"{name}: {what} differ by {difference}: {ours} {theirs}")
    return difference
